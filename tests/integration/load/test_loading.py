"""The load transaction on a warehouse that enforces no key, as Redshift does not."""

import gzip
from collections.abc import Callable, Sequence
from copy import replace
from decimal import Decimal
from typing import Any

import pytest

from extract.branch_csv import BranchCsvReader
from integration.load.conftest import Loader
from load.checks import run_checks
from load.rules import StagedRowsDiffer
from load.stage import FileOutcome
from load.warehouse import StatementFailed, may_be_one_files_fault
from shared.carried_rows import UnreadableRows
from shared.contracts import FAILED_PLAN_ID, GONE_PLAN_ID, REJECTED_PLAN_ID, LineCounts, Outcome

LATTE = "20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
TWO_MOCHAS = '20/11/2026 09:01,Leeds,Ben Sample,"Large Mocha - 2.70, Large Mocha - 2.70",5.4,CARD,5494000000000016\n'
TEA = "20/11/2026 09:02,Leeds,Cy Example,Speciality Tea - Earl Grey - 1.30,1.3,CASH,\n"
WRONG_TOTAL = "20/11/2026 09:03,Leeds,Di Madeup,Large Latte - 2.45,2.54,CASH,\n"
NO_SUCH_DAY = "31/11/2026 09:04,Leeds,Ed Invented,Large Latte - 2.45,2.45,CASH,\n"
FILE = (LATTE + TWO_MOCHAS + TEA + WRONG_TOTAL + NO_SUCH_DAY).encode()


def facts(files: list[FileOutcome]) -> list[tuple[str, int, int, int, int]]:
    return [(file.outcome, file.rows_in, file.rows_loaded, file.rows_duplicate, file.rows_rejected) for file in files]


def assert_sound(loader: Loader) -> None:
    assert {result.name: result.faults for result in run_checks(loader.session) if result.faults} == {}


def test_a_file_becomes_orders_items_products_a_branch_and_a_row_of_the_ledger(loader: Loader) -> None:
    completed = loader.load(loader.stage(FILE))

    assert facts(completed) == [("loaded", 5, 3, 0, 2)]
    assert loader.rows("select branch_name from core.branches") == [("Leeds",)]
    assert loader.rows("select product_name, size, flavour from core.products order by 1") == [
        ("Latte", "Large", ""),
        ("Mocha", "Large", ""),
        ("Speciality Tea", "", "Earl Grey"),
    ]
    assert loader.rows("select payment, total_amount from core.orders order by ordered_at") == [
        ("CASH", Decimal("2.45")),
        ("CARD", Decimal("5.40")),
        ("CASH", Decimal("1.30")),
    ]
    assert sorted(loader.rows("select unit_price, quantity from core.order_items")) == [
        (Decimal("1.30"), 1),
        (Decimal("2.45"), 1),
        (Decimal("2.70"), 2),
    ]
    assert_sound(loader)


def test_rejects_of_both_stages_are_in_the_ledger_by_line_and_rule(loader: Loader) -> None:
    loader.load(loader.stage(FILE))

    assert loader.rows("select line_number, stage, rule from ops.rejects order by line_number") == [
        (4, "transform", "total_mismatch"),
        (5, "extract", "bad_timestamp"),
    ]


def test_the_ledger_accounts_for_every_line_row_and_penny(loader: Loader) -> None:
    loader.load(loader.stage(FILE))

    (row,) = loader.rows(
        "select source_key, lines_in, order_lines, rejected_lines, rows_in, rows_loaded, rows_rejected,"
        " amount_accepted, amount_loaded, is_live from ops.files"
    )
    # Extract accepts the line with the wrong total. Transform refuses it.
    assert row == ("2026/11/20/leeds.csv", 5, 4, 1, 5, 3, 2, Decimal("9.15"), Decimal("9.15"), True)


def test_a_file_whose_rows_are_all_rejected_is_rejected_with_its_rows(loader: Loader) -> None:
    completed = loader.load(loader.stage((WRONG_TOTAL + NO_SUCH_DAY).encode()))

    assert facts(completed) == [("rejected", 2, 0, 0, 2)]
    assert completed[0].rejected_percent == 100
    assert loader.rows("select outcome, reason, is_live, rows_in, rows_rejected from ops.files") == [
        ("rejected", "no_row_accepted", False, 2, 2)
    ]
    assert loader.count("ops.rejects") == 2
    assert_sound(loader)


def test_a_version_without_an_accepted_row_replaces_nothing(loader: Loader) -> None:
    loader.load(loader.stage(FILE))

    completed = loader.load(loader.stage(NO_SUCH_DAY.encode(), version_id="v2", re_extract="20261124T051200Z"))

    assert [file.outcome for file in completed] == ["rejected"]
    assert loader.count("core.orders") == 3
    assert_sound(loader)


def test_a_file_that_transform_failed_on_may_still_be_loaded(loader: Loader) -> None:
    (part,) = loader.stage(FILE)
    file = replace(
        part.file, plan_id=FAILED_PLAN_ID, outcome=Outcome.FAILED, reason="broke_transform", rows=0, rejects=0
    )
    failed = replace(part, file=file, orders=0, items=0, rejects=0, pence=0, tables={})

    assert facts(loader.load([failed])) == [("failed", 0, 0, 0, 0)]
    assert_sound(loader)
    assert facts(loader.load([part])) == [("loaded", 5, 3, 0, 2)]
    assert loader.load([failed]) == []
    assert_sound(loader)


def test_a_name_that_copy_reads_as_null_is_a_name(loader: Loader) -> None:
    row = "20/11/2026 09:00,\\N,Ada Tester,\\N - 2.45,2.45,CASH,\n"

    assert facts(loader.load(loader.stage(row.encode()))) == [("loaded", 1, 1, 0, 0)]
    assert loader.rows("select branch_name from core.branches") == [("\\N",)]
    assert loader.rows("select product_name from core.products") == [("\\N",)]


def test_F34_a_batch_delivered_twice_changes_nothing(loader: Loader) -> None:
    parts = loader.stage(FILE)
    loader.load(parts)

    again = loader.load(parts)

    assert again == []
    assert (loader.count("core.orders"), loader.count("ops.files"), loader.count("ops.rejects")) == (3, 1, 2)
    assert_sound(loader)


def test_one_batch_may_hold_a_message_twice(loader: Loader) -> None:
    parts = loader.stage(FILE)

    assert facts(loader.load(parts + parts)) == [("loaded", 5, 3, 0, 2)]


def test_F25_F26_the_same_orders_in_a_later_file_are_duplicates(loader: Loader) -> None:
    loader.load(loader.stage(FILE))

    completed = loader.load(loader.stage((LATTE + TEA + LATTE).encode(), key="2026/11/20/leeds copy.csv"))

    assert facts(completed) == [("loaded", 3, 1, 2, 0)]
    assert loader.count("core.orders") == 4
    # Two files disagree on one day: both are loaded, and the check reports it.
    assert {result.name for result in run_checks(loader.session) if result.faults} == {"live_files_agree"}


def test_F25_the_same_orders_in_two_files_of_one_batch_count_once(loader: Loader) -> None:
    parts = loader.stage(FILE) + loader.stage(FILE, key="2026/11/20/leeds copy.csv")

    completed = loader.load(parts)

    assert sorted(facts(completed)) == [("loaded", 5, 0, 3, 2), ("loaded", 5, 3, 0, 2)]
    assert (loader.count("core.orders"), loader.count("core.order_items"), loader.count("ops.order_claims")) == (
        3,
        3,
        6,
    )
    assert_sound(loader)


def test_F24_two_equal_orders_of_one_minute_both_load(loader: Loader) -> None:
    completed = loader.load(loader.stage((LATTE + LATTE).encode()))

    assert facts(completed) == [("loaded", 2, 2, 0, 0)]
    assert loader.rows("select sum(total_amount) from core.orders") == [(Decimal("4.90"),)]


def test_products_keep_their_case(loader: Loader) -> None:
    rows = "20/11/2026 09:00,Leeds,Ada Tester,Regular Hot {}hocolate - {},{},CASH,\n"

    loader.load(loader.stage((rows.format("C", "1.40", "1.40") + rows.format("c", "2.20", "2.20")).encode()))

    assert loader.rows("select product_name from core.products order by product_name") == [
        ("Hot Chocolate",),
        ("Hot chocolate",),
    ]


def test_a_refused_orders_items_never_become_products(loader: Loader) -> None:
    loader.load(loader.stage((LATTE + WRONG_TOTAL.replace("Latte", "Phantom")).encode()))

    assert loader.rows("select product_name from core.products") == [("Latte",)]


@pytest.mark.parametrize(
    ("key", "body", "outcome", "reason"),
    [
        ("takings.xlsx", b"PK", "rejected", "unsupported_file"),
        ("leeds.csv", b"", "empty", ""),
        ("leeds.csv", "é".encode("cp1252"), "rejected", "not_utf8"),
    ],
)
def test_a_file_without_orders_is_in_the_ledger_with_its_reason(
    loader: Loader, key: str, body: bytes, outcome: str, reason: str
) -> None:
    completed = loader.load(loader.stage(body, key=key))

    assert facts(completed) == [(outcome, 0, 0, 0, 0)]
    assert loader.rows("select outcome, reason, is_live from ops.files") == [(outcome, reason, False)]


def test_a_file_is_visible_whole_or_not_at_all_however_many_parts_it_has(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    rows = [LATTE.replace("09:00", f"09:{minute:02d}") for minute in range(5)]
    first, second, third = loader.stage("".join(rows).encode())

    assert loader.load([third]) == []
    assert loader.load([first, first]) == []
    assert loader.count("core.orders") == 0
    assert facts(loader.load([second])) == [("loaded", 5, 5, 0, 0)]
    assert loader.count("core.orders") == 5
    assert_sound(loader)


def test_a_file_that_was_refused_after_its_first_parts_is_in_the_ledger_as_refused(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    monkeypatch.setattr(BranchCsvReader, "line_counts", lambda _reader, total: LineCounts(total, 0, 0, 0, 0, 0))
    rows = [LATTE.replace("09:00", f"09:{minute:02d}") for minute in range(5)]
    first, second, refusal = loader.stage("".join(rows).encode())

    assert loader.load([first]) == []
    assert facts(loader.load([second, refusal])) == [("rejected", 0, 0, 0, 0)]
    assert loader.load([first, second, refusal]) == []

    assert loader.count("core.orders") == 0
    assert loader.rows("select reason, plan_id from ops.files") == [("lines_lost", REJECTED_PLAN_ID)]
    assert_sound(loader)


def test_a_part_that_comes_twice_before_its_file_is_complete_is_recorded_once(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    body = "".join(LATTE.replace("09:00", f"09:{minute:02d}") for minute in range(4)).encode()
    first, second = loader.stage(body)

    loader.load([first])
    loader.load([first])

    assert facts(loader.load([second])) == [("loaded", 4, 4, 0, 0)]
    assert loader.count("ops.file_parts") == 2
    assert_sound(loader)


def test_parts_of_another_plan_do_not_complete_a_file(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    body = "".join(LATTE.replace("09:00", f"09:{minute:02d}") for minute in range(4)).encode()
    first, second = loader.stage(body)
    other = replace(second, file=replace(second.file, plan_id="v1-r3"))

    assert loader.load([first, other]) == []
    assert loader.count("ops.files") == 0


def test_F53_rows_that_are_fewer_than_promised_roll_everything_back(loader: Loader) -> None:
    (part,) = loader.stage(FILE)

    with pytest.raises(StagedRowsDiffer):
        loader.load([replace(part, orders=part.orders + 1)])
    loader.session.rollback()

    assert (loader.count("core.orders"), loader.count("ops.files"), loader.count("ops.file_parts")) == (0, 0, 0)


def test_F53_pence_that_differ_from_what_was_promised_roll_everything_back(loader: Loader) -> None:
    (part,) = loader.stage(FILE)

    with pytest.raises(StagedRowsDiffer):
        loader.load([replace(part, pence=part.pence + 1)])


def test_F53_a_missing_object_is_an_error_and_never_a_shorter_file(loader: Loader) -> None:
    (part,) = loader.stage(FILE, may_carry=False)
    lost = next(key for key in loader.warehouse.objects.contents if key[1].endswith("order_items.csv.gz"))
    del loader.warehouse.objects.contents[lost]

    with pytest.raises(StatementFailed):
        loader.load([part])


def test_a_load_that_failed_can_be_repeated_and_then_counts_once(
    loader: Loader, new_loader: Callable[[], Loader]
) -> None:
    (part,) = loader.stage(FILE, may_carry=False)
    lost = next(key for key in loader.warehouse.objects.contents if key[1].endswith("order_items.csv.gz"))
    content = loader.warehouse.objects.contents.pop(lost)
    with pytest.raises(StatementFailed):
        loader.load([part])
    loader.session.close()
    loader.warehouse.objects.contents[lost] = content

    assert facts(new_loader().load([part])) == [("loaded", 5, 3, 0, 2)]


def test_a_reader_never_waits_for_a_load_and_sees_all_of_it_or_none(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = loader.stage(FILE)
    seen = []
    execute = loader.session.execute

    def spy(sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        answer = execute(sql, values)
        seen.append((loader.count("core.orders"), loader.count("ops.files")))
        return answer

    monkeypatch.setattr(loader.session, "execute", spy)
    loader.load([part])

    assert set(seen) == {(0, 0)}
    assert (loader.count("core.orders"), loader.count("ops.files")) == (3, 1)


def test_F22_names_that_look_like_sql_are_stored_as_they_are(loader: Loader) -> None:
    row = "20/11/2026 09:00,Bishop's Stortford,Ada Tester,Robert'); drop table core.orders;-- - 1.00,1,CASH,\n"

    loader.load(loader.stage(row.encode(), key="o'brien; drop table ops.files.csv"))

    assert loader.rows("select branch_name from core.branches") == [("Bishop's Stortford",)]
    assert loader.rows("select product_name from core.products") == [("Robert'); drop table core.orders;--",)]
    assert loader.count("core.orders") == 1


def test_F70_a_restored_warehouse_is_complete_once_all_is_delivered_again(loader: Loader) -> None:
    evening, night = loader.stage(FILE), loader.stage(LATTE.replace("09:00", "21:00").encode(), key="late.csv")
    loader.load(evening)
    before = warehouse_of(loader)
    loader.load(night)
    whole = warehouse_of(loader)
    restore(loader, "late.csv")
    assert warehouse_of(loader) == before

    loader.load(evening + night)

    assert warehouse_of(loader) == whole
    assert_sound(loader)


def test_a_file_that_somebody_removed_from_the_ledger_loads_again_without_doubled_rejects(loader: Loader) -> None:
    parts = loader.stage(FILE)
    loader.load(parts)
    loader.session.execute("delete from ops.files")
    loader.session.execute("delete from ops.order_claims")
    loader.session.commit()

    assert facts(loader.load(parts)) == [("loaded", 5, 0, 3, 2)]
    assert loader.count("ops.rejects") == 2


def warehouse_of(loader: Loader) -> dict[str, list[tuple[Any, ...]]]:
    """Read all sales and claims."""
    tables = (
        "core.orders", "core.order_items", "fact.items_sold", "core.branches", "core.products", "ops.order_claims",
    )  # fmt: skip
    return {table: sorted(loader.rows(f"select * from {table}")) for table in tables}  # noqa: S608


def restore(loader: Loader, key: str) -> None:
    """Bring the warehouse back to its state before a file came."""
    file_id = f"(select file_id from ops.files where source_key = '{key}')"  # noqa: S608
    orders = f"(select order_id from ops.order_claims where file_id = {file_id})"  # noqa: S608
    for table, where in [
        ("core.order_items", f"order_id in {orders}"),
        ("fact.items_sold", f"order_id in {orders}"),
        ("core.orders", f"order_id in {orders}"),
        ("ops.order_claims", f"file_id = {file_id}"),
        ("ops.file_days", f"file_id = {file_id}"),
        ("ops.file_parts", f"file_id = {file_id}"),
        ("ops.files", f"source_key = '{key}'"),
    ]:
        loader.session.execute(f"delete from {table} where {where}")  # noqa: S608
    loader.session.commit()


def test_F56_a_table_without_its_column_fails_closed_and_blames_no_file(
    loader: Loader, new_loader: Callable[[], Loader]
) -> None:
    (part,) = loader.stage(FILE)
    loader.session.execute("alter table core.orders rename column payment to paid_by")
    loader.session.commit()

    with pytest.raises(StatementFailed) as caught:
        loader.load([part])
    loader.session.rollback()

    assert not may_be_one_files_fault(caught.value)
    assert (loader.count("core.orders"), loader.count("ops.files"), loader.count("ops.file_parts")) == (0, 0, 0)
    loader.session.execute("alter table core.orders rename column paid_by to payment")
    loader.session.commit()
    assert facts(new_loader().load([part])) == [("loaded", 5, 3, 0, 2)]


@pytest.mark.parametrize("kind", ["branch", "product"])
def test_F53_a_branch_or_product_that_copy_left_out_rolls_everything_back(loader: Loader, kind: str) -> None:
    (part,) = loader.stage(FILE, may_carry=False)
    contents = loader.warehouse.objects.contents
    (key,) = [key for key in contents if key[1].endswith("/dimensions.csv.gz")]
    lines = gzip.decompress(contents[key]).decode().splitlines(keepends=True)
    contents[key] = gzip.compress("".join(line for line in lines if not line.startswith(kind)).encode())

    with pytest.raises(StagedRowsDiffer, match=f"without their {kind}"):
        loader.load([part])
    loader.session.rollback()

    assert loader.count("ops.files") == 0


def test_F53_rows_of_a_message_that_cannot_be_read_are_an_error_of_their_file_alone(loader: Loader) -> None:
    (part,) = loader.stage(FILE)
    for spoiled in ({**part.tables, "orders": "no rows"}, {"orders": part.tables["orders"]}):
        with pytest.raises(UnreadableRows) as caught:
            loader.load([replace(part, tables=spoiled)])
        loader.session.rollback()

        assert may_be_one_files_fault(caught.value)
    assert (loader.count("ops.files"), loader.count("ops.file_parts")) == (0, 0)


def test_messages_with_rows_and_without_load_together(loader: Loader) -> None:
    pointing = loader.stage(FILE, may_carry=False)
    carrying = loader.stage(FILE.replace(b"20/11", b"19/11"), key="2026/11/19/leeds.csv")

    assert facts(loader.load(pointing + carrying)) == [("loaded", 5, 3, 0, 2)] * 2
    copied = sorted(key.rpartition("/")[2] for _, key in loader.warehouse.objects.contents if "/batches/" in key)
    assert copied == [
        "ops.rejects.json",
        *(f"stage_{table}{end}" for table in ("dimensions", "order_items", "orders") for end in (".csv.gz", ".json")),
    ]
    assert_sound(loader)


def test_F57_of_two_plans_that_are_complete_in_one_batch_one_is_taken(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    (newer,) = loader.stage(FILE)
    monkeypatch.setattr("extract.stage.PLAN_ID", "v1-r100000")
    (older,) = loader.stage(FILE)

    assert facts(loader.load([older, newer])) == [("loaded", 5, 3, 0, 2)]
    assert loader.rows("select plan_id from ops.files") == [(newer.file.plan_id,)]
    assert_sound(loader)


@pytest.mark.parametrize("first", ["gone", "there"])
def test_F05_the_absence_of_a_file_never_mixes_with_its_parts_and_is_replaced_by_them(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    body = "".join(LATTE.replace("09:00", f"09:{minute:02d}") for minute in range(4)).encode()
    one, two = loader.stage(body)
    absence = replace(one.file, plan_id=GONE_PLAN_ID, parts=1, outcome=Outcome.REJECTED, reason="gone", rows=0)
    gone = replace(one, file=absence, part=1, orders=0, items=0, rejects=0, pence=0)

    for part in (gone, two, one) if first == "gone" else (two, one, gone):
        loader.load([part])

    assert loader.rows("select outcome, rows_loaded from ops.files") == [("loaded", 4)]
    assert loader.load([gone]) == []
    assert loader.rows("select outcome, rows_loaded from ops.files") == [("loaded", 4)]
