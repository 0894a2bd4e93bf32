"""Run a board's queries on a Grafana as its browser code does: replace variables, send, wait for the answers.

The Redshift plugin answers at once, in the first frame's ``schema.meta.custom``, with the id of a statement that is
still running. The same query is then sent again with that ``queryID`` until the status changes
(DatasourceWithAsyncBackend.ts of grafana/grafana-async-query-data-js). CloudWatch returns its data at once.
"""

import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import ALL, Board, Dimension, Namespaces, Variable
from cafe.dashboards.remote.server import Answer, GrafanaServer
from cafe.dashboards.variables import USE, Choice, Values, choices_of, choices_that_match, interpolate_sql
from cafe.waiting import growing_pauses

QUERY_PATH = "/api/ds/query"
RUNNING = frozenset(("started", "submitted", "running"))
FAILED = frozenset(("failed", "canceled"))
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# What a panel of usual width sends with each query.
RESOLUTION = {"intervalMs": 60_000, "maxDataPoints": 1000}

type Query = Mapping[str, Any]


class QueryFailed(BoardError):
    """A query failed or took too long."""


@dataclass(frozen=True)
class QueryRunner:
    """Runs queries on a Grafana, and waits for each answer up to a timeout."""

    server: GrafanaServer
    timeout_seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def rows(self, board: Board, targets: Sequence[Query]) -> int:
        """Run a panel's targets, variables already replaced, and count the rows of all answers. Raises QueryFailed."""
        return sum(_rows(frame) for request in _requests(targets) for frame in self._frames(board, request))

    def choices(self, board: Board, variable: Variable, uid: str, values: Values) -> list[str]:
        """Return the values that a variable can have, given those of the variables before it. Raises QueryFailed."""
        match variable.query:
            case Dimension() as dimension:
                found = self._dimension_values(uid, dimension)
            case Namespaces():
                found = self._resources(uid, "namespaces")
            case str() as sql:
                query = {
                    "refId": variable.name,
                    "datasource": {"uid": uid},
                    "rawSQL": interpolate_sql(sql, values),
                    "format": 1,
                }
                frames = self._frames(board, [query])
                found = [choice.value for frame in frames for choice in choices_of(_named_columns(frame))]
        known = [Choice(value, value) for value in found]
        return [choice.value for choice in choices_that_match(variable, known, values)]

    def _frames(self, board: Board, queries: Sequence[Query]) -> list[Query]:
        deadline = self.clock() + self.timeout_seconds
        to_send = [{**query, **RESOLUTION, "meta": {"queryFlow": "async"}} for query in queries]
        for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
            request = {"from": board.start, "to": board.end, "queries": to_send}
            frames = _frames_of(self.server.post(QUERY_PATH, request))
            custom = _custom_of(frames)
            status = str(custom.get("status", ""))
            if status in FAILED:
                raise QueryFailed(f"Redshift reports the statement as {status}.")
            if status not in RUNNING:
                return frames
            if self.clock() > deadline:
                self._cancel(to_send[0], custom["queryID"])
                raise QueryFailed(f"No answer within {self.timeout_seconds:g} s; the statement was cancelled.")
            to_send = [{**to_send[0], "queryID": custom["queryID"]}]
            self.sleep(pause)
        raise AssertionError("the pauses never end")

    def _cancel(self, query: Query, query_id: str) -> None:
        """Cancel a statement in Redshift; otherwise it continues and costs money."""
        path = f"/api/datasources/uid/{query['datasource']['uid']}/resources/cancel"
        self.server.post(path, {"queryId": query_id})

    def _dimension_values(self, uid: str, dimension: Dimension) -> list[str]:
        parameters = urllib.parse.urlencode(
            {
                "region": "default",
                "namespace": dimension.namespace,
                "metricName": dimension.metric_name,
                "dimensionKey": dimension.key,
                "dimensionFilters": "{}",
            }
        )
        return self._resources(uid, f"dimension-values?{parameters}")

    def _resources(self, uid: str, path: str) -> list[str]:
        answer = self.server.get(f"/api/datasources/uid/{uid}/resources/{path}")
        if not answer.is_well or not isinstance(answer.body, list):
            raise QueryFailed(f"CloudWatch: {answer.message}")
        return [str(entry["value"]) for entry in answer.body]


def initial_values(variable: Variable, choices: Sequence[str]) -> list[str]:
    """Return the values with which a board opens: all, its default, or the first. Without choices: an empty text."""
    if variable.include_all and variable.default in (ALL, ""):
        return [variable.all_value] if variable.all_value else list(choices) or [""]
    return [variable.default] if variable.default in choices else [*choices[:1]] or [""]


def replace_variables(target: Query, values: Values) -> dict[str, Any]:
    """Replace variables in a target, as Grafana does in the browser."""
    return {
        name: interpolate_sql(value, values) if name == "rawSQL" else _replace(value, values)
        for name, value in target.items()
    }


def _replace(value: Any, values: Values) -> Any:
    match value:
        case str():
            return USE.sub(lambda use: ",".join(values.get(use[1] or use[2], [use[0]])), value)
        case list():
            return [part for item in value for part in _parts(item, values)]
        case dict():
            return {name: _replace(item, values) for name, item in value.items()}
    return value


def _parts(item: Any, values: Values) -> list[Any]:
    """Return what an item of a list becomes. An item that is only a variable becomes one item for each value."""
    use = USE.fullmatch(item) if isinstance(item, str) else None
    name = (use[1] or use[2]) if use else ""
    return list(values[name]) if name in values else [_replace(item, values)]


def _requests(targets: Sequence[Query]) -> Iterator[list[Query]]:
    """Group targets into requests: each warehouse query alone, all metrics together, since expressions use them."""
    yield from ([target] for target in targets if "rawSQL" in target)
    metrics = [target for target in targets if "rawSQL" not in target]
    if metrics:
        yield metrics


def _frames_of(answer: Answer) -> list[Query]:
    """Return an answer's frames. Grafana reports an error beside its query, and then the whole answer fails as well."""
    results = answer.body.get("results", {}) if isinstance(answer.body, dict) else {}
    for result in results.values():
        if "error" in result:
            raise QueryFailed(str(result["error"]))
    if not results:
        raise QueryFailed(f"Grafana: {answer.message}")
    return [frame for result in results.values() for frame in result.get("frames") or []]


def _custom_of(frames: Sequence[Query]) -> Mapping[str, Any]:
    custom = frames[0].get("schema", {}).get("meta", {}).get("custom") if frames else None
    return custom if isinstance(custom, dict) and {"queryID", "status"} <= custom.keys() else {}


def _columns(frame: Query) -> list[list[Any]]:
    columns: list[list[Any]] = frame.get("data", {}).get("values", [])
    return columns


def _named_columns(frame: Query) -> list[tuple[str, str, list[Any]]]:
    fields = frame.get("schema", {}).get("fields", [])
    return [(field["name"], field["type"], values) for field, values in zip(fields, _columns(frame), strict=True)]


def _rows(frame: Query) -> int:
    return len(next(iter(_columns(frame)), []))
