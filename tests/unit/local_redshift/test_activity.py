"""The endpoint counts the seconds in which it works, once for all sessions."""

from local_redshift.activity import Activity


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_work_counts_and_waiting_does_not() -> None:
    clock = Clock()
    activity = Activity(clock)

    with activity.work():
        clock.now += 2
    clock.now += 50
    with activity.work():
        clock.now += 3

    assert activity.seconds == 5


def test_two_sessions_at_once_count_once() -> None:
    clock = Clock()
    activity = Activity(clock)

    with activity.work():
        clock.now += 1
        with activity.work():
            clock.now += 1
        clock.now += 1

    assert activity.seconds == 3


def test_unfinished_work_counts() -> None:
    clock = Clock()
    activity = Activity(clock)

    with activity.work():
        clock.now += 4

        assert activity.seconds == 4


def test_work_that_fails_counts() -> None:
    clock = Clock()
    activity = Activity(clock)

    try:
        with activity.work():
            clock.now += 1
            raise ValueError
    except ValueError:
        clock.now += 1

    assert activity.seconds == 1
