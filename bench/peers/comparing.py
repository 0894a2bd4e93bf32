"""Compare the runs of two sides: prove that they did the same, then take the ratios of the runs of each round."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.peers.running import Cost
from cafe.errors import CafeError


class DifferentOutput(CafeError):
    """Two sides wrote different sales, so their times cannot be compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One peer beside the pipeline, on the same input; the costs are in order of the rounds."""

    task: str
    rows: int
    peer: str
    leaves_out: str
    ours: tuple[Cost, ...]
    peers: tuple[Cost, ...]

    @property
    def ratios(self) -> list[float]:
        """How many times as long as the pipeline the peer took, in each round, from the lowest."""
        return sorted(peer.seconds / our.seconds for our, peer in zip(self.ours, self.peers, strict=True))

    def document(self) -> dict[str, Any]:
        """Give the comparison for scripts."""
        ratios = self.ratios
        return {
            "task": self.task,
            "rows": self.rows,
            "peer": self.peer,
            "leaves_out": self.leaves_out,
            "rounds": len(ratios),
            "times_as_long": {"median": median(ratios), "min": ratios[0], "max": ratios[-1]},
            "ours": _medians(self.ours),
            "theirs": _medians(self.peers),
        }


def check_same(peer: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Raise DifferentOutput unless both hold the same orders, and the same items if the peer splits baskets."""
    for name, value in theirs.items():
        if value is not None and value != ours[name]:
            raise DifferentOutput(
                f"{peer} and the pipeline differ in {name}.", f"{str(value)[:200]}\n{str(ours[name])[:200]}"
            )
    if not ours["orders"]:
        raise DifferentOutput("The pipeline wrote no order.")


def _medians(costs: Sequence[Cost]) -> dict[str, float | None]:
    columns = {name: [asdict(cost)[name] for cost in costs] for name in Cost.__slots__}
    return {name: None if None in values else median(values) for name, values in columns.items()}
