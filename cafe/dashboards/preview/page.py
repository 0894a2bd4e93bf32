"""Make the preview: one page with the answers to every query of the boards, for every position of their switches.

Grafana's own components draw the page (grafana/preview). The page says that it is not a Grafana server.
"""

import base64
import gzip
import json
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from errno import EISDIR
from os import strerror
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import Board, Dimension, MetricTarget, Namespaces, Panel, Variable, WarehouseTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import choices, statement_of
from cafe.dashboards.preview.frames import Frame, frame_of
from cafe.dashboards.preview.metrics import answer_metrics, dimension_choices
from cafe.dashboards.preview.switches import Setting, Switches, switches_of
from cafe.dashboards.variables import Choice, Values, choices_that_match
from cafe.errors import CafeError
from cafe.warehouse.port import Parameters, QueryResult, Warehouse

# The order of the tabs.
BOARD_ORDER = ("cafe-overview", "cafe-detail", "products", "pipeline")
WORKERS = 2
PREVIEW_FOLDER = Path("grafana") / "preview"
NODE = Path(".venv-preview") / "bin" / "node"
ANSWERS_PLACEHOLDER = "/* answers */"
INSTALL = "Run `make preview`: it installs what the preview needs and makes the page."

type Advance = Callable[[int, int], None]


class PreviewNotInstalled(CafeError):
    """Node or a package that the preview is bundled from is missing."""

    def __init__(self, missing: Path) -> None:
        super().__init__(f"The preview cannot be bundled: {missing} is missing.", INSTALL)


@dataclass(frozen=True)
class Sources:
    """The data sources: a warehouse, with one connection for each thread, and CloudWatch.

    ``metrics_namespace`` holds the pipeline's own metrics: what the provisioned CloudWatch data source names.
    """

    open_warehouse: Callable[[], Warehouse]
    cloudwatch: Any
    metrics_namespace: str
    workers: int = WORKERS
    _of_thread: threading.local = field(default_factory=threading.local)

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """Query over this thread's connection; see `Warehouse.query`."""
        if not hasattr(self._of_thread, "warehouse"):
            self._of_thread.warehouse = self.open_warehouse()
        warehouse: Warehouse = self._of_thread.warehouse
        return warehouse.query(sql, parameters)


def answer_boards(
    boards: Sequence[Board], sources: Sources, now: datetime, source: str, advance: Advance
) -> dict[str, Any]:
    """Run every query that the page may show, each different statement once, and return the page's JSON.

    ``advance`` is called with the number of statements answered and their total.
    """
    in_order = sorted(boards, key=lambda board: (*BOARD_ORDER, board.uid).index(board.uid))
    switches = {board.uid: _switches(board, sources, now) for board in in_order}
    statements = {
        statement_of(target, setting.period, setting.values)
        for board in in_order
        for panel in board.panels
        for target in _visible(panel)
        for setting in switches[board.uid].settings
    }
    results = _query_all(sorted(statements), sources, advance)
    frames = _Frames()
    answers = {
        board.uid: {
            panel.id: _collapsed({
                (setting.span, setting.cafe): frames.indexes(_answer(panel, setting, results, sources))
                for setting in switches[board.uid].settings
            })
            for panel in board.panels
            if panel.targets
        }
        for board in in_order
    }  # fmt: skip
    return {
        "takenAt": int(now.timestamp() * 1000),
        "source": source,
        "boards": [board.json for board in in_order],
        "choices": {uid: found.as_json() for uid, found in switches.items()},
        "frames": frames.all,
        "answers": answers,
    }


def write_page(page_data: Mapping[str, Any], root: Path, target: Path) -> int:
    """Bundle the page with Node, insert the answers, and write it in one step; return its size in bytes."""
    require_page(root, target)
    with TemporaryDirectory(prefix="cafe-preview-") as scratch:
        page = Path(scratch) / "page.html"
        bundled = subprocess.run(
            [str(root / NODE), str(root / PREVIEW_FOLDER / "build.mjs"), str(page)],
            capture_output=True,
            text=True,
            check=False,
        )
        if bundled.returncode != 0:
            raise CafeError("The preview could not be bundled:", INSTALL, bundled.stderr.strip())
        before, found, after = page.read_text(encoding="utf-8").partition(ANSWERS_PLACEHOLDER)
    if not found:
        raise CafeError(f"The preview's page does not contain {ANSWERS_PLACEHOLDER}.")
    # The answers of twenty cafés are similar and compress well. mtime=0 gives equal bytes for equal answers.
    packed = base64.b64encode(gzip.compress(json.dumps(page_data).encode(), mtime=0)).decode()
    whole = f"{before}{packed}{after}".encode()
    partial = _partial(target)
    try:
        partial.write_bytes(whole)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return len(whole)


def require_page(root: Path, target: Path) -> None:
    """Make sure that the page can be bundled and written, before a warehouse is queried for it.

    Raises PreviewNotInstalled, and OSError, which names the page, if it cannot be written.
    """
    for needed in (root / NODE, root / PREVIEW_FOLDER / "node_modules"):
        if not needed.exists():
            raise PreviewNotInstalled(needed.relative_to(root))
    if target.is_dir():
        raise IsADirectoryError(EISDIR, strerror(EISDIR), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _partial(target).touch()
        _partial(target).unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.partial")


def _switches(board: Board, sources: Sources, now: datetime) -> Switches:
    period = Period.before(now, board.start, board.end)

    def choices_of(variable: Variable, values: Values) -> list[Choice]:
        match variable.query:
            case Dimension() as dimension:
                found = [Choice(name, name) for name in dimension_choices(dimension, sources.cloudwatch)]
            case Namespaces():
                found = [Choice(sources.metrics_namespace, sources.metrics_namespace)]
            case str() as sql:
                found = choices(sql, sources, period, {})
        return choices_that_match(variable, found, values)

    return switches_of(board, choices_of, now)


def _visible(panel: Panel) -> Iterable[WarehouseTarget]:
    return (target for target in panel.targets if isinstance(target, WarehouseTarget) and not target.hidden)


def _query_all(statements: Sequence[str], sources: Sources, advance: Advance) -> dict[str, QueryResult]:
    """Run a few statements at a time. An error or Ctrl-C cancels those that have not started."""
    pool = ThreadPoolExecutor(sources.workers)
    try:
        results = {}
        for statement, result in zip(statements, pool.map(sources.query, statements), strict=True):
            results[statement] = result
            advance(len(results), len(statements))
        return results
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(panel: Panel, setting: Setting, results: Mapping[str, QueryResult], sources: Sources) -> list[Frame]:
    found = []
    for target in _visible(panel):
        result = results[statement_of(target, setting.period, setting.values)]
        try:
            found.append(frame_of(result, target.format, target.ref_id))
        except BoardError as error:
            raise BoardError(f"{panel.title}: {error.message}", error.remedy) from error
    metrics = [target for target in panel.targets if isinstance(target, MetricTarget)]
    return found + (answer_metrics(metrics, sources.cloudwatch, setting.period, setting.values) if metrics else [])


class _Frames:
    """A list of different frames; panels refer to them by index, so that equal frames are stored once."""

    def __init__(self) -> None:
        self._indexes: dict[str, int] = {}

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._indexes]

    def indexes(self, frames: Iterable[Frame]) -> list[int]:
        return [
            self._indexes.setdefault(json.dumps(frame.as_json()), len(self._indexes))
            for frame in frames
        ]  # fmt: skip


def _collapsed(answers: Mapping[tuple[str, str], list[int]]) -> dict[str, list[int]]:
    """Key the answers by ``span|café``, with "" for a switch that does not change the answer."""
    by_span = {span: [places for (other, _), places in answers.items() if other == span] for span, _ in answers}
    by_cafe = {cafe: [places for (_, other), places in answers.items() if other == cafe] for _, cafe in answers}
    needs_cafe = any(_differ(places) for places in by_span.values())
    needs_span = any(_differ(places) for places in by_cafe.values())
    return {
        f"{span if needs_span else ''}|{cafe if needs_cafe else ''}": places for (span, cafe), places in answers.items()
    }


def _differ(answers: Sequence[list[int]]) -> bool:
    return any(answer != answers[0] for answer in answers)
