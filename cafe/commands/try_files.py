"""`cafe try` and `cafe dialect try`, which are one: would these files load? Row by row, without a stack."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from cafe.answers.local_files import try_upload, with_document
from cafe.answers.trial import NOT_KNOWN, Share, Trial
from cafe.answers.wording import counted
from cafe.drop_keys import branch_key, head_office_key
from cafe.sending.uploads import Upload, plan_drop, require_own_keys
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, remedy_line, say, table
from extract.dialects.catalogue import shipped
from shared.personal_text import mask_key

ROWS_SHOWN = 20
CANONICAL_ROWS_SHOWN = 200
SHARES_SHOWN = 10


def help_of(command: str) -> str:
    """Write the help of `cafe try`, under one of its two names."""
    return help_text(
        """
        Find out whether branch files would load, row by row, and load nothing. It needs no stack and no network.

        Extract and transform, the pipeline's own code, read each file in this process. Shown are: how the file is
        written, the dialect that was found, each row that would be rejected with its rule and its remedy, and the
        orders, items, days and cafés that would be loaded. It shows no text of a row but the names of cafés.

        [bold]--rows[/] shows each order too, as it would be loaded: café, time, items, total and payment. It shows no
        customer and no card, which are not read. [bold]--dialect[/] adds a document that the pipeline does not have
        yet: it is checked first, with its examples and against all other documents.

        Without a warehouse, it cannot know which orders are loaded already, whether a correction would be held, and
        which cafés are registered. It counts each café as registered.

        Files are judged as if head office sent them now. With [bold]--as CAFÉ[/], the stricter rules for a café's own
        files apply: its own rows only, none older than 60 days, and a name as its till gives.

        `cafe try` and `cafe dialect try` are one command.
        """,
        examples={
            f"{command} leeds_25-08-2021_21-00-00.csv": "one file, as head office would send it",
            f"{command} leeds_25-08-2021_21-00-00.csv --as Leeds": "the same, as the café would send it",
            f"{command} last-night": "a folder of files",
            f"{command} export.csv --dialect new.toml --rows": "each order, as a new document reads it",
            f"{command} export.csv --json": "everything, with each rejected row, for a script",
        },
        exit_codes={
            EXIT_OK: "every row would be loaded",
            EXIT_UNHEALTHY: "a row or a whole file would be rejected",
        },
    )


def register(app: typer.Typer, command: str = "cafe try") -> None:
    """Add the command, as it is typed."""
    app.command("try", help=help_of(command))(try_files)


def try_files(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE", help="Branch files, or folders of branch files.")],
    cafe: Annotated[
        str | None, typer.Option("--as", metavar="CAFÉ", help="Judge as this café's own.", show_default="head office")
    ] = None,
    dialect: Annotated[
        Path | None, typer.Option("--dialect", metavar="DOC", help="A new document of a dialect, such as new.toml.")
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Show each order as it would be loaded.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try files, and show what would become of them."""
    catalogue = with_document(dialect) if dialect else shipped()
    plan = plan_drop(paths, head_office_key if cafe is None else branch_key)
    if cafe is not None:
        require_own_keys(cafe, plan.uploads)
    for skipped in plan.skipped:
        remark(f"left out, hidden: {skipped}", "dim")
    now = datetime.now(UTC)
    trials = []
    for upload in plan.uploads:
        trial = try_upload(upload, now, catalogue, with_rows=rows)
        trials.append(trial)
        if not as_json:
            _show(upload.path, trial)
    if as_json:
        write_json(_to_json(plan.uploads, trials))
    else:
        _show_summary(trials)
    raise typer.Exit(EXIT_OK if all(trial.is_whole for trial in trials) else EXIT_UNHEALTHY)


def _to_json(uploads: Sequence[Upload], trials: Sequence[Trial]) -> dict[str, Any]:
    return {
        "would_load": all(trial.is_whole for trial in trials),
        "files": [
            {"path": mask_key(str(upload.path))}
            | asdict(trial)
            | {"lines": trial.lines._asdict(), "would_load": trial.is_whole}
            for upload, trial in zip(uploads, trials, strict=True)
        ],
        "not_known": list(NOT_KNOWN),
    }


def _show(path: Path, trial: Trial) -> None:
    console = out()
    console.print(Text.assemble(plain(mask_key(str(path)), "bold"), plain(f"  as {trial.key}", "dim")), soft_wrap=True)
    say(console, _verdict(trial), 2)
    for name, text in _facts(trial):
        say(console, Text.assemble(plain(f"  {name:<9}", "bold"), plain(text)), 11)
    if trial.refusals:
        grid = table("line", "rule", "stage", "detail", right=["line"], prose=["detail"])
        for refusal in trial.refusals[:ROWS_SHOWN]:
            grid.add_row(f"{refusal.line_number:,}", plain(refusal.rule), refusal.stage, plain(refusal.detail))
        console.print(grid)
        if (more := len(trial.refusals) - ROWS_SHOWN) > 0:
            console.print(plain(f"… and {counted(more, 'row')} more; --json lists all", "dim"))
    _show_rows(trial)
    remedies = {refusal.rule: refusal.remedy for refusal in trial.refusals}
    if trial.reason:
        remedies[trial.reason] = trial.remedy
    for rule, remedy in sorted(remedies.items()):
        say(console, remedy_line(rule, remedy), 4)
    console.print()


def _show_rows(trial: Trial) -> None:
    if not trial.canonical_rows:
        return
    rows = trial.canonical_rows[:CANONICAL_ROWS_SHOWN]
    # Most files have no discount.
    discount = ["discount"] if any(row.discount for row in rows) else []
    titles = ("line", "café", "time", "items", *discount, "total", "payment")
    grid = table(*titles, right=["line", *discount, "total"], prose=["café", "items"])
    for row in rows:
        taken_off = [row.discount] if discount else []
        cells = (row.branch, row.ordered_at, row.basket, *taken_off, row.total, row.payment)
        grid.add_row(f"{row.line_number:,}", *map(plain, cells))
    out().print(grid)
    if (more := len(trial.canonical_rows) - CANONICAL_ROWS_SHOWN) > 0:
        out().print(plain(f"… and {counted(more, 'order')} more; --json lists all", "dim"))


def _verdict(trial: Trial) -> Text:
    if trial.reason:
        detail = f": {trial.detail}" if trial.detail else ""
        return plain(f"✗ nothing would load: {trial.reason}{detail}", "bold red")
    if trial.is_empty:
        return plain("✓ the file has no orders, so there is nothing to load", "green")
    orders, items = f"{trial.orders:,} of {counted(trial.rows, 'order')}", counted(trial.items, "item")
    would = f"would load {orders}, {items}, £{trial.amount:,.2f}"
    if trial.refusals:
        return plain(f"! {would}; {counted(len(trial.refusals), 'row')} would be rejected", "bold yellow")
    return plain(f"✓ {would}", "green")


def _facts(trial: Trial) -> list[tuple[str, str]]:
    form, lines = trial.form, trial.lines
    written = [
        form.encoding + (" with a byte order mark" if form.has_byte_order_mark else ""),
        "gzip" if form.is_gzip else "",
        f"line ends {form.line_ends}" if form.line_ends else "",
        f"separator {form.separator}" if form.separator else "no separator",
    ]
    facts = [("written", "; ".join(filter(None, written)))]
    if trial.dialect:
        facts.append(("dialect", f"{trial.dialect}: {'; '.join(trial.columns)}"))
    if form.header:
        facts.append(("header", form.header))
    if lines.total:
        parts = (
            (lines.orders, "with an order"),
            (lines.continuations, "that continue one"),
            (lines.headers, "of headers"),
            (lines.blanks, "blank"),
            (lines.rejected, "rejected by extract"),
        )
        facts.append(("lines", f"{lines.total:,}: " + ", ".join(f"{count:,} {what}" for count, what in parts if count)))
    if trial.days:
        facts.append(("days", _list(trial.days)))
        facts.append(("cafés", _list(trial.cafes)))
    return facts


def _list(shares: Sequence[Share]) -> str:
    listed = [f"{share.name} ({share.orders:,}, £{share.amount:,.2f})" for share in shares[:SHARES_SHOWN]]
    more = len(shares) - SHARES_SHOWN
    return ", ".join(listed) + (f" … and {more:,} more" if more > 0 else "")


def _fates(trials: Sequence[Trial]) -> str:
    """Count the files by what would become of them."""
    empty = sum(trial.is_empty for trial in trials)
    whole = sum(trial.is_whole for trial in trials) - empty
    refused = sum(bool(trial.reason) for trial in trials)
    partly = len(trials) - whole - empty - refused
    parts = [f"{whole:,} would load", f"{partly:,} in part", f"{refused:,} not at all"]
    return ", ".join([*parts, f"{empty:,} without an order"] if empty else parts)


def _show_summary(trials: Sequence[Trial]) -> None:
    console = out()
    if len(trials) > 1:
        orders, amount = sum(trial.orders for trial in trials), sum(trial.amount for trial in trials)
        console.print(
            plain(
                f"{counted(len(trials), 'file')}: {_fates(trials)}; {counted(orders, 'order')}, £{amount:,.2f}",
            ),
            soft_wrap=True,
        )
    console.print(plain("Not known without a warehouse:", "dim"))
    for unknown in NOT_KNOWN:
        say(console, plain(f"  {unknown}", "dim"), 4)
