"""A start asks every witness, refuses as often as it is tried, and leaves each as it was."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.audit.events import deposit
from tests.engine.builders import buy, sell
from tests.fix_message import new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.sequencer.builders import Trading
from venue.audit.chain import last_event, list_segments
from venue.audit.trail import AuditedEvent, Trail
from venue.bus.position_file import Position, write_position
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.dropcopy.numbering import Numbers, keep_numbers
from venue.fix.encode import ReportEncoder
from venue.journal.durable import forget_position, position_path, shown_position
from venue.journal.identity import journal_identity
from venue.journal.reader import JournalReader
from venue.journal.segment import JournalDamage
from venue.marketdata.books_file import write_books
from venue.marketdata.feed import Feed
from venue.servers import ServerError
from venue.settings.settings import load_settings
from venue.startup import Recovered, recovered
from venue.witnesses import WitnessRefuses, last_received

TRIES = 3


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """With the journal of a venue that was killed after some trades."""
    journal = tmp_path / "journal"
    journal.mkdir()
    trading = Trading(journal)
    trading.log_on("ALPHA")
    trading.log_on("BRAVO")
    for number in range(4):
        trading.say(buy(f"A{number}", "5", "100"), sell(f"B{number}", "5", "100"))
    trading.writer.close()
    yield tmp_path
    forget_position(journal)


def last_of(data_dir: Path) -> int:
    return frames(data_dir / "journal")[-1].header.next_event_seq - 1


def start(data_dir: Path) -> Recovered:
    return recovered(load_settings(data_dir=data_dir), ReportEncoder())


def flip_a_bit_of_the_last_frame(data_dir: Path) -> Callable[[], None]:
    """One bit of what is on disk is another; what comes back mends it."""
    frame = frames(data_dir / "journal")[-1]
    path, whole = frame.segment.path, frame.segment.path.read_bytes()
    place = (frame.offset + frame.end) // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])

    def mend() -> None:
        path.write_bytes(whole)

    return mend


def shown(data_dir: Path) -> None:
    """The position file, which a kill leaves."""
    assert shown_position(data_dir / "journal") is not None


def nothing(data_dir: Path) -> None:
    """No witness: the machine was started anew before anybody had received anything."""
    forget_position(data_dir / "journal")


def own(data_dir: Path) -> Position:
    return Position(last_of(data_dir), journal=journal_identity(data_dir / "journal"))


def file_of(name: str) -> Callable[[Path], None]:
    def witness(data_dir: Path) -> None:
        nothing(data_dir)
        write_position(DataDirectory(data_dir).position(name), own(data_dir))

    return witness


def numbers(data_dir: Path) -> None:
    nothing(data_dir)
    at = own(data_dir)
    path = DataDirectory(data_dir).position("dropcopy")
    keep_numbers(path, Numbers(at.event_seq, {"ALPHA": 9}, at.journal))


def books(data_dir: Path) -> None:
    nothing(data_dir)
    write_books(DataDirectory(data_dir).books, Feed().image(last_of(data_dir)), own(data_dir))


def trail(data_dir: Path) -> None:
    reader = JournalReader(data_dir / "journal")
    events = [AuditedEvent(each.event_seq, 1, each.payload) for each in reader.read(1_000)]
    reader.close()
    assert len(events) == last_of(data_dir)
    written = Trail(DataDirectory(data_dir).trail, DataDirectory(data_dir).heads)
    written.append(events)
    written.close()
    nothing(data_dir)


WITNESSES = {
    "position file": shown,
    "publisher's file": file_of("publisher"),
    "clearing's file": file_of("clearing"),
    "market data's file": file_of("marketdata"),
    "replica's file": file_of("replica"),
    "audit trail": trail,
    "drop copies' numbers": numbers,
    "market data's books": books,
}


def all_files(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", list(WITNESSES))
def test_each_witness_alone_refuses_a_journal_that_lost_its_end_every_time(
    name: str, data_dir: Path
) -> None:
    WITNESSES[name](data_dir)
    last, memory = last_of(data_dir), shown_position(data_dir / "journal")
    mend = flip_a_bit_of_the_last_frame(data_dir)
    before = all_files(data_dir)
    for _ in range(TRIES):
        with pytest.raises(JournalDamage, match=f"event {last} was received already"):
            start(data_dir)
        assert all_files(data_dir) == before, "a refused start changes nothing"
        assert shown_position(data_dir / "journal") == memory
    mend()
    assert start(data_dir).replay.event_seq == last


def test_torn_tail_that_no_witness_has_is_cut(data_dir: Path) -> None:
    nothing(data_dir)
    last = last_of(data_dir)
    flip_a_bit_of_the_last_frame(data_dir)
    found = start(data_dir).replay
    assert found.cut is not None and found.event_seq < last


@pytest.mark.parametrize("name", [name for name in WITNESSES if name != "position file"])
def test_witness_of_another_journal_refuses_the_start(name: str, data_dir: Path) -> None:
    """As when the journal was replaced below all else, by a new one or another's."""
    WITNESSES[name](data_dir)
    write_position(DataDirectory(data_dir).position("audit"), own(data_dir))
    theirs = journal_identity(data_dir / "journal")
    shutil.rmtree(data_dir / "journal")
    (data_dir / "journal").mkdir()
    before = all_files(data_dir)
    for _ in range(TRIES):
        with pytest.raises(ServerError, match=f"is of journal {theirs}, the journal there is"):
            start(data_dir)
        after = all_files(data_dir)
        after.pop(data_dir / "journal" / "identity")
        assert after == before


def test_publisher_s_file_that_cannot_be_read_refuses_the_start(data_dir: Path) -> None:
    path = DataDirectory(data_dir).position("publisher")
    path.parent.mkdir()
    for content in (b"", b"{", b"\0" * 50):
        path.write_bytes(content)
        for _ in range(TRIES):
            with pytest.raises(ServerError, match=r"publisher\.json cannot be read") as refused:
                start(data_dir)
        assert "\n" not in str(refused.value) and path.read_bytes() == content


def test_file_that_is_only_shown_may_be_lost(data_dir: Path) -> None:
    """It is not synced: a loss of power may leave it empty."""
    path = DataDirectory(data_dir).position("clearing")
    path.parent.mkdir()
    path.write_bytes(b"")
    assert last_received(data_dir) == last_of(data_dir)
    nothing(data_dir)
    assert last_received(data_dir) == 0


def test_trail_proves_what_stands_in_its_last_whole_line(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path).trail
    assert last_event(directory) is None
    written = Trail(directory, DataDirectory(tmp_path).heads, segment_bytes=2_000)
    events = [deposit(seq) for seq in range(1, 31)]
    for event in events:
        written.append([AuditedEvent(event.event_seq, event.timestamp_ns, encode(event))])
    written.close()
    assert len(list_segments(directory)) > 2
    assert last_event(directory) == (30, encode(events[-1]))
    last = [path for path in list_segments(directory) if path.stat().st_size][-1]
    with last.open("ab") as file:
        file.write(b'{"n":31,"event_seq":31,"ev')
    assert last_event(directory) == (30, encode(events[-1])), "half a line proves nothing"
    with last.open("ab") as file:
        file.write(b"\0" * 20 + b"\n")
    assert last_event(directory) == (30, encode(events[-1]))
    last.write_bytes(b"")
    (seq, _) = last_event(directory) or (0, b"")
    assert 1 < seq < 30, "an empty segment has the one before it to speak for it"


def test_witnesses_of_an_older_version_say_no_journal_and_are_asked_too(data_dir: Path) -> None:
    nothing(data_dir)
    write_position(DataDirectory(data_dir).position("publisher"), Position(last_of(data_dir)))
    assert last_received(data_dir) == last_of(data_dir)
    with pytest.raises(WitnessRefuses):
        write_position(
            DataDirectory(data_dir).position("publisher"), Position(1, journal="another")
        )
        last_received(data_dir)


def test_copy_is_refused_and_touches_nothing_of_the_original(data_dir: Path) -> None:
    copy = data_dir.with_name(f"{data_dir.name}-copy")
    shutil.copytree(data_dir, copy)
    before = all_files(copy)
    for _ in range(TRIES):
        with pytest.raises(ServerError, match="is a copy of a journal"):
            start(copy)
    assert all_files(copy) == before
    assert position_path(data_dir / "journal").exists()
    start(data_dir)


def test_data_directory_in_which_others_may_write_is_refused(data_dir: Path) -> None:
    data_dir.chmod(0o777)
    with pytest.raises(ServerError, match="others may write in"):
        start(data_dir)
    data_dir.chmod(0o700)
    start(data_dir)


def test_killed_venue_whose_last_frame_is_damaged_stays_refused(tmp_path: Path) -> None:
    """The whole way, by real processes: killed, one bit flipped, started again and again."""
    data_dir = tmp_path / "data"
    with RunningTrading(data_dir) as running:
        alpha = running.client("ALPHA")
        alpha.logon()
        alpha.send("D", new_order("A1", "1", "5", "99.00"))
        alpha.expect_report("A1", "0")
        running.kill()
        path = position_path(data_dir / "journal")
        mend = flip_a_bit_of_the_last_frame(data_dir)
        before = path.read_bytes()
        for _ in range(TRIES):
            ready = running.try_start()
            assert "was received already" in ready["error"], ready
            assert running.wait() == 2
            assert path.read_bytes() == before
        mend()
        running.start()
        alpha.address = running.address
        alpha.close()
        alpha.logon(reset=False)
        assert alpha.is_connected


def test_copy_beside_a_running_venue_is_refused_and_ends_nothing_of_it(tmp_path: Path) -> None:
    data_dir, copy = tmp_path / "data", tmp_path / "copy"
    with RunningTrading(data_dir) as running:
        path = position_path(data_dir / "journal")
        shutil.copytree(data_dir, copy, ignore=shutil.ignore_patterns("*.sock"))
        second = RunningTrading(copy)
        assert "is a copy of a journal" in second.try_start()["error"]
        assert second.wait() == 2
        assert path.exists() and running.is_running
        inode = path.stat().st_ino
        alpha = running.client("ALPHA")
        alpha.logon()
        alpha.send("D", new_order("A1", "1", "5", "99.00"))
        alpha.expect_report("A1", "0")
        assert path.stat().st_ino == inode
        shown = shown_position(data_dir / "journal")
        assert shown is not None and shown.event_seq == last_of(data_dir)
