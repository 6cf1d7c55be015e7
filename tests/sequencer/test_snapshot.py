"""Snapshots: a start from one is a start from the first record; a bad one is passed over."""

import errno
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from zstandard import ZstdDecompressor

from venue.domain import commands as c
from venue.engine.control import forgetting
from venue.engine.image.digest import state_digest
from venue.journal.frame import HEADER_BYTES, build_frame
from venue.journal.segment import JournalDamage, list_segments
from venue.replay.replay import Replay, SnapshotMissing, replay, replay_journal
from venue.replay.retention import remove_segments
from venue.replay.snapshot import (
    KEPT,
    SnapshotDamage,
    list_snapshots,
    load_snapshot,
    prune_snapshots,
    write_snapshot,
)

from ..engine.builders import buy, sell
from ..engine.random_flow import RandomFlow
from ..journal.builders import frames
from .builders import Trading, digest


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory, max_batch=16)
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session, cancels=False)
    yield trading
    trading.writer.close()


def play(trading: Trading, seed: int, count: int) -> None:
    """Random orders of both sessions, a session out now and then."""
    source = random.Random(seed)
    for command in RandomFlow(seed, count):
        if getattr(command, "session", "ALPHA") in ("ALPHA", "BRAVO"):
            trading.put(command)
        if source.random() < 0.01:
            trading.sequencer.drain()
            trading.log_out("BRAVO")
            trading.sequencer.drain()
            trading.log_on("BRAVO", reset=source.random() < 0.5, cancels=False)
    trading.sequencer.drain()


def snapshot_now(trading: Trading) -> Path:
    reports = trading.encoder.reports
    now = replay_journal(trading.directory, reports, window=50)
    return write_snapshot(trading.directory, now.take_snapshot())


def from_first_record(trading: Trading) -> Replay:
    return replay_journal(trading.directory, trading.encoder.reports, from_start=True, window=50)


def sessions_of(result: Replay) -> object:
    """All that is promised of the sessions: numbers, what was not read, the window's reports."""
    return {
        name: (
            (state.next_in, state.next_out, state.logged_on, state.unread_from),
            (state.unread, state.owed, state.milestones),
            [state.stored[number] for number in sorted(state.unread)],
            list(state.stored.items())[-50:],
        )
        for name, state in result.sessions.image().items()
    }


def test_start_from_a_snapshot_is_a_start_from_the_first_record(trading: Trading) -> None:
    for seed in range(3):
        play(trading, seed, 200)
        path = snapshot_now(trading)
        play(trading, seed + 10, 60)
        whole = from_first_record(trading)
        short = replay(trading.directory, 0, trading.encoder.reports, window=50)
        assert short.snapshot == path.name and 0 < short.commands < whole.commands
        assert digest(short.engine) == digest(whole.engine) == digest(trading.engine)
        assert sessions_of(short) == sessions_of(whole)
        assert (short.position, short.follow_ups) == (whole.position, whole.follow_ups)
        assert short.position == trading.writer.position
        assert (short.seq, short.timestamp_ns, short.epoch) == (
            whole.seq,
            whole.timestamp_ns,
            whole.epoch,
        )


def test_snapshot_between_a_command_and_its_follow_ups_keeps_them(directory: Path) -> None:
    trading = Trading(directory, max_batch=1)
    trading.log_on("ALPHA", cancels=True)
    trading.say(*(buy(f"A{number}", "1", "99") for number in range(300)))
    trading.log_out("ALPHA")
    trading.sequencer.run_batch()
    snapshot_now(trading)
    left = replay(directory, 0, trading.encoder.reports).follow_ups
    assert len(left) == 1
    trading.sequencer.drain()
    done = replay(directory, 0, trading.encoder.reports)
    assert done.follow_ups == [] and digest(done.engine) == digest(trading.engine)
    trading.writer.close()


def test_start_in_the_middle_of_what_a_day_forgets_goes_on_with_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LOOKS", 7)
    trading = Trading(directory, max_batch=1)
    trading.say(*(buy(f"A{number}", "1", "99", tif="1") for number in range(5)))
    for number in range(20):
        trading.say(sell(f"S{number}", "1", "100"), buy(f"B{number}", "1", "100"))
    for command in (c.EndDay(), c.StartDay("2031-01-06"), c.EndDay(), c.StartDay("2031-01-07")):
        trading.put(command)
        trading.sequencer.drain()
    trading.put(c.EndDay())
    trading.sequencer.drain()
    trading.put(c.StartDay("2031-01-08"))
    assert len(trading.engine.state.trades) == 20
    for is_snapshot in (False, True, False, True):
        trading.sequencer.run_batch()
        if is_snapshot:
            snapshot_now(trading)
        found = replay(directory, 0, trading.encoder.reports)
        assert [type(each) for each in found.follow_ups] == [c.ForgetRemaining]
        assert (found.snapshot is not None) >= is_snapshot
        assert state_digest(found.engine.state) == state_digest(trading.engine.state)
    assert trading.engine.state.is_forgetting
    trading.start_again()
    state = trading.engine.state
    assert (len(state.orders), len(state.trades), state.is_forgetting) == (5, 0, False)
    trading.writer.close()


def test_damaged_snapshot_falls_back_to_the_older_one_and_then_to_the_journal(
    trading: Trading,
) -> None:
    paths = []
    for seed in range(2):
        play(trading, seed, 50)
        paths.append(snapshot_now(trading))
    expected = digest(trading.engine)
    for damaged, begins_from in ((paths[1], paths[0].name), (paths[0], None)):
        data = bytearray(damaged.read_bytes())
        data[len(data) // 2] ^= 4
        damaged.write_bytes(data)
        with pytest.raises(SnapshotDamage, match=damaged.name):
            load_snapshot(damaged)
        again = replay(trading.directory, 0, trading.encoder.reports)
        assert again.snapshot == begins_from and digest(again.engine) == expected


def test_any_flipped_bit_of_a_snapshot_is_noticed(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    path = snapshot_now(trading)
    whole = path.read_bytes()
    for bit in random.Random(1).sample(range(len(whole) * 8), 300):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        with pytest.raises(SnapshotDamage):
            load_snapshot(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(SnapshotDamage):
        load_snapshot(path)


def test_snapshot_takes_a_fraction_of_its_bytes_and_earlier_ones_that_did_not_are_read(
    trading: Trading,
) -> None:
    play(trading, 1, 300)
    path = snapshot_now(trading)
    compressed = path.read_bytes()
    body = ZstdDecompressor().decompress(compressed[HEADER_BYTES:])
    assert len(compressed) < len(body) / 4
    at = load_snapshot(path)
    path.write_bytes(build_frame(body, 0, 0, at.next_seq, at.next_event_seq, 0)[0])
    again = replay(trading.directory, 0, trading.encoder.reports)
    assert again.snapshot == path.name and digest(again.engine) == digest(trading.engine)


def test_snapshot_under_another_ones_name_is_refused(trading: Trading) -> None:
    path = snapshot_now(trading)
    other = path.with_name("snapshot-0000000000000999-0000000000000999.snapshot")
    path.rename(other)
    with pytest.raises(SnapshotDamage, match="it is of record"):
        load_snapshot(other)


def test_damage_before_the_snapshot_in_its_segment_stops_the_start(trading: Trading) -> None:
    play(trading, 1, 50)
    frame = frames(trading.directory)[3]
    snapshot_now(trading)
    data = bytearray(frame.segment.path.read_bytes())
    data[frame.offset + 50] ^= 1
    frame.segment.path.write_bytes(data)
    with pytest.raises(JournalDamage, match="checksum"):
        replay(trading.directory, 0, trading.encoder.reports)


def test_journal_that_ends_before_its_snapshot_stops_the_start(trading: Trading) -> None:
    play(trading, 1, 50)
    snapshot_now(trading)
    last = frames(trading.directory)[-1]
    data = last.segment.path.read_bytes()
    last.segment.path.write_bytes(data[: last.offset] + bytes(len(data) - last.offset))
    with pytest.raises(JournalDamage, match="do not lead to it"):
        replay(trading.directory, 0, trading.encoder.reports)


def test_pruned_journal_needs_a_snapshot(directory: Path) -> None:
    trading = Trading(directory, segment_bytes=1 << 14)
    play(trading, 1, 300)
    snapshot = snapshot_now(trading)
    play(trading, 2, 20)
    assert len(list_segments(directory)) > 2
    needed = load_snapshot(snapshot).segment
    old = [segment for segment in list_segments(directory)[:-2] if segment.path.name < needed]
    remove_segments(directory, old)
    short = replay(directory, 0, trading.encoder.reports)
    assert digest(short.engine) == digest(trading.engine)
    snapshot.unlink()
    with pytest.raises(SnapshotMissing, match="begins with record"):
        replay(directory, 0, trading.encoder.reports)
    trading.writer.close()


def test_time_travel_shows_the_state_after_each_record(trading: Trading) -> None:
    digests = {}
    for number in range(20):
        trading.say(buy(f"A{number}", "5", "100"))
        trading.say(sell(f"B{number}", "3", "100"))
        seq = trading.writer.next_seq - 1
        digests[seq] = (trading.engine.state.timestamp_ns, state_digest(trading.engine.state))
        if number == 10:
            snapshot_now(trading)
    reports = trading.encoder.reports
    for seq, (at_ns, expected) in digests.items():
        for from_start in (False, True):
            there = replay_journal(trading.directory, reports, to_seq=seq, from_start=from_start)
            assert (there.seq, state_digest(there.engine.state)) == (seq, expected)
        there = replay_journal(trading.directory, reports, to_ns=at_ns)
        assert (there.seq, state_digest(there.engine.state)) == (seq, expected)
        assert replay_journal(trading.directory, reports, to_seq=seq - 1).seq == seq - 1


def test_only_the_newest_snapshots_are_kept_and_dead_drafts_go(trading: Trading) -> None:
    written = []
    for number in range(KEPT + 2):
        trading.say(buy(f"A{number}", "5", "100"))
        written.append(snapshot_now(trading))
    draft = written[0].with_name(written[0].name + ".999999999")
    draft.touch()
    prune_snapshots(trading.directory)
    assert [file.path for file in list_snapshots(trading.directory)] == written[: -KEPT - 1 : -1]
    assert not draft.exists()


def test_snapshot_that_the_disk_does_not_take_leaves_nothing(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        snapshot_now(trading)
    assert not list(trading.directory.glob("snapshot-*"))
