"""Compare measured figures with their limits, and show them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cafe.terminal.documents import write_document
from cafe.terminal.presentation import Listing, plain, table


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure. ``limit`` is the maximum, or the minimum if ``is_floor``; ``note`` says how it was measured."""

    name: str
    measured: float
    limit: float
    unit: str
    note: str = ""
    is_floor: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its limit."""
        return self.measured >= self.limit if self.is_floor else self.measured <= self.limit


def figures_table(figures: Sequence[Figure]) -> Listing:
    """Lay out figures for people."""
    grid = table("figure", "measured", "limit", "verdict", "how", right=["measured", "limit"], prose=["figure", "how"])
    for figure in figures:
        verdict = plain("met", "green") if figure.is_met else plain("missed", "bold red")
        limit = f"{'≥' if figure.is_floor else '≤'} {figure.limit:g} {figure.unit}"
        grid.add_row(plain(figure.name), f"{figure.measured:.2f} {figure.unit}", limit, verdict, plain(figure.note))
    return grid


def write_figures_json(figures: Sequence[Figure]) -> None:
    """Write figures for scripts."""
    write_document([asdict(figure) | {"is_met": figure.is_met} for figure in figures])
