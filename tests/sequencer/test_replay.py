"""Start from the journal: the same state as before, or a refusal that names the difference."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.events import OrderAccepted
from venue.engine.engine import ENGINE_VERSION
from venue.engine.trading.slices import SLICE
from venue.journal.frame import build_frame
from venue.journal.record import Batch, decode_batch, decode_command_batch, encode_batch
from venue.journal.segment import JournalDamage, JournalPosition, list_segments
from venue.replay import replay as replay_module
from venue.replay.replay import ReplayDifference, replay, replay_journal
from venue.replay.snapshot import snapshot_of, write_snapshot

from ..engine.builders import buy, replace, sell
from ..engine.random_flow import RandomFlow
from ..journal.builders import frames
from .builders import SEED, Trading, digest


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory)
    yield trading
    trading.writer.close()


def altered(batch: Batch, command: str, change: dict[str, Any]) -> Batch:
    """`batch` with the first event of its first record of this command changed."""
    records = list(batch.records)
    at = next(n for n, r in enumerate(records) if type(r.command).__name__ == command)
    first, *rest = records[at].events
    events = [msgspec.structs.replace(first, **change), *rest]
    records[at] = msgspec.structs.replace(records[at], events=events)
    return msgspec.structs.replace(batch, records=records)


def rewrite(directory: Path, batches: list[Batch]) -> None:
    """A journal of these batches in place of the one there, with every checksum right."""
    (segment,) = list_segments(directory)
    data, crc, seq, event_seq = b"", 0, 1, 1
    for batch in batches:
        count = sum(len(record.events) for record in batch.records)
        frame, crc = build_frame(
            encode_batch(batch), len(batch.records), count, seq, event_seq, crc
        )
        data += frame
        seq, event_seq = seq + len(batch.records), event_seq + count
    segment.path.write_bytes(data + bytes(1000))


def batches(trading: Trading) -> list[Batch]:
    return [decode_batch(frame.body) for frame in frames(trading.directory)]


def test_new_journal_gives_an_empty_venue(directory: Path) -> None:
    trading = Trading(directory, seed=False)
    replayed = trading.replayed()
    assert (replayed.epoch, replayed.timestamp_ns, replayed.clean_stop) == (0, 0, False)
    assert replayed.engine.state.next_event_seq == 1
    trading.writer.close()


def test_replayed_engine_is_the_engine_that_was(trading: Trading) -> None:
    accounts = {"ALPHA": "ALPHA", "BRAVO": "BRAVO"}
    for command in RandomFlow(5, 900):
        if getattr(command, "session", "ALPHA") in accounts:
            trading.put(command)
    trading.sequencer.drain()
    replayed = trading.replayed()
    assert digest(replayed.engine) == digest(trading.engine)
    assert replayed.position == trading.writer.position
    assert replayed.timestamp_ns == trading.engine.state.timestamp_ns
    assert (replayed.epoch, replayed.follow_ups, replayed.cut) == (1, [], None)
    assert trading.engine.state.next_match_id > 20


def test_replay_without_reports_leaves_the_sessions_out(trading: Trading) -> None:
    trading.log_on("ALPHA")
    trading.say(buy("A1", "5", "100"), sell("B1", "2", "100"))
    replayed = replay_journal(trading.directory, None)
    assert digest(replayed.engine) == digest(trading.engine)
    assert replayed.position == trading.writer.position
    assert replayed.sessions.names() == []
    with pytest.raises(AssertionError):
        replayed.take_snapshot()


def test_replayed_engine_goes_on_with_the_same_events(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"), buy("A2", "5", "100"), replace("A3", "A1", "3", "100"))
    replayed = trading.replayed()
    command, now_ns = sell("B1", "7", "100"), trading.now_ns()
    events = trading.engine.apply(command, now_ns)
    assert replayed.engine.apply(command, now_ns) == events
    assert len(events) == 3


def test_clean_stop_is_known_until_something_follows(trading: Trading) -> None:
    assert not trading.replayed().clean_stop
    trading.sequencer.stop([])
    assert trading.replayed().clean_stop
    trading.put(c.StartVenue(2, 1))
    trading.sequencer.drain()
    assert not trading.replayed().clean_stop


def test_unfinished_cancellation_is_left_to_do(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(600)))
    trading.log_out("ALPHA")
    for number in (1, 2):
        trading.sequencer.run_batch()
        remaining = c.CancelRemaining("ALPHA", number * SLICE, 601)
        assert trading.replayed().follow_ups == [remaining]
    trading.sequencer.drain()
    assert trading.replayed().follow_ups == []


@pytest.mark.parametrize(
    "change",
    [{"timestamp_ns": 7}, {"symbol": "GLOBEX"}, {"event_seq": 999}],
)
def test_event_altered_under_a_right_checksum_stops_the_start(
    trading: Trading, change: dict[str, Any]
) -> None:
    trading.say(buy("A1", "5", "100"))
    seq = trading.writer.next_seq - 1
    *earlier, last = batches(trading)
    rewrite(trading.directory, [*earlier, altered(last, "EnterOrder", change)])
    told = f"record {seq}, event 1: engine version {ENGINE_VERSION} gives"
    with pytest.raises(ReplayDifference, match=told):
        trading.replayed()


def test_altered_quantity_inside_an_event_stops_the_start(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    *earlier, last = batches(trading)
    event = last.records[0].events[0]
    assert isinstance(event, OrderAccepted)
    order = msgspec.structs.replace(event.order, leaves_qty="6")
    rewrite(trading.directory, [*earlier, altered(last, "EnterOrder", {"order": order})])
    with pytest.raises(ReplayDifference, match="leaves_qty='6'"):
        trading.replayed()


def test_event_added_or_missing_stops_the_start(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    *earlier, last = batches(trading)
    (record,) = last.records
    for events in ([], [*record.events, *record.events]):
        changed = Batch([msgspec.structs.replace(record, events=events)], last.sessions)
        rewrite(trading.directory, [*earlier, changed])
        with pytest.raises(ReplayDifference, match=f"gives 1 events, .* recorded {len(events)}"):
            trading.replayed(witness=0)


def test_rewritten_journal_that_changes_nothing_starts(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    rewrite(trading.directory, batches(trading))
    assert digest(trading.replayed().engine) == digest(trading.engine)


def rewrite_events(directory: Path, change: Callable[[bytes], bytes]) -> None:
    """The last frame with other bytes in place of its one record's events, checksum right."""
    (segment,) = list_segments(directory)
    last = frames(directory)[-1]
    (record,) = decode_command_batch(last.body).records
    body = last.body.replace(bytes(record.events), change(bytes(record.events)))
    assert body != last.body
    _, _, _, seq, event_seq, crc, _ = last.header
    frame, _ = build_frame(body, 1, last.header.events, seq, event_seq, crc)
    segment.path.write_bytes(segment.path.read_bytes()[: last.offset] + frame + bytes(500))


def test_same_events_in_other_bytes_start(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    rewrite_events(trading.directory, lambda events: msgspec.json.format(events, indent=2))
    started = trading.replayed()
    assert digest(started.engine) == digest(trading.engine)
    assert started.differences == []
    assert started.sessions["ALPHA"] == trading.book["ALPHA"]


@pytest.mark.parametrize("events", [b'[{"type":"OrderAccepted"}]', b'{"no":"list"}', b"7"])
def test_events_that_cannot_be_read_are_damage_with_its_place(
    trading: Trading, events: bytes
) -> None:
    trading.say(buy("A1", "5", "100"))
    rewrite_events(trading.directory, lambda _: events)
    seq = trading.writer.next_seq - 1
    told = f"record {seq}: the body is no batch of records: "
    with pytest.raises(JournalDamage, match=told):
        trading.replayed()
    with pytest.raises(JournalDamage, match=told):
        replay_journal(trading.directory, trading.encoder.reports, to_seq=seq)


def test_journal_behind_its_witness_stops_the_start(trading: Trading) -> None:
    with pytest.raises(JournalDamage, match="was received already"):
        trading.replayed(witness=trading.writer.next_event_seq)


def test_torn_batch_is_cut_and_the_state_is_that_of_the_batch_before(trading: Trading) -> None:
    before = digest(trading.engine)
    witness = trading.writer.next_event_seq - 1
    trading.say(buy("A1", "5", "100"))
    (segment,) = list_segments(trading.directory)
    end = frames(trading.directory)[-1].end
    data = segment.path.read_bytes()
    segment.path.write_bytes(data[: end - 5] + bytes(len(data) - end + 5))
    replayed = trading.replayed(witness)
    assert digest(replayed.engine) == before
    assert replayed.cut is not None and "torn tail" in replayed.cut
    assert len(SEED) == len(batches(trading)[0].records)


def test_other_engine_version_starts_only_when_its_differences_are_accepted(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    trading.say(buy("A1", "5", "100"), buy("A2", "5", "100"))
    *earlier, last = batches(trading)
    changed = altered(last, "EnterOrder", {"symbol": "GLOBEX"})
    rewrite(trading.directory, [*earlier, changed])
    newer = ENGINE_VERSION + 1
    monkeypatch.setattr(replay_module, "ENGINE_VERSION", newer)
    directory, reports = trading.directory, trading.encoder.reports
    for accepted in (0, newer - 1):
        with pytest.raises(ReplayDifference, match=f"engine version {newer} gives"):
            replay(directory, 0, reports, accept_version=accepted)
    started = replay(directory, 0, reports, accept_version=newer)
    assert len(started.differences) == 1 and "GLOBEX" in started.differences[0]
    assert started.event_seq == trading.engine.state.next_event_seq - 1
    assert started.position == replay_journal_position(trading)


def test_other_engine_version_starts_from_a_clean_stops_snapshot_without_a_question(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    trading.say(buy("A1", "5", "100"))
    *earlier, last = batches(trading)
    rewrite(trading.directory, [*earlier, altered(last, "EnterOrder", {"symbol": "GLOBEX"})])
    snapshot = snapshot_of(
        trading.engine,
        trading.book,
        replay_journal_position(trading),
        trading.now,
        1,
        [],
        clean_stop=True,
    )
    write_snapshot(trading.directory, snapshot)
    monkeypatch.setattr(replay_module, "ENGINE_VERSION", ENGINE_VERSION + 1)
    started = replay(trading.directory, 0, trading.encoder.reports)
    assert started.commands == 0 and started.clean_stop
    assert digest(started.engine) == digest(trading.engine)


def test_frame_that_holds_no_records_stops_the_start_by_name(trading: Trading) -> None:
    (segment,) = list_segments(trading.directory)
    frame, _ = build_frame(b'{"records":7}', 0, 0, 1, 1, 0)
    segment.path.write_bytes(frame + bytes(100))
    with pytest.raises(JournalDamage, match="record 1: the body is no batch of records"):
        replay(trading.directory, 0, trading.encoder.reports)


def replay_journal_position(trading: Trading) -> JournalPosition:
    """Behind the last frame as it lies on disk now."""
    return frames(trading.directory)[-1].after
