"""What a file may say: cafés and days, by who sent it and by the register of cafés."""

from datetime import timedelta

import pytest

from extract.register import MAX_NEW_CAFES, Register
from extract.registers import Registers
from extract.stage import MOST_TRIES, Extracted, RegisterIsBusy, extract_file
from fakes import WRITTEN_AT, FakeObjects, FakeOutbox, arrival_of
from shared.contracts import PLAN_ID, Outcome

LEEDS = "2026/11/20/leeds_20-11-2026_09-00-00.csv"
SOUTHEND = "2026/11/20/southend-on-sea_20-11-2026_09-00-00.csv"
HISTORY = "history.csv"
SMOKE = "smoke/2026-11-20_abcdefghij.csv"


def row(branch: str, total: str = "2.45", when: str = "20/11/2026 09:00") -> str:
    return f"{when},{branch},Ada Tester,Large Latte - 2.45,{total},CASH,\n"


class Store(FakeObjects):
    """One file, and the register; ``meanwhile`` changes the register before each write."""

    def __init__(
        self, key: str, rows: str, register: Register | None = None, meanwhile: Register | None = None
    ) -> None:
        super().__init__({key: rows.encode()})
        self.register = register.text() if register else ""
        self.key = key
        self.reads = 0
        self.plan_id = ""
        self._meanwhile = meanwhile

    def read_register(self) -> tuple[str, str]:
        self.reads += 1
        return super().read_register()

    def write_register(self, text: str, etag: str) -> str:
        if self._meanwhile:
            self.register, self._meanwhile = self._meanwhile.text(), None
        return super().write_register(text, etag)

    @property
    def cafes(self) -> list[tuple[str, str]]:
        return [(cafe.name, cafe.key) for cafe in Register.parse(self.register).cafes] if self.register else []

    @property
    def branches(self) -> list[str]:
        texts = [self.text(key) for key in sorted(self.staged) if key.startswith(f"extracted/{self.plan_id}/")]
        return [line.split("\t")[1] for text in texts for line in text.splitlines()]

    @property
    def refused(self) -> list[str]:
        texts = [self.text(key) for key in self.staged if key.startswith(f"rejects/{self.plan_id}/")]
        return [line.split(",")[3] for text in texts for line in text.splitlines()]


def extract(store: Store, registers: Registers | None = None) -> Extracted:
    sender = "head-office/" if store.key in (HISTORY, SMOKE) else ""
    extracted = extract_file(arrival_of(store.key, sender), store, FakeOutbox(), registers=registers)
    store.plan_id = extracted.file.plan_id
    return extracted


def test_a_cafe_speaks_for_itself_only() -> None:
    store = Store(LEEDS, row("Leeds") + row("York") + row("LEEDS"))

    extracted = extract(store)

    assert store.branches == ["Leeds", "Leeds"]
    assert store.refused == ["foreign_branch"]
    assert (extracted.file.rows, extracted.file.rejects) == (3, 1)
    assert store.cafes == [("Leeds", "leeds")]


def test_a_cafe_cannot_name_a_registered_cafe_with_another_key_by_its_own() -> None:
    store = Store(LEEDS, row("Leeds"), Register().with_cafe("Leeds", "2026-01-01", key="leeds_2"))

    extract(store)

    assert store.refused == ["foreign_branch"]


@pytest.mark.parametrize("written", ["Southend-on-Sea", "southend on sea", "SOUTHEND_ON_SEA", "Southend  on-Sea "])
def test_a_spelling_of_a_registered_name_is_that_cafe(written: str) -> None:
    register = Register().with_cafe("Southend-on-Sea", "2026-01-01")

    for key in (SOUTHEND, HISTORY):
        store = Store(key, row(written), register)
        extract(store)
        assert store.branches == ["Southend-on-Sea"]
        assert store.reads == 1


def test_a_renamed_cafe_is_written_as_before_whatever_its_till_says() -> None:
    register = Register().with_cafe("Leeds", "2026-01-01").renamed("Leeds", "Leeds Central")
    store = Store(LEEDS, row("Leeds") + row("leeds central"), register)

    extract(store)

    assert store.branches == ["Leeds", "Leeds"]


def test_head_office_may_name_any_cafe_and_an_open_register_learns_those_of_accepted_rows() -> None:
    store = Store(HISTORY, row("Leeds") + row("Ada Tester", total="9x") + row("York") + row("yORK", total=""))

    extract(store)

    assert store.cafes == [("Leeds", "leeds"), ("York", "york")]


def test_a_closed_register_holds_the_file_of_an_unknown_cafe_with_its_rows() -> None:
    closed = Register(is_closed=True)

    for key, detail in ((LEEDS, "1 unknown café"), (HISTORY, "2 unknown cafés")):
        store = Store(key, row("Leeds") + (row("York") if key == HISTORY else ""), closed)
        file = extract(store).file
        assert (file.outcome, file.reason, file.detail) == (Outcome.HELD, "unknown_cafe", detail)
        assert store.branches[0] == "Leeds"
        assert store.cafes == []


def test_a_closed_register_holds_no_file_whose_unknown_cafes_are_in_refused_rows_only() -> None:
    store = Store(HISTORY, row("York") + row("Ada Tester", total="9x"), Register(is_closed=True).with_cafe("York", "x"))

    assert extract(store).file.outcome is Outcome.READ


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_the_cafe_of_a_smoke_test_is_admitted_and_no_register_learns_it(is_closed: bool) -> None:
    store = Store(SMOKE, row("Smoke test") + row("SMOKE TEST"), Register(is_closed=is_closed))

    extracted = extract(store)

    assert (extracted.file.outcome, store.branches) == (Outcome.READ, ["Smoke test", "Smoke test"])
    assert store.cafes == []


def test_a_smoke_test_speaks_for_no_real_cafe() -> None:
    register = Register().with_cafe("Leeds", "2026-01-01")
    store = Store(SMOKE, row("Leeds") + row("York") + row("Smoke test"), register)

    extract(store)

    assert store.branches == ["Smoke test"]
    assert store.refused == ["foreign_branch", "foreign_branch"]
    assert store.cafes == [("Leeds", "leeds")]


@pytest.mark.parametrize("key", [HISTORY, "2026/11/20/smoke_test_20-11-2026_09-00-00.csv"], ids=["head office", "café"])
def test_nobody_else_speaks_for_the_cafe_of_a_smoke_test(key: str) -> None:
    store = Store(key, row("Smoke test"))

    extract(store)

    assert (store.branches, store.refused, store.cafes) == ([], ["foreign_branch"], [])


def test_a_warm_function_reads_the_register_again_only_if_a_file_does_not_fit() -> None:
    store = Store(LEEDS, row("Leeds"))
    registers = Registers(store)

    for _ in range(3):
        extract(store, registers)
    assert store.reads == 2  # to begin with, and before it learns

    store.register = Register(is_closed=True).with_cafe("Leeds", "2026-01-01", key="leeds_2").text()
    extract(store, registers)
    assert store.branches == ["Leeds"], "Leeds fits the register that the function knows"


def test_a_stale_register_refuses_nothing() -> None:
    store = Store(SOUTHEND, row("Thorpe Bay"), Register().with_cafe("Leeds", "2026-01-01"))
    registers = Registers(store)
    registers.known()
    store.register = Register().with_cafe("Thorpe Bay", "2026-01-01", key="southend-on-sea").text()

    extract(store, registers)

    assert (store.branches, store.refused) == (["Thorpe Bay"], [])


def test_two_functions_that_learn_at_once_lose_nothing() -> None:
    store = Store(LEEDS, row("LEEDS"), meanwhile=Register().with_cafe("York", "2026-01-01"))
    extract(store)
    assert store.cafes == [("York", "york"), ("LEEDS", "leeds")]

    store = Store(LEEDS, row("LEEDS"), meanwhile=Register().with_cafe("Leeds", "2026-01-01"))
    extract(store)
    assert (store.cafes, store.branches) == ([("Leeds", "leeds")], ["Leeds"]), "the name that came first is written"


def test_a_register_that_others_change_at_each_try_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refuse(_store: Store, text: str, _etag: str) -> str:
        tries.append(text)
        return ""

    monkeypatch.setattr(Store, "write_register", refuse)

    with pytest.raises(RegisterIsBusy):
        extract(Store(LEEDS, row("Leeds")))

    assert len(tries) == MOST_TRIES


def test_parts_that_were_written_under_another_register_are_never_combined() -> None:
    plans = set()
    for register in (None, Register().with_cafe("Leeds", "x"), Register().with_cafe("LEEDS", "x")):
        plans.add(extract(Store(LEEDS, row("Leeds"), register)).file.plan_id)

    assert len(plans) == 3
    assert all(plan.startswith(PLAN_ID) and len(plan) <= 32 for plan in plans)


def test_a_file_with_too_many_new_cafes_is_refused() -> None:
    store = Store(HISTORY, "".join(row(f"Café {number}") for number in range(MAX_NEW_CAFES + 1)))

    file = extract(store).file

    assert (file.reason, store.cafes) == ("too_many_cafes", [])


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, []), (0, []), (60, []), (61, ["sale_too_old"]), (9000, ["sale_too_old"])]
)
def test_a_cafe_sends_sales_of_the_last_days_only_and_head_office_of_any(days: int, refused: list[str]) -> None:
    when = f"{WRITTEN_AT - timedelta(days=days):%d/%m/%Y %H:%M}"

    for key, expected in ((LEEDS, refused), (HISTORY, [])):
        store = Store(key, row("Leeds", when=when))
        extract(store)
        assert store.refused == expected


def test_a_sale_before_2000_is_out_of_range_and_not_old() -> None:
    store = Store(LEEDS, row("Leeds", when="31/12/1999 09:00"))

    extract(store)

    assert store.refused == ["date_out_of_range"]


@pytest.mark.parametrize(
    "key", ["2026/11/20/leeds.csv", "leeds_20-11-2026_09-00-00.csv", "2026/11/leeds_/york_20-11-2026_09-00-00.csv"]
)
def test_a_key_that_speaks_for_nobody_is_refused(key: str) -> None:
    assert extract(Store(key, row("Leeds"))).file.reason == "no_cafe_in_key"
