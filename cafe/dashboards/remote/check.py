"""Check that a running Grafana matches what is committed, and that it answers every query of every board."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cafe.dashboards.boards import Board, Panel
from cafe.dashboards.remote.queries import QueryFailed, QueryRunner, initial_values, replace_variables
from cafe.dashboards.remote.server import GrafanaServer, NotGrafana
from cafe.dashboards.variables import Values, VariableError

# Grafana sets the first two itself, and upgrades the third when it serves a board.
SET_BY_GRAFANA = frozenset(("id", "version", "schemaVersion"))


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: the kind and name of what was checked, and what was found."""

    kind: str
    name: str
    is_well: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that must run: Grafana's, and each plugin's by its id."""

    grafana: str
    plugins: Mapping[str, str]


def read_versions(text: str) -> Versions:
    """Read grafana/host/versions.env, where an image is NAME:VERSION@sha256:DIGEST."""
    facts = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    image, _, _ = facts["GRAFANA_IMAGE"].partition("@")
    return Versions(
        grafana=image.rpartition(":")[2],
        plugins=dict(plugin.split("@") for plugin in facts["GF_PLUGINS_PREINSTALL_SYNC"].split(",")),
    )


def check_everything(runner: QueryRunner, boards: list[Board], versions: Versions) -> Iterator[Finding]:
    """Run every check. Raises NotGrafana, GrafanaRefused, or CafeError if nothing answers."""
    yield from check_server(runner.server, versions)
    yield from check_datasources(runner.server, boards)
    for board in boards:
        yield from check_board(runner, board)


def check_server(server: GrafanaServer, versions: Versions) -> Iterator[Finding]:
    """Check Grafana's health and version, and its plugins."""
    answer = server.get("/api/health", anonymous=True)
    if not isinstance(answer.body, dict) or "database" not in answer.body:
        raise NotGrafana(f"What answers at {server.url} is not Grafana.", "Is it the right port?")
    running = str(answer.body.get("version", "not reported"))
    yield Finding("grafana", "health", answer.body["database"] == "ok", f"database {answer.body['database']}")
    yield Finding("grafana", "version", running == versions.grafana, _describe_version(running, versions.grafana))
    for plugin, wanted in versions.plugins.items():
        answer = server.get(f"/api/plugins/{plugin}/settings")
        found = str(answer.body["info"]["version"]) if answer.is_well else f"not there ({answer.message})"
        yield Finding("plugin", plugin, found == wanted, _describe_version(found, wanted))


def check_datasources(server: GrafanaServer, boards: list[Board]) -> Iterator[Finding]:
    """Check each data source of the boards: it exists, has the right type, and reports that it works."""
    for uid, kind in sorted(datasources_of(boards).items()):
        answer = server.get(f"/api/datasources/uid/{uid}")
        if not answer.is_well:
            yield Finding("data source", uid, False, f"not there ({answer.message})")
            continue
        if answer.body["type"] != kind:
            yield Finding("data source", uid, False, f"{answer.body['type']}, not {kind}")
            continue
        start = time.monotonic()
        health = server.get(f"/api/datasources/uid/{uid}/health")
        is_well = health.is_well and health.body.get("status") == "OK"
        yield Finding("data source", uid, is_well, health.message, time.monotonic() - start)


def check_board(runner: QueryRunner, board: Board) -> Iterator[Finding]:
    """Check that a board is served as committed, then run the queries of its variables and panels."""
    answer = runner.server.get(f"/api/dashboards/uid/{board.uid}")
    if answer.is_well:
        difference = first_difference(board.json, answer.body.get("dashboard", {}))
        yield Finding("dashboard", board.uid, not difference, difference or "as committed")
    else:
        yield Finding("dashboard", board.uid, False, f"not there ({answer.message})")
    values: dict[str, list[str]] = {}
    for variable, declared in zip(board.variables, board.json.get("templating", {}).get("list", []), strict=True):
        find_choices = partial(runner.choices, board, variable, declared["datasource"]["uid"], values)
        finding, choices = _time_query("variable", f"{board.uid}: {variable.name}", find_choices, "choice")
        yield finding
        values[variable.name] = initial_values(variable, choices or [])
    for panel in board.panels:
        if panel.targets:
            count_rows = partial(_count_rows, runner, board, panel, values)
            yield _time_query("panel", f"{board.uid}: {panel.title}", count_rows, "row")[0]


def datasources_of(boards: list[Board]) -> dict[str, str]:
    """Return the type of every data source that a target or a variable of the boards names, by uid."""
    named = [
        entry["datasource"]
        for board in boards
        for entry in (
            *(target for panel in board.panels for target in panel.json.get("targets", [])),
            *board.json.get("templating", {}).get("list", []),
        )
    ]
    return {source["uid"]: source["type"] for source in named}


def first_difference(committed: Any, served: Any, path: str = "") -> str:
    """Describe the first place where the served JSON differs from the committed one; "" if none does.

    What Grafana adds is not a difference.
    """
    if isinstance(committed, dict) and isinstance(served, dict):
        for name, value in committed.items():
            if path or name not in SET_BY_GRAFANA:
                if name not in served:
                    return f"{path}{name} is missing"
                if difference := first_difference(value, served[name], f"{path}{name}."):
                    return difference
        return ""
    if isinstance(committed, list) and isinstance(served, list):
        if len(committed) != len(served):
            return f"{path.rstrip('.')}: {len(served)} instead of {len(committed)}"
        differences = (
            first_difference(wanted, found, f"{path.rstrip('.')}[{index}].")
            for index, (wanted, found) in enumerate(zip(committed, served, strict=True))
        )
        return next(filter(None, differences), "")
    return "" if committed == served else f"{path.rstrip('.')} differs"


def _count_rows(runner: QueryRunner, board: Board, panel: Panel, values: Values) -> int:
    return runner.rows(board, [replace_variables(target, values) for target in panel.json["targets"]])


def _time_query[Answer: (int, list[str])](
    kind: str, name: str, run: Callable[[], Answer], noun: str
) -> tuple[Finding, Answer | None]:
    """Run a query; return how many results it gave and how long it took, or why it failed."""
    start = time.monotonic()
    try:
        answer = run()
    except (QueryFailed, VariableError) as error:
        return Finding(kind, name, False, error.message, time.monotonic() - start), None
    count = answer if isinstance(answer, int) else len(answer)
    plural = "" if count == 1 else "s"
    return Finding(kind, name, True, f"{count:,} {noun}{plural}", time.monotonic() - start), answer


def _describe_version(found: str, wanted: str) -> str:
    return found if found == wanted else f"{found}, not {wanted}"
