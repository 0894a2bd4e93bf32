"""The morning mail: how a day went and what to do about it, as plain text. Pure; makes no AWS or warehouse calls.

It holds names of cafés, sums and counts. No key of a file is in it: people choose keys, and mails are passed on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.senders import HEAD_OFFICE
from shared.visible_text import escape

WEEKS = 4
NAMES_SHOWN = 10
HELD, FAILED = "held", "failed"
# AWS, Publish, "Subject": less than 100 characters. Not every mail program reads others than ASCII there.
SUBJECT_CHARACTERS = 99


@dataclass(frozen=True, slots=True)
class CafeDay:
    """A café on the day: its orders and pence, and those of the same weekday in the four weeks before.

    ``weeks_before`` of them it sold. ``usual_orders`` is None if it is not expected on the day, by its own history.
    """

    cafe: str
    orders: int
    pence: int
    weeks_before: int
    pence_before: int
    usual_orders: int | None

    @property
    def is_in(self) -> bool:
        """Whether it has sales of the day."""
        return self.orders > 0

    @property
    def is_expected(self) -> bool:
        """Whether it sells on this weekday."""
        return self.usual_orders is not None

    @property
    def usual_pence(self) -> int:
        """Its mean takings on this weekday. Only a café that is expected has some."""
        return round(self.pence_before / self.weeks_before)

    @property
    def change(self) -> float:
        """By how much per cent its takings differ from its mean takings, which must be more than zero.

        From the sum of the weeks, not from the rounded mean: so the mail and mart.best_and_worst_cafes agree.
        """
        return _change(self.pence * self.weeks_before, self.pence_before)


@dataclass(frozen=True, slots=True)
class RefusedFiles:
    """Files of one sender that were rejected, failed or are held, for one reason. ``sender`` is that of the ledger."""

    sender: str
    outcome: str
    reason: str
    files: int


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """Rows of one sender's files that one rule refused."""

    sender: str
    rule: str
    rows: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the warehouse has of the day, and what was refused in the 24 hours before the mail."""

    cafes: tuple[CafeDay, ...]
    files: tuple[RefusedFiles, ...]
    rows: tuple[RefusedRows, ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """All that a mail says. ``faults`` are wrong rows by check, None if the check could not run.

    ``figures`` is None if they could not be read.
    """

    day: date
    faults: Mapping[str, int] | None
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of plain text. The subject is one line of ASCII."""

    subject: str
    text: str


def day_of(moment: datetime) -> date:
    """Return the day that a mail of this moment is about: the day before, in UTC."""
    return moment.astimezone(UTC).date() - timedelta(days=1)


def is_morning(moment: datetime) -> bool:
    """Whether a check of this moment is one of a morning: it is before noon in UTC."""
    return moment.astimezone(UTC).hour < 12


def to_json(morning: Morning, mail: Mail) -> dict[str, Any]:
    """Write a mail and what it is made of for a script (docs/json.md). Unknown figures are empty lists."""
    figures = morning.figures or Figures((), (), ())
    return {**asdict(mail), "day": f"{morning.day}", "faults": morning.faults, **asdict(figures)}


def write_mail(morning: Morning, options: str = "") -> Mail:
    """Write the mail. ``options`` end each command in it, such as ``--env prod``."""
    day, figures = morning.day, morning.figures
    paragraphs = [[f"Café sales of {day:%A} {_day(day)}"]]
    if figures is None:
        paragraphs += [["The sales of the day are not known: the warehouse did not answer."]]
    else:
        paragraphs += [_cafes(figures.cafes), _takings(figures.cafes, day), ["Refused:", *_refused(figures)]]
    paragraphs += [_check(morning.faults), ["What to do:", *_to_do(morning, options)]]
    return Mail(_subject(morning), "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n")


def _subject(morning: Morning) -> str:
    about = f"Cafe sales of {morning.day:%a} {_day(morning.day)}"
    figures = _short_figures(morning.figures.cafes) if morning.figures else ["no figures"]
    return f"{about}: {', '.join(filter(None, [_short_check(morning.faults), *figures]))}"[:SUBJECT_CHARACTERS]


def _short_check(faults: Mapping[str, int] | None) -> str:
    if faults is None:
        return "CHECK FAILED"
    return "CHECK FOUND MISTAKES" if any(faults.values()) else ""


def _short_figures(cafes: Sequence[CafeDay]) -> list[str]:
    expected, compared = [cafe for cafe in cafes if cafe.is_expected], _compared(cafes)
    reported = sum(cafe.is_in for cafe in expected)
    arrivals = f"{reported} of {len(expected)} in" if expected else "nobody expected"
    return [arrivals, f"takings {round(_change(*_sums(compared))):+,d}%"] if compared else [arrivals]


# --- paragraphs


def _cafes(cafes: Sequence[CafeDay]) -> list[str]:
    expected = [cafe for cafe in cafes if cafe.is_expected]
    missing = [cafe.cafe for cafe in expected if not cafe.is_in]
    others = [cafe.cafe for cafe in cafes if cafe.is_in and not cafe.is_expected]
    lines = [f"{len(expected) - len(missing)} of {_count(len(expected), 'expected café')} in."]
    if not expected:
        lines = ["No café was expected: none sells on this weekday, by the last four weeks."]
    if missing:
        lines.append(f"Missing: {_names(missing)}.")
    if others:
        lines.append(f"Also in, though not expected: {_names(others)}.")
    return lines


def _takings(cafes: Sequence[CafeDay], day: date) -> list[str]:
    reported = [cafe for cafe in cafes if cafe.is_in]
    if not reported:
        return ["Takings: none yet."]
    lines = [f"Takings: {_pounds(sum(cafe.pence for cafe in reported))} from {_count(len(reported), 'café')}."]
    compared = _compared(reported)
    if not compared:
        return [*lines, f"They cannot be compared with the last four {day:%A}s: no café sold on three of them."]
    pence, usual = _sums(compared)
    part = f"{_pounds(pence)} of {_count(len(compared), 'café')} are"
    whose = "These are" if len(compared) == len(reported) else part
    lines.append(f"{whose} {_compare(_change(pence, usual))} on the last four {day:%A}s ({_pounds(usual)}).")
    if len(compared) > 1:
        best = min(compared, key=lambda cafe: (-cafe.change, cafe.cafe))
        worst = min(compared, key=lambda cafe: (cafe.change, cafe.cafe))
        lines += [f"Best: {_describe(best)}.", f"Worst: {_describe(worst)}."]
    return lines


def _refused(figures: Figures) -> list[str]:
    rules: dict[str, list[str]] = defaultdict(list)
    totals: dict[str, int] = defaultdict(int)
    for refused in figures.rows:
        rules[refused.sender].append(f"{refused.rows:,} {_code(refused.rule)}")
        totals[refused.sender] += refused.rows
    rows = (
        f"- {_count(totals[sender], 'row')} from {_sender(sender)}: {', '.join(found)}"
        for sender, found in rules.items()
    )
    files = (
        f"- {_count(refused.files, 'file')} from {_sender(refused.sender)} {_outcome(refused)}: {_code(refused.reason)}"
        for refused in figures.files
    )
    return [*rows, *files] or ["- Nothing."]


def _check(faults: Mapping[str, int] | None) -> list[str]:
    if faults is None:
        return ["The check of the warehouse FAILED: it could not run. Nobody knows whether the figures are right."]
    wrong = {name: count for name, count in faults.items() if count}
    if not wrong:
        return ["The check of the warehouse found no mistake."]
    found = ", ".join(f"{_code(name)} {count:,}" for name, count in wrong.items())
    return [f"The check of the warehouse FOUND MISTAKES, so figures may be wrong: {found}."]


def _to_do(morning: Morning, options: str) -> list[str]:
    steps = []
    if morning.faults is None or any(morning.faults.values()):
        steps.append(("The data team looks for the cause", "cafe check"))
    if morning.figures is not None:
        steps += _figures_to_do(morning.figures)
    return [f"- {step}: {command} {options}".rstrip() for step, command in steps] or ["- Nothing."]


def _figures_to_do(figures: Figures) -> Iterable[tuple[str, str]]:
    """Yield who does what, and the command that shows more."""
    missing = [cafe.cafe for cafe in figures.cafes if cafe.is_expected and not cafe.is_in]
    if missing:
        yield f"Ask {_names(missing)} for the file. In case it was sent and lost", "cafe reconcile --dry-run"
    outcomes = {refused.outcome for refused in figures.files}
    rejected = (refused.sender for refused in figures.files if refused.outcome not in (HELD, FAILED))
    senders = {*rejected, *(refused.sender for refused in figures.rows)}
    if senders:
        who = _names(sorted(map(_sender, senders)))
        yield f"What was refused from {who} must be fixed and sent again. What to fix in each row", "cafe rejects"
    if HELD in outcomes:
        yield "Head office decides about what is held. The files, and what to type", "cafe status"
    if FAILED in outcomes:
        yield "The data team decides about what failed. The files, and what to type", "cafe status"


# --- words


def _compared(cafes: Iterable[CafeDay]) -> list[CafeDay]:
    """Pick the cafés that are in and sell on this weekday. A share of nothing, or of a refund, says nothing."""
    return [cafe for cafe in cafes if cafe.is_in and cafe.is_expected and cafe.usual_pence > 0]


def _sums(cafes: Iterable[CafeDay]) -> tuple[int, int]:
    return sum(cafe.pence for cafe in cafes), sum(cafe.usual_pence for cafe in cafes)


def _change(pence: int, usual: int) -> float:
    return (pence - usual) * 100 / usual


def _compare(change: float) -> str:
    change = round(change, 1)
    if not change:
        return "as much as"
    return f"{abs(change):,.1f} % {'more' if change > 0 else 'less'} than"


def _describe(cafe: CafeDay) -> str:
    return f"{escape(cafe.cafe)}, {_pounds(cafe.pence)}, {_compare(cafe.change)} usual"


def _outcome(refused: RefusedFiles) -> str:
    return f"{'is' if refused.files == 1 else 'are'} held" if refused.outcome == HELD else escape(refused.outcome)


def _sender(sender: str) -> str:
    if sender == HEAD_OFFICE:
        return "head office"
    return escape(sender) or "an unknown sender"


def _names(names: Sequence[str]) -> str:
    shown = [escape(name) for name in names[:NAMES_SHOWN]]
    more = len(names) - len(shown)
    *most, last = [*shown, f"{more:,} more"] if more else shown
    return f"{', '.join(most)} and {last}" if most else last


def _code(code: str) -> str:
    """Write the code of a rule, a reason or a check as words."""
    return escape(code).replace("_", " ")


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"
