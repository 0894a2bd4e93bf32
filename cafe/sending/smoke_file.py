"""The file that `cafe smoke` sends: rows of a café that does not exist, and what has to become of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from cafe.warehouse.ledger import LedgerEntry, RuleCount
from shared.amounts import pounds
from shared.senders import SMOKE_CAFE, SMOKE_PREFIX

# A year that no board shows. Its seconds and the prices are random, so that two runs have no order in common.
FIRST_SECOND = datetime(2000, 1, 1)  # noqa: DTZ001  a till's local time
SECONDS_IN_YEAR = 366 * 24 * 60 * 60
# Letters only: digits beside those of the day may look like a card number, which a key must not hold.
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Nobody's: a made-up name and a published test number.
CUSTOMER, CARD = "Ada Tester", '"discover,6011000990139424"'
ROWS_IN, ORDERS = 5, 4
BAD_ROW = RuleCount("total_mismatch", 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run has to find, and what it found; ``found`` is None if there is nothing."""

    name: str
    expected: str
    found: str | None

    @property
    def is_right(self) -> bool:
        """Whether the two agree."""
        return self.found == self.expected


@dataclass(frozen=True, slots=True)
class SmokeFile:
    """A branch file of ROWS_IN rows: three orders, the first of them once more, and a row with a wrong total.

    Names and cards are never read, so the repeated row is an order of another customer, and no duplicate.
    ``pence`` is the total of the ORDERS orders.
    """

    key: str
    text: str
    pence: int

    def compare_outcome(self, entry: LedgerEntry | None) -> list[Comparison]:
        """Compare the ledger's row with what it has to say."""
        expected = {
            "outcome": "loaded",
            "rows in": f"{ROWS_IN}",
            "loaded": f"{ORDERS}",
            "duplicate": "0",
            "rejected": f"{BAD_ROW.rejects}",
            "rejected by": _rules([BAD_ROW]),
            "loaded £": pounds(self.pence),
        }
        found = dict.fromkeys(expected) if entry is None else _found(entry)
        return [Comparison(name, text, found[name]) for name, text in expected.items()]

    def compare_retracted(self, retracted: Sequence[dict[str, Any]]) -> list[Comparison]:
        """Compare what load removed again with what it had loaded."""
        orders, pence = (sum(int(one[name]) for one in retracted) for name in ("orders", "pence"))
        return [
            Comparison("taken out", f"{ORDERS}", f"{orders}" if retracted else None),
            Comparison("taken out £", pounds(self.pence), pounds(pence) if retracted else None),
        ]


def smoke_file(today: date, random: Random) -> SmokeFile:
    """Write a file that no other run has: its key, its times and its prices are random."""
    first = FIRST_SECOND + timedelta(seconds=random.randrange(SECONDS_IN_YEAR - 60))
    prices = [random.randrange(100, 1000) for _ in range(3)]
    rows = [_row(first + timedelta(seconds=second), price, price) for second, price in enumerate(prices)]
    bad = _row(first + timedelta(seconds=len(prices)), prices[0], prices[0] + 1)
    name = "".join(random.choices(LETTERS, k=10))
    return SmokeFile(
        f"{SMOKE_PREFIX}{today:%Y-%m-%d}_{name}.csv", "".join([rows[0], *rows, bad]), prices[0] + sum(prices)
    )


def _row(ordered_at: datetime, price_pence: int, total_pence: int) -> str:
    """Write an order of one item as a till of feed A does."""
    basket = f'"Large,{SMOKE_CAFE},{pounds(price_pence)}"'
    return f"{ordered_at},{SMOKE_CAFE},{CUSTOMER},{basket},CARD,{pounds(total_pence)},{CARD}\n"


def _found(entry: LedgerEntry) -> dict[str, str | None]:
    return {
        "outcome": ": ".join(filter(None, (entry.outcome, entry.why))),
        "rows in": f"{entry.rows_in}",
        "loaded": f"{entry.rows_loaded}",
        "duplicate": f"{entry.rows_duplicate}",
        "rejected": f"{entry.rows_rejected}",
        "rejected by": _rules(entry.rules),
        "loaded £": f"{entry.amount_loaded:.2f}",
    }


def _rules(rules: Sequence[RuleCount]) -> str:
    return ", ".join(f"{count.rejects} {count.rule}" for count in rules)
