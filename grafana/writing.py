"""Turn boards into the committed JSON, and read it back with the SDK, which drops unknown options."""

import json
from collections.abc import Mapping

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import register_dataquery_variant
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.redshift import dataquery_config


def json_of(board: Dashboard) -> str:
    """Return a board's JSON. Keys are sorted, so that a diff shows only what changed."""
    return json.dumps(_encoded(board), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def read_back(board: Mapping[str, object]) -> object:
    """Read JSON with the SDK's types and write it again. A misspelt option is lost on the way, so a test finds it."""
    register_default_plugins()
    register_dataquery_variant(dataquery_config())
    return _encoded(Dashboard.from_json(dict(board)))


def _encoded(board: Dashboard) -> object:
    return json.loads(JSONEncoder(sort_keys=True).encode(board))
