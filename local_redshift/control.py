"""The endpoint's control port: it sets the administrator and the attached roles, and reports what the endpoint uses.

POST / {"user", "password", "database", "roles": [arn, …]} replaces the creation of a Redshift namespace.
GET / returns {"busy_seconds", "storage_megabytes"}, in place of the metrics that Redshift publishes to CloudWatch.

Every user of the machine can connect to the port, and who sets the administrator can read the warehouse. So a request
needs the header "Authorization: Bearer TOKEN".
"""

import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from local_redshift.errors import INVALID_AUTHORIZATION, RedshiftError
from local_redshift.server import RedshiftEndpoint

MAX_REQUEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Administrator:
    """The administrator that a namespace names, and the roles that are attached to it."""

    user: str
    password: str
    database: str
    roles: tuple[str, ...]

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read a request. Raises ValueError, which never repeats the password."""
        fields: Any = json.loads(text)
        if not isinstance(fields, dict) or set(fields) != {"user", "password", "database", "roles"}:
            raise ValueError("the fields are user, password, database and roles")
        roles = fields["roles"]
        texts = [
            fields["user"],
            fields["password"],
            fields["database"],
            *(roles if isinstance(roles, list) else [None]),
        ]
        if not all(isinstance(text, str) and text and "\0" not in text for text in texts):
            raise ValueError("user, password and database are strings, roles is a list of ARNs")
        return cls(fields["user"], fields["password"], fields["database"], tuple(roles))


class ControlServer:
    """The control port, served in a thread while it is open as a context manager. Port 0 takes a free port."""

    def __init__(self, endpoint: RedshiftEndpoint, token: str, host: str, port: int) -> None:
        if not token:
            raise RedshiftError(INVALID_AUTHORIZATION, "the token of the control port is empty")

        class Handler(_Handler):
            controlled = endpoint
            authorization = f"Bearer {token}"

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="redshift-control", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    controlled: RedshiftEndpoint
    authorization: str

    def do_GET(self) -> None:
        """Report what the endpoint uses."""
        if not self._is_authorised():
            return
        try:
            storage = self.controlled.databases.storage_megabytes()
        except RedshiftError as error:
            self._answer(HTTPStatus.BAD_GATEWAY, {"error": f"{error.sqlstate} {error.message}"})
            return
        use = {"busy_seconds": self.controlled.activity.seconds, "storage_megabytes": storage}
        self._answer(HTTPStatus.OK, use)

    def do_POST(self) -> None:
        """Set the administrator."""
        if not self._is_authorised():
            return
        try:
            length = int(self.headers.get("Content-Length", "0"))
            if not 0 < length <= MAX_REQUEST_BYTES:
                raise ValueError("a JSON object is expected")
            administrator = Administrator.from_json(self.rfile.read(length))
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            return
        try:
            self.controlled.set_administrator(
                administrator.user, administrator.password, administrator.database, administrator.roles
            )
        except RedshiftError as error:
            self._answer(HTTPStatus.BAD_GATEWAY, {"error": f"{error.sqlstate} {error.message}"})
            return
        self._answer(HTTPStatus.OK, {"user": administrator.user, "database": administrator.database})

    def _is_authorised(self) -> bool:
        """Check the token, in a time that does not depend on it; answer if it is not the right one."""
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), self.authorization.encode()):
            return True
        self.close_connection = True  # the body was not read
        self._answer(HTTPStatus.UNAUTHORIZED, {"error": "the token of the control port is missing or wrong"})
        return False

    def _answer(self, status: HTTPStatus, content: Mapping[str, str | float]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gave it
        """Log nothing: bodies hold a password."""
