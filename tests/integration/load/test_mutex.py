"""The mutex: loads take turns, and a session that a killed function left does not hold it for long."""

from collections.abc import Callable

import pytest

from integration.load.conftest import Loader
from load.mutex import MutexHeld, take_mutex
from load.statements import statement


@pytest.fixture
def abandoned(new_loader: Callable[[], Loader]) -> Loader:
    """A session that took the mutex and does nothing more."""
    left = new_loader()
    left.session.execute(statement("load/lock"))
    return left


def impatient(loader: Loader) -> Loader:
    """Shorten each wait for the mutex."""
    loader.session.execute("set statement_timeout to 200")
    loader.session.commit()
    return loader


@pytest.mark.usefixtures("abandoned")
def test_F48_a_session_that_was_left_behind_with_the_mutex_is_terminated_by_a_waiter(
    new_loader: Callable[[], Loader],
) -> None:
    waiter = impatient(new_loader())

    take_mutex(waiter.session, stale_after_seconds=-1)

    # It never released the mutex, and now another session has it.
    (mine,) = waiter.session.execute("select pg_backend_pid()")
    assert waiter.session.execute(statement("load/find_stale_holders"), (-1,)) == [mine]


def test_F29_a_waiter_does_not_terminate_a_recent_load_and_leaves_its_messages_to_the_queue(
    abandoned: Loader, new_loader: Callable[[], Loader]
) -> None:
    waiter = impatient(new_loader())

    with pytest.raises(MutexHeld):
        take_mutex(waiter.session, stale_after_seconds=60, most_waits=2)

    assert abandoned.session.execute("select 1") == [(1,)]


def test_a_waiter_terminates_no_session_that_only_waits_or_reads(
    abandoned: Loader, new_loader: Callable[[], Loader]
) -> None:
    reader, waiter = new_loader(), impatient(new_loader())
    reader.session.execute("select count(*) from ops.files")

    take_mutex(waiter.session, stale_after_seconds=-1)

    assert reader.session.execute("select 1") == [(1,)]
    abandoned.session.close()


def test_what_comes_after_the_lock_may_take_longer_than_the_wait_for_it(new_loader: Callable[[], Loader]) -> None:
    loader = impatient(new_loader())

    take_mutex(loader.session)

    assert loader.session.execute("show statement_timeout") == [("4min",)]
    loader.session.commit()
    assert loader.session.execute("show statement_timeout") == [("200ms",)]
