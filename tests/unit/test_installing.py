"""`make install` in a place that lacks something says in one line what to do, before anything is installed.

The programs are small scripts on a PATH of their own, so no test installs anything or uses a network.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "env", "head", "rm", "touch")
# A Python that knows its version, and writes down each run of pip.
PYTHON = """\
#!/usr/bin/env bash
case "$*" in
  *sys.version_info*) echo {version} ;;
  "-m pip --version") exit {pip_exit} ;;
  *) echo "$*" >>{runs}; exit 3 ;;
esac
"""
GONE = "#!/usr/bin/env bash\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"


@dataclass
class Place:
    """A checkout in which nothing is installed, on a machine with these programs."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> Path:
        return self.root / "pip-runs"

    def program(self, name: str, text: str, folder: str = "bin") -> None:
        path = self.root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def python(self, name: str, version: str, *, folder: str = "bin", has_pip: bool = True) -> None:
        text = PYTHON.format(version=version, pip_exit=0 if has_pip else 1, runs=self.runs)
        self.program(name, text, folder)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment: Mapping[str, str] = {
            "PATH": str(self.root / "bin"),
            "HOME": str(self.root / "home"),
            **self.variables,
        }
        make = shutil.which("make")
        assert make
        return subprocess.run(
            [make, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir() if path.name.startswith((".uv", ".venv")))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("make", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("Makefile", ".python-version", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return Place(tmp_path)


def lines(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what was written to standard error, without make's own lines."""
    return [line for line in result.stderr.splitlines() if not line.startswith("make")]


@pytest.mark.parametrize("target", ["install", "demo", "test"])
def test_without_python_3_13_one_line_says_how_to_get_it(place: Place, target: str) -> None:
    place.python("python3", "3.11")

    result = place.make(target)

    assert result.returncode != 0
    (line,) = lines(result)
    assert line.startswith("Python 3.13 is missing, so nothing was installed.")
    assert all(way in line for way in ("uv downloads it", "pyenv install 3.13", "docker run"))
    assert place.installed() == []
    assert not place.runs.exists()


def test_a_shim_of_pyenv_without_its_python_is_no_python(place: Place) -> None:
    place.program("python3.13", GONE)

    result = place.make("install")

    assert lines(result)[0].startswith("Python 3.13 is missing")
    assert place.installed() == []


@pytest.mark.parametrize(
    "folder",
    ["home/.pyenv/versions/3.13.1/bin", "home/.local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin"],
    ids=["pyenv", "uv"],
)
def test_a_python_that_pyenv_or_uv_installed_is_found_without_the_path(place: Place, folder: str) -> None:
    place.python("python3", "3.11")
    place.python("python3.13", "3.13", folder=folder)

    result = place.make("install")

    assert f"{place.root}/{folder}/python3.13" in find_python(place)
    assert lines(result) == []
    assert place.runs.read_text().startswith("-m pip install")


def test_the_python_of_a_broken_environment_does_not_hide_the_next_one(place: Place) -> None:
    place.program("python3.13", GONE, folder=".venv/bin")
    place.python("python3.13", "3.13")

    place.make("install")

    assert place.runs.exists()


def test_a_download_must_be_allowed(place: Place) -> None:
    place.python("python3", "3.11")
    place.variables["UV_PYTHON_DOWNLOADS"] = "automatic"

    place.make("install")

    assert place.runs.read_text().startswith("-m pip install"), "uv was to be installed, which downloads Python"


def test_without_pip_one_line_says_how_to_get_it(place: Place) -> None:
    place.python("python3.13", "3.13", has_pip=False)

    result = place.make("install")

    (line,) = lines(result)
    assert line.startswith("No Python has pip, so nothing was installed.")
    assert "python3-pip" in line
    assert place.installed() == []


def test_an_old_installer_is_kept_if_there_is_no_python_to_replace_it(place: Place) -> None:
    place.program("uv", "", folder=".uv/bin")

    place.make("install")

    assert (place.root / ".uv/bin/uv").exists()


def test_an_old_make_is_refused_at_once(place: Place) -> None:
    # What GNU Make 3.81 lacks.
    result = place.make(".FEATURES=target-specific order-only", "MAKE_VERSION=3.81", "install")

    assert result.returncode == 2
    assert "GNU Make 3.82 or newer is needed, and this is 3.81" in result.stderr
    assert place.installed() == []


def find_python(place: Place) -> str:
    return subprocess.run(
        [place.root / "make/find-python.sh"],
        env={"PATH": str(place.root / "bin"), "HOME": str(place.root / "home")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
