"""Shrink a schedule that shows a violation: leave out one thing after the other while it still shows one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulation.schedule import Schedule

MOST_TRIES = 600


def shrunk(schedule: Schedule, is_violated: Callable[[Schedule], bool]) -> Schedule:
    """Return the shortest violated schedule found. ``is_violated`` runs a schedule."""
    tries = 0
    goes_on = True
    while goes_on:
        goes_on = False
        for shorter in _shorter(schedule):
            tries += 1
            if tries > MOST_TRIES:
                return schedule
            if is_violated(shorter):
                schedule, goes_on = shorter, True
                break
    return schedule


def size_of(schedule: Schedule) -> int:
    """Measure how long a schedule is for a reader."""
    return 100 * len(schedule.incidents) + 100 * len(schedule.drops) + sum(len(drop.word) for drop in schedule.drops)


def _shorter(schedule: Schedule) -> Iterator[Schedule]:
    """Yield the schedules that are one thing shorter, the shortest first."""
    drops, incidents = schedule.drops, schedule.incidents
    for place in range(len(incidents)):
        yield replace(schedule, incidents=incidents[:place] + incidents[place + 1 :])
    for place in range(len(drops)):
        yield replace(schedule, drops=drops[:place] + drops[place + 1 :])
    if schedule.pace:
        yield replace(schedule, pace=0.0)
    for place, drop in enumerate(drops):
        for letter in range(len(drop.word)):
            word = drop.word[:letter] + drop.word[letter + 1 :]
            yield replace(schedule, drops=(*drops[:place], replace(drop, word=word), *drops[place + 1 :]))
    for place, incident in enumerate(incidents):
        if incident.amount:
            plain = replace(incident, amount=0)
            yield replace(schedule, incidents=(*incidents[:place], plain, *incidents[place + 1 :]))
