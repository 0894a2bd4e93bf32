"""Deploy this release over the previous one, whose messages still wait in the queues; `make upgrade`."""

from typing import Annotated

import typer

from cafe.errors import CafeError
from copied_checkout import ROOT
from proof_report import report, say
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
        result = upgrade_from(release, say)
    except CafeError as error:
        say(str(error))
        raise typer.Exit(2) from None
    report(result, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
