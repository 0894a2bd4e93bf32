"""How long a schedule may pause between two runs."""

import re

HOUR = 3600
SECONDS = {"minute": 60, "hour": HOUR, "day": 24 * HOUR}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
# At these hours of every day, at one minute.
CRON = re.compile(r"cron\(\d+ ([\d,]+) \* \* \? \*\)")


def longest_pause_seconds(expression: str) -> int:
    """Return the longest time between two runs. A daily time may move by an hour when the clocks change."""
    if rate := RATE.fullmatch(expression):
        return int(rate[1]) * SECONDS[rate[2]]
    if cron := CRON.fullmatch(expression):
        hours = sorted(map(int, cron[1].split(",")))
        pauses = [(after - before) * HOUR for before, after in zip(hours, [*hours[1:], hours[0] + 24], strict=True)]
        # The clocks change at night, in the pause over midnight.
        return max(*pauses[:-1], pauses[-1] + HOUR) if len(pauses) > 1 else pauses[0] + HOUR
    raise ValueError(f"these tests cannot read the schedule {expression}")
