"""Run a command as the only one that builds or deploys the checkout: python -m cafe.terminal.alone COMMAND.

For make, whose targets write into the same folder as `cafe up`.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

from cafe.local.deployment import alone_in
from cafe.local.layout import checkout
from cafe.terminal.presentation import remark


def main() -> None:
    """Wait for the lock, and become the command. The lock ends with the command, and with what it started."""
    with alone_in(checkout(), _announce) as lock:
        os.set_inheritable(lock, True)
        os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  no shell: make's own line  # nosec B606


def _announce(step: str) -> AbstractContextManager[None]:
    remark(f"{step} …")
    return nullcontext()


if __name__ == "__main__":
    main()
