"""What a witness beyond the journal's end means, with and without a torn tail there."""

from pathlib import Path

from venue.journal.segment import EMPTY_JOURNAL, JournalDamage
from venue.journal.witness import loss_behind

from .builders import write


def test_witness_within_the_journal_tells_nothing(directory: Path) -> None:
    end = write(directory, [2, 1])
    assert end.segment is not None
    tail = JournalDamage(end.segment, end.offset, end.next_seq, "torn", torn_tail=True)
    assert loss_behind(end, directory, 3) is None
    assert loss_behind(end, directory, 3, tail) is None


def test_witness_behind_the_end_is_damage_at_the_end(directory: Path) -> None:
    end = write(directory, [2, 1])
    assert end.segment is not None
    assert str(loss_behind(end, directory, 4)) == (
        f"{end.segment.path.name} at offset {end.offset}, record 3: "
        "the journal ends before event 4, which was received already"
    )
    assert str(loss_behind(EMPTY_JOURNAL, directory, 1)) == (
        f"{directory.name} at offset 0, record 1: "
        "the journal ends before event 1, which was received already"
    )


def test_torn_tail_that_was_received_is_damage(directory: Path) -> None:
    end = write(directory, [2, 1])
    assert end.segment is not None
    tail = JournalDamage(end.segment, end.offset, end.next_seq, "torn", torn_tail=True)
    loss = loss_behind(end, directory, 4, tail)
    assert loss is not None and not loss.torn_tail
    assert loss.why == "torn, but event 4 was received already"
