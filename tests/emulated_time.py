"""Lets time pass in an emulator at once: what patched_ministack/passing_time.py serves."""

import urllib.request

TIMEOUT_SECONDS = 60


def let_minutes_pass(endpoint_url: str, minutes: int) -> None:
    """Let alarms, metrics and messages get older. Raises HTTPError if the emulator does not take the number."""
    request = urllib.request.Request(f"{endpoint_url}/_cafe/minutes?pass={minutes}", method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
