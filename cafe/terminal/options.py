"""What every command has in common: its options, its exit codes, and the form of its help."""

from inspect import cleandoc
from typing import Annotated, Literal

import typer

SUCCESS = 0
BAD_NEWS = 1
COULD_NOT = 2
INTERRUPTED = 130

StageName = Literal["extract", "transform", "load"]

EnvironmentOption = Annotated[
    Literal["local", "dev", "prod"],
    typer.Option(
        "--env",
        envvar="CAFE_ENV",
        help="Which stack: the [bold]local[/] twin, or [bold]dev[/] or [bold]prod[/] on AWS.",
    ),
]
RateOption = Annotated[float, typer.Option(min=0.1, help="Messages a second.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to standard output, for scripts.")]
WarehouseOption = Annotated[bool, typer.Option(help="Ask the warehouse too; on AWS that wakes it.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Write CSV with a header line to standard output.")]


def teach(text: str, *, examples: dict[str, str], exit_codes: dict[int, str]) -> str:
    """Compose a command's help: what it does, examples with what they show, what its exit code means."""
    paragraphs = [paragraph.replace("\n", " ") for paragraph in cleandoc(text).split("\n\n")]
    shown = [f"[dim]# {meaning}[/]\n[cyan]{command}[/]" for command, meaning in examples.items()]
    codes = {**exit_codes, COULD_NOT: "it could not be done", INTERRUPTED: "interrupted"}
    lines = [f"{code:<4} {meaning}" for code, meaning in sorted(codes.items())]
    return "\n\n".join([*paragraphs, "[bold]Examples[/]", *shown, "[bold]Exit codes[/]", "\n".join(lines)])
