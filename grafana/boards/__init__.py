"""The boards by uid. The uid is also the name of the JSON file."""

from collections.abc import Callable

from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards import cafe_detail, cafe_overview, pipeline, products

BOARDS: dict[str, Callable[[], Dashboard]] = {
    "cafe-overview": cafe_overview.board,
    "cafe-detail": cafe_detail.board,
    "products": products.board,
    "pipeline": pipeline.board,
}
