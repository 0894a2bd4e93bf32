"""What the checks of the warehouse found, how old that knowledge is, and when it is too old. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cafe.answers.wording import counted, format_span, typed
from cafe.warehouse.checks import CheckRun
from load.check_rules import Check

# On AWS a query has woken the warehouse anyway, and a minute of it is billed: checks, which take seconds, add little.
# But anyone who looks every minute should not wait for them each time. The schedule's own two runs a day are up to 15
# hours apart, which is too long to call anything healthy.
TOO_OLD = timedelta(minutes=15)
# The local warehouse costs nothing.
TOO_OLD_LOCALLY = timedelta(minutes=1)
_CHECKS = {str(check): check for check in Check}
UNKNOWN_PROBLEM = "This check belongs to another version of the pipeline."
UNKNOWN_REMEDY = "Deploy the version that you have, and look again: cafe check"


def is_too_old(run: CheckRun | None, now: datetime, *, is_local: bool) -> bool:
    """Whether the checks must run again before anybody may say that all is well.

    What was found may be repaired by now, and a file that came since was not checked.
    """
    if run is None or run.found or run.files_since:
        return True
    return now - run.checked_at > (TOO_OLD_LOCALLY if is_local else TOO_OLD)


def describe_run(run: CheckRun, now: datetime) -> str:
    """Say what the checks found and when: 19 checks found nothing, 4 min ago; 2 files have come since."""
    what = f"{len(run.found)} of {counted(run.checks, 'check')} found faulty rows" if run.found else ""
    what = what or f"{counted(run.checks, 'check')} found nothing"
    age = (now - run.checked_at).total_seconds()
    when = f"{format_span(age)} ago" if age >= 1 else "now"
    since = f"; {counted(run.files_since, 'file')} recorded since" if run.files_since else ""
    return f"{what}, {when}{since}"


def problem_of(check: str) -> str:
    """Return a sentence about the rows that a check finds."""
    return _CHECKS[check].problem if check in _CHECKS else UNKNOWN_PROBLEM


def remedy_of(check: str, samples: Sequence[Mapping[str, str]] = ()) -> str:
    """Return what to do about a check that found rows, with the command. ``samples`` are the first of the rows.

    Of two files that disagree, the command has the keys. Of several pairs it has none: a person picks one of each pair.
    """
    if check not in _CHECKS:
        return UNKNOWN_REMEDY
    remedy = _CHECKS[check].remedy.replace("CHECK", check)
    if len(samples) != 1 or "other_key" not in samples[0]:
        return remedy
    keys = [typed(samples[0][name]) for name in ("key", "other_key")]
    return remedy.replace("cafe retract KEY", " or ".join(f"cafe retract {key}" for key in keys))


def not_run(faults: Mapping[str, int]) -> list[str]:
    """List the checks that did not run, because a mart that they read is missing or was replaced."""
    return sorted(_CHECKS.keys() - faults.keys())
