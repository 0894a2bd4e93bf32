"""The envelope of every JSON answer: which command, about which environment and workspace, when, its data or its error.

docs/json.md describes the envelope and the data of each command. A test compares that page with real answers.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, cast

import typer
from typer.exceptions import TyperException

from cafe.deployed.environment import LOCAL
from cafe.errors import CafeError
from cafe.local.layout import checkout

# A field may be added within a version. One that is removed, renamed or of another type needs the next version.
JSON_VERSION = 1
JSON_OPTION = "--json"

_command: ContextVar[typer.Context | None] = ContextVar("command", default=None)


def remember_json(ctx: typer.Context, is_asked: bool) -> bool:
    """Remember the command that was given --json: the callback of that option."""
    if is_asked:
        _command.set(ctx)
    return is_asked


def forget_json() -> None:
    """Forget the command before: a process may run several, as the tests do."""
    _command.set(None)


def remember_misused_command(error: TyperException, arguments: list[str]) -> None:
    """Remember the command of an error in its own arguments, which came up before its --json was read."""
    context = getattr(error, "ctx", None)
    if context is None or JSON_OPTION not in arguments:
        return
    if any(JSON_OPTION in getattr(parameter, "opts", ()) for parameter in context.command.params):
        _command.set(context)


def is_json_asked() -> bool:
    """Whether the command that runs was given --json."""
    return _command.get() is not None


def answer(data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Put a command's data into the envelope. Only a command that was given --json has one."""
    return _head(now) | {"data": data}


def refusal(error: CafeError, now: datetime) -> dict[str, Any]:
    """Put an error into the envelope."""
    return _head(now) | {"error": describe(error)}


def describe(error: CafeError) -> dict[str, str]:
    """Return an error's fields. ``code`` is for scripts, the others are for people."""
    return {"code": error.code, "message": error.message, "remedy": error.remedy, "output": error.output}


def _head(now: datetime) -> dict[str, Any]:
    context = _command.get()
    if context is None:
        raise AssertionError("JSON was not asked for: the command has no option --json")
    environment = context.params.get("env")
    return {
        "cafe": _path(context),
        "version": JSON_VERSION,
        "environment": environment,
        "workspace": _workspace() if environment in (None, LOCAL) else None,
        "at": now,
    }


def _workspace() -> str | None:
    """Return the current workspace; None if the shell's variable names none, which is then the error of the answer."""
    try:
        return checkout().workspace
    except CafeError:
        return None


def _path(context: typer.Context) -> str:
    """Return the command as it is typed after `cafe`, such as "cafes list"."""
    if context.parent is None:
        return ""
    # The names of Typer's own classes are not public, so the parent is not known to be a Context.
    return f"{_path(cast(typer.Context, context.parent))} {context.info_name}".strip()
