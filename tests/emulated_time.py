"""Lets time pass in an emulator at once: what patched_ministack/passing_time.py serves."""

import urllib.request

from cafe.local import keys
from cafe.local.layout import Layout

TIMEOUT_SECONDS = 60


def let_minutes_pass(endpoint_url: str, layout: Layout, minutes: int) -> None:
    """Let alarms, metrics and messages get older. Raises HTTPError if the emulator does not take the number."""
    request = urllib.request.Request(  # noqa: S310
        f"{endpoint_url}/_cafe/minutes?pass={minutes}",
        headers={"Authorization": f"Bearer {keys.read_token(layout)}"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
