"""`venue upgrade --check` tells what a start makes of each planted older and newer version."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from tests.engine.builders import buy
from tests.marketdata.scenario import publish
from tests.sequencer.builders import Trading
from tests.sequencer.test_replay import altered, batches, replay_journal_position, rewrite
from venue.clearing.database import ledger_engine
from venue.clearing.migrations import migrate, schema_versions
from venue.cli.main import app
from venue.cli.told import Checked
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent, FundsDeposited
from venue.engine.engine import ENGINE_VERSION
from venue.gateway.schema import SCHEMA
from venue.journal.segment import list_segments
from venue.replay.snapshot import list_snapshots, snapshot_of, write_snapshot
from venue.upgrade.check import Upgrade
from venue.upgrade.format import Format, NextStart

WORKS, MADE_AGAIN, REFUSES = NextStart.WORKS, NextStart.MADE_AGAIN, NextStart.REFUSES


def asked(place: DataDirectory, *words: str) -> Result:
    line = ["upgrade", "--check", "--data-dir", str(place.path), *words]
    return CliRunner().invoke(app, line)


def checked(place: DataDirectory, *words: str, status: int = 0) -> Checked:
    """What it says, and that it says so with this status."""
    result = asked(place, "--json", *words)
    assert result.exit_code == status, result.output
    told = msgspec.json.decode(result.stdout, type=Checked)
    assert told.ok is (status == 0)
    assert told.next_start is Upgrade(told.formats).next_start
    return told


def row(told: Checked, store: str) -> Format:
    (found,) = (each for each in told.formats if each.store == store)
    return found


def codes(found: Format) -> list[str]:
    assert all(finding.do for finding in found.findings)
    return [finding.code for finding in found.findings]


def written(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_sound_venue_works_and_nothing_is_changed(place: DataDirectory, trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    written(place.credentials, {"version": 1, "sessions": {}})
    place.credentials.chmod(0o644)
    before = everything(place.path)
    told = checked(place)
    assert everything(place.path) == before
    assert told.next_start is WORKS
    engine = row(told, "engine")
    assert (engine.on_disk, engine.writes) == ([str(ENGINE_VERSION)], str(ENGINE_VERSION))
    for store in ("configuration", "journal frames", "events", "credentials"):
        assert row(told, store).next_start is WORKS and codes(row(told, store)) == []


def everything(directory: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(path): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in directory.rglob("*")
    }


def test_where_nothing_is_it_begins(place: DataDirectory) -> None:
    place.journal.rmdir()
    place.path.rmdir()
    assert checked(place).next_start is WORKS
    assert not place.path.exists()


@pytest.mark.parametrize("version", [0, 2, 9])
def test_frames_of_another_format_refuse(
    place: DataDirectory, trading: Trading, version: int
) -> None:
    (segment,) = list_segments(place.journal)
    data = segment.path.read_bytes()
    segment.path.write_bytes(data[:2] + bytes([version]) + data[3:])
    frames = row(checked(place, status=1), "journal frames")
    assert (frames.next_start, codes(frames)) == (REFUSES, ["JOURNAL_OF_OTHER_FORMAT"])
    assert frames.on_disk == [str(version)]


@pytest.mark.parametrize("version", [ENGINE_VERSION - 1, ENGINE_VERSION + 1])
def test_other_engine_with_other_events_refuses(
    place: DataDirectory, trading: Trading, version: int
) -> None:
    trading.say(buy("A1", "5", "100"))
    *earlier, last = map(recorded_by(version), batches(trading))
    rewrite(place.journal, [*earlier, altered(last, "EnterOrder", {"symbol": "GLOBEX"})])
    engine = row(checked(place, status=1), "engine")
    assert (engine.on_disk, codes(engine)) == ([str(version)], ["ENGINE_DIFFERS"])
    assert "GLOBEX" in engine.findings[0].what
    accept = f"journal.accept_engine_version={ENGINE_VERSION}"
    accepted = row(checked(place, "--set", accept), "engine")
    assert "DIFFERENCE_ACCEPTED" in codes(accepted)


def test_other_engine_with_the_same_events_works(place: DataDirectory, trading: Trading) -> None:
    rewrite(place.journal, [*map(recorded_by(ENGINE_VERSION - 1), batches(trading))])
    assert codes(row(checked(place), "engine")) == []
    rewrite(place.journal, [*map(recorded_by(ENGINE_VERSION + 1), batches(trading))])
    assert codes(row(checked(place), "engine")) == ["ENGINE_OF_LATER_VERSION"]


def recorded_by(version: int) -> Callable[[Any], Any]:
    """A batch as an engine of that version would have recorded it."""

    def of_version(batch: Any) -> Any:
        records = [msgspec.structs.replace(each, engine_version=version) for each in batch.records]
        return msgspec.structs.replace(batch, records=records)

    return of_version


def test_events_of_a_later_version_refuse(place: DataDirectory, trading: Trading) -> None:
    *_, last = batches(trading)
    at = next(n for n, each in enumerate(last.records) if each.events)
    first, *rest = last.records[at].events
    later = msgspec.structs.replace(last.records[at], events=[replaced(first, v=2), *rest])
    records = [*last.records[:at], later, *last.records[at + 1 :]]
    rewrite(place.journal, [*batches(trading)[:-1], msgspec.structs.replace(last, records=records)])
    told = checked(place, status=1)
    assert row(told, "events").next_start is REFUSES or row(told, "engine").next_start is REFUSES


def replaced(event: AnyEvent, **change: Any) -> AnyEvent:
    made: AnyEvent = msgspec.structs.replace(event, **change)
    return made


def test_snapshot_that_cannot_be_read_is_passed_over(
    place: DataDirectory, trading: Trading
) -> None:
    end = replay_journal_position(trading)
    snapshot = snapshot_of(trading.engine, trading.book, end, trading.now, 1, [], clean_stop=True)
    good = write_snapshot(place.journal, snapshot)
    found = row(checked(place), "snapshot")
    assert (found.on_disk, found.next_start) == (["1"], WORKS)
    data = good.read_bytes()
    good.write_bytes(data[:2] + b"\x07" + data[3:])
    found = row(checked(place), "snapshot")
    assert (found.on_disk, found.next_start) == (["7"], MADE_AGAIN)
    assert codes(found) == ["SNAPSHOT_PASSED_OVER"]
    assert list_snapshots(place.journal)


@pytest.mark.parametrize("version", [0, 2])
def test_file_that_nothing_makes_again_refuses(place: DataDirectory, version: int) -> None:
    for path in (place.credentials, place.operators, place.readers, place.notifications,
                 place.session_numbers("fix-marketdata")):  # fmt: skip
        written(path, {"version": version})
        told = checked(place, status=1)
        (found,) = (each for each in told.formats if each.findings)
        assert (found.on_disk, codes(found)) == ([str(version)], ["FILE_OF_OTHER_VERSION"])
        assert str(path) in found.findings[0].what
        path.unlink()


def test_file_that_is_none_refuses(place: DataDirectory) -> None:
    place.operators.write_text("{")
    assert codes(row(checked(place, status=1), "operators")) == ["FILE_OF_OTHER_VERSION"]


def test_what_a_start_makes_again_does_not_stop_it(place: DataDirectory) -> None:
    written(place.books, {"v": 1})
    written(place.checked_configuration / "index.json", {"version": 7})
    told = checked(place)
    assert row(told, "books").next_start is MADE_AGAIN
    assert row(told, "configuration copy").next_start is MADE_AGAIN


def test_older_tables_of_the_gateway_get_what_is_new(place: DataDirectory) -> None:
    place.gateway.parent.mkdir()
    with sqlite3.connect(place.gateway) as connection:
        connection.executescript(SCHEMA)
    assert row(checked(place), "gateway").next_start is WORKS
    with sqlite3.connect(place.gateway) as connection:
        connection.execute("ALTER TABLE users DROP COLUMN legal_name")
    connection.close()
    found = row(checked(place), "gateway")
    assert (found.next_start, found.on_disk) == (NextStart.MIGRATES, ["without legal_name"])
    place.gateway.write_bytes(b"no database, but text of some length" * 10)
    assert codes(row(checked(place, status=1), "gateway")) == ["GATEWAY_UNREADABLE"]


@pytest.mark.parametrize(("name", "file"), [("nats", "NATS_VERSION"), ("postgres", "PG_VERSION")])
def test_data_of_another_server_refuse(place: DataDirectory, name: str, file: str) -> None:
    directory = place.server(name)
    directory.mkdir()
    (directory / file).write_text("1\n")
    told = checked(place, status=1)
    (refused,) = (each for each in told.formats if each.next_start is REFUSES)
    assert (refused.on_disk, codes(refused)) == (["1"], ["SERVER_OF_OTHER_VERSION"])
    assert row(told, "ledger schema").next_start is NextStart.UNKNOWN


def test_configuration_of_another_version_is_wrong_use(place: DataDirectory) -> None:
    config = place.path.parent / "venue.toml"
    config.write_text('colour = "red"\n' + config.read_text())
    written(place.operators, {"version": 9})
    told = checked(place, "--config", str(config), status=2)
    assert codes(row(told, "configuration")) == ["CONFIGURATION_WRONG"]
    assert codes(row(told, "operators")) == ["FILE_OF_OTHER_VERSION"], "what needs none of it"


def test_ledger_begins_migrates_works_and_refuses(place: DataDirectory, database_url: str) -> None:
    def found(status: int = 0) -> Format:
        urls = ["--set", f"database_url={database_url}", "--set", "nats_url=nats://127.0.0.1:1"]
        return row(checked(place, *urls, status=status), "ledger schema")

    assert found().next_start is NextStart.BEGINS
    engine = ledger_engine(database_url)
    try:
        with engine.begin() as connection:
            migrate(connection)
            _, known = schema_versions(connection)
        assert (found().next_start, found().on_disk) == (WORKS, [known[-1]])
        for version, status in ((known[0], 0), ("9999", 1)):
            with engine.begin() as connection:
                change = text("UPDATE clearing.schema_version SET version_num = :version")
                connection.execute(change, {"version": version})
            told = found(status)
            assert told.on_disk == [version]
            is_later = version == "9999"
            expected = "LEDGER_OF_LATER_VERSION" if is_later else "LEDGER_MIGRATES"
            assert codes(told) == [expected]
            assert told.next_start is (REFUSES if is_later else NextStart.MIGRATES)
    finally:
        engine.dispose()


def test_stream_begins_works_and_refuses(place: DataDirectory, nats_url: str) -> None:
    def found(status: int = 0) -> Format:
        urls = ["--set", f"nats_url={nats_url}", "--set", "database_url=postgresql://127.0.0.1:1/x"]
        return row(checked(place, *urls, status=status), "stream")

    def put(event_seq: int, **more: Any) -> None:
        event = FundsDeposited(event_seq, 1, "ALPHA", "USD", "1", "", "", **more)
        asyncio.run(publish(nats_url, [event]))

    assert found().next_start is NextStart.BEGINS
    put(1)
    assert (found().next_start, found().on_disk) == (WORKS, ["1"])
    put(2, v=2)
    assert codes(found(1)) == ["STREAM_OF_LATER_VERSION"]


def test_table_says_the_same_in_words(place: DataDirectory, trading: Trading) -> None:
    written(place.operators, {"version": 2})
    result = asked(place)
    assert result.exit_code == 1
    assert "next start: refuses" in result.stdout and "do: install the version" in result.stdout
    only = CliRunner().invoke(app, ["upgrade", "--data-dir", str(place.path)])
    assert only.exit_code == 2 and "--check" in only.stderr
