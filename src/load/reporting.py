"""Check the warehouse on schedule and send the morning mail, once a morning; or only write it, for who asks."""

from datetime import date, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from load.checking import check_warehouse
from load.connection import Connection
from load.figures import query_figures
from load.mail import Topic
from load.morning import Figures, Morning, day_of, is_morning, to_json, write_mail
from load.objects import Claims
from shared.errors import PipelineError
from shared.observability import error_fields

# Lambda tries an asynchronous invocation that fails twice more (Lambda guide, "How Lambda handles errors and retries
# with asynchronous invocation").
TRIES = 3
_REFUSED_WITHIN = timedelta(days=1)


class MorningReport:
    """Writes the morning mail, and sends it at the first check of a morning that ends."""

    def __init__(self, connection: Connection, database: str, topic: Topic, claims: Claims, options: str) -> None:
        self._connection = connection
        self._database = database
        self._topic = topic
        self._claims = claims
        self._options = options

    def check(self, scheduled_at: str, logger: Logger, metrics: Metrics) -> dict[str, Any]:
        """Check the warehouse. ``scheduled_at`` is when the scheduler meant to, "" if a person typed the check.

        If the mail cannot be sent, that is logged as an error and the check is as good as with it. Of a check that
        fails, the last try sends a mail that says so. Raises what `check_warehouse` raises.
        """
        moment = self._mailed_at(scheduled_at)
        try:
            checked = check_warehouse(self._connection, self._database, logger, metrics)
        except PipelineError:
            if moment and self._is_last_try(day_of(moment), logger):
                self._send(Morning(day_of(moment), None, None), logger)
            raise
        if moment:
            # Whatever happens to the mail, the alarms know what the check found.
            metrics.flush_metrics()
            self._send(Morning(day_of(moment), checked["faults"], self._figures(moment, logger)), logger)
        return checked

    def write(self, options: str, now: datetime, logger: Logger, metrics: Metrics) -> dict[str, Any]:
        """Check the warehouse, and return the mail of now with what it is made of. Sends nothing.

        Raises what `check_warehouse` and `query_figures` raise.
        """
        checked = check_warehouse(self._connection, self._database, logger, metrics)
        with self._connection.session() as session:
            figures = query_figures(session, day_of(now), now - _REFUSED_WITHIN)
        morning = Morning(day_of(now), checked["faults"], figures)
        return to_json(morning, write_mail(morning, options))

    def _mailed_at(self, scheduled_at: str) -> datetime | None:
        """Return the moment of a check after which a mail is sent; None for any other."""
        moment = datetime.fromisoformat(scheduled_at) if scheduled_at else None
        return moment if moment and self._topic.is_wanted and is_morning(moment) else None

    def _figures(self, moment: datetime, logger: Logger) -> Figures | None:
        try:
            with self._connection.session() as session:
                return query_figures(session, day_of(moment), moment - _REFUSED_WITHIN)
        except PipelineError as error:
            logger.error("morning.no_figures", extra=error_fields(error))
            return None

    def _send(self, morning: Morning, logger: Logger) -> None:
        """Send the mail, unless one of this day was sent. First claim the day: rather no mail than two."""
        fields = {"day": f"{morning.day}"}
        try:
            if not self._claims.claim(f"mornings/{morning.day}/sent"):
                logger.info("morning.sent_before", extra=fields)
                return
            self._topic.publish(write_mail(morning, self._options))
            logger.info("morning.sent", extra=fields)
        except PipelineError as error:
            logger.error("morning.not_sent", extra={**fields, **error_fields(error)})

    def _is_last_try(self, day: date, logger: Logger) -> bool:
        """Count the tries that failed, each by an object of its own. Lambda passes no such count."""
        try:
            tries = (number for number in range(1, TRIES + 1) if self._claims.claim(f"mornings/{day}/failed-{number}"))
            return next(tries, 0) == TRIES
        except PipelineError as error:
            logger.error("morning.not_sent", extra={"day": f"{day}", **error_fields(error)})
            return False
