"""A query on the warehouse, as grafana-redshift-datasource spells it; the SDK has no type for it."""

from typing import Any, Self

from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.cog.runtime import DataqueryConfig
from grafana_foundation_sdk.models.common import DataSourceRef

from cafe.dashboards.frames import Format

PLUGIN = "grafana-redshift-datasource"
WAREHOUSE = DataSourceRef(type_val=PLUGIN, uid="cafe-warehouse")
# Of a wide time series, what a moment lacks is null: no café sold what it sold the day before.
FILL_WITH_NULL = 1


class RedshiftQuery(variants.Dataquery):
    """What stands in a panel's JSON."""

    def __init__(self, sql: str, form: Format, ref_id: str) -> None:
        self.sql = sql
        self.form = form
        self.ref_id = ref_id

    def to_json(self) -> dict[str, object]:
        """Write it with the plugin's names."""
        return {
            "datasource": WAREHOUSE,
            "fillMode": {"mode": FILL_WITH_NULL},
            "format": int(self.form),
            "rawSQL": self.sql,
            "refId": self.ref_id,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read it back."""
        return cls(data["rawSQL"], Format(data["format"]), data["refId"])


class Ask(builder.Builder[RedshiftQuery]):
    """Build a query; with ``series`` its answer is a time series, else a table."""

    def __init__(self, sql: str, *, series: bool = False, ref_id: str = "A") -> None:
        self._query = RedshiftQuery(sql, Format.TIME_SERIES if series else Format.TABLE, ref_id)

    def build(self) -> RedshiftQuery:
        """Give the query."""
        return self._query


def dataquery_config() -> DataqueryConfig:
    """Tell the SDK how to read our queries back."""
    return DataqueryConfig(identifier=PLUGIN, from_json_hook=RedshiftQuery.from_json)
