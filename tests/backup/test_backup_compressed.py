"""A backup of compressed segments, and of such that are compressed while it is taken."""

from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from tests.sequencer.builders import Trading, digest
from tests.sequencer.test_replica import replica_of, trade
from venue.audit import chain
from venue.audit.trail import AuditedEvent, Trail
from venue.backup import take
from venue.backup.take import take_backup
from venue.data_directory import DataDirectory
from venue.journal.closing import compress_segment
from venue.journal.compressed import compress, plain_blocks
from venue.journal.durable import forget_position
from venue.journal.reader import JournalReader
from venue.journal.segment import Segment, list_segments
from venue.replay.replay import replay

from .test_backup_files import restored


@pytest.fixture
def place(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path / "data")


@pytest.fixture
def trading(place: DataDirectory) -> Trading:
    """A venue with a trail, which has stopped."""
    place.journal.mkdir(parents=True)
    trading = Trading(place.journal, segment_bytes=1 << 14)
    trade(trading, "x", 60)
    replica_of(trading).follow(lambda: False)
    trail = Trail(place.trail, place.heads, segment_bytes=2_000)
    reader = JournalReader(place.journal)
    for event in reader.read(30):
        trail.append([AuditedEvent(event.event_seq, trading.now, event.payload)])
    reader.close()
    trail.sign()
    trail.close()
    trading.writer.close()
    forget_position(place.journal)
    return trading


def compress_all(place: DataDirectory) -> None:
    for segment in list_segments(place.journal)[:-1]:
        compress_segment(segment)
    for path in chain.list_segments(place.trail)[:-1]:
        compress(path, plain_blocks(path))


def backup_and_restore(place: DataDirectory, trading: Trading, tmp_path: Path) -> list[Segment]:
    """Segments of the restored journal, which comes to the same state."""
    configuration = {"venue.toml": Path("venue.toml").resolve()}
    said: list[str] = []
    manifest = take_backup(place.path, tmp_path / "backup", configuration, said.append)
    assert manifest.event_seq == trading.writer.next_event_seq - 1
    assert manifest.trail_event_seq == 30
    new = DataDirectory(tmp_path / "new")
    restored(tmp_path / "backup", new.path)
    for snapshot in new.journal.glob("*.snapshot"):
        snapshot.unlink()
    assert digest(replay(new.journal, 0, trading.encoder.reports).engine) == digest(trading.engine)
    desk = Desk(new.path)
    assert desk.run("audit", "verify").exit_code == 0
    assert desk.json("journal", "verify")["ok"]
    assert desk.json("journal", "show", "--event-seq", "100")["records"]
    sizes = {each["name"]: each for each in desk.json("journal", "stats")["segments"]}
    segments = list_segments(new.journal)
    assert {name: each["is_compressed"] for name, each in sizes.items()} == {
        segment.name: segment.is_compressed for segment in segments
    }
    return segments


def test_compressed_segments_are_backed_up_as_they_are(
    place: DataDirectory, trading: Trading, tmp_path: Path
) -> None:
    compress_all(place)
    segments = backup_and_restore(place, trading, tmp_path)
    assert [each.is_compressed for each in segments] == [True] * (len(segments) - 1) + [False]


def test_segments_that_are_compressed_meanwhile_are_backed_up(
    place: DataDirectory, trading: Trading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, list_trail = take._ends, chain.list_segments

    def ends_first(of: DataDirectory) -> dict[Segment, int]:
        found = ends(of)
        for segment in list_segments(place.journal)[:-1]:
            compress_segment(segment)
        return found

    def list_first(directory: Path) -> list[Path]:
        found = list_trail(directory)
        if directory == place.trail:
            for path in found[:-1]:
                if path.exists() and path.suffix != ".zst":
                    compress(path, plain_blocks(path))
        return found

    monkeypatch.setattr(take, "_ends", ends_first)
    monkeypatch.setattr(chain, "list_segments", list_first)
    segments = backup_and_restore(place, trading, tmp_path)
    assert [each.is_compressed for each in segments] == [True] * (len(segments) - 1) + [False]


def test_mixed_directory_is_backed_up(
    place: DataDirectory, trading: Trading, tmp_path: Path
) -> None:
    compress_segment(list_segments(place.journal)[1])
    segments = backup_and_restore(place, trading, tmp_path)
    assert [each.number for each in segments if each.is_compressed] == [2]
