"""Load's only access to SNS: it publishes the morning mail."""

from collections.abc import Callable
from typing import Protocol

from load.morning import Mail
from shared.aws_errors import calling_aws


class Client(Protocol):
    """What load needs of boto3's client of SNS."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> object:  # noqa: N803  names of the API
        """Publish to a topic. Raises what `calling_aws` translates."""


class Topic(Protocol):
    """Where the mail goes."""

    @property
    def is_wanted(self) -> bool:
        """Whether anybody gets the mail."""

    def publish(self, mail: Mail) -> None:
        """Send the mail to all who get it. Raises TransientError."""


class SnsTopic:
    """A topic of SNS; with the ARN "" nobody gets the mail. The client is created when there is a mail to send."""

    def __init__(self, make_client: Callable[[], Client], topic_arn: str) -> None:
        self._make_client = make_client
        self._topic_arn = topic_arn

    @property
    def is_wanted(self) -> bool:
        """See Topic."""
        return bool(self._topic_arn)

    def publish(self, mail: Mail) -> None:
        """See Topic."""
        with calling_aws("publishing the morning mail"):
            self._make_client().publish(TopicArn=self._topic_arn, Subject=mail.subject, Message=mail.text)
