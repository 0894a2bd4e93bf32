"""The entry point `cafe`: start the command line or, if a package of it is damaged, say what to do.

It imports only the standard library, so that it starts in any environment.
"""

import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

EXIT_UNHEALTHY, EXIT_ERROR = 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. If it cannot be imported, `cafe doctor` still answers, in plain text."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        from cafe.cli import main as run
    except Exception as error:  # noqa: BLE001  a half-installed package may raise anything
        sys.exit(_without_the_command_line(error, arguments))
    run()


def _without_the_command_line(error: Exception, arguments: Sequence[str]) -> int:
    from cafe.answers.doctor import REINSTALL, is_ready, plain_lines, run_checks
    from cafe.answers.machine import checks

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A mark that the terminal cannot show must not hide the answer.
            stream.reconfigure(errors="replace")
    if "doctor" in arguments:
        findings = run_checks(checks("local"))
        sys.stdout.write("\n".join(plain_lines(findings)) + "\n")
        return 0 if is_ready(findings) else EXIT_UNHEALTHY
    reason = traceback.format_exception_only(error)[-1].strip()
    sys.stderr.write(f"error: The command line is damaged: {reason}\n{REINSTALL}, or see what else: cafe doctor\n")
    return EXIT_ERROR
