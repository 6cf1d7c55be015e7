"""The embedded PostgreSQL: a real one, under root too, below directories that only we may enter."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.servers.conditions import command_line, is_running, wait_for
from venue.servers import ServerError, left_over, postgres
from venue.servers.ports import free_port
from venue.servers.postgres import PostgresServer
from venue.servers.postgres_system import (
    installation,
    public_copy,
    readable_by_everybody,
    system_user,
)

_PARENT = """
import sys, time
from pathlib import Path
from venue.servers import postgres
print(postgres.start(Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database for all tests of this module: making it is what takes time."""
    directory = tmp_path_factory.mktemp("private", numbered=True) / "data"
    directory.mkdir(mode=0o700)
    postgres.start(directory).stop()
    return directory


def _execute(url: str, *statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        return connection.execute(statements[-1].encode()).fetchall()


def test_rows_port_and_password_are_the_same_after_kill_and_restart(data_dir: Path) -> None:
    server = postgres.start(data_dir)
    try:
        url, first_pid = server.url, server.pid
        assert first_pid is not None
        _execute(url, "CREATE TABLE kept (x int)", "INSERT INTO kept VALUES (7)", "SELECT 1")
        os.kill(first_pid, signal.SIGKILL)
        server.launch()
        server.wait_ready()
        assert server.url == url
        assert server.pid != first_pid
        assert _execute(url, "SELECT x FROM kept") == [(7,)]
    finally:
        server.stop()
    server.stop()
    assert left_over.find(data_dir / "postgres", "postgres") == []


def test_database_is_durable_private_and_not_run_by_root(data_dir: Path) -> None:
    server = postgres.start(data_dir)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert _execute(server.url, f"SHOW {setting}") == [("on",)]
        assert _execute(server.url, "SHOW listen_addresses") == [("127.0.0.1",)]
        password = (data_dir / "postgres.password").read_text().strip()
        assert server.pid is not None
        assert password not in command_line(server.pid)
        assert (data_dir / "postgres.password").stat().st_mode & 0o777 == 0o600
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert data_dir.stat().st_mode & 0o777 == 0o700  # nothing was opened for it
        postgres.check_reachable(server.url)
        postgres.check_reachable(server.url.replace("postgresql://", "postgresql+psycopg://"))
        with pytest.raises(ServerError, match="password authentication failed") as refused:
            postgres.check_reachable(server.url.replace(password, "guessed-password"))
        assert "guessed-password" not in str(refused.value)
    finally:
        server.stop()


@pytest.mark.parametrize("at_once", [True, False])
def test_server_dies_with_its_killed_parent_and_a_second_start_follows(
    data_dir: Path, at_once: bool
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        old_pid = int(output.readline())
        parent.kill()
        if not at_once:
            wait_for(lambda: not is_running(old_pid))  # by itself: nobody else ends it
        server = postgres.start(data_dir)
        parent.wait()
    try:
        assert not is_running(old_pid)
        assert _execute(server.url, "SELECT 1") == [(1,)]
    finally:
        server.stop()
    wait_for(lambda: left_over.find(data_dir / "postgres", "postgres") == [])


def test_server_that_a_killed_run_left_behind_is_stopped_first(data_dir: Path) -> None:
    old = postgres.start(data_dir)
    new = PostgresServer(data_dir)
    new.prepare()
    new.launch()
    new.wait_ready()
    try:
        assert old.pid is not None
        assert not is_running(old.pid)
    finally:
        new.stop()
        old.stop()


def test_stale_pid_file_that_names_a_living_stranger_does_not_stop_a_start(data_dir: Path) -> None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{data_dir}/postgres\n1\n1\n\n127.0.0.1\n1 1\nready\n")
    server = postgres.start(data_dir)
    server.stop()


def test_data_of_another_major_version_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    (tmp_path / "postgres.password").write_text("x\n")
    with pytest.raises(ServerError) as refused:
        postgres.start(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}/postgres was written by PostgreSQL 17, but 18 is installed: "
        "install version 17 or move the directory away"
    )


def test_data_whose_password_is_lost_and_a_foreign_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(ServerError, match="holds no PostgreSQL data"):
        postgres.start(tmp_path)
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(ServerError, match=r"postgres\.password is missing"):
        postgres.start(tmp_path)


def test_server_that_cannot_start_says_why(data_dir: Path) -> None:
    control = data_dir / "postgres" / "global" / "pg_control"
    control.rename(control.with_name("elsewhere"))
    try:
        with pytest.raises(ServerError, match=r"postgres ended with status 2 at its start: .+"):
            postgres.start(data_dir)
    finally:
        control.with_name("elsewhere").rename(control)


def test_unreachable_url_is_one_line_without_the_password() -> None:
    with pytest.raises(ServerError) as refused:
        postgres.check_reachable(f"postgresql://venue:secret@127.0.0.1:{free_port()}/venue")
    text = str(refused.value)
    assert text.startswith("database_url postgresql://venue:***@127.0.0.1:")
    assert "Connection refused" in text
    assert "secret" not in text
    assert "\n" not in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a copy")
def test_copy_of_a_private_installation_runs_as_the_system_user(tmp_path: Path) -> None:
    cache = Path(tempfile.mkdtemp())  # not tmp_path, which is private
    cache.chmod(0o755)
    try:
        package = public_copy(installation().parent, cache)
        programs = package / "pginstall" / "bin"
        assert readable_by_everybody(programs / "postgres")
        assert public_copy(installation().parent, cache) == package
        user = system_user()
        assert user is not None
        for program in ("postgres", "initdb"):
            argv = [str(programs / program), "--version"]
            done = subprocess.run(argv, user=user.uid, cwd="/", capture_output=True, text=True)
            assert "PostgreSQL) 18" in done.stdout
        package.parent.chmod(0o777)
        with pytest.raises(ServerError, match="could have been changed by others"):
            public_copy(installation().parent, cache)
    finally:
        shutil.rmtree(cache)
    assert not readable_by_everybody(_private_program(tmp_path))


def _private_program(tmp_path: Path) -> Path:
    program = tmp_path / "program"
    program.touch(mode=0o755)
    tmp_path.chmod(0o700)
    return program
