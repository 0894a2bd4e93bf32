"""Draw the charts of docs/performance.md: ``.venv-peers/bin/python -m bench.peers.charts RESULTS FOLDER``.

RESULTS is what `python -m bench.peers --json` wrote. The same results give the same bytes.
"""

import json
import sys
from pathlib import Path
from typing import Any

SLOWER, FASTER = "#b3541e", "#1f6f8b"


def draw(task: str, comparisons: list[dict[str, Any]], path: Path) -> None:
    """Draw one task: a panel for each size, a bar for each peer, a line from the lowest to the highest round."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "cafe", "font.family": "sans-serif", "font.size": 9})
    sizes = sorted({found["rows"] for found in comparisons})
    figure, panels = plt.subplots(1, len(sizes), figsize=(max(7, 3.6 * len(sizes)), 2.9), squeeze=False, sharey=True)
    for panel, rows in zip(panels[0], sizes, strict=True):
        shown = [found for found in comparisons if found["rows"] == rows][::-1]
        ratios = [found["times_as_long"] for found in shown]
        medians = [ratio["median"] for ratio in ratios]
        reach = [
            [ratio["median"] - ratio["min"] for ratio in ratios],
            [ratio["max"] - ratio["median"] for ratio in ratios],
        ]
        colours = [FASTER if value >= 1 else SLOWER for value in medians]
        panel.barh([found["peer"] for found in shown], medians, xerr=reach, color=colours, ecolor="#333333", capsize=2)
        panel.axvline(1, color="#333333", linewidth=1)
        panel.set_title(f"{rows:,} rows")
        panel.set_xlim(0, 1.25 * max(1, *(ratio["max"] for ratio in ratios)))
        panel.spines[["top", "right"]].set_visible(False)
        for place, (value, ratio) in enumerate(zip(medians, ratios, strict=True)):
            panel.annotate(
                f"{value:.2f}", (ratio["max"], place), xytext=(6, 0), textcoords="offset points", va="center"
            )
    figure.suptitle(f"{task}: time of each peer ÷ time of the pipeline")
    figure.supxlabel("right of the line: the pipeline is faster", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main(results: Path, folder: Path) -> None:
    """Draw a chart for each kind of task."""
    comparisons = json.loads(results.read_text(encoding="utf-8"))["comparisons"]
    for task in dict.fromkeys(found["task"] for found in comparisons):
        name = "-".join("".join(letter if letter.isalnum() else " " for letter in task).split())
        draw(task, [found for found in comparisons if found["task"] == task], folder / f"peers-{name}.svg")


if __name__ == "__main__":
    results, folder = sys.argv[1:]
    main(Path(results), Path(folder))
