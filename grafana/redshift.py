"""A query on the warehouse in the JSON of grafana-redshift-datasource, for which the SDK has no type."""

from enum import IntEnum
from typing import Any, Self

from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.cog.runtime import DataqueryConfig
from grafana_foundation_sdk.models.common import DataSourceRef

PLUGIN = "grafana-redshift-datasource"
WAREHOUSE = DataSourceRef(type_val=PLUGIN, uid="cafe-warehouse")
# Leave a moment without a value empty. The alternative repeats the previous value, and a café that did not sell would
# show the sales of the day before.
FILL_WITH_NULL = 1


class Format(IntEnum):
    """The shape in which the plugin returns an answer; the JSON holds the number."""

    TIME_SERIES = 0
    TABLE = 1


class RedshiftQuery(variants.Dataquery):
    """A query of a panel."""

    def __init__(self, sql: str, answer_format: Format, ref_id: str) -> None:
        self.sql = sql
        self.answer_format = answer_format
        self.ref_id = ref_id

    def to_json(self) -> dict[str, object]:
        """Write the query with the plugin's names."""
        return {
            "datasource": WAREHOUSE,
            "fillMode": {"mode": FILL_WITH_NULL},
            "format": int(self.answer_format),
            "rawSQL": self.sql,
            "refId": self.ref_id,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a query from its JSON."""
        return cls(data["rawSQL"], Format(data["format"]), data["refId"])


class WarehouseQuery(builder.Builder[RedshiftQuery]):
    """Build a query. Its answer is a time series with ``series``, otherwise a table."""

    def __init__(self, sql: str, *, series: bool = False, ref_id: str = "A") -> None:
        self._query = RedshiftQuery(sql, Format.TIME_SERIES if series else Format.TABLE, ref_id)

    def build(self) -> RedshiftQuery:
        """Return the query."""
        return self._query


def dataquery_config() -> DataqueryConfig:
    """Describe to the SDK how to read these queries."""
    return DataqueryConfig(identifier=PLUGIN, from_json_hook=RedshiftQuery.from_json)
