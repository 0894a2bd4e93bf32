"""Deploy this release over the previous one, whose messages still wait in the queues; `make upgrade`."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cafe.errors import CafeError
from copied_checkout import ROOT
from shared.contracts import CONTRACT_VERSION
from upgrade.proof import upgrade_from
from upgrade.releases import previous_release, release_at


def main(
    ref: Annotated[str, typer.Option("--from", help="The tag, branch or commit of the release to begin with.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")] = False,
) -> None:
    """Deploy a release, fill its queues, deploy this one over it, and compare. Exit code 1 if anything is wrong.

    The release is the newest commit of this branch whose messages have the version before this one's, unless --from
    names another.
    """
    try:
        release = release_at(ROOT, ref) if ref else previous_release(ROOT, CONTRACT_VERSION)
        result = upgrade_from(release, _say)
    except CafeError as error:
        _say(str(error))
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(asdict(result), indent=2))
    else:
        for name, value in asdict(result).items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    if not result.is_right:
        raise typer.Exit(1)


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    typer.run(main)
