"""An HTTP server that keeps who asked, in place of AWS or of the local stack."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Recorder(HTTPServer):
    """Answers every POST with one status and an empty JSON object; ``asked_by`` has the Authorization of each."""

    def __init__(self, status: int) -> None:
        self.asked_by: list[str] = []
        self.status = status
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Recorder)
        self.server.asked_by.append(self.headers.get("Authorization", ""))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


@contextmanager
def recording(status: int) -> Iterator[Recorder]:
    """Serve until the context ends."""
    with Recorder(status) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
