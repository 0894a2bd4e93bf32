"""`cafe workspaces`: list the local stacks of this checkout, and remove one with its data."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from cafe.answers.wording import disk_space
from cafe.local import workspaces
from cafe.local.layout import MAIN, checked_name, checkout
from cafe.local.workspaces import Workspace
from cafe.terminal.deletion import confirm_deletion
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, table

HELP = help_text(
    """
    List the workspaces of this checkout, and remove one.

    A workspace is a local stack with a warehouse, a drop bucket and ports of its own. Write its name before the
    command: [bold]cafe --workspace tills up[/] makes it. Without a name, a command uses the workspace [bold]main[/], or
    the one that the variable CAFE_WORKSPACE names.

    Workspaces share no data, and several can run at once. `cafe demo` uses the workspace [bold]demo[/], `make preview`
    the workspace [bold]preview[/], and the benches [bold]bench[/]. So invented sales never meet your own.
    """,
    examples={
        "cafe workspaces list": "which there are, and which are running",
        "cafe --workspace tills up": "start the stack of a workspace; the first time, this makes it",
        "export CAFE_WORKSPACE=tills": "use it for every command of this shell",
        "cafe workspaces remove tills": "stop it, and delete it with its data",
    },
    exit_codes={EXIT_OK: "done", EXIT_UNHEALTHY: "you answered no"},
)
LIST_HELP = help_text(
    """
    List all workspaces: whether each is running and on which ports, its size on disk, and when it was last used.
    """,
    examples={"cafe workspaces list": "for people", "cafe workspaces list --json": "for a script"},
    exit_codes={EXIT_OK: "they are listed, if there are any"},
)
REMOVE_HELP = help_text(
    """
    Stop the stack of a workspace, and delete all its files: its warehouse, its drop bucket, its logs.

    It says how much that is, and asks first.
    """,
    examples={
        "cafe workspaces remove preview": "show what would be deleted, and ask",
        "cafe workspaces remove preview --yes": "do not ask, for a script",
    },
    exit_codes={EXIT_OK: "it is deleted", EXIT_UNHEALTHY: "you answered no"},
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="workspaces", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    group.command("list", help=LIST_HELP)(list_workspaces)
    group.command("remove", help=REMOVE_HELP)(remove)
    app.add_typer(group)


def list_workspaces(as_json: JsonOption = False) -> None:
    """List the workspaces."""
    found = workspaces.found(checkout())
    if as_json:
        write_json({"workspaces": [_answer(one) for one in found]})
        return
    if not found:
        remark(f"There is no workspace yet. `cafe up` makes the workspace {MAIN}.")
        return
    grid = table("workspace", "stack", "on disk", "ports", "last used (UTC)", right=["on disk"], prose=["ports"])
    for one in found:
        grid.add_row(
            plain(one.name, "bold" if one.stack else ""),
            plain("running", "green") if one.stack else plain("down", "dim"),
            disk_space(one.size_bytes),
            ", ".join(f"{name} {port}" for name, port in one.ports.items()),
            f"{one.last_used:%Y-%m-%d %H:%M}" if one.last_used else "never",
        )
    out().print(grid)


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a workspace.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a workspace."""
    layout = replace(checkout(), workspace=checked_name(name))
    if layout.state.is_dir():
        confirm_deletion(layout, [layout.state], is_yes=yes, as_json=as_json)
    stopped = workspaces.remove(layout)
    if as_json:
        write_json({"removed": name, "stopped": stopped})
    else:
        remark(f"The workspace {name} is deleted.")


def _answer(workspace: Workspace) -> dict[str, Any]:
    return {
        "name": workspace.name,
        "is_running": workspace.stack is not None,
        "size_bytes": workspace.size_bytes,
        "ports": workspace.ports,
        "last_used": workspace.last_used,
    }
