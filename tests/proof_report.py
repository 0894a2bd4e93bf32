"""What a long proof writes: its steps on standard error, and its result on standard output."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    class Result(DataclassInstance, Protocol):
        """A dataclass of what a proof did and found."""

        @property
        def is_right(self) -> bool:
            """Whether nothing is wrong."""


def say(what: str) -> None:
    """Write a step of the proof at once."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def report(result: "Result", *, as_json: bool) -> None:
    """Write the result, a field a line or as JSON. Raises typer.Exit with exit code 1 if anything is wrong."""
    if as_json:
        typer.echo(json.dumps(asdict(result), indent=2))
    else:
        for name, value in asdict(result).items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    if not result.is_right:
        raise typer.Exit(1)
