"""`cafe dashboards preview`: the boards with the warehouse's answers, as one page that opens without a network."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cafe.commands.drop import drop_and_wait
from cafe.commands.stack import show_step
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.preview.page import Sources, answer_boards, write_page
from cafe.deployed.environment import LOCAL, Environment, open_environment
from cafe.deployed.load_function import ask_load
from cafe.errors import CafeError
from cafe.generate.season import DAYS, SEED, season
from cafe.generate.writing import write_branch_files
from cafe.local import stack
from cafe.local.layout import checkout
from cafe.sending.uploads import plan_drop
from cafe.terminal.options import INTERRUPTED, SUCCESS, EnvironmentOption, teach
from cafe.terminal.presentation import out, plain, progress_bar, remark
from cafe.warehouse.sql import statement

PAGE = Path(".cafe") / "dashboards.html"
DRAIN_TIMEOUT_SECONDS = 600.0
OF_LOCAL = "The figures are invented: the local pipeline loaded them, and PostgreSQL and the emulator stand for AWS."
OF_AWS = "The figures are those of the environment {name}."

HELP = teach(
    """
    Draw the committed boards with Grafana's own components and the warehouse's answers.

    The answer is one HTML file that needs no network: with every board, every café, and three periods to switch
    between. It is no Grafana, and cannot prove what a Grafana server does; it shows what people will see.

    With [bold]--fill[/], the local stack is brought up if it is not, and gets 90 days of 19 invented cafés up to
    yesterday through the whole pipeline, if it has not got them: a café that is missing, rows that are refused, prices
    that rise. That takes about a minute, once a day.

    [bold]make preview[/] installs what is needed, and does all this.
    """,
    examples={
        "make preview": "from nothing to the page",
        "cafe dashboards preview": "the page of what the warehouse holds now",
        "cafe dashboards preview --out boards.html --env dev": "the same from a deployed stack, to send to somebody",
    },
    exit_codes={SUCCESS: "the page is written"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview", help=HELP)(make_preview)


def make_preview(
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The page.", show_default=str(PAGE))
    ] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Bring the local stack up, with 90 days of sales.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Show the page in the browser, if there is one.")] = False,
    env: EnvironmentOption = "local",
) -> None:
    """Write the page."""
    page = (target or checkout().root / PAGE).resolve()
    try:
        if fill:
            _fill(env)
        size = _write(open_environment(env), page)
    except KeyboardInterrupt:
        remark("Interrupted: no page was written; the stack is left as it is.")
        raise typer.Exit(INTERRUPTED) from None
    out().print(plain(f"{page}  ({size / 1e6:.1f} MB)"), soft_wrap=True)
    if show:
        _open(page)


def _fill(env: str) -> None:
    """Bring the local stack up, and give it a season up to yesterday unless it has one."""
    if env != LOCAL:
        raise CafeError("--fill invents sales.", "It is for the local stack alone: leave out --env.")
    stack.up(show_step)
    environment = open_environment(LOCAL)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    first = yesterday - timedelta(days=DAYS)
    (sales,) = environment.warehouse().query(statement("days_with_sales"), {"first": str(first)}).as_dicts()
    if sales["newest"] == yesterday and int(str(sales["days"])) >= DAYS:
        remark(f"The warehouse has the last {DAYS} days already.", "dim")
        return
    with TemporaryDirectory(prefix="cafe-season-") as folder:
        with show_step(f"Invent {DAYS} days of 19 cafés"):
            write_branch_files(season(yesterday), Path(folder), seed=SEED)
        plan = plan_drop([Path(folder)])
        with show_step(f"Drop {len(plan.arrivals)} branch files and let the queues drain"):
            dropped, outcomes = drop_and_wait(environment, plan, DRAIN_TIMEOUT_SECONDS)
    # As its schedule does morning and night: its findings are metrics.
    ask_load(environment, "check")
    if waiting := len(dropped) - len(outcomes):
        raise CafeError(
            f"{waiting} of {len(dropped)} files have no outcome after {DRAIN_TIMEOUT_SECONDS:g} s.",
            "`cafe status` tells where they are.",
        )


def _write(environment: Environment, page: Path) -> int:
    root = checkout().root
    boards = read_boards(root / FOLDER)
    sources = Sources(environment.warehouse, environment.client("cloudwatch"))
    source = OF_LOCAL if environment.is_local else OF_AWS.format(name=environment.name)
    with (
        show_step(f"Answer what {len(boards)} boards ask"),
        progress_bar("asking the warehouse", 1) as (progress, task),
    ):
        given = answer_boards(
            boards,
            sources,
            datetime.now(UTC),
            source,
            advance=lambda done, total: progress.update(task, completed=done, total=total),
        )
    with show_step("Bundle the page"):
        return write_page(given, root, page)


def _open(page: Path) -> None:
    """Show the page, where there is a way to; what it says or how it ends does not matter to us."""
    if opener := shutil.which("xdg-open"):
        subprocess.Popen([opener, page.as_uri()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
