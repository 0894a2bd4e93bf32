"""Where the local stacks keep their files: a folder for each workspace in `.cafe` in the checkout, which git ignores.

A workspace is a local stack with its own state, ports, warehouse and drop bucket. No two workspaces share any of them,
so that invented files never meet a user's own. They share the sources of the checkout, and what is built of them.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cafe.errors import CafeError

# Names the workspace of every command in a shell.
WORKSPACE_VARIABLE = "CAFE_WORKSPACE"
# Names another folder for all workspaces, so that they can be kept apart from those of the checkout. Tests use it.
STATE_VARIABLE = "CAFE_STATE"
# The user's own workspace, and those that fill themselves with invented data.
MAIN, DEMO, PREVIEW, BENCH = "main", "demo", "preview", "bench"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 40
# Folders of `.cafe` from the time before there were workspaces.
EARLIER_FOLDERS = ("postgres", "tls", "logs", "run")


@dataclass(frozen=True)
class Layout:
    """The folders of one workspace of a checkout. The stack writes everything into `state`, except the build."""

    root: Path
    other_home: Path | None = None
    workspace: str = MAIN

    @property
    def home(self) -> Path:
        """The folder of all workspaces."""
        return self.other_home or self.root / ".cafe"

    @property
    def state(self) -> Path:
        return self.home / self.workspace

    @property
    def is_in_samconfig(self) -> bool:
        """Whether samconfig.toml names this workspace's files of `sam local`: it names those of the checkout's main."""
        return self.other_home is None and self.workspace == MAIN

    @property
    def page(self) -> Path:
        """The dashboards' preview: one HTML file."""
        return self.state / "dashboards.html"

    @property
    def stack_file(self) -> Path:
        return self.state / "stack.json"

    @property
    def used_file(self) -> Path:
        """An empty file whose time is that of the last command that used the stack."""
        return self.state / "used"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """Files that are needed while the processes run: their records and their temporary files."""
        return self.state / "run"

    @property
    def temporary(self) -> Path:
        """Where programs that run for the stack put their temporary files, of which some are left behind."""
        return self.run / "tmp"

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


class _Choice:
    """The workspace of a command's option, which goes before its shell's variable."""

    workspace: str | None = None


def checkout() -> Layout:
    """Give the current workspace of the checkout that this package is installed from, in whatever folder it is called.

    Raises CafeError if the variable names no workspace.
    """
    home = os.environ.get(STATE_VARIABLE)
    return Layout(
        Path(__file__).resolve().parents[2],
        Path(home).resolve() if home else None,
        _Choice.workspace or workspace_of_the_shell(),
    )


def workspace_of_the_shell() -> str:
    """Name the workspace that a command uses if nothing else is said. Raises CafeError for a bad name."""
    return checked_name(os.environ.get(WORKSPACE_VARIABLE) or MAIN)


@contextlib.contextmanager
def using(workspace: str | None) -> Iterator[None]:
    """Make a workspace the current one; None leaves it to the shell's variable. Raises CafeError for a bad name."""
    before, _Choice.workspace = _Choice.workspace, None if workspace is None else checked_name(workspace)
    try:
        yield
    finally:
        _Choice.workspace = before


def workspace_option() -> str:
    """Give the option that a command needs to use the current workspace, "" if the shell's variable is enough.

    The name has been checked, so it needs no quotes.
    """
    shell = os.environ.get(WORKSPACE_VARIABLE) or MAIN
    return "" if _Choice.workspace in (None, shell) else f"--workspace {_Choice.workspace}"


@contextlib.contextmanager
def filling(workspace: str) -> Iterator[None]:
    """Use the workspace of a command that invents data. Raises CafeError if the command's option names another."""
    if _Choice.workspace not in (None, workspace):
        raise CafeError(
            f"This command invents sales, so it works in the workspace {workspace} and in no other.",
            "Leave out --workspace.",
        )
    with using(workspace):
        yield


def checked_name(name: str) -> str:
    """Give a workspace's name back, which becomes the name of a folder. Raises CafeError if it is not fit for that."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise CafeError(
            f"A workspace cannot be called {name!r}.",
            f"Use lower-case letters, digits and single hyphens, at most {LONGEST_NAME} signs. For example: tills-2026",
        )
    if name in EARLIER_FOLDERS:
        raise CafeError(f"A workspace cannot be called {name!r}.", "An earlier version used this name for its files.")
    return name
