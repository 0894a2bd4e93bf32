"""Where the local twin keeps its things: one ignored folder in the checkout, and the environments beside it."""

import os
from dataclasses import dataclass
from pathlib import Path

# Names another folder for the twin's state, so that a second one can be up beside the first (tests do this).
STATE_VARIABLE = "CAFE_STATE"


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout. Everything that the twin writes is below `state`, but the build (.aws-sam)."""

    root: Path
    other_state: Path | None = None

    @property
    def state(self) -> Path:
        return self.other_state or self.root / ".cafe"

    @property
    def stack_file(self) -> Path:
        return self.state / "stack.json"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """What lives as long as the processes: their records, their temporary files."""
        return self.state / "run"

    @property
    def warehouse(self) -> Path:
        """What outlives the processes: PostgreSQL's data, and the password to it."""
        return self.state / "postgres"

    @property
    def postgres(self) -> Path:
        return self.warehouse / "data"

    @property
    def tls(self) -> Path:
        return self.state / "tls"

    @property
    def build(self) -> Path:
        return self.root / ".aws-sam" / "build"

    @property
    def emulator_python(self) -> Path:
        return self.root / ".venv-emulator" / "bin" / "python"

    @property
    def runtime_python(self) -> Path:
        """The interpreter that stands for Lambda's: its runtime client and boto3, nothing of ours."""
        return self.root / ".venv-lambda" / "bin" / "python"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def checkout() -> Layout:
    """Give the layout of the checkout that this package is installed from, whatever the current folder is."""
    state = os.environ.get(STATE_VARIABLE)
    return Layout(Path(__file__).resolve().parents[2], Path(state).resolve() if state else None)
