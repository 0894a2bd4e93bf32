"""`cafe generate`: write invented branch files that look like real ones, in every dialect."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cafe.answers.wording import counted
from cafe.errors import CafeError, Misused
from cafe.generate import samples
from cafe.generate.dialects import NAMED_DIALECTS, Dialect, Feed, NamedDialect
from cafe.generate.history import BranchDay, plan, yesterday
from cafe.generate.writing import Advance, Written, fault_plan, write_file, write_folder
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, JsonOption, help_text
from cafe.terminal.presentation import err, out, plain, say

ONE_FILE = (".csv", ".csv.gz")

HELP = help_text(
    """
    Write invented branch files with realistic menus, prices, opening hours, busy hours and repeated baskets.

    OUT is a folder, or one file if it ends in .csv or .csv.gz. A folder gets one file for each café and day, in
    folders [bold]year/month/day[/], ready for [bold]cafe drop[/]. A single file has the days of all cafés, one after
    another. All customers are invented, and no card number can be real.

    The last day is yesterday, so that the files are what cafés would send now: `cafe status` finds none of them late.
    With [bold]--until[/], the same options write the same bytes on any day and any machine (a .gz file: the same bytes
    after unpacking).

    Without [bold]--rows[/], each café sells as much as usual, 185 to 540 orders a day. With it, there are exactly that
    many orders in all: spread evenly if [bold]--days[/] is given too, otherwise over as many days as the cafés need.
    """,
    examples={
        "cafe generate tonight": "one night of 18 cafés",
        "cafe generate --days 90 --branches 5 spring": "three months of five cafés: 450 files",
        "cafe generate --rows 300 --branches 1 --days 1 --dialect excel one": "one file of 300 rows that Excel saved",
        "cafe generate --rows 1000000 million.csv": "a long history in one file",
        "cafe generate --samples last-night": "the night of the demo, with all that goes wrong with files",
        "cafe generate --samples --until 2026-11-20 --force samples/night": "write the project's samples again",
    },
    exit_codes={EXIT_OK: "the files are written"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate", help=HELP)(generate)


def generate(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A folder; or one file, *.csv or *.csv.gz.")],
    rows: Annotated[int | None, typer.Option(min=1, metavar="N", help="Orders in all.")] = None,
    branches: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Cafés.  [dim]default: 18, or 1 on feed a[/]")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Days.  [dim]default: 1, or as needed[/]")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", show_default="yesterday, in UTC", help="The last day."),
    ] = None,
    feed: Annotated[Feed, typer.Option(help="a is the older till, b the newer one.")] = Feed.B,
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help=f"What happened to the files: {', '.join(NAMED_DIALECTS)}.")
    ] = "genuine",
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Shuffle the orders of each file.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed gives other orders.")] = 1,
    night: Annotated[bool, typer.Option("--samples", help="Write the night of the demo instead.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that is not empty; replace a file.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write invented branch files and show their totals."""
    _refuse_to_overwrite(target, force=force)
    last_day = until.date() if until else yesterday(datetime.now(UTC))
    if night:
        if any((rows, branches, days, shuffle)) or (feed, dialect, seed) != (Feed.B, "genuine", 1):
            raise Misused(
                "The samples are always the same sales.", "Leave out --samples, or all options but --until and --force."
            )
        if target.name.endswith(ONE_FILE):
            raise Misused("The samples are many files.", "Name a folder.")
        seed = samples.SEED
        with _progress(samples.ORDERS) as advance:
            written = samples.write_night(target, last_day, advance)
    else:
        named = _named(dialect)
        printed = _printed(named, feed, compressed=target.name.endswith(".gz"), shuffled=shuffle)
        branch_days = _planned(feed, seed, branches or (1 if feed is Feed.A else 18), days, rows, last_day)
        write = write_file if target.name.endswith(ONE_FILE) else write_folder
        with _progress(sum(branch_day.orders for branch_day in branch_days)) as advance:
            faults = fault_plan(named.fault_every)
            written = write(branch_days, printed, target, seed=seed, faults=faults, advance=advance)
    _show(written, target, last_day, seed, as_json=as_json)


def _refuse_to_overwrite(target: Path, *, force: bool) -> None:
    if target.is_dir() and target.name.endswith(ONE_FILE):
        raise Misused(f"{target} is a folder, but its name is that of a file.", "Choose another name.")
    if target.is_file() and not target.name.endswith(ONE_FILE):
        raise Misused(
            f"{target} is a file, but its name is that of a folder.", "The name of a file must end in .csv or .csv.gz."
        )
    if force or not target.exists():
        return
    if target.is_file() or any(target.iterdir()):
        raise CafeError(
            f"{target} exists already and is not empty.", "Choose another name, or overwrite it with --force."
        )


def _named(dialect: str) -> NamedDialect:
    if dialect in NAMED_DIALECTS:
        return NAMED_DIALECTS[dialect]
    known = "\n".join(f"  {name:14} {named.about}" for name, named in NAMED_DIALECTS.items())
    raise Misused(f"There is no dialect {dialect}. The dialects are:", output=known)


def _printed(named: NamedDialect, feed: Feed, *, compressed: bool, shuffled: bool) -> Dialect:
    try:
        printed = named.on_feed(feed)
    except ValueError as error:
        raise Misused(f"Feed {feed} does not have that dialect: {error}.", "Leave out --feed, or --dialect.") from error
    return replace(printed, gzip=printed.gzip or compressed, shuffled=shuffled)


def _planned(
    feed: Feed, seed: int, branches: int, days: int | None, rows: int | None, until: date
) -> tuple[BranchDay, ...]:
    try:
        return plan(feed=feed, seed=seed, branches=branches, days=days, orders=rows, until=until)
    except ValueError as error:
        raise CafeError(f"These files cannot be written: {error}.") from error


@contextmanager
def _progress(orders: int) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = err()
    with Progress(
        *columns,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("writing orders", total=orders)
        yield lambda count: progress.advance(task, count)


def _show(written: Written, target: Path, last_day: date, seed: int, *, as_json: bool) -> None:
    if as_json:
        write_json({"path": str(target)} | asdict(written) | {"last_day": last_day, "seed": seed})
        return
    broken = f", {written.broken_rows:,} of them broken on purpose" if written.broken_rows else ""
    pounds = f"£{written.pence // 100:,}.{written.pence % 100:02d}"
    files = f"{counted(written.files, 'file')}, {counted(written.bytes, 'byte')}"
    orders = f"{counted(written.rows, 'order')}{broken}, {pounds} to load"
    say(out(), plain(f"{files}: {orders}; up to {last_day:%-d %B %Y}; seed {seed}"))
