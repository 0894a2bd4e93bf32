"""How a command ends: its exit code, and what is shown of an error that was expected."""

from collections.abc import Callable
from contextlib import suppress

import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer.exceptions import Abort, TyperException

from cafe.errors import CafeError, explain_aws_error, explain_os_error
from cafe.terminal.documents import write_exactly
from cafe.terminal.envelope import remember_misused_command
from cafe.terminal.options import EXIT_ERROR, EXIT_NO_READER, EXIT_OK, EXIT_UNHEALTHY
from cafe.terminal.presentation import remark, show_error
from cafe.terminal.streams import drop_output, open_missing_streams, output_failure
from cafe.terminal.usage import explain_usage

# Where the parser's context keeps what was typed.
ARGUMENTS = "cafe.arguments"


def end_of(command: Callable[[], object]) -> int:
    """Run a command to its exit code. Expected errors are shown without a traceback.

    If nobody reads the output any longer, as in `cafe rejects | head -1`, the command ends without a message.
    """
    open_missing_streams()
    problem: OSError | None = None
    try:
        code = exit_code(command)
    except OSError as error:
        code, problem = EXIT_ERROR, error
    except SystemExit as end:
        # The parser ends the program itself when a pipe breaks.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        code, problem = EXIT_ERROR, end.__context__
    failure = output_failure(problem)
    if failure:
        drop_output()
    if isinstance(failure, BrokenPipeError):
        return EXIT_NO_READER
    # Standard error may be what cannot be written.
    with suppress(OSError):
        if failure:
            show_error(CafeError("The output cannot be written.", explain_os_error(failure).message))
        elif problem:
            show_error(explain_os_error(problem))
    return EXIT_ERROR if failure else code


def exit_code(command: Callable[[], object]) -> int:
    """Run a command, show its errors, and return its exit code. Raises OSError, which may be of the output."""
    try:
        code = command()
    except CafeError as error:
        show_error(error)
    except (BotoCoreError, ClientError) as error:
        show_error(explain_aws_error(error))
    except TyperException as error:
        _show_usage(error)
    except Abort:
        remark("There was no answer, so nothing was done.", "yellow")
        return EXIT_UNHEALTHY
    except typer.Exit as end:
        return end.exit_code
    else:
        return code if isinstance(code, int) else EXIT_OK
    return EXIT_ERROR


def _show_usage(error: TyperException) -> None:
    """Show what is wrong with the arguments or, if a group was called without any, the group's help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        write_exactly(error.message)
    else:
        context = getattr(error, "ctx", None)
        remember_misused_command(error, context.meta.get(ARGUMENTS, []) if context else [])
        show_error(explain_usage(error))
