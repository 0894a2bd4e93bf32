"""The options, exit codes and help format that all commands share."""

from inspect import cleandoc
from typing import Annotated, Literal

import typer

from cafe.errors import Misused
from cafe.terminal.envelope import JSON_OPTION, remember_json

EXIT_OK = 0
EXIT_UNHEALTHY = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
# Of any program that writes to a pipe which nobody reads: 128 and the number of SIGPIPE.
EXIT_NO_READER = 141

StageName = Literal["extract", "transform", "load"]

EnvironmentOption = Annotated[
    Literal["local", "dev", "prod"],
    typer.Option(
        "--env",
        envvar="CAFE_ENV",
        help="Which stack: the [bold]local[/] twin, or [bold]dev[/] or [bold]prod[/] on AWS.",
    ),
]
ContainerOption = Annotated[
    bool, typer.Option("--container", help="Run the stages in containers, by [bold]sam local invoke[/].")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until each file has its outcome, and show it.")]
EachOption = Annotated[bool, typer.Option("--each", help="Show each file, however many they are.")]
# A paused warehouse takes a while to wake, and load collects files for up to five minutes.
DEFAULT_TIMEOUT_SECONDS = 600.0
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long to wait for the outcomes.")
]
RateOption = Annotated[float, typer.Option(min=0.1, help="Messages per second.")]
JsonOption = Annotated[
    bool,
    # Read before the other options, so that an error in one of them is written as JSON too.
    typer.Option(
        JSON_OPTION, help="Write JSON to standard output, for scripts.", callback=remember_json, is_eager=True
    ),
]
WarehouseOption = Annotated[bool, typer.Option(help="Query the warehouse too; on AWS this wakes it.")]
ParametersOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="A parameter of template.yaml; may be given several times."),
]
CsvOption = Annotated[
    bool, typer.Option("--csv", help="Write CSV with a header line to standard output, safe for a spreadsheet.")
]
RawOption = Annotated[
    bool, typer.Option("--raw", help="With [bold]--csv[/]: write texts exactly as they are, for scripts.")
]


def refuse_mixed_formats(*, as_json: bool, as_csv: bool, raw: bool) -> None:
    """Raise CafeError if both --json and --csv are given, or --raw without --csv."""
    if as_json and as_csv:
        raise Misused("--json and --csv cannot be used together.", "Choose one.")
    if raw and not as_csv:
        raise Misused("--raw is for --csv only.", "For exact texts, use --json or --csv --raw.")


def help_text(text: str, *, examples: dict[str, str], exit_codes: dict[int, str]) -> str:
    """Compose a command's help: what it does, examples with their meaning, and its exit codes."""
    paragraphs = [paragraph.replace("\n", " ") for paragraph in cleandoc(text).split("\n\n")]
    shown = [f"[dim]# {meaning}[/]\n[cyan]{command}[/]" for command, meaning in examples.items()]
    codes = {EXIT_ERROR: "the command could not do its work", EXIT_INTERRUPTED: "interrupted", **exit_codes}
    lines = [f"{code:<4} {meaning}" for code, meaning in sorted(codes.items())]
    return "\n\n".join([*paragraphs, "[bold]Examples[/]", *shown, "[bold]Exit codes[/]", "\n".join(lines)])


def parse_parameters(pairs: list[str]) -> dict[str, str]:
    """Read parameters of the template, each as NAME=VALUE. Raises Misused for anything else."""
    parameters = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign):
            raise Misused(
                f"The parameter {pair!r} is not NAME=VALUE.", "Write for example: --parameter MaxReceiveCount=3"
            )
        parameters[name] = value
    return parameters
