"""A reading of a long file dies after it has sent some parts, and the next one is by other rules, after a deploy."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from extract.arrivals import Arrival
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox
from integration.load.conftest import Loader
from load.checks import run_checks
from load.stage import record_failed
from shared.aws_errors import ServiceUnavailable
from shared.contracts import ExtractedPart, TransformedPart
from transform.stage import transform_part

KEY = "2026/11/20/leeds_20-11-2026_20-00-00.csv"
STRICT, LAX = 60, 90
# Of the first sale's age, LAX accepts it and STRICT does not.
SALES = [("01/09/2026", "9.00"), *(("20/11/2026", f"{pounds}.00") for pounds in (1, 2, 3, 4))]
BODY = "".join(
    f"{day} 09:{minute:02d},Leeds,,Latte - {price},{price},CASH,\n" for minute, (day, price) in enumerate(SALES)
)

Order = Callable[[list[TransformedPart]], list[TransformedPart]]


class DyingObjects(FakeObjects):
    """Objects of which the rows of one part cannot be written."""

    dies_at_part = 0

    def put(self, key: str, body: bytes) -> None:
        if self.dies_at_part and key.startswith("extracted/") and key.endswith(f"{self.dies_at_part:05d}.tsv.gz"):
            raise ServiceUnavailable("writing", "SlowDown")
        super().put(key, body)


@dataclass
class Readings:
    """One file, which is read by rules that change."""

    loader: Loader
    objects: DyingObjects = field(default_factory=lambda: DyingObjects({KEY: BODY.encode()}))

    def read(self, days: int, dies_at_part: int = 0) -> list[TransformedPart]:
        """Extract the file, transform what extract sent, and return transform's messages."""
        arrival = Arrival("cafe-dev-drop-000000000000", KEY, "v1", "2026-11-20T20:00:07Z", len(BODY))
        extracted, transformed = FakeOutbox(), FakeOutbox()
        self.objects.dies_at_part = dies_at_part
        try:
            extract_file(arrival, self.objects, extracted, oldest_sale_days=days, rules=f"{days:08d}")
        except ServiceUnavailable:
            assert dies_at_part
        for message in extracted.sent:
            assert isinstance(message, ExtractedPart)
            transform_part(message, self.objects, transformed)
        for key, content in self.objects.staged.items():
            self.loader.put(key, content)
        return [message for message in transformed.sent if isinstance(message, TransformedPart)]


@pytest.fixture
def readings(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> Readings:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    readings = Readings(loader)
    # The register knows the café, so that it does not tell the plans of the readings apart.
    known = FakeObjects({KEY: BODY.splitlines()[1].encode()})
    extract_file(Arrival("b", KEY, "v0", "2026-11-20T20:00:07Z", 0), known, FakeOutbox())
    readings.objects.register = known.register
    return readings


def amounts(loader: Loader) -> list[str]:
    return [str(amount) for (amount,) in loader.rows("select total_amount from core.orders order by 1")]


@pytest.mark.parametrize(
    ("first", "dies_at_part", "then"),
    [(LAX, 2, STRICT), (LAX, 3, STRICT), (STRICT, 2, LAX)],
    ids=["stricter, after one part", "stricter, after two parts", "laxer"],
)
@pytest.mark.parametrize("order", [list, lambda parts: parts[::-1]], ids=["in order", "the last part first"])
def test_the_second_reading_is_what_is_loaded(
    readings: Readings, first: int, dies_at_part: int, then: int, order: Order
) -> None:
    loader = readings.loader
    died = readings.read(first, dies_at_part)
    assert len(died) == dies_at_part - 1
    assert loader.load(died) == []

    outcomes = [outcome for part in order(readings.read(then)) for outcome in loader.load([part])]

    accepted = SALES if then == LAX else SALES[1:]
    assert [(file.outcome, file.rows_in, file.rows_loaded) for file in outcomes] == [("loaded", 5, len(accepted))]
    assert amounts(loader) == sorted(price for _, price in accepted)
    assert not [result for result in run_checks(loader.session) if result.faults]


@pytest.mark.parametrize("order", [list, lambda parts: parts[::-1]], ids=["in order", "the last part first"])
def test_the_same_rules_complete_what_the_first_reading_began(readings: Readings, order: Order) -> None:
    loader = readings.loader
    loader.load(readings.read(STRICT, dies_at_part=2))

    outcomes = [outcome for part in order(readings.read(STRICT)) for outcome in loader.load([part])]

    assert [(file.outcome, file.rows_in, file.rows_loaded) for file in outcomes] == [("loaded", 5, 4)]
    assert loader.count("ops.file_parts") == 2


@pytest.mark.parametrize("place", [0, -1], ids=["the first part fails", "the last part fails"])
def test_the_ledger_says_of_a_failed_file_what_its_last_part_knows(readings: Readings, place: int) -> None:
    loader = readings.loader
    parts = readings.read(LAX)
    failing = parts.pop(place)
    loader.load(parts)

    record_failed(failing, "rows_differ", "", loader.session)

    assert loader.rows("select outcome, parts, dialect, lines_in, rows_in from ops.files") == [
        ("failed", 3, "feed-b", 5, 5)
    ]
