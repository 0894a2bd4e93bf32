"""A correction that would remove much, or another café's orders, changes nothing until a person approves it."""

from collections.abc import Callable
from copy import replace
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest

from integration.load.conftest import Loader
from load.cafes import rename_cafe
from load.checks import run_checks
from load.measures import count_held
from load.rules import HashCollision, NameTaken, StagedRowsGone
from load.stage import FileOutcome, retract_files
from shared.contracts import Outcome, TransformedPart
from staging import written_at_minute

LEEDS = "2026/11/20/leeds_20-11-2026_17-00-00.csv"
LEEDS_BY_HEAD_OFFICE = f"head-office/{LEEDS}"
YORK_ORDER = "20/11/2026 16:59,York,Ben Sample,Large Mocha - 2.70,2.70,CASH,\n"

Version = Callable[..., list[TransformedPart]]


def orders(first: int, last: int, cafe: str = "Leeds") -> str:
    """Write the orders of some minutes after nine: each order is another one."""
    return "".join(
        f"20/11/2026 {9 + minute // 60}:{minute % 60:02},{cafe},Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
        for minute in range(first, last)
    )


@pytest.fixture
def version(loader: Loader) -> Version:
    """Stage one version of a file, written by S3 at a minute of the evening."""

    def stage(
        minute: int, body: str, key: str = LEEDS, re_extract: str = "", *, may_carry: bool = True
    ) -> list[TransformedPart]:
        parts = loader.stage(
            body.encode(), key=key, version_id=f"v{minute}", re_extract=re_extract, may_carry=may_carry
        )
        return written_at_minute(parts, minute)

    return stage


def of_unknown_cafe(parts: list[TransformedPart]) -> list[TransformedPart]:
    """Hold a file as extract does once the register of cafés is closed."""
    return [
        replace(part, file=replace(part.file, outcome=Outcome.HELD, reason="unknown_cafe", detail="Leeds"))
        for part in parts
    ]


def file_id(parts: list[TransformedPart]) -> str:
    return parts[0].file.source.file_id


def outcomes(loader: Loader) -> list[tuple[Any, ...]]:
    return loader.rows("select outcome, is_live, reason, detail from ops.files order by version_order")


def tables(loader: Loader) -> dict[str, list[tuple[Any, ...]]]:
    """Read all that a manager may see."""
    names = ("core.orders", "core.order_items", "fact.items_sold", "ops.order_claims", "ops.file_days")
    return {name: sorted(loader.rows(f"select * from {name}")) for name in names}  # noqa: S608


def sound(loader: Loader) -> bool:
    return not [check.name for check in run_checks(loader.session) if check.faults]


def changes(outcome: FileOutcome) -> tuple[str, int, int]:
    return outcome.outcome, outcome.rows_loaded, outcome.rows_removed


def test_one_order_under_a_days_key_removes_none_of_its_200(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 200)))
    before = tables(loader)

    (held,) = loader.load(version(2, YORK_ORDER.replace("York", "Leeds")))

    assert tables(loader) == before
    assert (held.outcome, held.rows_in, held.rows_loaded) == ("held", 1, 0)
    assert outcomes(loader)[1] == ("held", False, "removes_much", "would remove 200 of 200 orders")
    assert loader.rows("select sender, sent_by, document from ops.files") == [("leeds", "", LEEDS)] * 2
    assert loader.rows("select product_name from core.products") == [("Latte",)]
    assert count_held(loader.session) == {"FilesHeld": 1}
    assert sound(loader)


@pytest.mark.parametrize(("removed", "is_held"), [(66, False), (67, True)])
def test_a_correction_is_held_if_it_would_remove_more_than_a_third(
    loader: Loader, version: Version, removed: int, is_held: bool
) -> None:
    loader.load(version(1, orders(0, 200)))

    (corrected,) = loader.load(version(2, orders(removed, 201)))

    assert changes(corrected) == (("held", 0, 0) if is_held else ("loaded", 1, removed))
    assert loader.count("core.orders") == (200 if is_held else 201 - removed)


def test_a_cafe_does_not_remove_an_order_of_another_cafe(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 3) + YORK_ORDER, LEEDS_BY_HEAD_OFFICE))

    (held,) = loader.load(version(2, orders(0, 4)))

    assert held.outcome == "held"
    assert outcomes(loader)[1][2:] == ("removes_foreign", "would remove 1 of 4 orders, 1 of them of other cafés")
    assert loader.count("core.orders") == 4


def test_head_office_corrects_the_file_of_a_cafe(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 3)))

    (corrected,) = loader.load(version(2, orders(1, 3) + YORK_ORDER, LEEDS_BY_HEAD_OFFICE))

    assert changes(corrected) == ("loaded", 1, 1)
    assert loader.rows("select sender, is_live from ops.files order by sender") == [
        ("head-office", True),
        ("leeds", False),
    ]
    assert sound(loader)


@pytest.mark.parametrize("is_head_office_first", [False, True])
def test_of_two_files_of_one_second_the_one_of_head_office_counts(
    loader: Loader, version: Version, is_head_office_first: bool
) -> None:
    files = [version(1, orders(0, 3)), version(1, orders(1, 4), LEEDS_BY_HEAD_OFFICE)]

    for parts in reversed(files) if is_head_office_first else files:
        loader.load(parts)

    assert loader.rows("select sender from ops.files where is_live") == [("head-office",)]
    assert loader.count("core.orders") == 3
    assert sound(loader)


def test_an_order_that_another_live_file_claims_is_not_removed_and_does_not_count(
    loader: Loader, version: Version
) -> None:
    loader.load(version(1, orders(0, 40)))
    loader.load(version(2, orders(0, 40), key="head-office/history.csv"))

    (corrected,) = loader.load(version(3, orders(39, 40)))

    assert changes(corrected) == ("loaded", 0, 0)
    assert loader.count("core.orders") == 40


def test_two_corrections_do_not_remove_together_what_neither_may(loader: Loader, version: Version) -> None:
    history = "head-office/history.csv"
    loader.load(version(1, orders(0, 40)) + version(2, orders(0, 40), key=history))

    loader.load(version(3, orders(39, 40)) + version(4, orders(39, 40), key=history))

    assert loader.count("core.orders") == 40
    assert [outcome for outcome, *_ in outcomes(loader)] == ["loaded", "loaded", "held", "held"]
    assert sound(loader)


def test_a_held_correction_takes_its_orders_out_and_leaves_those_of_the_batch(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))

    batch = version(2, orders(0, 1) + orders(300, 320)) + version(3, orders(300, 310), key="head-office/b.csv")
    completed = loader.load(batch)

    assert sorted(map(changes, completed)) == [("held", 0, 0), ("loaded", 10, 0)]
    assert loader.count("core.orders") == 50
    assert sound(loader)


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
def test_versions_are_judged_one_after_the_other(loader: Loader, version: Version, together: bool) -> None:
    versions = [version(1, orders(0, 40)), version(2, orders(0, 1)), version(3, orders(0, 41))]

    for batch in [list(chain(*versions))] if together else versions:
        loader.load(batch)

    assert [outcome for outcome, *_ in outcomes(loader)] == ["loaded", "superseded", "loaded"]
    assert loader.count("core.orders") == 41
    assert count_held(loader.session) == {"FilesHeld": 0}
    assert sound(loader)


def test_an_older_version_that_comes_late_is_judged_by_itself_and_the_held_one_stays_held(
    loader: Loader, version: Version
) -> None:
    loader.load(version(1, orders(0, 40)))
    loader.load(version(3, orders(0, 1)))

    (late,) = loader.load(version(2, orders(1, 40)))

    assert changes(late) == ("loaded", 0, 1)
    assert [outcome for outcome, *_ in outcomes(loader)] == ["loaded", "loaded", "held"]
    assert sound(loader)


def test_a_held_version_of_which_a_newer_one_is_loaded_comes_too_late(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))
    loader.load(version(3, orders(0, 41)))

    (late,) = loader.load(of_unknown_cafe(version(2, orders(0, 1))))

    assert late.outcome == "superseded"
    assert sound(loader)


def test_a_held_correction_with_refused_rows_keeps_its_rejects(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))

    (held,) = loader.load(version(2, orders(0, 1) + orders(0, 1).replace("20/11", "31/11")))

    assert (held.outcome, held.rows_rejected, loader.count("ops.rejects")) == ("held", 1, 1)
    assert sound(loader)


def test_an_extract_again_that_would_remove_much_is_held(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))

    (held,) = loader.load(version(1, orders(0, 1), re_extract="20261124T051200Z"))

    assert held.outcome == "held"


def test_messages_of_a_held_file_that_come_again_change_nothing(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))
    correction = version(2, orders(0, 1))
    loader.load(correction)
    before = tables(loader)

    assert loader.load(correction) == []
    assert loader.load(correction + version(3, orders(300, 301), key="head-office/b.csv")) != []
    assert outcomes(loader)[1][0] == "held"
    assert len(tables(loader)["core.orders"]) == len(before["core.orders"]) + 1


def test_a_file_of_an_unknown_cafe_waits_with_nothing_copied(loader: Loader, version: Version) -> None:
    parts = of_unknown_cafe(version(1, orders(0, 3) + orders(0, 1).replace("20/11", "31/11")))

    (held,) = loader.load(parts)

    assert (held.outcome, held.rows_loaded, held.reason, held.detail) == ("held", 0, "unknown_cafe", "Leeds")
    assert loader.count("core.orders") == loader.count("core.branches") == 0
    assert outcomes(loader) == [("held", False, "unknown_cafe", "Leeds")]
    assert sound(loader)


def test_a_file_of_an_unknown_cafe_is_settled_when_it_is_extracted_again(loader: Loader, version: Version) -> None:
    loader.load(of_unknown_cafe(version(1, orders(0, 3))))

    loader.load(version(1, orders(0, 3), re_extract="20261124T051200Z"))

    assert [outcome for outcome, *_ in outcomes(loader)] == ["superseded", "loaded"]
    assert sound(loader)


# --- a person decides


@pytest.mark.parametrize("hold", [lambda parts: parts, of_unknown_cafe], ids=["removes much", "unknown café"])
def test_an_approved_file_is_loaded_as_if_it_had_never_been_held(
    loader: Loader, version: Version, hold: Callable[[list[TransformedPart]], list[TransformedPart]]
) -> None:
    loader.load(version(1, orders(0, 40)))
    rows = orders(39, 42) + orders(0, 1).replace("20/11", "31/11")
    correction = hold(version(2, rows, may_carry=hold is not of_unknown_cafe))
    loader.load(correction)

    (approved,) = loader.approve(file_id(correction))

    assert changes(approved) == ("loaded", 2, 39)
    assert loader.rows("select sum(total_amount) from core.orders") == [(3 * Decimal("2.45"),)]
    assert [row[:3] for row in outcomes(loader)] == [("loaded", False, ""), ("loaded", True, "")]
    assert loader.count("ops.rejects") == 1
    assert count_held(loader.session) == {"FilesHeld": 0}
    assert sound(loader)


def test_an_approval_that_comes_again_changes_nothing(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))
    correction = version(2, orders(39, 42))
    loader.load(correction)
    loader.approve(file_id(correction))
    before = tables(loader)

    assert loader.approve(file_id(correction)) == []
    assert loader.load(correction) == []
    assert tables(loader) == before


def test_an_approval_after_a_newer_version_was_loaded_changes_nothing(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 40)))
    correction = version(2, orders(0, 1))
    loader.load(correction)
    loader.load(version(3, orders(0, 41)))
    before = tables(loader)

    assert loader.approve(file_id(correction)) == []
    assert tables(loader) == before
    assert sound(loader)


@pytest.mark.parametrize("parts_of", ["live", "none"])
def test_an_approval_of_what_is_not_held_changes_nothing(loader: Loader, version: Version, parts_of: str) -> None:
    live = version(1, orders(0, 3))
    loader.load(live)

    assert loader.approve(file_id(live) if parts_of == "live" else "0" * 32) == []
    assert loader.count("core.orders") == 3


def test_an_approval_without_the_staged_rows_says_what_to_do_and_changes_nothing(
    loader: Loader, version: Version
) -> None:
    loader.load(version(1, orders(0, 40)))
    correction = version(2, orders(0, 1))
    loader.load(correction)
    loader.warehouse.objects.contents.clear()

    with pytest.raises(StagedRowsGone, match="cafe replay"):
        loader.approve(file_id(correction))
    loader.session.rollback()

    assert loader.count("core.orders") == 40
    assert outcomes(loader)[1][0] == "held"


def test_a_file_of_several_parts_is_approved_whole(
    loader: Loader, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 3)
    loader.load(version(1, orders(0, 40)))
    correction = version(2, orders(33, 43))
    for part in correction:
        loader.load([part])
    assert outcomes(loader)[1][0] == "held"

    (approved,) = loader.approve(file_id(correction))

    assert changes(approved) == ("loaded", 3, 33)
    assert loader.count("core.orders") == 10
    assert sound(loader)


def test_a_retraction_settles_the_held_file_and_a_version_between_still_counts(
    loader: Loader, version: Version
) -> None:
    loader.load(version(1, orders(0, 40), LEEDS_BY_HEAD_OFFICE))
    loader.load(version(3, orders(0, 1)))

    (retracted,) = retract_files(LEEDS, loader.session)

    assert (retracted.orders, loader.count("core.orders")) == (0, 40)
    assert sound(loader)

    loader.load(version(2, orders(1, 41), LEEDS_BY_HEAD_OFFICE))

    assert [outcome for outcome, *_ in outcomes(loader)] == ["loaded", "loaded", "retracted"]
    assert sound(loader)


# --- names


@pytest.mark.parametrize(
    ("kinds", "left", "expected"),
    [
        (("held",), 40, ["loaded", "retracted"]),
        (("live",), 0, ["retracted", "held"]),
        (("live", "held"), 0, ["retracted", "retracted"]),
    ],
    ids=["held", "live", "both"],
)
def test_a_retraction_takes_only_the_kinds_of_files_that_are_meant(
    loader: Loader, version: Version, kinds: tuple[str, ...], left: int, expected: list[str]
) -> None:
    loader.load(version(1, orders(0, 40)))
    loader.load(version(2, orders(0, 1)))
    assert [outcome for outcome, *_ in outcomes(loader)] == ["loaded", "held"]

    retracted = retract_files(LEEDS, loader.session, kinds)

    assert (len(retracted), loader.count("core.orders")) == (len(kinds), left)
    assert [outcome for outcome, *_ in outcomes(loader)] == expected
    assert sound(loader)


def test_a_renamed_cafe_keeps_its_ids_and_takes_more_files(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 2)))

    assert rename_cafe("Leeds", "Leeds Station", loader.session) == 1
    assert rename_cafe("Leeds", "Leeds Station", loader.session) == 1
    (again,) = loader.load(version(2, orders(0, 3)))

    assert changes(again) == ("loaded", 1, 0)
    assert loader.rows("select branch_name, written_as from core.branches") == [("Leeds Station", "Leeds")]
    assert sound(loader)


def test_a_name_of_another_cafe_is_refused(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 2) + YORK_ORDER, LEEDS_BY_HEAD_OFFICE))

    with pytest.raises(NameTaken):
        rename_cafe("Leeds", "York", loader.session)
    loader.session.rollback()

    assert rename_cafe("Ely", "Ely Cathedral", loader.session) == 0


def test_an_id_of_two_names_collides_although_one_was_renamed(loader: Loader, version: Version) -> None:
    loader.load(version(1, orders(0, 2)))
    rename_cafe("Leeds", "Leeds Station", loader.session)
    loader.session.execute("update core.branches set written_as = 'Another'")
    loader.session.commit()

    with pytest.raises(HashCollision):
        loader.load(version(2, orders(0, 3)))
