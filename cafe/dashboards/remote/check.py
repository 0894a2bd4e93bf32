"""Is a running Grafana what is committed, and does every query of every board get an answer there?"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cafe.dashboards.boards import Board, Panel
from cafe.dashboards.remote.queries import Asking, QueryFailed, chosen, filled_in
from cafe.dashboards.remote.server import GrafanaServer, NotGrafana
from cafe.dashboards.variables import Values, VariableError

# Grafana numbers them as it likes; and it brings a board's form up to its own when it is asked for it.
OF_GRAFANA_ITSELF = frozenset(("id", "version", "schemaVersion"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: of a kind, by its name, with what was found."""

    kind: str
    name: str
    is_well: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Versions:
    """What is to run: Grafana's own version, and that of each plugin by its id."""

    grafana: str
    plugins: Mapping[str, str]


def read_versions(text: str) -> Versions:
    """Read grafana/host/versions.env."""
    facts = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    return Versions(
        grafana=facts["GRAFANA_IMAGE"].rpartition(":")[2],
        plugins=dict(plugin.split("@") for plugin in facts["GF_PLUGINS_PREINSTALL_SYNC"].split(",")),
    )


def check_everything(asking: Asking, boards: list[Board], versions: Versions) -> Iterator[Finding]:
    """Look at all that there is. Raises NotGrafana, GrafanaRefused, or CafeError if nothing answers."""
    yield from check_server(asking.server, versions)
    yield from check_datasources(asking.server, boards)
    for board in boards:
        yield from check_board(asking, board)


def check_server(server: GrafanaServer, versions: Versions) -> Iterator[Finding]:
    """Look at Grafana itself and its plugins."""
    answer = server.get("/api/health", as_nobody=True)
    if not isinstance(answer.body, dict) or "database" not in answer.body:
        raise NotGrafana(f"What answers at {server.url} is not Grafana.", "Is it the right port?")
    running = str(answer.body.get("version", "not told"))
    yield Finding("grafana", "health", answer.body["database"] == "ok", f"database {answer.body['database']}")
    yield Finding("grafana", "version", running == versions.grafana, _compared(running, versions.grafana))
    for plugin, wanted in versions.plugins.items():
        answer = server.get(f"/api/plugins/{plugin}/settings")
        found = str(answer.body["info"]["version"]) if answer.is_well else f"not there ({answer.message})"
        yield Finding("plugin", plugin, found == wanted, _compared(found, wanted))


def check_datasources(server: GrafanaServer, boards: list[Board]) -> Iterator[Finding]:
    """Look at each data source that a board asks: is it there, of its type, and does it reach what it stands for?"""
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


def check_board(asking: Asking, board: Board) -> Iterator[Finding]:
    """Look whether a board is there as committed, then ask its variables and every panel."""
    answer = asking.server.get(f"/api/dashboards/uid/{board.uid}")
    if answer.is_well:
        difference = first_difference(board.json, answer.body.get("dashboard", {}))
        yield Finding("dashboard", board.uid, not difference, difference or "as committed")
    else:
        yield Finding("dashboard", board.uid, False, f"not there ({answer.message})")
    values: dict[str, list[str]] = {}
    for variable, declared in zip(board.variables, board.json.get("templating", {}).get("list", []), strict=True):
        ask = partial(asking.choices, board, variable, declared["datasource"]["uid"], values)
        finding, choices = _asked("variable", f"{board.uid}: {variable.name}", ask, "choice")
        yield finding
        values[variable.name] = chosen(variable, choices or [])
    for panel in board.panels:
        if panel.targets:
            ask_rows = partial(_rows, asking, board, panel, values)
            yield _asked("panel", f"{board.uid}: {panel.title}", ask_rows, "row")[0]


def datasources_of(boards: list[Board]) -> dict[str, str]:
    """Give the type of every data source that a target or a variable of the boards names, by its uid."""
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
    """Say where something that is committed is not served alike; "" if nowhere. What Grafana adds is no difference."""
    if isinstance(committed, dict) and isinstance(served, dict):
        for name, value in committed.items():
            if path or name not in OF_GRAFANA_ITSELF:
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


def _rows(asking: Asking, board: Board, panel: Panel, values: Values) -> int:
    return asking.rows(board, [filled_in(target, values) for target in panel.json["targets"]])


def _asked[Answered: (int, list[str])](
    kind: str, name: str, ask: Callable[[], Answered], of_what: str
) -> tuple[Finding, Answered | None]:
    """Ask, and tell how much came, how long it took, or why nothing came."""
    start = time.monotonic()
    try:
        answered = ask()
    except (QueryFailed, VariableError) as error:
        return Finding(kind, name, False, error.message, time.monotonic() - start), None
    count = answered if isinstance(answered, int) else len(answered)
    many = "" if count == 1 else "s"
    return Finding(kind, name, True, f"{count:,} {of_what}{many}", time.monotonic() - start), answered


def _compared(found: str, wanted: str) -> str:
    return found if found == wanted else f"{found}, not {wanted}"
