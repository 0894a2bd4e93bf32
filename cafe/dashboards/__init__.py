"""What a Grafana host would make of the committed boards, without one: queries expanded, answers typed, boards read.

Shared by the preview, the tests and the benchmark. It says what the plugins' sources say, and was never compared with
a running Grafana.
"""

from cafe.errors import CafeError


class BoardError(CafeError):
    """A board asks for what its data source could not answer."""
