"""Where the local stack keeps its files: the folder .cafe in the checkout, which git ignores."""

import os
from dataclasses import dataclass
from pathlib import Path

# Names another folder for the stack's state, so that a second stack can run beside the first. Tests use it.
STATE_VARIABLE = "CAFE_STATE"


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout. The stack writes everything into `state`, except the build (.aws-sam)."""

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
        """Files that are needed while the processes run: their records and their temporary files."""
        return self.state / "run"

    @property
    def warehouse(self) -> Path:
        """Files that stay when the processes stop: PostgreSQL's data and its password."""
        return self.state / "postgres"

    @property
    def postgres(self) -> Path:
        return self.warehouse / "data"

    @property
    def tls(self) -> Path:
        return self.state / "tls"

    @property
    def root_keys(self) -> Path:
        """The keys of the running stack's root user."""
        return self.run / "root-keys.json"

    @property
    def control_token(self) -> Path:
        """The token of the running stack's control ports."""
        return self.run / "control.token"

    @property
    def aws_config(self) -> Path:
        """The AWS configuration file with the profile of the running stack."""
        return self.run / "aws.config"

    @property
    def sam_local(self) -> Path:
        """What `sam local` is given. samconfig.toml names these files too."""
        return self.run / "sam-local"

    @property
    def sam_template(self) -> Path:
        return self.sam_local / "template.json"

    @property
    def sam_values(self) -> Path:
        """Its name says what to run, because SAM shows it if it is missing."""
        return self.sam_local / "made-by-cafe-event.json"

    @property
    def sam_config(self) -> Path:
        return self.root / "samconfig.toml"

    @property
    def build(self) -> Path:
        return self.root / ".aws-sam" / "build"

    @property
    def emulator_python(self) -> Path:
        return self.root / ".venv-emulator" / "bin" / "python"

    @property
    def runtime_python(self) -> Path:
        """The interpreter that plays Lambda's: it has AWS's runtime client and boto3, and nothing of the project."""
        return self.root / ".venv-lambda" / "bin" / "python"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def checkout() -> Layout:
    """Give the layout of the checkout that this package is installed from, in whatever folder it is called."""
    state = os.environ.get(STATE_VARIABLE)
    return Layout(Path(__file__).resolve().parents[2], Path(state).resolve() if state else None)
