"""Write each board's JSON to `grafana/dashboards/`: ``python -m grafana``."""

from pathlib import Path

from grafana.boards import BOARDS
from grafana.writing import json_of

FOLDER = Path(__file__).parent / "dashboards"


def main() -> None:
    """Write every board, and delete the files of boards that no longer exist."""
    FOLDER.mkdir(exist_ok=True)
    texts = {FOLDER / f"{uid}.json": json_of(board()) for uid, board in BOARDS.items()}
    for stale in set(FOLDER.glob("*.json")) - set(texts):
        stale.unlink()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
