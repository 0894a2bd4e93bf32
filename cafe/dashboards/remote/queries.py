"""A board's queries, asked of a running Grafana the way its browser side asks: variables filled in, answers waited for.

The Redshift plugin answers at once with the id of a statement that still runs, in the first frame's
``schema.meta.custom``, and wants the same query again with that ``queryID`` until its status is another
(DatasourceWithAsyncBackend.ts of grafana/grafana-async-query-data-js). CloudWatch answers at once.
"""

import re
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import ALL, Board, Dimension, Variable
from cafe.dashboards.remote.server import Answer, GrafanaServer
from cafe.dashboards.variables import USE, Values, interpolate_sql
from cafe.waiting import growing_pauses

QUERY_PATH = "/api/ds/query"
RUNNING = frozenset(("started", "submitted", "running"))
FAILED = frozenset(("failed", "canceled"))
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# What a panel of usual width sends along.
RESOLUTION = {"intervalMs": 60_000, "maxDataPoints": 1000}

type Query = Mapping[str, Any]


class QueryFailed(BoardError):
    """A query was answered with an error, or not in time."""


@dataclass(frozen=True)
class Asking:
    """How queries are asked: of whom, and how long an answer is waited for."""

    server: GrafanaServer
    timeout_seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def rows(self, board: Board, targets: Sequence[Query]) -> int:
        """Ask the targets of a panel, filled in; give the rows of all answers. Raises QueryFailed."""
        return sum(_rows(frame) for request in _requests(targets) for frame in self._frames(board, request))

    def choices(self, board: Board, variable: Variable, uid: str, values: Values) -> list[str]:
        """Ask for the choices of a variable, given those of the variables before it. Raises QueryFailed."""
        if isinstance(variable.query, Dimension):
            found = self._dimension_values(uid, variable.query)
        else:
            query = {
                "refId": variable.name,
                "datasource": {"uid": uid},
                "rawSQL": interpolate_sql(variable.query, values),
                "format": 1,
            }
            found = [str(value) for frame in self._frames(board, [query]) for value in next(iter(_columns(frame)), [])]
        matches = [(value, re.search(variable.pattern, value)) for value in found]
        # What a pattern captures is the choice, as in Grafana.
        return [match[1] if match.re.groups else value for value, match in matches if match]

    def _frames(self, board: Board, queries: Sequence[Query]) -> list[Query]:
        deadline = self.clock() + self.timeout_seconds
        asked = [{**query, **RESOLUTION, "meta": {"queryFlow": "async"}} for query in queries]
        for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
            request = {"from": board.start, "to": board.end, "queries": asked}
            frames = _frames_of(self.server.post(QUERY_PATH, request))
            custom = _custom_of(frames)
            status = str(custom.get("status", ""))
            if status in FAILED:
                raise QueryFailed(f"Redshift says: {status}.")
            if status not in RUNNING:
                return frames
            if self.clock() > deadline:
                self._cancel(asked[0], custom["queryID"])
                raise QueryFailed(f"No answer within {self.timeout_seconds:g} s; the statement was cancelled.")
            asked = [{**asked[0], "queryID": custom["queryID"]}]
            self.sleep(pause)
        raise AssertionError("the pauses never end")

    def _cancel(self, query: Query, query_id: str) -> None:
        """Have Redshift stop: else the statement goes on, and costs."""
        path = f"/api/datasources/uid/{query['datasource']['uid']}/resources/cancel"
        self.server.post(path, {"queryId": query_id})

    def _dimension_values(self, uid: str, dimension: Dimension) -> list[str]:
        asked = urllib.parse.urlencode(
            {
                "region": "default",
                "namespace": dimension.namespace,
                "metricName": dimension.metric_name,
                "dimensionKey": dimension.key,
                "dimensionFilters": "{}",
            }
        )
        answer = self.server.get(f"/api/datasources/uid/{uid}/resources/dimension-values?{asked}")
        if not answer.is_well or not isinstance(answer.body, list):
            raise QueryFailed(f"CloudWatch: {answer.message}")
        return [str(entry["value"]) for entry in answer.body]


def chosen(variable: Variable, choices: Sequence[str]) -> list[str]:
    """Give the values with which a board opens: all, its default, or the first; an empty text if there is none."""
    if variable.include_all and variable.default in (ALL, ""):
        return list(choices) or [""]
    return [variable.default] if variable.default in choices else [*choices[:1]] or [""]


def filled_in(target: Query, values: Values) -> dict[str, Any]:
    """Put variables into a target, as Grafana's browser side does before it asks."""
    return {
        name: interpolate_sql(value, values) if name == "rawSQL" else _filled_in(value, values)
        for name, value in target.items()
    }


def _filled_in(value: Any, values: Values) -> Any:
    match value:
        case str():
            return USE.sub(lambda use: ",".join(values.get(use[1] or use[2], [use[0]])), value)
        case list():
            return [part for item in value for part in _parts(item, values)]
        case dict():
            return {name: _filled_in(item, values) for name, item in value.items()}
    return value


def _parts(item: Any, values: Values) -> list[Any]:
    """Give what an item of a list becomes: a variable that stands alone becomes as many as it has values."""
    use = USE.fullmatch(item) if isinstance(item, str) else None
    name = (use[1] or use[2]) if use else ""
    return list(values[name]) if name in values else [_filled_in(item, values)]


def _requests(targets: Sequence[Query]) -> Iterator[list[Query]]:
    """Group targets as they are sent: the warehouse's one by one, metrics together, for expressions name each other."""
    yield from ([target] for target in targets if "rawSQL" in target)
    metrics = [target for target in targets if "rawSQL" not in target]
    if metrics:
        yield metrics


def _frames_of(answer: Answer) -> list[Query]:
    """Read an answer's frames. An error stands with its query; the whole answer's status is then one too."""
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


def _rows(frame: Query) -> int:
    return len(next(iter(_columns(frame)), []))
