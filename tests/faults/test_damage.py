"""Journals with a torn tail or a flipped bit, and the time that a start takes."""

from pathlib import Path

from tests.faults.bit_flips import FlippedJournal, flip_bits
from tests.faults.restart import EVENTS, measure_restart
from tests.faults.torn_tails import make_tail, torn_and_started, torn_at_every_byte

SEED = "short"
FLIPS = 500
STARTS = 4


def test_last_frame_torn_at_any_byte_is_cut_and_told(tmp_path: Path) -> None:
    torn = torn_at_every_byte(make_tail(tmp_path, SEED))
    assert torn.places > 1000
    assert torn.wrong == []


def test_trading_starts_on_a_torn_tail_also_when_it_is_killed_while_cutting(tmp_path: Path) -> None:
    assert torn_and_started(make_tail(tmp_path, SEED), STARTS, SEED).wrong == []


def test_no_flipped_bit_is_silently_accepted(tmp_path: Path) -> None:
    flips = flip_bits(FlippedJournal(tmp_path / "journal", SEED), FLIPS, SEED)
    assert flips.count == FLIPS
    assert flips.wrong == []
    assert {region for region, _ in flips.outcomes} == {
        "segment before the snapshot",
        "segment that a start reads",
        "last frame",
        "zeros behind the end",
        "snapshot",
    }


def test_first_answer_comes_in_time_with_many_events_behind_the_snapshot(tmp_path: Path) -> None:
    """A fifth of the events that the long form takes: no other load may make this fail."""
    restart = measure_restart(tmp_path, EVENTS // 5, SEED)
    assert restart.events >= EVENTS // 5
    assert restart.cpu_seconds <= 8.0, restart  # 3 to 5, by what else the cores do
