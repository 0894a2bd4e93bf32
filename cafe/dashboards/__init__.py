"""The committed Grafana boards: read here, published, drawn in the `preview`, and checked on a `remote` Grafana."""

from cafe.errors import CafeError


class BoardError(CafeError):
    """A board, or one of its queries, is wrong."""
