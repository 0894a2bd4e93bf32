"""Turn boards into the JSON that is committed, and read it back with the SDK, which drops what it does not know."""

import json
from collections.abc import Mapping

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import register_dataquery_variant
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.redshift import dataquery_config


def json_of(board: Dashboard) -> str:
    """Write a board: the same text on every machine, keys sorted, so that a change shows as what changed."""
    return json.dumps(_encoded(board), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def read_back(board: Mapping[str, object]) -> object:
    """Read JSON with the SDK's types and write it again: a misspelt option does not come back."""
    register_default_plugins()
    register_dataquery_variant(dataquery_config())
    return _encoded(Dashboard.from_json(dict(board)))


def _encoded(board: Dashboard) -> object:
    return json.loads(JSONEncoder(sort_keys=True).encode(board))
