"""Is this machine ready for the project? Each check gives findings, and each finding that is not well what to do.

It imports nothing but the standard library: a check imports what it needs itself, so that a damaged package spoils one
check and not the answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How well something is. A warning means that a part of the project does not work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, by its topic. ``remedy`` is "" only if all is well."""

    topic: str
    state: State
    summary: str
    remedy: str = ""


# A topic, and the check that looks at it.
type Check = tuple[str, Callable[[], Iterable[Finding]]]

REINSTALL = "Install again: rm -rf .venv && make install"
MARKS = {State.OK: "✓", State.WARNING: "!", State.PROBLEM: "✗"}


def ok(topic: str, summary: str) -> Finding:
    """Return a finding that needs nobody."""
    return Finding(topic, State.OK, summary)


def warning(topic: str, summary: str, remedy: str) -> Finding:
    """Return a finding without which a part of the project does not work."""
    return Finding(topic, State.WARNING, summary, remedy)


def problem(topic: str, summary: str, remedy: str) -> Finding:
    """Return a finding without which the local stack or the tests do not work."""
    return Finding(topic, State.PROBLEM, summary, remedy)


def run_checks(checks: Iterable[Check]) -> list[Finding]:
    """Run each check. One that fails is a finding itself, and does not keep the others from running."""
    findings: list[Finding] = []
    for topic, check in checks:
        try:
            findings += check()
        except Exception as error:  # noqa: BLE001  whatever is broken here is what the person wants to know
            reason = " ".join(str(error).split()) or "no reason given"
            findings.append(problem(topic, f"cannot be looked at: {type(error).__name__}: {reason}", REINSTALL))
    return findings


def is_ready(findings: Iterable[Finding]) -> bool:
    """Whether there is no problem. Warnings are allowed."""
    return not any(finding.state is State.PROBLEM for finding in findings)


def verdict(findings: Iterable[Finding]) -> str:
    """Say in one line how the machine is."""
    states = [finding.state for finding in findings]
    problems, warnings = states.count(State.PROBLEM), states.count(State.WARNING)
    counts = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}"
        for count, name in ((problems, "problem"), (warnings, "warning"))
        if count
    )
    return f"{'Not ready' if problems else 'Ready'}: {counts or 'all is well'}"


def plain_lines(findings: Iterable[Finding]) -> list[str]:
    """Write findings as lines of plain text: what `cafe doctor` shows if the command line itself is damaged."""
    findings = list(findings)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.state]} {finding.topic:<12}{finding.summary}")
        if finding.remedy:
            lines.append(f"  {'':<12}{finding.remedy}")
    return [*lines, verdict(findings)]
