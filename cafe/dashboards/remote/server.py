"""A client of a running Grafana's HTTP API: GET and POST of JSON, with one identity."""

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
    """What answers at the address is not Grafana."""


class GrafanaRefused(CafeError):
    """Grafana does not accept the user and password, or the token."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON body of an answer. The body is None if it is not JSON."""

    status: int
    body: Any

    @property
    def is_well(self) -> bool:
        """Whether the request succeeded."""
        return self.status == HTTPStatus.OK

    @property
    def message(self) -> str:
        """Grafana's message, or the status if there is none."""
        message = self.body.get("message", "") if isinstance(self.body, dict) else ""
        return str(message) or f"status {self.status}"


def basic(user: str, password: str) -> str:
    """Return the Authorization header for a user and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str) -> str:
    """Return the Authorization header for a service account's token."""
    return f"Bearer {token}"


@dataclass(frozen=True)
class GrafanaServer:
    """The address of a Grafana and the identity to use there. Requests raise CafeError if nothing answers."""

    url: str
    authorization: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise CafeError for an invalid address, and for one that would send a password unencrypted over a network."""
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CafeError(f"{self.url} is not an address.", "Write for example: --url http://localhost:3000")
        if parts.username or parts.password:
            raise CafeError("The address contains a password.", "Leave it out: the shell's history would keep it.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise CafeError(
                f"The password would go to {parts.hostname} unencrypted.",
                "Use https, or a port forwarded to this machine.",
            )

    def get(self, path: str, *, anonymous: bool = False) -> Answer:
        """Send a GET. Use ``anonymous`` until it is known that Grafana answers and not something else."""
        return self._send(path, None, anonymous=anonymous)

    def post(self, path: str, body: object) -> Answer:
        """Send a POST with a JSON body."""
        return self._send(path, json.dumps(body).encode())

    def _send(self, path: str, data: bytes | None, *, anonymous: bool = False) -> Answer:
        identity = {} if anonymous else {"Authorization": self.authorization}
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            self.url.rstrip("/") + path,
            data=data,
            headers={"Content-Type": "application/json", **identity},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # nosec B310
                read = Answer(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                read = Answer(error.code, _json(error.read()))
        except OSError as error:  # refused, reset or timed out; urllib's errors are OSErrors too
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise CafeError(
                f"Nothing answers at {self.url}: {reason}.",
                "Is the port forwarded? `cafe dashboards publish` prints the command.",
            ) from error
        if read.status == HTTPStatus.UNAUTHORIZED:
            raise GrafanaRefused(
                "Grafana refuses this user and password, or this token.",
                "admin's password is in the stack's secret. `cafe dashboards publish` prints the command to read it.",
            )
        return read


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
