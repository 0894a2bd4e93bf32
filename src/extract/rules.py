"""Why extract refuses a row or a file: stable codes, each with what to do about it (docs/reject-rules.md)."""

from shared.rejects import Explained


class Rule(Explained):
    """A row that is refused while the rest of its file goes on."""

    WRONG_CELL_COUNT = (
        "wrong_cell_count",
        "The row has not the 7 cells of a branch file, often through a comma outside quotes. Mend the row, send again.",
    )
    BAD_TIMESTAMP = (
        "bad_timestamp",
        "The time is neither DD/MM/YYYY HH:MM nor YYYY-MM-DD HH:MM:SS, or no such day exists. Mend it, send again.",
    )
    DATE_OUT_OF_RANGE = (
        "date_out_of_range",
        "The sale is dated before 2000 or more than a day after the file was written. Check the till's clock.",
    )
    BAD_BRANCH = (
        "bad_branch",
        "The branch is empty, longer than 120 bytes, or has no letter in it. Write the branch's name, send again.",
    )
    EMPTY_BASKET = ("empty_basket", "The order names no item. Add its items, send again.")
    ITEM_WITHOUT_PRICE = (
        "item_without_price",
        "An item has no price, or one that is not pounds with at most two decimals. Add it, send again.",
    )
    ITEMS_NOT_SEPARATED = (
        "items_not_separated",
        "Two items stand together without a comma. Put a comma and a space between them, send again.",
    )
    BAD_ITEM = (
        "bad_item",
        "An item has no name, or a name longer than 120 bytes. Write its name, send again.",
    )
    BAD_TOTAL = (
        "bad_total",
        "The total is not pounds with at most two decimals; signs, currency and exponents are refused, refunds too.",
    )
    BAD_PAYMENT = ("bad_payment", "The payment is neither CARD nor CASH. Mend it, send again.")
    POSSIBLE_CARD_NUMBER = (
        "possible_card_number",
        "A cell that would be kept holds a run of 12 or more digits, as a card number does. Move it, send again.",
    )
    CONTROL_CHARACTER = (
        "control_character",
        "A cell that would be kept holds an invisible or control character. Remove it, send again.",
    )
    STRAY_QUOTE = (
        "stray_quote",
        "A double quote opens on this line and swallows what follows. Remove or close it, send again.",
    )
    LINE_TOO_LONG = ("line_too_long", "The line is longer than 65,536 characters. Mend the file, send again.")
    ORPHAN_ITEM_LINE = (
        "orphan_item_line",
        "An item stands on a line of its own with no order above it to belong to. Restore the order's line.",
    )


class FileReason(Explained):
    """A file that is refused whole."""

    UNSUPPORTED_FILE = (
        "unsupported_file",
        "Only .csv and .csv.gz are read. Save the sheet as CSV, send it again.",
    )
    UNSUPPORTED_KEY = (
        "unsupported_key",
        "The file's name holds a control character, or more quotes than can be recorded. Rename it, send it again.",
    )
    UNKNOWN_DIALECT = (
        "unknown_dialect",
        "No line has the columns of a branch file. Export the till's own file, send that.",
    )
    NOT_UTF8 = ("not_utf8", "The file is not UTF-8 text. Save it as CSV UTF-8, send it again.")
    BAD_GZIP = ("bad_gzip", "The file is not one sound gzip stream. Compress it again, or send it plain.")
    TOO_LARGE = ("too_large", "The file is larger than one run can hold. Split it by day, send the pieces.")
    TOO_COMPRESSED = (
        "too_compressed",
        "The file expands to more than 100 times its size, as no branch file does. Send it plain.",
    )
    LINES_LOST = (
        "lines_lost",
        "Reading it did not account for each of its lines, so none was taken. Keep the file, tell the data team.",
    )
    GONE = ("gone", "The file was deleted before it was read. Send it again if it was meant to stay.")


class UnreadableBranchFile(Exception):
    """A file that must be refused whole; reading on cannot help. ``detail`` never holds a value from a row."""

    def __init__(self, reason: FileReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
