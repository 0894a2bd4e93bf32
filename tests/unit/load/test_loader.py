"""Errors that may pass at once are tried again for a while. After a commit in doubt, the ledger decides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from load.connection import Connection
from load.loader import MOST_TRIES, Loader
from load.plan import CompleteFile
from load.rules import StagedRowsDiffer
from load.stage import CommitUnanswered, FileOutcome, LoadOptions
from load.warehouse import LoginRefused, StatementFailed, TimedOutBeforeWriting, WarehouseUnavailable
from shared.contracts import decode_transformed_part

COPY_ROLE = "arn:aws:iam::123456789012:role/copy"

type Outcome = Exception | list[FileOutcome]


class NoSession:
    """A session that runs no statement."""

    def execute(self, *_: object) -> list[tuple[object, ...]]:
        return []

    def execute_alone(self, sql: str) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class Bench:
    """A loader whose tries have the given outcomes, on a clock that only its pauses move."""

    outcomes: list[Outcome]
    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    opened: int = 0

    def open_session(self) -> NoSession:
        self.opened += 1
        return NoSession()

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds

    def load_in_one_transaction(self, *arguments: object) -> list[FileOutcome]:
        self.tries.append(str(arguments[-1]))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def load(self, patience_seconds: float = 30.0) -> list[FileOutcome]:
        loader = Loader(
            Connection(self.open_session, lambda _: None), LoadOptions(NoObjects(), COPY_ROLE, 33),
            pause=self.pause, clock=lambda: self.seconds, fraction=lambda: 1.0,
        )  # fmt: skip
        return loader.load_with_retries([], "batch", patience_seconds)


class NoObjects:
    bucket = "staging"

    def put(self, key: str, body: bytes) -> None:
        raise AssertionError(f"{key} with {len(body)} bytes was written, but nothing should be")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    def make(*outcomes: Outcome) -> Bench:
        bench = Bench(list(outcomes))
        monkeypatch.setattr("load.loader.load_in_one_transaction", bench.load_in_one_transaction)
        return bench

    return make


def completed() -> FileOutcome:
    part = decode_transformed_part(Path("tests/contracts/golden/transformed_part.json").read_text(encoding="utf-8"))
    return FileOutcome(CompleteFile((part,)), "loaded", 4, 2, 0, 0, 2)


PASSING = [
    StatementFailed("40001", "could not serialize access"),
    StatementFailed("40P01", "deadlock detected"),
    StatementFailed("XX000", "1023"),
    StatementFailed("XX000", "could not complete because of conflict with concurrent transaction"),
    StatementFailed("XX000", "could not open relation with OID 1234567", was_copying=True),
    StatementFailed("57P01", "terminating connection"),
    TimedOutBeforeWriting("57014", "Query (150) canceled on user's request"),
    WarehouseUnavailable("running a statement", "reset by peer"),
]


@pytest.mark.parametrize(
    "error",
    PASSING,
    ids=["40001", "40P01", "1023", "a conflict", "a table replaced", "57P01", "an early time-out", "lost connection"],
)
def test_F49_an_error_that_may_pass_at_once_is_tried_again_over_a_new_connection(
    bench: Callable[..., Bench], error: Exception
) -> None:
    tries = bench(error, error, [completed()])

    assert tries.load() == [completed()]
    assert tries.opened == 3
    assert len(set(tries.tries)) == 3, "each try writes its own manifests"


@pytest.mark.parametrize(
    "error",
    [
        StatementFailed("57014", "Query (7710234) canceled on user's request"), StatementFailed("53100", "disk full"),
        StatementFailed("XX000", "This type of correlated subquery pattern is not supported due to internal error"),
        StatementFailed("XX000", "Query (7710234) aborted"),
        StatementFailed("22P02", "could not open relation with OID"),
        StatementFailed("42703", "column does not exist"), LoginRefused("connecting", "password"),
        StagedRowsDiffer("orders", 1, 0), ValueError("a bug"),
    ],
    ids=["late timeout", "disk full", "no plan", "a number", "a row's text", "schema", "login", "rows differ", "bug"],
)  # fmt: skip
def test_an_error_that_does_not_pass_at_once_is_not_tried_again(bench: Callable[..., Bench], error: Exception) -> None:
    tries = bench(error)

    with pytest.raises(type(error)):
        tries.load()

    assert tries.pauses == []


def test_F49_tries_are_few_and_pauses_grow(bench: Callable[..., Bench]) -> None:
    tries = bench(*[PASSING[0]] * 9)

    with pytest.raises(StatementFailed):
        tries.load()

    assert len(tries.tries) == MOST_TRIES
    assert tries.pauses == sorted(set(tries.pauses))


def test_no_try_begins_after_the_patience_is_over(bench: Callable[..., Bench]) -> None:
    tries = bench(*[PASSING[0]] * 9)

    with pytest.raises(StatementFailed):
        tries.load(patience_seconds=0.25)

    assert tries.pauses == [0.1]


def test_F47_a_commit_that_was_kept_but_not_answered_is_reported_once(bench: Callable[..., Bench]) -> None:
    tries = bench(CommitUnanswered([completed()]), [])

    assert tries.load() == [completed()]


def test_F47_a_commit_that_was_not_kept_is_repeated(bench: Callable[..., Bench]) -> None:
    tries = bench(CommitUnanswered([completed()]), [completed()])

    assert tries.load() == [completed()]


def test_a_commit_that_stays_in_doubt_is_an_error(bench: Callable[..., Bench]) -> None:
    away = WarehouseUnavailable("connecting", "refused")
    tries = bench(CommitUnanswered([completed()]), *[away] * 9)

    with pytest.raises(WarehouseUnavailable):
        tries.load()
