"""The morning mail's words: what it says of every kind of day, on one line for each fact."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from hidden import HOSTILE_NAME, hidden_in
from load.morning import (
    CafeDay,
    Figures,
    Mail,
    Morning,
    RefusedFiles,
    RefusedRows,
    day_of,
    is_morning,
    to_json,
    write_mail,
)

WEDNESDAY = date(2026, 11, 25)
NO_FAULT = {"orders_unique": 0, "rows_conserved": 0}


def cafe(name: str, pence: int = 10_000, usual: int | None = 10_000, *, orders: int = 20, weeks: int = 4) -> CafeDay:
    """A café that is in; ``usual`` None is one that is not expected."""
    return CafeDay(name, orders, pence, weeks, (usual or 0) * weeks, None if usual is None else 20)


def missing(name: str) -> CafeDay:
    return cafe(name, pence=0, orders=0)


def mail_of(
    *cafes: CafeDay,
    files: tuple[RefusedFiles, ...] = (),
    rows: tuple[RefusedRows, ...] = (),
    faults: Mapping[str, int] | None = NO_FAULT,
    options: str = "",
) -> Mail:
    return write_mail(Morning(WEDNESDAY, faults, Figures(cafes, files, rows)), options)


def test_a_whole_mail_reads_from_top_to_bottom() -> None:
    mail = mail_of(
        cafe("Bath", 310_000, 256_000),
        cafe("Goole", 5_000, None, weeks=1),
        cafe("Hull", 90_000, 139_000),
        missing("Leeds"),
        files=(RefusedFiles("hull", "rejected", "no_row_accepted", 1), RefusedFiles("york", "held", "removes_much", 2)),
        rows=(RefusedRows("bath", "total_mismatch", 1_200), RefusedRows("bath", "invalid_time", 1)),
        options="--env prod",
    )

    assert mail.subject == "Cafe sales of Wed 25 November 2026: 2 of 3 in, takings +1%"
    assert mail.text == (
        "Café sales of Wednesday 25 November 2026\n"
        "\n"
        "2 of 3 expected cafés in.\n"
        "Missing: Leeds.\n"
        "Also in, though not expected: Goole.\n"
        "\n"
        "Takings: £4,050.00 from 3 cafés.\n"
        "£4,000.00 of 2 cafés are 1.3 % more than on the last four Wednesdays (£3,950.00).\n"
        "Best: Bath, £3,100.00, 21.1 % more than usual.\n"
        "Worst: Hull, £900.00, 35.3 % less than usual.\n"
        "\n"
        "Refused:\n"
        "- 1,201 rows from bath: 1,200 total mismatch, 1 invalid time\n"
        "- 1 file from hull rejected: no row accepted\n"
        "- 2 files from york are held: removes much\n"
        "\n"
        "The check of the warehouse found no mistake.\n"
        "\n"
        "What to do:\n"
        "- Ask Leeds for the file. In case it was sent and lost: cafe reconcile --dry-run --env prod\n"
        "- What was refused from bath and hull must be fixed and sent again. What to fix in each row: "
        "cafe rejects --env prod\n"
        "- Head office decides about what is held. The files, and what to type: cafe status --env prod\n"
    )


@pytest.mark.parametrize(
    ("cafes", "lines"),
    [
        ((), ["No café was expected: none sells on this weekday, by the last four weeks.", "Takings: none yet."]),
        (
            (missing("Leeds"), missing("York")),
            ["0 of 2 expected cafés in.", "Missing: Leeds and York.", "Takings: none yet."],
        ),
        (
            (cafe("Leeds", 11_000),),
            [
                "1 of 1 expected café in.",
                "Takings: £110.00 from 1 café.",
                "These are 10.0 % more than on the last four Wednesdays (£100.00).",
            ],
        ),
        (
            (cafe("Leeds", usual=None, weeks=1),),
            [
                "No café was expected: none sells on this weekday, by the last four weeks.",
                "Also in, though not expected: Leeds.",
                "They cannot be compared with the last four Wednesdays: no café sold on three of them.",
            ],
        ),
        (
            (cafe("Leeds", -2_000, 10_000), cafe("York")),
            [
                "Takings: £80.00 from 2 cafés.",
                "These are 60.0 % less than on the last four Wednesdays (£200.00).",
                "Best: York, £100.00, as much as usual.",
                "Worst: Leeds, -£20.00, 120.0 % less than usual.",
            ],
        ),
        (
            (cafe("Leeds", usual=-500), cafe("York", usual=0)),
            ["They cannot be compared with the last four Wednesdays: no café sold on three of them."],
        ),
        (
            (cafe("York", 5_000), cafe("Leeds", 5_000), cafe("Bath", 5_000)),
            ["Best: Bath, £50.00, 50.0 % less than usual.", "Worst: Bath, £50.00, 50.0 % less than usual."],
        ),
        (
            tuple(missing(f"Café {number:02d}") for number in range(13)),
            ["Missing: " + ", ".join(f"Café {number:02d}" for number in range(10)) + " and 3 more."],
        ),
    ],
    ids=[
        "an empty warehouse, or a day on which all are closed",
        "nobody is in",
        "one café",
        "a new café alone",
        "more refunds than sales",
        "a weekday of refunds, or of nothing, before",
        "equal cafés, by name",
        "more names than are shown",
    ],
)
def test_it_says_of_a_day(cafes: tuple[CafeDay, ...], lines: list[str]) -> None:
    assert set(lines) <= set(mail_of(*cafes).text.splitlines())


def test_one_cafe_is_neither_best_nor_worst() -> None:
    assert "Best" not in mail_of(cafe("Leeds"), cafe("York", usual=None)).text


def test_a_quiet_day_leaves_nothing_to_do() -> None:
    lines = mail_of(cafe("Leeds"), cafe("York")).text.splitlines()

    assert lines.count("- Nothing.") == 2
    assert lines[-2:] == ["What to do:", "- Nothing."]


@pytest.mark.parametrize(
    ("faults", "subject", "sentence"),
    [
        (NO_FAULT, "1 of 1 in, takings +0%", "The check of the warehouse found no mistake."),
        (
            {"orders_unique": 1_200, "rows_conserved": 0, "claims_hold": 3},
            "CHECK FOUND MISTAKES, 1 of 1 in, takings +0%",
            "The check of the warehouse FOUND MISTAKES, so figures may be wrong: orders unique 1,200, claims hold 3.",
        ),
        (
            None,
            "CHECK FAILED, 1 of 1 in, takings +0%",
            "The check of the warehouse FAILED: it could not run. Nobody knows whether the figures are right.",
        ),
    ],
    ids=["all is well", "wrong rows", "could not run"],
)
def test_it_says_what_the_check_found(faults: Mapping[str, int] | None, subject: str, sentence: str) -> None:
    mail = mail_of(cafe("Leeds"), faults=faults)

    assert mail.subject.endswith(f": {subject}")
    assert sentence in mail.text.splitlines()
    assert ("- The data team looks for the cause: cafe check" in mail.text) is (faults != NO_FAULT)


def test_without_figures_it_says_that_nothing_is_known() -> None:
    mail = write_mail(Morning(WEDNESDAY, None, None), "--env prod")

    assert mail.subject == "Cafe sales of Wed 25 November 2026: CHECK FAILED, no figures"
    assert "The sales of the day are not known: the warehouse did not answer." in mail.text
    assert "£" not in mail.text


def test_hostile_names_are_text_on_their_line() -> None:
    names = [f"{HOSTILE_NAME}{number}" for number in range(3)]
    calm = [f"calm{number}" for number in range(3)]

    hostile, usual = (
        mail_of(
            cafe(some[0]),
            cafe(some[1]),
            missing(some[2]),
            files=(RefusedFiles(some[0], some[1], some[2], 1),),
            rows=(RefusedRows(some[0], some[1], 1),),
            faults={some[0]: 1},
        )
        for some in (names, calm)
    )

    assert not any(hidden_in(line) for line in (hostile.subject, *hostile.text.split("\n")))
    assert hostile.text.count("\n") == usual.text.count("\n")


def test_the_subject_is_one_line_of_less_than_100_ascii_characters() -> None:
    many = [cafe(f"Café {number}", 10**12, 1) for number in range(999)]

    subject = mail_of(*many, faults={"orders_unique": 1}).subject

    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


@pytest.mark.parametrize(
    ("sender", "shown"),
    [("head-office", "head office"), ("isle-of-wight", "isle-of-wight"), ("", "an unknown sender")],
)
def test_a_sender_is_named_as_people_name_it(sender: str, shown: str) -> None:
    mail = mail_of(files=(RefusedFiles(sender, "failed", "not_copied", 1),))

    assert f"- 1 file from {shown} failed: not copied" in mail.text.splitlines()
    assert "- The data team decides about what failed." in mail.text


@pytest.mark.parametrize(
    ("moment", "day", "morning"),
    [
        (datetime(2026, 11, 26, 7, tzinfo=UTC), WEDNESDAY, True),
        (datetime.fromisoformat("2026-11-26T06:00:00Z"), WEDNESDAY, True),
        (datetime(2026, 11, 26, 22, tzinfo=UTC), WEDNESDAY, False),
        (datetime.fromisoformat("2026-11-26T00:30:00+01:00"), date(2026, 11, 24), False),
    ],
    ids=["winter", "summer", "evening", "another zone"],
)
def test_a_morning_is_before_noon_and_about_the_day_before(moment: datetime, day: date, morning: bool) -> None:
    assert (day_of(moment), is_morning(moment)) == (day, morning)


def test_a_script_gets_the_mail_and_its_figures() -> None:
    morning = Morning(WEDNESDAY, NO_FAULT, Figures((cafe("Leeds"),), (), (RefusedRows("leeds", "invalid_time", 2),)))

    found = to_json(morning, write_mail(morning))

    assert found.keys() == {"subject", "text", "day", "faults", "cafes", "files", "rows"}
    assert found["day"] == "2026-11-25"
    assert found["cafes"][0]["cafe"] == "Leeds"
    assert found["rows"] == ({"sender": "leeds", "rule": "invalid_time", "rows": 2},)
