"""All that only reads may ask a streaming replica: it says as of which event it is."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.said_to_run import say_it_runs
from tests.servers.conditions import wait_for
from venue.clearing.booked import booked_position_at
from venue.ledger_roles import READER
from venue.servers.postgres import PostgresServer
from venue.servers.postgres_system import installation, system_user

from .logins import ledger
from .test_ledger_commands import venue_ledger
from .trades import book, delivered, deposited, traded

SENDS = "wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\n"


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The embedded PostgreSQL, but that it sends its log to replicas."""
    place = tmp_path_factory.mktemp("primary")
    server = PostgresServer(place)
    server.prepare()
    with (place / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write(SENDS)
    server.launch()
    server.wait_ready()
    server.settle()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def replica(
    primary: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    """Follows the primary: a copy of it that takes no writes."""
    place = tmp_path_factory.mktemp("replica")
    copy_of(primary, place / "postgres")
    for password in primary.data_dir.glob("*.password"):
        shutil.copy2(password, place / password.name)
    server = PostgresServer(place)
    server.prepare()
    server.launch()
    server.wait_ready()
    yield server
    server.stop()


def copy_of(primary: PostgresServer, directory: Path) -> None:
    """pg_basebackup: with standby.signal, and how to follow."""
    user = system_user()
    directory.mkdir(mode=0o700)
    if user is not None:
        os.chown(directory, user.uid, user.gid)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        done = subprocess.run(
            [
                str(installation() / "bin" / "pg_basebackup"), "--dbname", primary.url,
                "--pgdata", f"/proc/self/fd/{descriptor}", "--write-recovery-conf",
                "--checkpoint=fast", "--wal-method=stream",
            ],
            pass_fds=(descriptor,), capture_output=True, text=True, cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=user.uid if user else None, group=user.gid if user else None,
            extra_groups=[] if user else None,
        )  # fmt: skip
    finally:
        os.close(descriptor)
    assert done.returncode == 0, done.stderr


def reader_of(primary: PostgresServer, replica: PostgresServer) -> str:
    """The reader's URL at the replica: the login is the primary's."""
    url = primary.urls["database_reader_url"]
    return url.replace(f":{primary.port}/", f":{replica.port}/")


def test_replica_takes_no_write_and_shows_what_is_booked(
    primary: PostgresServer, replica: PostgresServer, tmp_path: Path
) -> None:
    url = reader_of(primary, replica)
    say_it_runs(tmp_path, nats="nats://127.0.0.1:1", database=url, started_ns=1)
    with ledger(primary.urls) as repository:
        book(repository, delivered([deposited(1), traded(2, settlement_date="2026-01-07")]))
        wait_for(lambda: booked_position_at(url, 5).event_seq == 2)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            assert connection.execute("SELECT current_user::text").fetchone() == (READER,)
            pause(replica, connection, "pg_wal_replay_pause()")
        book(repository, delivered([deposited(3)]))
    behind = venue_ledger("balances", "ALPHA", "--json", data_dir=tmp_path)
    told = json.loads(behind.stdout)
    assert (told["event_seq"], told["balances"][-1]["amount"]) == (2, "1000")
    balance = venue_ledger("trial-balance", "--at", "1", "--json", data_dir=tmp_path)
    assert json.loads(balance.stdout)["position"] == 1
    later = venue_ledger("balances", "ALPHA", "--at", "3", data_dir=tmp_path)
    assert later.stderr == "the ledger is at event 2: event 3 is not booked yet\n"
    with psycopg.connect(url) as connection:
        pause(replica, connection, "pg_wal_replay_resume()")
    wait_for(lambda: booked_position_at(url, 5).event_seq == 3)
    told = json.loads(venue_ledger("balances", "ALPHA", "--json", data_dir=tmp_path).stdout)
    assert (told["event_seq"], told["balances"][-1]["amount"]) == (3, "2000")


def pause(
    replica: PostgresServer, reader: "psycopg.Connection[tuple[object, ...]]", call: str
) -> None:
    """Have the replica follow no longer, or follow again; only its superuser may."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"SELECT {call}".encode())
    with psycopg.connect(replica.url) as connection:
        connection.execute(f"SELECT {call}".encode())
        query = "SELECT pg_get_wal_replay_pause_state()"
        if "pause()" in call:
            wait_for(lambda: connection.execute(query).fetchone() == ("paused",))
