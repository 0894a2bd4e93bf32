"""`cafe up`, `cafe down`, `cafe reset`, and `cafe migrate`: the local stack, and the warehouse's tables."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from cafe.errors import CafeError
from cafe.terminal.options import INTERRUPTED, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import err, plain, remark, write_json

UP_HELP = teach(
    """
    Bring the local stack up: the real template, built and deployed into an AWS emulator, before a real PostgreSQL.

    It listens on this machine alone, on free ports, and runs until `cafe down`. When it is up already, what has
    changed in the sources is built and deployed; when nothing has, nothing happens.

    `cafe down` keeps the warehouse; the emulator's buckets and queues are empty after each `up`.
    """,
    examples={
        "cafe up": "from nothing to ready, with the seconds that each step took",
        "cafe up --json": "where everything listens, for a script",
        "cafe up --parameter VisibilityTimeoutSeconds=10": "failed messages are tried again after ten seconds",
    },
    exit_codes={SUCCESS: "the stack is up"},
)
DOWN_HELP = teach(
    """
    Stop the local stack, and whatever a crash left of it. The warehouse's data stay.
    """,
    examples={"cafe down": "stop everything that `cafe up` started"},
    exit_codes={SUCCESS: "nothing runs"},
)
RESET_HELP = teach(
    """
    Bring the local stack up empty: stop it, forget the warehouse, start it.
    """,
    examples={"cafe reset": "begin anew"},
    exit_codes={SUCCESS: "the stack is up"},
)
MIGRATE_HELP = teach(
    """
    Bring the warehouse's tables up to date. Both `make deploy` and `cafe up` do this; doing it twice does no harm.
    """,
    examples={"cafe migrate --env prod": "after `sam deploy` by hand"},
    exit_codes={SUCCESS: "the tables are up to date"},
)

ParametersOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="A parameter of template.yaml; may be given repeatedly."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up", help=UP_HELP)(up)
    app.command("down", help=DOWN_HELP)(down)
    app.command("reset", help=RESET_HELP)(reset)
    app.command("migrate", help=MIGRATE_HELP)(migrate)


def up(parameter: ParametersOption = None, as_json: JsonOption = False) -> None:
    """Bring the local stack up."""
    _bring_up(parameter, as_json, anew=False)


def reset(parameter: ParametersOption = None, as_json: JsonOption = False) -> None:
    """Bring the local stack up empty."""
    _bring_up(parameter, as_json, anew=True)


def down(as_json: JsonOption = False) -> None:
    """Stop the local stack."""
    from cafe.local import stack

    stopped = stack.down()
    if as_json:
        write_json({"stopped": stopped})
    else:
        remark(f"Stopped: {', '.join(sorted(stopped))}." if stopped else "Nothing was running.")


def migrate(env: EnvironmentOption = "local") -> None:
    """Invoke load to migrate the warehouse."""
    from cafe.deployed.environment import open_environment
    from cafe.deployed.load_function import ask_load

    ask_load(open_environment(env), "migrate")
    remark("The warehouse's tables are up to date.", "dim")


@contextmanager
def show_step(name: str) -> Iterator[None]:
    """Show a step while it goes on, and the seconds it took when it is done."""
    console = err()
    start = time.monotonic()
    with console.status(plain(f"{name} …")):
        yield
    console.print(plain(f"✓ {name:<52}{time.monotonic() - start:6.1f} s"), highlight=False)


def _bring_up(parameters: list[str] | None, as_json: bool, *, anew: bool) -> None:
    from cafe.local import stack

    steps: list[str] = []

    @contextmanager
    def progress(name: str) -> Iterator[None]:
        steps.append(name)
        with show_step(name):
            yield

    start = time.monotonic()
    bring_up = stack.reset if anew else stack.up
    try:
        facts = bring_up(progress, _parse_parameters(parameters or []))
    except KeyboardInterrupt:
        remark("Interrupted: what was started is stopped.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        write_json(asdict(facts))
    elif steps:
        remark(f"The stack is up, after {time.monotonic() - start:.1f} s. Try: cafe drop samples/night --wait", "green")
    else:
        remark("The stack is up already, and nothing has changed since it was deployed.")


def _parse_parameters(pairs: list[str]) -> dict[str, str]:
    parameters = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign):
            raise CafeError(
                f"The parameter {pair!r} is not NAME=VALUE.", "Write for example: --parameter MaxReceiveCount=3"
            )
        parameters[name] = value
    return parameters
