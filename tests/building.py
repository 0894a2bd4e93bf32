"""What `sam build` makes: once a run, for all tests that deploy it or look into it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from cafe.local import deployment
from cafe.local.layout import Layout


@contextmanager
def alone_in(layout: Layout) -> Iterator[None]:
    """Keep the workers of pytest from building the checkout while another builds or copies what is built."""
    checkout = os.open(layout.root, os.O_RDONLY)
    try:
        fcntl.flock(checkout, fcntl.LOCK_EX)
        yield
    finally:
        os.close(checkout)


def build_once(layout: Layout) -> None:
    """Build as `cafe up` does, unless what is built was made here from the sources as they are now."""
    parameters = deployment.local_parameters()
    built, note = layout.root / ".aws-sam" / "build" / "template.yaml", layout.root / ".aws-sam" / "built-by-tests"
    made_from = deployment.fingerprint(layout, parameters)

    def stamp() -> str:
        # The time shows whether something else has been built since, for example for another processor.
        return f"{made_from} {built.stat().st_mtime_ns if built.exists() else 'nothing'}"

    with alone_in(layout):
        if not note.exists() or note.read_text(encoding="utf-8") != stamp():
            deployment.build(layout, parameters)
            note.write_text(stamp(), encoding="utf-8")
