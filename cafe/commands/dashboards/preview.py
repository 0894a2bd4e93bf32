"""`cafe dashboards preview`: draw the dashboards with data from the warehouse, on one page that needs no network."""

import shutil
import subprocess
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.preview.page import Sources, answer_boards, require_page, write_page
from cafe.deployed.environment import LOCAL, Environment, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError, Misused
from cafe.generate.history import yesterday
from cafe.generate.season import DAYS, SEED, season
from cafe.generate.writing import write_branch_files
from cafe.local import stack
from cafe.local.layout import DEMO, PREVIEW, checkout, filling
from cafe.local.state import running_stack
from cafe.sending.uploads import plan_drop
from cafe.terminal.drops import DropInterrupted, drop_and_wait
from cafe.terminal.options import EXIT_INTERRUPTED, EXIT_OK, EnvironmentOption, help_text
from cafe.terminal.presentation import out, plain, progress_bar, remark
from cafe.terminal.steps import show_step

DRAIN_TIMEOUT_SECONDS = 600.0
OF_INVENTED = "The figures are invented. The local pipeline loaded them; PostgreSQL and the emulator replace AWS."
OF_LOCAL = "The figures come from the local workspace {name}; PostgreSQL and the emulator replace AWS."
OF_AWS = "The figures come from the environment {name}."

HELP = help_text(
    """
    Draw the committed dashboards with Grafana's own components and data from the warehouse.

    The result is one HTML file that needs no network. It has every dashboard, every café, and three periods to choose
    from. It shows what people will see, but it is not Grafana and cannot prove what a Grafana server does.

    With [bold]--fill[/], the figures are invented. They have a workspace of their own, [bold]preview[/], so they never
    meet your data. Its stack is started if needed, and keeps running. If it does not have them yet, 90 days of 19
    cafés, up to yesterday, are sent through the whole pipeline, with a missing café, rejected rows and rising prices.
    That takes about a minute, once a day.

    The queries may read the marts and nothing else, as Grafana's may. On AWS they run as your own IAM identity, which
    needs the tag [bold]RedshiftDbRoles=mart_reader[/], as Grafana's role has it.

    [bold]make preview[/] installs what is needed, and does all of this.
    """,
    examples={
        "make preview": "everything, from the installation to the page",
        "cafe dashboards preview": "the page, with what is in your warehouse now",
        "cafe dashboards preview --out boards.html --env dev": "with data from AWS, to send to others",
    },
    exit_codes={EXIT_OK: "the page is written"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview", help=HELP)(make_preview)


def make_preview(
    target: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Where to write the page.", show_default="in the workspace's folder"
        ),
    ] = None,
    fill: Annotated[
        bool, typer.Option("--fill", help="Fill the workspace [bold]preview[/] with 90 days of sales.")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser, if there is one.")] = False,
    env: EnvironmentOption = "local",
) -> None:
    """Write the page."""
    if fill and env != LOCAL:
        raise Misused("--fill invents sales, so it works only on the local stack.", "Leave out --env.")
    with filling(PREVIEW) if fill else nullcontext():
        page = (target or checkout().page).resolve()
        try:
            if fill:
                with stack.reserved(checkout()):
                    _fill()
            size = _write(open_environment(env), page)
        except KeyboardInterrupt as interrupt:
            if isinstance(interrupt, DropInterrupted):
                remark(interrupt.described())
            remark(f"No page was written. The stack is {'down' if running_stack() is None else 'running'}.")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        out().print(plain(f"{page}  ({size / 1e6:.1f} MB)"), soft_wrap=True)
        if fill:
            remark(f"The stack of the workspace {PREVIEW} keeps running. To stop it, type: cafe down", "dim")
    if show:
        _open(page)


def _fill() -> None:
    """Start the local stack, and give it 90 days of sales up to yesterday unless it has them."""
    stack.up(show_step)
    environment = open_environment(LOCAL)
    last_day = yesterday(datetime.now(UTC))
    # Written when all outcomes are there, so a fill that was interrupted is done again. A reset deletes it, too.
    filled = checkout().warehouse / "filled-until"
    if filled.exists() and filled.read_text(encoding="utf-8") == str(last_day):
        remark(f"The warehouse has the last {DAYS} days already.", "dim")
        return
    with TemporaryDirectory(dir=checkout().run, prefix="season-") as folder:
        with show_step(f"Invent {DAYS} days of 19 cafés"):
            write_branch_files(season(last_day), Path(folder), seed=SEED)
        plan = plan_drop([Path(folder)])
        with show_step(f"Drop {counted(len(plan.uploads), 'branch file')} and let the queues drain"):
            dropped, outcomes = drop_and_wait(environment, plan, DRAIN_TIMEOUT_SECONDS)
    # The schedule does the same twice a day: the findings become metrics that a board shows.
    invoke_load(environment, "check")
    if waiting := len(dropped) - len(outcomes):
        raise CafeError(
            f"No outcome of {waiting} of {counted(len(dropped), 'file')} after {DRAIN_TIMEOUT_SECONDS:g} s.",
            "`cafe status` shows where they are.",
        )
    filled.write_text(str(last_day), encoding="utf-8")


def _write(environment: Environment, page: Path) -> int:
    root = checkout().root
    require_page(root, page)
    boards = read_boards(root / FOLDER)
    source = _source(environment)
    with (
        show_step(f"Run the queries of {counted(len(boards), 'dashboard')}"),
        environment.mart_reader() as open_warehouse,
        progress_bar("querying the warehouse", 1) as (progress, task),
    ):
        sources = Sources(open_warehouse, environment.client("cloudwatch"), environment.metrics_namespace)
        given = answer_boards(
            boards,
            sources,
            datetime.now(UTC),
            source,
            advance=lambda done, total: progress.update(task, completed=done, total=total),
        )
    with show_step("Bundle the page"):
        return write_page(given, root, page)


def _source(environment: Environment) -> str:
    """Say where the figures come from."""
    workspace = checkout().workspace
    if not environment.is_local:
        return OF_AWS.format(name=environment.name)
    return OF_INVENTED if workspace in (DEMO, PREVIEW) else OF_LOCAL.format(name=workspace)


def _open(page: Path) -> None:
    """Open the page with the desktop's own program, if there is one; its output and exit code do not matter."""
    if opener := shutil.which("xdg-open"):
        subprocess.Popen([opener, page.as_uri()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
