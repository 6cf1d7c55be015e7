"""A trail whose oldest segments were removed: it says so, proves the rest, and goes on."""

from pathlib import Path

import msgspec
import pytest

from venue.audit.chain import Unreadable, last_event, list_segments
from venue.audit.retention import remove_old_segments
from venue.audit.trail import AuditedEvent, Trail
from venue.audit.verify import ProblemKind, Verdict, verify
from venue.domain.codec import encode
from venue.journal.compressed import compress, plain_blocks

from .events import NANOSECONDS, deposit

DAY_NS = 86_400 * 1_000_000_000
Places = tuple[Path, Path]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Six days with five entries each, the first ones compressed."""
    places = tmp_path / "audit", tmp_path / "heads"
    append(places, range(1, 31))
    for path in list_segments(places[0])[:3]:
        compress(path, plain_blocks(path))
    return places


def append(places: Places, numbers: range) -> None:
    trail = Trail(*places)
    for number in numbers:
        at_ns = day((number - 1) // 5) + number
        event = msgspec.structs.replace(deposit(number), timestamp_ns=at_ns)
        trail.append([AuditedEvent(number, at_ns, encode(event))])
        if number % 7 == 0:
            trail.sign()
    trail.sign()
    trail.close()


def day(number: int) -> int:
    return NANOSECONDS // DAY_NS * DAY_NS + number * DAY_NS


def verified(places: Places) -> Verdict:
    return verify(*places)


def test_old_segments_go_and_the_rest_is_proved(places: Places) -> None:
    whole = verified(places)
    assert remove_old_segments(places[0], day(0)) == []
    removed = remove_old_segments(places[0], day(4))
    assert removed == [
        *(f"trail-00000{number}.jsonl.zst" for number in (1, 2, 3)),
        "trail-000004.jsonl",
    ]
    verdict = verified(places)
    assert verdict.ok and verdict.entries == whole.entries == 30
    assert verdict.signed_entries == verdict.entries
    assert verdict.notes == ("entries 1 to 20 were removed by retention",)
    append(places, range(31, 41))
    assert verified(places).ok and verified(places).entries == 40
    assert remove_old_segments(places[0], day(100))[-1] == "trail-000006.jsonl"
    assert verified(places).ok and len(list_segments(places[0])) == 2, "the last ones stay"
    append(places, range(41, 46))
    assert verified(places).ok and verified(places).event_seq == 45


def test_removal_that_was_interrupted_is_ended_by_the_next(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(path)

    with monkeypatch.context() as context:
        context.setattr(Path, "unlink", refuse)
        with pytest.raises(OSError, match="trail-000001"):
            remove_old_segments(places[0], day(4))
    assert verified(places).ok and verified(places).entries == 30
    assert len(remove_old_segments(places[0], day(4))) == 4
    assert verified(places).ok


def test_what_is_left_is_proved_from_its_first_entry_on(places: Places) -> None:
    remove_old_segments(places[0], day(2))
    first = list_segments(places[0])[0]
    first.unlink()
    problem = verified(places).problem
    assert problem is not None and problem.kind is ProblemKind.REMOVED
    assert "entries 11 to 15 are missing" in problem.detail


@pytest.mark.parametrize("lost", [b"", b"{}", b"junk"])
def test_trail_whose_beginning_is_not_known_does_not_verify_and_goes_on(
    places: Places, lost: bytes
) -> None:
    remove_old_segments(places[0], day(2))
    beginning = places[0] / "beginning"
    if lost:
        beginning.write_bytes(lost)
        with pytest.raises(Unreadable):
            remove_old_segments(places[0], day(4))
    else:
        beginning.unlink()
    problem = verified(places).problem
    assert problem is not None and problem.kind is ProblemKind.REMOVED
    append(places, range(31, 32))
    last = last_event(places[0])
    assert last is not None and last[0] == 31


def test_forged_beginning_is_found(places: Places) -> None:
    remove_old_segments(places[0], day(2))
    beginning = places[0] / "beginning"
    whole = msgspec.json.decode(beginning.read_bytes())
    for name, value in (("n", 9), ("hash", "0" * 64), ("event_seq", 9), ("segment", 4)):
        beginning.write_bytes(msgspec.json.encode({**whole, name: value}))
        assert not verified(places).ok, name


def test_segment_that_does_not_check_is_not_removed(places: Places) -> None:
    fourth = list_segments(places[0])[3]
    fourth.write_bytes(fourth.read_bytes().replace(b"100.50", b"900.50"))
    with pytest.raises(Unreadable):
        remove_old_segments(places[0], day(100))
    assert list_segments(places[0])[0] == fourth
