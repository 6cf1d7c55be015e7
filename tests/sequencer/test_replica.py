"""The replica: follows the journal, takes snapshots, finds differences, removes what is too old."""

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from venue.journal.segment import JournalDamage, list_segments
from venue.replay.replay import ReplayDifference, replay
from venue.replay.replica import Replica
from venue.replay.retention import remove_segments
from venue.replay.snapshot import KEPT, Snapshot, list_snapshots

from ..engine.builders import buy, sell
from .blocked import Seconds
from .builders import Trading, digest

DAY_NS = 86_400 * 1_000_000_000


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory, segment_bytes=1 << 14)
    yield trading
    trading.writer.close()


def replica_of(
    trading: Trading,
    events: int = 50,
    days: int = 0,
    consumed: int = 0,
    seconds: Seconds | None = None,
    retain_bytes: int = 0,
    segments: "threading.Lock | None" = None,
) -> Replica:
    return Replica(
        trading.directory,
        trading.encoder.reports,
        snapshot_events=events,
        snapshot_seconds=600,
        retain_days=days,
        retain_bytes=retain_bytes,
        segments=segments,
        consumed_event_seq=lambda: consumed,
        monotonic=seconds or Seconds(),
    )


def trade(trading: Trading, name: str, count: int) -> None:
    for number in range(count):
        trading.say(buy(f"{name}a{number}", "1", "100"))
        trading.say(sell(f"{name}b{number}", "1", "100"))


def never() -> bool:
    return False


def test_it_follows_the_journal_and_takes_snapshots_on_the_way(trading: Trading) -> None:
    replica = replica_of(trading)
    assert replica.follow(never) == 7
    assert replica.follow(never) == 0
    trade(trading, "x", 60)
    assert replica.follow(never) == 120
    assert replica.event_seq == trading.writer.next_event_seq - 1
    snapshots = list_snapshots(trading.directory)
    assert len(snapshots) == KEPT
    assert replica.event_seq - snapshots[0].event_seq < 50 + 3
    again = replay(trading.directory, 0, trading.encoder.reports)
    assert again.snapshot == snapshots[0].path.name
    assert digest(again.engine) == digest(trading.engine)


def test_it_begins_where_its_last_snapshot_is(trading: Trading) -> None:
    trade(trading, "x", 60)
    replica_of(trading).follow(never)
    newest = list_snapshots(trading.directory)[0]
    second = replica_of(trading)
    assert second.event_seq == newest.event_seq
    assert second.follow(never) == trading.writer.next_seq - 1 - newest.seq


def test_it_never_reads_past_what_is_on_disk(trading: Trading) -> None:
    replica = replica_of(trading)
    replica.follow(never)
    trade(trading, "x", 2)
    seq, event_seq = trading.writer.next_seq - 1, trading.writer.next_event_seq - 1
    last = len(trading.replayed().engine.state.trades)
    assert last == 2
    trading.writer._durable.show(event_seq - 2, seq - 1)
    replica.follow(never)
    assert replica.event_seq == event_seq - 2
    trading.writer._durable.show(event_seq, seq)
    replica.follow(never)
    assert replica.event_seq == event_seq


def test_difference_between_journal_and_engine_is_found(
    trading: Trading,
) -> None:
    replica = replica_of(trading)
    replica.follow(never)
    trading.engine.state.next_match_id += 1
    trade(trading, "x", 2)
    with pytest.raises(ReplayDifference, match=r"TradeExecuted.* recorded TradeExecuted"):
        replica.follow(never)


def test_old_segments_go_only_when_consumers_and_snapshots_are_past_them(trading: Trading) -> None:
    def begin_again() -> None:
        for file in list_snapshots(trading.directory):
            file.path.unlink()

    trade(trading, "x", 60)
    trading.now += 3 * DAY_NS
    trade(trading, "y", 60)
    every = len(list_segments(trading.directory))
    replica_of(trading, days=0, consumed=10**9).follow(never)
    assert len(list_segments(trading.directory)) == every
    begin_again()
    replica_of(trading, days=2, consumed=0).follow(never)
    assert len(list_segments(trading.directory)) == every
    begin_again()
    replica_of(trading, days=2, consumed=10**9).follow(never)
    left = list_segments(trading.directory)
    assert 0 < len(left) < every and left[0].number > 1
    again = replay(trading.directory, 0, trading.encoder.reports)
    assert digest(again.engine) == digest(trading.engine)


def test_segment_that_retention_has_not_removed_is_missed(trading: Trading) -> None:
    """Also behind those that it has removed, and also where a snapshot would do without it."""
    trade(trading, "x", 60)
    trading.now += 3 * DAY_NS
    trade(trading, "y", 60)
    replica_of(trading, days=2, consumed=10**9).follow(never)
    left = list_segments(trading.directory)
    assert left[0].number > 1
    left[0].path.unlink()
    for _ in range(2):
        with pytest.raises(JournalDamage, match="segments before are missing"):
            replay(trading.directory, 0, trading.encoder.reports)
    with pytest.raises(JournalDamage, match="segments before are missing"):
        replica_of(trading)


def test_segment_is_on_record_as_removed_before_it_goes(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(trading, "x", 60)
    first, second, *_ = list_segments(trading.directory)

    def refuse(path: Path) -> None:
        raise OSError(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="segment-000001"):
        remove_segments(trading.directory, [first])
    monkeypatch.undo()
    replay(trading.directory, 0, trading.encoder.reports)
    first.path.unlink()
    assert list_segments(trading.directory)[0] == second


def test_journal_without_any_segment_is_no_new_one(trading: Trading) -> None:
    trade(trading, "x", 60)
    replica_of(trading).follow(never)
    for segment in list_segments(trading.directory):
        segment.path.unlink()
    with pytest.raises(JournalDamage, match="no segment is there"):
        replay(trading.directory, 0, trading.encoder.reports)


def test_snapshot_comes_by_time_if_anything_has_happened(trading: Trading) -> None:
    seconds = Seconds()
    replica = replica_of(trading, events=10_000, seconds=seconds)
    replica.follow(never)
    seconds.now += 599
    replica.follow(never)
    assert list_snapshots(trading.directory) == []
    seconds.now += 2
    replica.follow(never)
    (first,) = list_snapshots(trading.directory)
    seconds.now += 1000
    replica.follow(never)
    assert list_snapshots(trading.directory) == [first]
    trade(trading, "x", 1)
    replica.follow(never)
    assert len(list_snapshots(trading.directory)) == 2


def test_restarts_that_each_replay_less_than_a_snapshot_s_events_come_to_one(
    trading: Trading,
) -> None:
    for number in range(6):
        trade(trading, f"x{number}", 5)
        replica_of(trading, events=400).follow(never)
    newest = list_snapshots(trading.directory)[0]
    behind = trading.writer.next_event_seq - 1 - newest.event_seq
    assert behind < 400 // 10, "a start executes little again"


def test_replica_goes_on_where_no_snapshot_can_be_written(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = Seconds()
    replica = replica_of(trading, seconds=seconds)
    tries: list[str] = []

    def full(directory: Path, snapshot: Snapshot) -> Path:
        tries.append(snapshot.segment)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk, capture_logs() as logs:
        disk.setattr("venue.replay.replica.write_snapshot", full)
        trade(trading, "x", 60)
        replica.follow(never)
        assert replica.event_seq == trading.writer.next_event_seq - 1
        assert len(tries) == 1, "not again at every frame"
        seconds.now += 60
        trade(trading, "y", 1)
        replica.follow(never)
        assert len(tries) == 2
    assert len([line for line in logs if line["log_level"] == "error"]) == 1
    seconds.now += 60
    trade(trading, "z", 1)
    replica.follow(never)
    assert len(list_snapshots(trading.directory)) == 1
