"""The scheduled check and its mail: sent once a morning, whatever is tried again, and never in the way of the check."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger, Metrics

from load.check_rules import Check
from load.connection import Connection
from load.marts import definition_of
from load.morning import Mail
from load.reporting import TRIES, MorningReport
from load.statements import check_names, mart_names, statement
from load.warehouse import StatementFailed
from shared.aws_errors import ServiceUnavailable
from shared.errors import TransientError

MORNING, EVENING = "2026-11-26T07:00:00Z", "2026-11-26T22:00:00Z"
CAFE = ("Leeds", 3, 1_000, 4, 3_000, 3)


class FakeSession:
    """A warehouse in which one café sold; it refuses the statements in ``refused``."""

    def __init__(self, refused: set[str]) -> None:
        self._refused = refused

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        del values
        if any(sql == statement(name) for name in self._refused):
            raise StatementFailed("42P01", "no such table")
        if sql == statement("morning/cafes"):
            return [CAFE]
        if sql == statement("schema/mart_definitions"):
            return [(name, definition_of("its text")) for name in mart_names()]
        if sql == statement("schema/mart_views"):
            return [(name, "its text") for name in mart_names()]
        return [(0,)] if "as measure" in sql or sql == statement("checking/count_files") else []

    def execute_alone(self, sql: str) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class FakeTopic:
    """Keeps the mails; with an error, it takes none."""

    def __init__(self, *, is_wanted: bool = True, error: BaseException | None = None) -> None:
        self.is_wanted = is_wanted
        self.mails: list[Mail] = []
        self._error = error

    def publish(self, mail: Mail) -> None:
        if self._error:
            raise self._error
        self.mails.append(mail)


class FakeClaims:
    """Keys that were taken."""

    def __init__(self, error: Exception | None = None) -> None:
        self.taken: set[str] = set()
        self._error = error

    def claim(self, key: str) -> bool:
        if self._error:
            raise self._error
        is_free = key not in self.taken
        self.taken.add(key)
        return is_free


class Mornings:
    """A function with its report, on a warehouse that refuses what is in ``refused``."""

    def __init__(self, topic: FakeTopic | None = None, claims: FakeClaims | None = None) -> None:
        self.topic, self.claims = topic or FakeTopic(), claims or FakeClaims()
        self.refused: set[str] = set()
        self._log = StringIO()
        self._logger = Logger(service=f"{uuid4()}", stream=self._log)
        connection = Connection(lambda: FakeSession(self.refused), lambda _session: None)
        self.report = MorningReport(connection, "cafe", self.topic, self.claims, "--env dev")

    def check(self, scheduled_at: str = MORNING) -> dict[str, Any]:
        metrics = Metrics(namespace="Cafe", service="load")
        try:
            return self.report.check(scheduled_at, self._logger, metrics)
        finally:
            metrics.clear_metrics()

    def write(self) -> dict[str, Any]:
        metrics = Metrics(namespace="Cafe", service="load")
        written = self.report.write("", datetime(2026, 11, 26, 15, tzinfo=UTC), self._logger, metrics)
        metrics.clear_metrics()
        return written

    def errors(self) -> list[str]:
        entries = map(json.loads, self._log.getvalue().splitlines())
        return [entry["message"] for entry in entries if entry["level"] == "ERROR"]


def test_a_check_of_a_morning_mails_the_day_before() -> None:
    mornings = Mornings()

    checked = mornings.check()

    assert checked["faults"] == dict.fromkeys([*check_names(), Check.MARTS_INTACT], 0)
    (mail,) = mornings.topic.mails
    assert mail.subject == "Cafe sales of Wed 25 November 2026: 1 of 1 in, takings +33%"
    assert mornings.errors() == []


@pytest.mark.parametrize("scheduled_at", ["", EVENING], ids=["typed by a person", "in the evening"])
def test_another_check_mails_nothing(scheduled_at: str) -> None:
    mornings = Mornings()

    mornings.check(scheduled_at)

    assert (mornings.topic.mails, mornings.claims.taken) == ([], set())


def test_a_time_that_was_not_filled_in_is_an_error_and_the_check_is_as_good() -> None:
    mornings = Mornings()

    assert mornings.check("<aws.scheduler.scheduled-time>")["faults"]["orders_unique"] == 0
    assert (mornings.topic.mails, mornings.errors()) == ([], ["morning.not_sent"])


def test_without_an_address_nothing_is_asked_of_the_warehouse_or_of_s3() -> None:
    mornings = Mornings(FakeTopic(is_wanted=False))
    mornings.refused = {"morning/cafes"}

    mornings.check()

    assert (mornings.topic.mails, mornings.claims.taken, mornings.errors()) == ([], set(), [])


def test_a_check_that_runs_again_mails_nothing_more() -> None:
    mornings = Mornings()

    for scheduled_at in (MORNING, MORNING, "2026-11-26T09:00:00Z"):
        mornings.check(scheduled_at)
    mornings.check("2026-11-27T07:00:00Z")

    assert [mail.subject[:29] for mail in mornings.topic.mails] == [
        "Cafe sales of Wed 25 November",
        "Cafe sales of Thu 26 November",
    ]


def test_a_check_that_succeeds_after_two_failures_mails_its_figures_only() -> None:
    mornings = Mornings()
    mornings.refused = {"checks/orders_unique"}
    for _ in range(TRIES - 1):
        with pytest.raises(TransientError):
            mornings.check()

    mornings.refused = set()
    mornings.check()

    (mail,) = mornings.topic.mails
    assert "1 of 1 in" in mail.subject


def test_the_last_try_of_a_check_that_fails_says_so_once() -> None:
    mornings = Mornings()
    mornings.refused = {"checks/orders_unique"}

    for _ in range(TRIES + 2):
        with pytest.raises(TransientError):
            mornings.check()

    (mail,) = mornings.topic.mails
    assert mail.subject.endswith("CHECK FAILED, no figures")


def test_figures_that_cannot_be_read_are_an_error_and_the_mail_says_so() -> None:
    mornings = Mornings()
    mornings.refused = {"morning/cafes"}

    assert mornings.check()["faults"]["orders_unique"] == 0

    (mail,) = mornings.topic.mails
    assert mail.subject.endswith(": no figures")
    assert mornings.errors() == ["morning.no_figures"]


@pytest.mark.parametrize("broken", ["topic", "claims"])
def test_a_mail_that_cannot_be_sent_is_an_error_and_the_check_is_as_good(broken: str) -> None:
    error = ServiceUnavailable("publishing", "Throttling")
    mornings = Mornings(topic=FakeTopic(error=error)) if broken == "topic" else Mornings(claims=FakeClaims(error=error))

    assert mornings.check()["faults"]["orders_unique"] == 0
    assert mornings.errors() == ["morning.not_sent"]


def test_a_check_that_fails_fails_for_its_own_reason_if_tries_cannot_be_counted() -> None:
    mornings = Mornings(claims=FakeClaims(ServiceUnavailable("claiming", "SlowDown")))
    mornings.refused = {"checks/orders_unique"}

    with pytest.raises(StatementFailed, match="42P01"):
        mornings.check()

    assert mornings.errors() == ["morning.not_sent"]


def test_what_the_check_found_is_published_before_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    class Killed(BaseException):
        """The function was killed while it sent."""

    mornings = Mornings(FakeTopic(error=Killed()))

    with pytest.raises(Killed):
        mornings.check()

    assert '"CheckFaults":[0.0]' in capsys.readouterr().out


def test_a_mail_that_is_only_written_is_not_sent() -> None:
    mornings = Mornings()

    written = mornings.write()

    assert written["day"] == "2026-11-25"
    assert written["subject"].endswith("1 of 1 in, takings +33%")
    assert "--env" not in written["text"]
    assert (mornings.topic.mails, mornings.claims.taken) == ([], set())
