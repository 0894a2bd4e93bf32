"""A running Grafana's HTTP API, as far as a check of it needs: GET and POST of JSON, with one identity."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from cafe.errors import CafeError

TIMEOUT_SECONDS = 60.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotGrafana(CafeError):
    """Something answers, and it is not a Grafana."""


class GrafanaRefused(CafeError):
    """Grafana does not accept who asks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON of an answer; None if it was no JSON."""

    status: int
    body: Any

    @property
    def is_well(self) -> bool:
        """Whether Grafana did what it was asked."""
        return self.status == HTTPStatus.OK

    @property
    def message(self) -> str:
        """What Grafana says of it."""
        told = self.body.get("message", "") if isinstance(self.body, dict) else ""
        return str(told) or f"status {self.status}"


def basic(user: str, password: str) -> str:
    """Word a user and password for the Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str) -> str:
    """Word a service account's token for the Authorization header."""
    return f"Bearer {token}"


@dataclass(frozen=True)
class GrafanaServer:
    """Where a Grafana is, and as whom it is asked. Raises CafeError when it cannot be asked at all."""

    url: str
    authorization: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no address, and what would carry a password over a network unencrypted."""
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CafeError(f"{self.url} is no address.", "Write for example: --url http://localhost:3000")
        if parts.username or parts.password:
            raise CafeError("The address holds a password.", "Leave it out: it stays in the shell's history.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise CafeError(
                f"The password would go to {parts.hostname} unencrypted.",
                "Use https, or a port forwarded to this machine.",
            )

    def get(self, path: str, *, as_nobody: bool = False) -> Answer:
        """Ask for a path; as nobody, before it is known that a Grafana is there to be told the password."""
        return self._ask(path, None, as_nobody=as_nobody)

    def post(self, path: str, body: object) -> Answer:
        """Send JSON to a path."""
        return self._ask(path, json.dumps(body).encode())

    def _ask(self, path: str, data: bytes | None, *, as_nobody: bool = False) -> Answer:
        identity = {} if as_nobody else {"Authorization": self.authorization}
        request = urllib.request.Request(  # noqa: S310  the scheme was looked at
            self.url.rstrip("/") + path,
            data=data,
            headers={"Content-Type": "application/json", **identity},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                read = Answer(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                read = Answer(error.code, _json(error.read()))
        except OSError as error:  # refused, reset, timed out; urllib's own errors are among them
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise CafeError(
                f"Nothing answers at {self.url}: {reason}.",
                "Is the port forwarded? `cafe dashboards publish` says how.",
            ) from error
        if read.status == HTTPStatus.UNAUTHORIZED:
            raise GrafanaRefused(
                "Grafana refuses this user and password, or this token.",
                "The password of admin is in the stack's secret; `cafe dashboards publish` says how to read it.",
            )
        return read


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
