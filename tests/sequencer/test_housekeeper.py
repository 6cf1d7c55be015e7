"""Housekeeping: what is closed is compressed, what is old goes, and nobody notices but the disk."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.audit.events import NANOSECONDS, audited
from venue.audit import chain
from venue.audit.trail import Trail
from venue.audit.verify import verify
from venue.data_directory import DataDirectory
from venue.fix.message_log import MessageLog
from venue.housekeeping import housekeeper as module
from venue.housekeeping.disk_use import disk_use
from venue.housekeeping.housekeeper import Housekeeper
from venue.journal.compressed import open_stored
from venue.journal.durable import forget_position
from venue.journal.segment import list_segments
from venue.journal.verify import verify_journal
from venue.replay.replay import replay
from venue.replay.snapshot import list_snapshots
from venue.rotation import set_aside
from venue.settings.retention import RetentionSettings

from .blocked import Seconds
from .builders import Trading, digest
from .test_replica import DAY_NS, never, replica_of, trade

NOW_NS = 1_767_225_600_000_000_000


@pytest.fixture
def place(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path)


@pytest.fixture
def trading(place: DataDirectory) -> Iterator[Trading]:
    place.journal.mkdir()
    trading = Trading(place.journal, segment_bytes=1 << 14)
    yield trading
    trading.writer.close()
    forget_position(place.journal)


def keeper(
    place: DataDirectory,
    trading: Trading,
    retention: RetentionSettings | None = None,
    now_ns: int = NOW_NS,
) -> Housekeeper:
    return Housekeeper(
        place,
        retention or RetentionSettings(),
        lambda: trading.writer.position,
        threading.Lock(),
        lambda: now_ns,
    )


def test_closed_segments_are_compressed_and_the_venue_starts_from_them(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    replica = replica_of(trading)
    replica.follow(never)
    before = sum(each.path.stat().st_size for each in list_segments(place.journal))
    keeper(place, trading).look()
    segments = list_segments(place.journal)
    assert len(segments) > 3
    assert [each.is_compressed for each in segments] == [True] * (len(segments) - 1) + [False]
    assert sum(each.path.stat().st_size for each in segments) < before / 2
    trade(trading, "y", 60)
    replica.follow(never)  # its position is in a segment that was listed as a plain one
    keeper(place, trading).look()
    for snapshots in (list_snapshots(place.journal), []):
        if not snapshots:  # so that every segment is read
            for file in list_snapshots(place.journal):
                file.path.unlink()
        again = replay(place.journal, 0, trading.encoder.reports)
        assert digest(again.engine) == digest(trading.engine)
    witness = trading.writer.next_event_seq - 1
    assert verify_journal(place.journal, None, witness, {}).damage is None


def test_retention_removes_the_oldest_segments_while_all_are_too_large(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    keeper(place, trading).look()
    every = list_segments(place.journal)
    size = sum(each.path.stat().st_size for each in every)
    replica_of(trading, consumed=10**9, retain_bytes=size).follow(never)
    assert list_segments(place.journal) == every
    for file in list_snapshots(place.journal):
        file.path.unlink()
    replica_of(trading, consumed=10**9, retain_bytes=size - 1).follow(never)
    assert list_segments(place.journal) == every[1:]


def test_retention_removes_compressed_segments_by_age(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    trading.now += 3 * DAY_NS
    trade(trading, "y", 60)
    keeper(place, trading).look()
    every = list_segments(place.journal)
    replica_of(trading, days=2, consumed=10**9).follow(never)
    left = list_segments(place.journal)
    assert 1 < left[0].number < every[-1].number
    assert sorted(place.journal.glob("segment-*")) == [each.path for each in left]
    again = replay(place.journal, 0, trading.encoder.reports)
    assert digest(again.engine) == digest(trading.engine)


def test_no_segment_is_removed_while_one_is_compressed(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    trading.now += 3 * DAY_NS
    trade(trading, "y", 60)
    every = list_segments(place.journal)
    lock = threading.Lock()
    replica = replica_of(trading, days=2, consumed=10**9, segments=lock)
    with lock:
        replica.follow(never)
    assert list_segments(place.journal) == every


def test_what_trading_may_still_write_to_is_left_alone(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    first = list_segments(place.journal)[0]
    start = Housekeeper(
        place,
        RetentionSettings(),
        lambda: trading.writer.position._replace(next_seq=1),
        threading.Lock(),
    )
    start.look()
    assert not any(each.is_compressed for each in list_segments(place.journal))
    assert first.path.exists()


def test_damaged_segment_is_named_and_left_and_the_others_are_compressed(
    place: DataDirectory, trading: Trading
) -> None:
    trade(trading, "x", 60)
    first = list_segments(place.journal)[0].path
    damaged = bytearray(first.read_bytes())
    damaged[200] ^= 1
    first.write_bytes(damaged)
    house = keeper(place, trading)
    with capture_logs() as logs:
        house.look()
        house.look()
    said = [line for line in logs if line["event"] == "housekeeping is hindered"]
    assert [line["name"] for line in said] == [first.name]
    assert first.read_bytes() == damaged
    others = list_segments(place.journal)[1:-1]
    assert others and all(each.is_compressed for each in others)


def test_closed_segments_of_the_trail_are_compressed(
    place: DataDirectory, trading: Trading
) -> None:
    trail = Trail(place.trail, place.heads, segment_bytes=2_000)
    for number in range(1, 31):
        trail.append(audited(number, number))
    keeper(place, trading).look()
    trail.append(audited(31, 40))
    trail.sign()
    trail.close()
    suffixes = [path.suffix for path in chain.list_segments(place.trail)]
    assert suffixes.count(".zst") > 2 and suffixes[-1] == ".jsonl"
    verdict = verify(place.trail, place.heads)
    assert verdict.ok and verdict.entries == 40


def test_old_segments_of_the_trail_go_where_it_is_asked_for(
    place: DataDirectory, trading: Trading
) -> None:
    trail = Trail(place.trail, place.heads, segment_bytes=2_000)
    for number in range(1, 31):
        trail.append(audited(number, number))
    trail.sign()
    trail.close()
    later_ns = NANOSECONDS + 30 * DAY_NS
    keeper(place, trading, RetentionSettings(), later_ns).look()
    assert not verify(place.trail, place.heads).notes
    keeper(place, trading, RetentionSettings(trail_days=40), later_ns).look()
    assert not verify(place.trail, place.heads).notes
    keeper(place, trading, RetentionSettings(trail_days=20), later_ns).look()
    verdict = verify(place.trail, place.heads)
    assert verdict.ok and verdict.entries == 30
    assert "were removed by retention" in verdict.notes[0]
    assert len(chain.list_segments(place.trail)) == 2


def log_of_days(place: DataDirectory, days: int) -> None:
    log = MessageLog(place.session_logs)
    for day in range(days):
        for number in range(3):
            message = b"8=FIX.4.4\x0134=%d\x0110=000\x01" % (day * 3 + number)
            log.note_in("ALPHA", [message], NOW_NS + day * DAY_NS)
        log.flush()
    log.close()
    for day, path in enumerate(set_aside(place.session_log("ALPHA"))):
        os.utime(path, ns=(NOW_NS + day * DAY_NS,) * 2)


def test_logs_set_aside_are_compressed_and_the_old_ones_go(
    place: DataDirectory, trading: Trading
) -> None:
    log_of_days(place, 5)
    written = set_aside(place.session_log("ALPHA"))
    assert len(written) == 4
    service = place.log("audit")
    service.write_text("now")
    service.with_name("audit.log.1").write_text("before")
    contents = [path.read_bytes() for path in written]
    keeper(place, trading).look()
    kept = set_aside(place.session_log("ALPHA"))
    assert [path.name for path in kept] == [f"{path.name}.zst" for path in written]
    for path, content in zip(kept, contents, strict=True):
        with open_stored(path) as file:
            assert file.read() == content
    assert service.read_text() == "now"
    assert [path.name for path in set_aside(service)] == ["audit.log.1.zst"]
    settings = RetentionSettings(message_log_days=3)
    keeper(place, trading, settings, NOW_NS + 5 * DAY_NS).look()
    assert set_aside(place.session_log("ALPHA")) == kept[2:]
    assert place.session_log("ALPHA").exists()


def test_work_is_left_out_when_the_process_ends(
    place: DataDirectory, trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    trade(trading, "x", 60)
    house = keeper(place, trading)
    house.start()
    house.stop()
    assert not list(place.journal.glob("*.draft"))
    witness = trading.writer.next_event_seq - 1
    assert verify_journal(place.journal, None, witness, {}).damage is None


def test_what_a_day_costs_is_known_after_a_while(place: DataDirectory, trading: Trading) -> None:
    assert {use.store: use.day_bytes for use in disk_use(place.path)} == {"journal": None}
    keeper(place, trading).look()
    trade(trading, "x", 60)
    keeper(place, trading, RetentionSettings(journal_days=9), NOW_NS + DAY_NS // 2).look()
    (journal,) = disk_use(place.path)
    assert journal.store == "journal" and (journal.kept_days, journal.kept_gib) == (9, 0)
    assert journal.day_bytes is not None and 0 < journal.day_bytes < 2 * journal.bytes
    keeper(place, trading, now_ns=NOW_NS + DAY_NS).look()
    assert [use.day_bytes for use in disk_use(place.path)] == [None], "another day has begun"


def test_disk_that_takes_nothing_is_tried_again_later(
    place: DataDirectory, trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(trading, "x", 60)
    seconds = Seconds()
    monkeypatch.setattr("venue.housekeeping.housekeeper.time.monotonic", seconds)
    house = keeper(place, trading)
    taken: list[Path] = []

    def refuse(segment: object, rest: object) -> None:
        taken.append(Path())
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(module, "compress_segment", refuse)
        house.look()
        house.look()
    closed = len(list_segments(place.journal)) - 1
    assert len(taken) == closed, "each once"
    seconds.now += module.RETRY_SECONDS + 1
    house.look()
    assert sum(each.is_compressed for each in list_segments(place.journal)) == closed
