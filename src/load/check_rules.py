"""What the warehouse is checked for: each check with what is wrong if it finds rows, and what to do."""

from enum import StrEnum

# A fault that nothing repairs by itself. CHECK is the check's name.
_SAVE = (
    "Change nothing, save the rows, and call the data team: "
    "cafe sql --csv - < src/load/sql/checks/CHECK.sql > CHECK.csv"
)
_MIGRATE = "Have it built again: cafe migrate"


class Check(StrEnum):
    """A check, by the name of its query in sql/checks; MARTS_INTACT has none.

    ``problem`` is a sentence about the rows that it finds. ``remedy`` says what to do, and ends with the command.
    """

    problem: str
    remedy: str

    def __new__(cls, name: str, problem: str, remedy: str) -> "Check":
        """Create the member, equal to its name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.problem = problem
        member.remedy = remedy
        return member

    AMOUNTS_ACCOUNTED = (
        "amounts_accounted",
        "Of these files, the accepted pounds are not those loaded, duplicate and superseded together.",
        _SAVE,
    )
    AMOUNTS_CONSERVED = (
        "amounts_conserved",
        "The orders and pounds that files brought, less what left with them, are not those in the warehouse.",
        _SAVE,
    )
    CLAIMS_HOLD = (
        "claims_hold",
        "No live file states these orders, or a live file states an order that is missing.",
        _SAVE,
    )
    DIMENSIONS_UNIQUE = (
        "dimensions_unique",
        "These cafés or products are in the warehouse more than once, so their sales count more than once.",
        _SAVE,
    )
    DOCUMENTS_AGREE = (
        "documents_agree",
        "The ledger has another document for these files than their keys, so a newer version would not replace them.",
        _MIGRATE,
    )
    FILE_DAYS_AGREE = (
        "file_days_agree",
        "The table of café-days, which the boards read, does not have the orders that these files state.",
        _MIGRATE,
    )
    FILES_UNIQUE = ("files_unique", "These files are in the ledger more than once.", _SAVE)
    HELD_FILES_ADD_NOTHING = (
        "held_files_add_nothing",
        "These files are held for a person, and their orders count all the same.",
        _SAVE,
    )
    ITEMS_SOLD_AGREE = (
        "items_sold_agree",
        "The table of items sold, which the boards read, differs from the orders on these days of a café.",
        _MIGRATE,
    )
    LINES_CONSERVED = (
        "lines_conserved",
        "The lines of each kind in these files do not add up to the lines that were counted.",
        _SAVE,
    )
    LIVE_FILES_AGREE = (
        "live_files_agree",
        "Two files have different orders for the same day of a café, so some sales may count twice.",
        "Ask the café which file is right, and take the other one out: cafe retract KEY",
    )
    LIVE_FILES_HOLD = (
        "live_files_hold",
        "The orders of these live files are not all in the warehouse, or not with the accepted amounts.",
        _SAVE,
    )
    MARTS_INTACT = (
        "marts_intact",
        "These views, which the boards read, are missing or not as the pipeline created them.",
        _MIGRATE,
    )
    ONE_VERSION_LIVE = (
        "one_version_live",
        "More than one version of these documents counts, so sales may count twice.",
        _SAVE,
    )
    ORDER_ITEMS_UNIQUE = (
        "order_items_unique",
        "These items of an order are in the warehouse more than once, so they count twice.",
        _SAVE,
    )
    ORDERS_UNIQUE = (
        "orders_unique",
        "These orders are in the warehouse more than once, so their sales count twice.",
        _SAVE,
    )
    REFERENCES_HOLD = (
        "references_hold",
        "These orders or items refer to a café, a product or an order that is missing.",
        _SAVE,
    )
    ROWS_CONSERVED = (
        "rows_conserved",
        "The orders of these files are not those loaded, duplicate, superseded and rejected together.",
        _SAVE,
    )
    TOTALS_MATCH_ITEMS = (
        "totals_match_items",
        "The total of these orders is not the sum of their items less the discount, or they have no items.",
        _SAVE,
    )
