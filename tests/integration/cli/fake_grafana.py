"""A fake Grafana: the few paths of its HTTP API that a check needs, with dashboards, plugins and slow statements.

Its answers follow Grafana's documentation and the sources of the plugins; they were not compared with a real Grafana.
"""

import base64
import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD, TOKEN = "admin", "correct-horse", "glsa_token"
PLUGIN = "grafana-redshift-datasource"
WAREHOUSE, CLOUDWATCH = "cafe-warehouse", "cafe-cloudwatch"
CAFES = {"7": "Bath", "9": "King's Lynn"}


@dataclass
class FakeGrafana:
    """Its content, and the requests that it received. A statement runs for some polls; a faulty one fails."""

    boards: dict[str, dict[str, Any]]
    version: str = "13.2.2"
    plugins: dict[str, str] = field(default_factory=lambda: {PLUGIN: "2.5.0"})
    datasources: dict[str, str] = field(default_factory=lambda: {WAREHOUSE: PLUGIN, CLOUDWATCH: "cloudwatch"})
    ill: dict[str, str] = field(default_factory=dict)
    polls: int = 2
    faults: Mapping[str, str] = field(default_factory=dict)
    endless: tuple[str, ...] = ()
    rows: Mapping[str, list[Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)
    _running: dict[str, int] = field(default_factory=dict)

    def get(self, path: str) -> tuple[int, Any]:
        """Answer a GET with a status and JSON."""
        parts = urlsplit(path)
        match parts.path.strip("/").split("/"):
            case ["api", "health"]:
                return 200, {"database": "ok", "version": self.version, "commit": "none"}
            case ["api", "plugins", plugin, "settings"] if plugin in self.plugins:
                return 200, {"id": plugin, "info": {"version": self.plugins[plugin]}}
            case ["api", "datasources", "uid", uid, *rest] if uid in self.datasources:
                return self._datasource(uid, rest, parse_qs(parts.query))
            case ["api", "dashboards", "uid", uid] if uid in self.boards:
                # As Grafana returns it: with its own number and format.
                served = copy.deepcopy(self.boards[uid]) | {
                    "id": 7,
                    "version": 3,
                    "schemaVersion": 99,
                    "preload": False,
                }
                return 200, {"dashboard": served, "meta": {"provisioned": True}}
        return 404, {"message": "Not found"}

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer a POST."""
        if path.endswith("/resources/cancel"):
            self.cancelled.append(body["queryId"])
            return 200, {}
        if path != "/api/ds/query":
            return 404, {"message": "Not found"}
        self.asked.append(body)
        results = {query["refId"]: self._result(query) for query in body["queries"]}
        failed = any("error" in result for result in results.values())
        return (400 if failed else 200), {"results": results}

    def _datasource(self, uid: str, rest: list[str], asked: dict[str, list[str]]) -> tuple[int, Any]:
        match rest:
            case []:
                return 200, {"uid": uid, "type": self.datasources[uid]}
            case ["health"] if uid in self.ill:
                return 400, {"status": "ERROR", "message": self.ill[uid]}
            case ["health"]:
                return 200, {"status": "OK", "message": "Data source is working"}
            case ["resources", "namespaces"]:
                # Those that the plugin knows, and those of the data source.
                return 200, [{"value": name} for name in ("AWS/Lambda", "AWS/SQS", "Cafe/dev")]
            case ["resources", "dimension-values"]:
                return 200, [{"value": f"{asked['dimensionKey'][0]}-{number}"} for number in (1, 2)]
        return 404, {"message": "Not found"}

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        if "rawSQL" not in query:
            return {"status": 200, "frames": [_answer_of({"value": [1, 2, 3]})]}
        sql = query["rawSQL"]
        query_id = query.get("queryID") or f"statement of {sql}"
        if query.get("meta") != {"queryFlow": "async"}:
            return {"status": 200, "frames": [_answer_of(self._columns_of(sql))]}
        left = self._running.setdefault(query_id, self.polls)
        if left or sql in self.endless:
            self._running[query_id] = left - 1
            status = "submitted" if left == self.polls else "started"
            return {
                "status": 200,
                "frames": [{"schema": {"meta": {"custom": {"queryID": query_id, "status": status}}}}],
            }
        if sql in self.faults:
            return {"status": 400, "error": self.faults[sql]}
        return {
            "status": 200,
            "frames": [_answer_of(self._columns_of(sql), {"queryID": query_id, "status": "finished"})],
        }

    def _columns_of(self, sql: str) -> dict[str, list[Any]]:
        if sql not in self.rows and "cafes" in sql:
            return {"value": list(CAFES), "text": list(CAFES.values())}
        return {"value": self.rows.get(sql, [10, 20])}


def _answer_of(columns: dict[str, list[Any]], custom: dict[str, str] | None = None) -> dict[str, Any]:
    schema = {"meta": {"custom": custom}} if custom else {}
    fields = [
        {"name": name, "type": "string" if any(isinstance(value, str) for value in values) else "number"}
        for name, values in columns.items()
    ]
    return {"schema": schema | {"fields": fields}, "data": {"values": list(columns.values())}}


def handler_of(grafana: FakeGrafana) -> type[BaseHTTPRequestHandler]:
    """Build its HTTP server. Without credentials, only its health can be read."""
    known = {"Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(), f"Bearer {TOKEN}"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*(grafana.get(self.path) if self._is_known() else (401, {"message": "Unauthorized"})))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(*(grafana.post(self.path, body) if self._is_known() else (401, {"message": "Unauthorized"})))

        def _is_known(self) -> bool:
            identity = self.headers.get("Authorization", "")
            grafana.identities.append(identity)
            return identity in known or self.path == "/api/health"

        def _answer(self, status: int, body: object) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output clean."""

    return Handler


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve it on a free port of this machine. Returns its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
