"""Look at this machine for `cafe doctor`: what is installed, what is free, what runs. Changes nothing.

Like `cafe.answers.doctor`, it imports only the standard library at first. Limits are figures of this project: what it
takes on disk, and which versions it needs.
"""

import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cafe.answers.doctor import REINSTALL, Check, Finding, ok, problem, warning

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.13"
# `make` makes them; each with the file that lists its packages, and whether the local stack needs it.
ENVIRONMENTS = {".venv": "tools", ".venv-emulator": "emulator", ".venv-lambda": "lambda"}
OLDEST_MAKE = (3, 82)
# The environments take 0.8 GB, the preview's another 1 GB; a stack with some nights of sales 0.5 GB.
LEAST_FREE_BYTES, WISHED_FREE_BYTES = 500_000_000, 3_000_000_000
# A stack has three ports that listen, and each function's runtime more.
PORTS_NEEDED = 8
# AWS refuses signatures that are 5 minutes old.
MOST_SKEW = timedelta(minutes=5)
PROGRAM_TIMEOUT_SECONDS = 20
NAMES_SHOWN = 3
CREDENTIAL_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# Where a role comes from on a machine of AWS, or in its CI.
ROLE_VARIABLES = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


def checks(environment: str, root: Path = ROOT) -> list[Check]:
    """List all checks. AWS is called only for an environment on AWS, such as ``dev``."""
    variables = os.environ
    listed: list[Check] = [
        ("python", lambda: look_at_python(root)),
        ("packages", lambda: look_at_packages(root)),
        ("programs", look_at_programs),
        ("ports", look_at_ports),
        ("folders", lambda: look_at_folders(root)),
        ("disk", lambda: look_at_disk(root)),
        ("clock", lambda: look_at_clock(root, datetime.now(UTC))),
        ("locale", lambda: look_at_locale(sys.stdout.encoding, sys.getfilesystemencoding())),
        ("processes", look_at_processes),
        ("preview", lambda: look_at_preview(root)),
        ("containers", look_at_containers),
        ("credentials", lambda: look_at_credentials(variables, Path.home())),
    ]
    if environment != "local":
        listed.append(("aws", lambda: look_at_aws(environment)))
    return listed


def look_at_python(root: Path) -> Iterator[Finding]:
    """Does each environment have a Python that runs, of the version that Lambda runs?"""
    for name, packages in ENVIRONMENTS.items():
        python, stamp = root / name / "bin" / "python", root / name / ".stamp"
        version = _output_of(str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        listed = root / "requirements" / f"{packages}.txt"
        if not python.exists():
            yield problem("python", f"{name} is missing, or its Python was removed", f"rm -rf {name} && make install")
        elif version != PYTHON:
            found = f"runs Python {version}" if version else "has a Python that does not run"
            yield problem("python", f"{name} {found}, not {PYTHON}", f"rm -rf {name} && make install")
        elif not stamp.exists() or stamp.stat().st_mtime < listed.stat().st_mtime:
            yield problem("python", f"{name} is older than {listed.relative_to(root)}", "make install")
        else:
            yield ok("python", f"{name} runs Python {version}")


def look_at_packages(root: Path) -> Iterator[Finding]:
    """Is every pinned package of the command line installed, in its version, and does the command line start?"""
    pins = _PIN.findall((root / "requirements" / "tools.txt").read_text(encoding="utf-8"))
    # A pin with a marker may be for another system.
    wrong = [name for name, version, marker in pins if not marker and _version_of(name) != version]
    if wrong:
        more = ", …" if len(wrong) > NAMES_SHOWN else ""
        yield problem(
            "packages",
            f"{len(wrong)} of {len(pins)} packages are missing or have another version: "
            f"{', '.join(wrong[:NAMES_SHOWN])}{more}",
            REINSTALL,
        )
    else:
        yield ok("packages", f"all {len(pins)} packages are installed")
    started = _run(sys.executable, "-c", "import cafe.cli")
    if started is None or started.returncode:
        last = (started.stderr.strip().splitlines() or ["no reason given"])[-1] if started else "it did not start"
        yield problem("packages", f"the command line cannot start: {last}", REINSTALL)


def look_at_programs() -> Iterator[Finding]:
    """Are make, git and bash there, and new enough?"""
    found = _output_of("make", "--version")
    version = re.search(r"GNU Make (\d+)\.(\d+)", found)
    if version is None:
        yield problem("programs", "GNU make is missing", "Install it: sudo apt install make, or brew install make")
    elif tuple(map(int, version.groups())) < OLDEST_MAKE:
        yield problem(
            "programs", f"{version[0]} is too old", "On macOS: brew install make, and type gmake instead of make"
        )
    else:
        yield ok("programs", version[0])
    if shutil.which("git"):
        yield ok("programs", _output_of("git", "--version"))
    else:
        yield warning("programs", "git is missing, which some tests need", "Install it: sudo apt install git")


def look_at_ports() -> Iterator[Finding]:
    """Can this user listen on this machine, and is localhost this machine?"""
    sockets: list[socket.socket] = []
    try:
        for _ in range(PORTS_NEEDED):
            sockets.append(socket.socket())
            sockets[-1].bind(("127.0.0.1", 0))
            sockets[-1].listen()
    except OSError as error:
        yield problem(
            "ports",
            f"no {PORTS_NEEDED} ports are free on 127.0.0.1: {error.strerror}",
            "Stop programs that hold many connections, or start the machine again.",
        )
    else:
        yield ok("ports", f"{PORTS_NEEDED} ports are free; the local stack takes any that are")
    finally:
        for each in sockets:
            each.close()
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo("localhost", None)}
    except OSError:
        addresses = set()
    if not addresses & {"127.0.0.1", "::1"}:
        yield problem("ports", "localhost is not this machine", "Add this line to /etc/hosts: 127.0.0.1 localhost")


def look_at_folders(root: Path) -> Iterator[Finding]:
    """Can this user write where the project writes? A file is written, because root may write almost anywhere."""
    wanted = {
        "the checkout": root,
        "the local stack's folder": root / ".cafe",
        "the build's folder": root / ".aws-sam",
        "the folder for temporary files": Path(tempfile.gettempdir()),
        "the home folder, where SAM keeps its settings": Path.home(),
    }
    refused = False
    for name, folder in wanted.items():
        existing = next(place for place in (folder, *folder.parents) if place.is_dir())
        try:
            with tempfile.TemporaryFile(dir=existing, prefix=".cafe-doctor-"):
                pass
        except OSError as error:
            refused = True
            yield problem(
                "folders",
                f"{name} cannot be written: {folder}: {error.strerror}",
                f'Give it to yourself (sudo chown -R "$USER" {existing}), or choose another place.',
            )
    if not refused:
        yield ok("folders", f"{len(wanted)} folders can be written")


def look_at_disk(root: Path) -> Iterator[Finding]:
    """Is there room for environments, builds and a warehouse?"""
    places = {root: "the checkout", Path(tempfile.gettempdir()): "temporary files"}
    for place, name in places.items():
        free = shutil.disk_usage(place).free
        summary = f"{free / 1e9:.1f} GB are free for {name}"
        if free < LEAST_FREE_BYTES:
            yield problem("disk", summary, "Make room: .aws-sam can be deleted; so can .cafe, with the local sales")
        elif free < WISHED_FREE_BYTES:
            yield warning(
                "disk", summary, f"The environments, the preview and a stack take {WISHED_FREE_BYTES / 1e9:.0f} GB"
            )
        else:
            yield ok("disk", summary)


def look_at_clock(root: Path, now: datetime) -> Iterator[Finding]:
    """Is the clock behind the files of this checkout? AWS and the emulator refuse signatures of another time."""
    newest = max(path.stat().st_mtime for path in (root / "pyproject.toml", root / "template.yaml", root / "README.md"))
    written = datetime.fromtimestamp(newest, UTC)
    if written > now + MOST_SKEW:
        yield problem(
            "clock",
            f"it is {now:%Y-%m-%d %H:%M} UTC by the clock, but a file of the checkout is from {written:%Y-%m-%d %H:%M}",
            "Set the clock: sudo timedatectl set-ntp true",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, {now.astimezone():%H:%M %Z} here")


def look_at_locale(terminal: str, files: str) -> Iterator[Finding]:
    """Can names such as café be shown and stored?"""
    strange = {name for name in (terminal, files) if name.lower().replace("-", "") != "utf8"}
    if strange:
        yield warning("locale", f"the encoding is {', '.join(sorted(strange))}", "Set it: export LC_ALL=C.UTF-8")
    else:
        yield ok("locale", "UTF-8")


def look_at_processes() -> Iterator[Finding]:
    """Does a stack run, and does something run that an interrupted command left?"""
    from cafe.local import processes
    from cafe.local.layout import checkout
    from cafe.local.state import running_stack

    layout = checkout()
    known = {process.name: process.pid for process in processes.recorded(layout.run) if process.is_running}
    stack = running_stack(layout)
    if stack is not None:
        yield ok("processes", f"the local stack is running: {', '.join(sorted(stack.processes))}")
    elif known:
        yield problem("processes", f"left over without a stack: {', '.join(sorted(known))}", "Stop them: cafe down")
    else:
        yield ok("processes", "the local stack is not running; `cafe up` starts it")
    others = [pid for pid in _emulators_of(layout.root) if pid not in known.values()]
    if others:
        yield warning(
            "processes",
            f"emulators of this checkout that this stack does not know: {', '.join(map(str, others))}",
            "Leave those of a test or of another workspace alone. Stop one that is left over: kill PID",
        )


def look_at_preview(root: Path) -> Iterator[Finding]:
    """Are Node and the packages of the preview there, and a browser for its pictures and tests?"""
    from cafe.dashboards.preview.browser import COMMANDS, INSTALL

    node = _output_of(str(root / ".venv-preview" / "bin" / "node"), "--version")
    packages = root / "grafana" / "preview" / "node_modules" / ".stamp"
    if node and packages.exists():
        yield ok("preview", f"Node {node.removeprefix('v')} and the preview's packages")
    else:
        yield warning("preview", "Node and the preview's packages are not installed", "make preview-install")
    browser = next(filter(None, map(shutil.which, COMMANDS)), None)
    if browser:
        yield ok("preview", f"browser {browser}")
    else:
        yield warning("preview", "there is no Chrome or Chromium, which pictures and tests of the boards need", INSTALL)


def look_at_containers() -> Iterator[Finding]:
    """Does a container engine answer? Only `sam local` and --container need one."""
    from cafe.local.engine import NoEngine, find_engine

    try:
        find_engine()
    except NoEngine as error:
        yield warning("containers", f"{error.message} Only `sam local` and --container need one.", error.remedy)
    else:
        yield ok("containers", "a container engine answers")


def look_at_credentials(variables: Mapping[str, str], home: Path) -> Iterator[Finding]:
    """Where would credentials for AWS come from? AWS is not called, and no secret is read."""
    if variables.get("AWS_ENDPOINT_URL"):
        yield warning(
            "credentials",
            "this shell is led away from AWS, by AWS_ENDPOINT_URL",
            'For AWS, open another shell, or type: eval "$(cafe env --unset)"',
        )
        return
    region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "the profile's region or eu-west-2"
    given = [name for name in CREDENTIAL_VARIABLES if variables.get(name)]
    profile = variables.get("AWS_PROFILE") or variables.get("AWS_DEFAULT_PROFILE") or "default"
    sign_in = "Sign in (aws sso login), or set a profile: export AWS_PROFILE=…"
    if len(given) == 1:
        yield problem("credentials", f"{given[0]} is set without its partner", sign_in)
    elif given or any(variables.get(name) for name in ROLE_VARIABLES):
        yield ok("credentials", f"from variables of this shell; {region}")
    elif profile in _profiles(variables, home):
        yield ok("credentials", f"from the profile {profile}; {region}")
    elif profile != "default":
        yield problem("credentials", f"there is no profile {profile}, which AWS_PROFILE names", sign_in)
    else:
        yield warning("credentials", "there are none for AWS; the local stack needs none", sign_in)


def look_at_aws(environment: str) -> Iterator[Finding]:
    """Does AWS accept the credentials and the clock, and is the stack deployed? Calls AWS twice."""
    from botocore.exceptions import BotoCoreError, ClientError

    from cafe.deployed.environment import open_environment
    from cafe.errors import CafeError, explain_aws_error

    opened = open_environment(environment)
    try:
        answer = opened.session.client("sts").get_caller_identity()
        opened.fact("drop/bucket/name")
    except (BotoCoreError, ClientError) as error:
        explained = explain_aws_error(error)
        yield problem("aws", explained.message, explained.remedy or "See what AWS says, and try again.")
        return
    except CafeError as error:
        yield problem("aws", error.message, error.remedy)
        return
    yield ok("aws", f"{environment} is deployed in {opened.region}, account {answer['Account']}")


def _profiles(variables: Mapping[str, str], home: Path) -> set[str]:
    """Name the profiles of the AWS configuration files."""
    found: set[str] = set()
    for variable, name in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        # Without interpolation: a secret may have a percent sign.
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(variables.get(variable) or home / ".aws" / name, encoding="utf-8")
        except (ConfigError, OSError, UnicodeDecodeError):
            continue
        found.update(section.removeprefix("profile ").strip() for section in parser.sections())
    return found


def _emulators_of(root: Path) -> list[int]:
    """Find processes that run the emulator's Python of this checkout; none where there is no /proc."""
    python = str(root / ".venv-emulator" / "bin" / "python").encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended, or belongs to somebody else
            continue
        if command.split(b"\0", 1)[0] == python:
            found.append(int(folder.name))
    return sorted(found)


def _version_of(package: str) -> str:
    try:
        # Some publish v1.2 for 1.2.
        return importlib.metadata.version(package).removeprefix("v")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _output_of(*command: str) -> str:
    """Return the first line that a program writes; "" if it is missing or fails."""
    done = _run(*command)
    return (done.stdout.splitlines() or [""])[0].strip() if done and done.returncode == 0 else ""


def _run(*command: str) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=PROGRAM_TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
