"""`cafe up`, `cafe down`, `cafe reset`, and `cafe migrate`: the local stack, and the warehouse's tables."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from cafe.terminal.documents import write_json
from cafe.terminal.options import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNHEALTHY,
    EnvironmentOption,
    JsonOption,
    ParametersOption,
    help_text,
    parse_parameters,
)
from cafe.terminal.presentation import remark
from cafe.terminal.steps import show_step

UP_HELP = help_text(
    """
    Start the local stack: the real template, built and deployed to an AWS emulator, with a real PostgreSQL.

    It listens on this machine only, on free ports, and runs until `cafe down`. If it is running already, sources that
    have changed are built and deployed; if none has, nothing happens.

    [bold]cafe --workspace NAME up[/] starts another stack beside it, with data and ports of its own: see
    [bold]cafe workspaces[/].

    `cafe down` keeps the data in the warehouse. The emulator's buckets and queues are empty after each start.

    After [bold]sam delete[/], everything is started and deployed again. The deleted stack has kept its buckets and its
    secrets, as on AWS, where a new stack is refused until a person deletes or imports them. Here they are discarded,
    unless [bold]cafe adopt[/] imports them first. The warehouse keeps its data.
    """,
    examples={
        "cafe up": "start everything, and show how long each step took",
        "cafe up --json": "the addresses of everything, for a script",
        "cafe up --parameter LoadVisibilityTimeoutSeconds=10": "let load retry failed messages after ten seconds",
    },
    exit_codes={EXIT_OK: "the stack is running"},
)
DOWN_HELP = help_text(
    """
    Stop the local stack, and anything that a crash left running. The data in the warehouse is kept.
    """,
    examples={"cafe down": "stop everything that `cafe up` started"},
    exit_codes={EXIT_OK: "nothing is running"},
)
RESET_HELP = help_text(
    """
    Start an empty local stack: stop it, delete its warehouse, and start it again.

    If the stack holds anything, it says how much, and asks first. Other workspaces are not touched.
    """,
    examples={
        "cafe reset": "say what would be deleted, ask, and start with an empty stack",
        "cafe reset --yes": "do not ask, for a script",
    },
    exit_codes={EXIT_OK: "the stack is running", EXIT_UNHEALTHY: "you answered no, and nothing was deleted"},
)
MIGRATE_HELP = help_text(
    """
    Bring the warehouse's tables and views up to date. `make deploy` and `cafe up` do this too; it does no harm to
    repeat it. A view that somebody dropped or replaced is created again.

    Then the checks run once, so that the warehouse knows their queries before the schedule runs them. What they find is
    shown, and does not undo the migration.
    """,
    examples={"cafe migrate --env prod": "after a manual `sam deploy`"},
    exit_codes={EXIT_OK: "the tables are up to date, whatever the checks found"},
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up", help=UP_HELP)(up)
    app.command("down", help=DOWN_HELP)(down)
    app.command("reset", help=RESET_HELP)(reset)
    app.command("migrate", help=MIGRATE_HELP)(migrate)


def up(parameter: ParametersOption = None, as_json: JsonOption = False) -> None:
    """Start the local stack."""
    _bring_up(_chosen(parameter), as_json, empty=False)


def reset(
    parameter: ParametersOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start an empty local stack."""
    from cafe.local import stack
    from cafe.local.layout import checkout
    from cafe.terminal.deletion import confirm_deletion

    parameters = _chosen(parameter)
    layout = checkout()
    # What an earlier version left must be counted, and is deleted too.
    stack.settle(layout)
    confirm_deletion(layout, stack.kept_in(layout), is_yes=yes, as_json=as_json)
    _bring_up(parameters, as_json, empty=True)


def down(as_json: JsonOption = False) -> None:
    """Stop the local stack."""
    from cafe.local import stack

    stopped = stack.down()
    if as_json:
        write_json({"stopped": stopped})
    else:
        remark(f"Stopped: {', '.join(sorted(stopped))}." if stopped else "Nothing was running.")


def migrate(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Invoke load to migrate the warehouse."""
    from cafe.deployed.environment import open_environment
    from cafe.deployed.load_function import invoke_load

    answer = invoke_load(open_environment(env), "migrate")
    remark("The warehouse's tables are up to date.", "dim")
    if restored := [f"mart.{name}" for name in answer.get("restored", [])]:
        remark(f"Created again, because they were missing or replaced: {', '.join(restored)}.", "yellow")
    faults: dict[str, int] | None = answer["faults"]
    if as_json:
        write_json(answer)
    if faults is None:
        remark("The checks after the migration could not run. To run them again: cafe check", "yellow")
    elif found := [name for name, count in sorted(faults.items()) if count]:
        remark(
            f"The migration is done, but these checks found faulty rows: {', '.join(found)}. Run: cafe check", "yellow"
        )


def _chosen(pairs: list[str] | None) -> dict[str, str]:
    """Read parameters of the template. Raises Misused for what a deploy would refuse after half a minute."""
    parameters = parse_parameters(pairs or [])
    if parameters:
        from cafe.answers.parameters import fill_in
        from cafe.deployed.template import read_template
        from cafe.local.emulator import REGION

        fill_in(read_template(), parameters, REGION)
    return parameters


def _bring_up(parameters: dict[str, str], as_json: bool, *, empty: bool) -> None:
    from cafe.local import stack
    from cafe.local.layout import checkout
    from cafe.local.state import running_stack

    steps: list[str] = []

    @contextmanager
    def progress(name: str) -> Iterator[None]:
        steps.append(name)
        with show_step(name):
            yield

    start = time.monotonic()
    bring_up = stack.reset if empty else stack.up
    try:
        facts = bring_up(progress, parameters)
    except KeyboardInterrupt:
        if running_stack() is None:
            remark("Interrupted: everything that was started is stopped.")
        else:
            remark(
                "Interrupted: the stack keeps running. It may have been deployed in part; to deploy what has changed, "
                "type: cafe up"
            )
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        write_json({"workspace": checkout().workspace, **asdict(facts)})
    elif steps:
        remark(
            f"The stack is running, after {time.monotonic() - start:.1f} s. "
            "Try: cafe generate --samples last-night && cafe drop last-night --wait",
            "green",
        )
    else:
        remark("The stack is up already, and nothing has changed since it was deployed.")
