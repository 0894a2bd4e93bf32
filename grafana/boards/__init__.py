"""The boards, a file each, by the uid that is also their file's name."""

from collections.abc import Callable

from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards import cafe_detail, cafe_overview, pipeline, products

BOARDS: dict[str, Callable[[], Dashboard]] = {
    "cafe-overview": cafe_overview.board,
    "cafe-detail": cafe_detail.board,
    "products": products.board,
    "pipeline": pipeline.board,
}
