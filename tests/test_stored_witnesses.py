"""A restart of the machine: streams and ledger are asked before a torn last frame is cut."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.clearing.conftest import drop_ledger
from tests.dropcopy.copies import wipe_copies
from tests.dropcopy.scenario import until
from tests.engine.builders import buy, sell
from tests.journal.builders import frames
from tests.marketdata.scenario import wipe as wipe_streams
from tests.sequencer.builders import Trading
from tests.sinks import FOLLOWERS, publisher, running, shown_at
from tests.test_witnesses import flip_a_bit_of_the_last_frame, last_of
from venue import stored_witnesses
from venue.fix.encode import ReportEncoder
from venue.journal.durable import forget_position
from venue.journal.segment import JournalDamage, list_segments
from venue.replay.replay import replay_journal
from venue.replay.snapshot import write_snapshot
from venue.servers import ServerError, nats, postgres
from venue.settings.settings import load_settings
from venue.startup import Recovered, recovered

Urls = tuple[str, str]
TRIES = 2


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    bus = nats.start(tmp_path_factory.mktemp("nats"))
    database = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield bus.url, database.url
    bus.stop()
    database.stop()


@pytest.fixture
def urls(servers: Urls) -> Urls:
    """An empty NATS server and an empty database."""
    forget_streams(servers)
    drop_ledger(servers[1])
    return servers


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """With the journal of a venue that ended with a trade; its readers may still read it."""
    place = tmp_path / "data"
    (place / "journal").mkdir(parents=True)
    trading = Trading(place / "journal")
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session)
    for number in range(4):
        trading.say(buy(f"A{number}", "5", "100"), sell(f"B{number}", "5", "100"))
    yield place
    trading.writer.close()
    forget_position(place / "journal")


def forget_streams(urls: Urls) -> None:
    asyncio.run(wipe_streams(urls[0]))
    asyncio.run(wipe_copies(urls[0]))


def follow(data_dir: Path, urls: Urls) -> None:
    """Every sink takes every event."""
    last = last_of(data_dir)

    async def scenario() -> None:
        async with running(publisher(data_dir, *urls)):
            for name in ("clearing", "dropcopy"):
                async with running(FOLLOWERS[name](data_dir, *urls)):
                    await until(partial(has_shown, data_dir, name, last))

    asyncio.run(scenario())


def has_shown(data_dir: Path, name: str, event_seq: int) -> bool:
    return shown_at(data_dir, name) == event_seq


def start_anew(data_dir: Path) -> None:
    """The machine: no memory, and no file that a power failure need have left."""
    forget_position(data_dir / "journal")
    for part in ("positions", "audit", "audit-heads"):
        shutil.rmtree(data_dir / part, ignore_errors=True)


def start(data_dir: Path, urls: Urls) -> Recovered:
    overrides = [f"nats_url={urls[0]}", f"database_url={urls[1]}"]
    return recovered(load_settings(overrides=overrides, data_dir=data_dir), ReportEncoder())


def only_the_stream(urls: Urls) -> None:
    asyncio.run(wipe_copies(urls[0]))
    drop_ledger(urls[1])


def only_drop_copies(urls: Urls) -> None:
    asyncio.run(wipe_streams(urls[0]))
    drop_ledger(urls[1])


def only_the_ledger(urls: Urls) -> None:
    forget_streams(urls)


@pytest.mark.parametrize("left", [only_the_stream, only_drop_copies, only_the_ledger])
def test_each_witness_that_a_server_keeps_refuses_the_cut_alone_and_every_time(
    left: Callable[[Urls], None], data_dir: Path, urls: Urls
) -> None:
    follow(data_dir, urls)
    left(urls)
    start_anew(data_dir)
    last = last_of(data_dir)
    mend = flip_a_bit_of_the_last_frame(data_dir)
    for _ in range(TRIES):
        with pytest.raises(JournalDamage, match=r"event \d+ was received already"):
            start(data_dir, urls)
    mend()
    assert start(data_dir, urls).replay.event_seq == last


def test_torn_tail_that_no_server_has_is_cut(data_dir: Path, urls: Urls) -> None:
    start_anew(data_dir)
    flip_a_bit_of_the_last_frame(data_dir)
    assert start(data_dir, urls).replay.cut is not None


def test_streams_and_ledger_of_another_journal_are_no_witnesses(
    data_dir: Path, urls: Urls, tmp_path: Path
) -> None:
    follow(data_dir, urls)
    other = tmp_path / "other"
    (other / "journal").mkdir(parents=True)
    trading = Trading(other / "journal")
    trading.log_on("ALPHA")
    trading.say(buy("A1", "5", "100"))
    trading.writer.close()
    start_anew(other)
    flip_a_bit_of_the_last_frame(other)
    assert start(other, urls).replay.cut is not None


def test_silent_server_is_not_taken_for_one_that_has_nothing(
    data_dir: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_witnesses, "PATIENCE_SECONDS", 0.0)
    start_anew(data_dir)
    flip_a_bit_of_the_last_frame(data_dir)
    segment = next((data_dir / "journal").glob("segment-*"))
    before = segment.read_bytes()
    nobody = ("nats://127.0.0.1:1", "postgresql://venue:secret@127.0.0.1:1/venue")
    for silent in ((nobody[0], urls[1]), (urls[0], nobody[1])):
        with pytest.raises(ServerError, match="cannot be asked whether anybody has it") as refused:
            start(data_dir, silent)
        assert "secret" not in str(refused.value) and "\n" not in str(refused.value)
    (data_dir / "nats").mkdir()
    with pytest.raises(ServerError, match="`venue run` starts it"):
        start(data_dir, ("", ""))
    assert segment.read_bytes() == before
    (data_dir / "nats").rmdir()
    assert start(data_dir, ("", "")).replay.cut is not None


def test_no_server_is_asked_while_the_machine_has_not_been_started_anew(data_dir: Path) -> None:
    follow_nobody = ("nats://127.0.0.1:1", "postgresql://venue:x@127.0.0.1:1/venue")
    with (data_dir / "journal").joinpath(newest(data_dir)).open("r+b") as file:
        file.seek(end_of_journal(data_dir))
        file.write(b"torn")
    assert start(data_dir, follow_nobody).replay.cut is not None


def newest(data_dir: Path) -> str:
    return max(path.name for path in (data_dir / "journal").glob("segment-*"))


def end_of_journal(data_dir: Path) -> int:
    return frames(data_dir / "journal")[-1].end


def test_snapshot_is_a_witness_of_segments_that_are_gone(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    trading = Trading(journal, segment_bytes=1 << 14)
    for number in range(60):
        trading.say(buy(f"A{number}", "5", "100"), sell(f"B{number}", "5", "100"))
    trading.writer.close()
    write_snapshot(journal, replay_journal(journal, ReportEncoder().reports).take_snapshot())
    last = last_of(tmp_path)
    start_anew(tmp_path)
    *_, newest_segment = list_segments(journal)
    newest_segment.path.unlink()
    for _ in range(TRIES):
        with pytest.raises(JournalDamage, match=f"before event {last}, which was received"):
            start(tmp_path, ("", ""))
