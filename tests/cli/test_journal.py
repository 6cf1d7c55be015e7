"""`venue journal`: how it names what is wrong with a journal, counts it, and snapshots its end."""

import json
import threading
from pathlib import Path

import pytest

from tests.cli.journaled import refused, run, told, trade
from tests.engine.builders import buy
from tests.fix_message import new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.sequencer.builders import Trading
from venue.engine.image.digest import state_digest
from venue.journal.durable import forget_position
from venue.journal.frame import build_frame
from venue.journal.segment import list_segments
from venue.replay.snapshot import list_snapshots


def overwrite(path: Path, place: int, data: bytes) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + data + whole[place + len(data) :])


def snapshot_now(trading: Trading, data_dir: Path) -> Path:
    return Path(told(data_dir, "snapshot")["file"])


def test_whole_journal_is_said_to_be_whole(trading: Trading, data_dir: Path) -> None:
    trade(trading, 3)
    snapshot_now(trading, data_dir)
    trade(trading, 1)
    result = run(data_dir, "verify")
    assert result.exit_code == 0, result.stderr
    records, events = trading.writer.next_seq - 1, trading.writer.next_event_seq - 1
    assert result.stdout == (
        f"journal whole: {len(frames(data_dir / 'journal'))} frames, {records} records "
        f"(1 to {records}) and {events} events (to {events}) in 1 segment; 1 snapshot good\n"
    )
    answer = told(data_dir, "verify")
    assert (answer["ok"], answer["seq"], answer["event_seq"]) == (True, records, events)


def test_damage_is_one_line_on_stderr_and_status_1(trading: Trading, data_dir: Path) -> None:
    trade(trading, 3)
    frame = frames(trading.directory)[2]
    overwrite(frame.segment.path, frame.offset + 50, b"\x00")
    line = refused(data_dir, "verify")
    assert line.startswith(
        f"{frame.segment.path.name} at offset {frame.offset}, record {frame.header.first_seq}: "
    )
    result = run(data_dir, "verify", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["ok"] is False and answer["damage"] + "\n" == result.stderr == line


def test_torn_tail_that_nobody_has_is_said_with_what_a_start_will_do(
    trading: Trading, data_dir: Path
) -> None:
    trade(trading, 3)
    last = frames(trading.directory)[-1]
    overwrite(last.segment.path, last.end - 5, bytes(5))
    assert "was received already" in refused(data_dir, "verify"), "it was shown as durable"
    forget_position(trading.directory)  # as the machine's restart does
    result = run(data_dir, "verify")
    assert result.exit_code == 0, result.stderr
    whole, torn = result.stdout.splitlines()
    assert whole.startswith("journal whole: ")
    assert torn.startswith(f"torn tail: {last.segment.path.name} at offset {last.offset}, record ")
    assert torn.endswith("; nobody has it, the next start cuts it off")
    assert trading.replayed(witness=0).cut is not None


def test_damaged_snapshot_is_named(trading: Trading, data_dir: Path) -> None:
    trade(trading, 3)
    path = snapshot_now(trading, data_dir)
    overwrite(path, 100, b"\xff\xff")
    assert refused(data_dir, "verify").startswith(f"{path.name}: checksum ")
    answer = json.loads(run(data_dir, "verify", "--json").stdout)
    assert (answer["damage"], len(answer["snapshot_damage"]), answer["snapshots"]) == (None, 1, 0)


def test_snapshot_under_the_name_of_another_is_named(trading: Trading, data_dir: Path) -> None:
    trade(trading, 1)
    first = snapshot_now(trading, data_dir)
    trade(trading, 1)
    second = snapshot_now(trading, data_dir)
    second.write_bytes(first.read_bytes())
    assert refused(data_dir, "verify").startswith(f"{second.name}: ")


def test_snapshot_of_another_journal_is_named_with_its_place(
    trading: Trading, data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other_dir = tmp_path_factory.mktemp("other")
    (other_dir / "journal").mkdir()
    other = Trading(other_dir / "journal")
    other.say(buy("A0", "6", "100"), buy("A1", "6", "100"))
    other.writer.close()
    foreign = snapshot_now(other, other_dir)
    forget_position(other.directory)
    (trading.directory / foreign.name).write_bytes(foreign.read_bytes())
    trade(trading, 10)
    line = refused(data_dir, "verify")
    assert f"{foreign.name} was taken at this place, but the journal does not lead" in line
    assert line.startswith(f"{list_segments(trading.directory)[0].path.name} at offset ")


@pytest.mark.parametrize("command", ["verify", "show", "stats", "snapshot"])
def test_frame_that_holds_no_records_is_refused_by_all(
    trading: Trading, data_dir: Path, command: str
) -> None:
    last = frames(trading.directory)[-1]
    place = last.after
    frame, _ = build_frame(
        b'{"records":[7]}', 1, 1, place.next_seq, place.next_event_seq, place.previous_crc
    )
    overwrite(last.segment.path, last.end, frame)
    forget_position(trading.directory)
    assert "`int`" in refused(data_dir, command)


@pytest.mark.parametrize("command", ["verify", "show", "stats", "snapshot"])
def test_without_a_journal_it_says_so(tmp_path: Path, command: str) -> None:
    assert refused(tmp_path, command) == f"no journal in {tmp_path}\n"


def test_statistics_count_what_was_written(trading: Trading, data_dir: Path) -> None:
    trade(trading, 4)
    path = snapshot_now(trading, data_dir)
    answer = told(data_dir, "stats")
    assert answer["records"] == trading.writer.next_seq - 1
    assert answer["events"] == trading.writer.next_event_seq - 1
    assert sum(answer["events_by_type"].values()) == answer["events"]
    assert answer["events_by_type"]["TradeExecuted"] == 4
    assert answer["frames"] == len(frames(trading.directory))
    assert answer["size"] == 1 << 20
    (snapshot,) = answer["snapshots"]
    assert (snapshot["name"], snapshot["size"]) == (path.name, path.stat().st_size)
    shown = run(data_dir, "stats").stdout
    assert path.name in shown and f"│ {answer['used']:,} │" in shown


def test_statistics_of_a_damaged_journal_are_refused(trading: Trading, data_dir: Path) -> None:
    trade(trading, 2)
    frame = frames(trading.directory)[1]
    overwrite(frame.segment.path, frame.offset + 50, b"\x00")
    assert f"at offset {frame.offset}, record " in refused(data_dir, "stats")


def test_snapshot_is_what_the_next_start_begins_with(trading: Trading, data_dir: Path) -> None:
    trade(trading, 3)
    result = run(data_dir, "snapshot")
    assert result.exit_code == 0, result.stderr
    (snapshot,) = list_snapshots(trading.directory)
    assert result.stdout.startswith(f"{snapshot.path}: state after record {snapshot.seq}, event ")
    assert snapshot.seq == trading.writer.next_seq - 1
    trading.say(buy("A99", "1", "99"))
    started = trading.replayed()
    assert (started.snapshot, started.commands) == (snapshot.path.name, 1)
    assert state_digest(started.engine.state) == state_digest(trading.engine.state)


def test_snapshot_with_a_configuration_that_is_none_is_wrong_use(
    trading: Trading, data_dir: Path
) -> None:
    result = run(data_dir, "snapshot", "--config", str(data_dir / "nothing.toml"))
    assert result.exit_code == 2 and "nothing.toml" in result.stderr
    assert list_snapshots(trading.directory) == []


def test_all_of_it_works_beside_a_venue_that_trades(tmp_path: Path) -> None:
    stop = threading.Event()
    sent: list[str] = []
    with RunningTrading(tmp_path / "data", "journal.segment_mib=1") as running:
        client = running.client("ALPHA")
        client.logon(extra=[(9001, "N")])

        def trade_on() -> None:
            while not stop.is_set():
                name = f"n{len(sent)}"
                client.send("D", new_order(name, "1", "1", "99.00"))
                client.expect_report(name, "0")
                sent.append(name)

        load = threading.Thread(target=trade_on)
        load.start()
        try:
            seen = [told(running.data_dir, "verify") for _ in range(20)]
            snapshot = told(running.data_dir, "snapshot")
            stats = told(running.data_dir, "stats")
        finally:
            stop.set()
            load.join()
        client.logout()
        assert told(running.data_dir, "verify")["snapshots"] == 1
        assert all(each["ok"] and each["torn_tail"] is None for each in seen)
        assert seen[0]["seq"] < seen[-1]["seq"] <= snapshot["seq"] <= stats["records"]
        orders = told(running.data_dir, "show", "--symbol", "ACME", "--limit", "100000")["records"]
        entered = [
            each["command"]["cl_ord_id"] for each in orders if "order_qty" in each["command"]
        ]
        assert entered == sent
        running.stop()
        forget_position(running.data_dir / "journal")
