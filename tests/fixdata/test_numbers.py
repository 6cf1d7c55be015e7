"""MsgSeqNums that outlive a kill: what is on disk is above all that may have left."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.fixdata.numbers import RESERVE, Numbers, SessionNumbers
from venue.settings.configuration_error import ConfigurationError


@given(st.lists(st.integers(1, RESERVE), min_size=1, max_size=20))
def test_kept_number_is_above_all_that_were_used(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "numbers.json"
    numbers, used = SessionNumbers(path), 0
    for step in steps:
        used += step
        numbers.reserve("ALPHA-MD", 1, used)
        assert SessionNumbers(path).of("ALPHA-MD").next_out > used


def test_reserve_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    numbers = SessionNumbers(path)
    numbers.reserve("ALPHA-MD", 1, 1)
    before = path.stat().st_ino
    for number in range(2, 1 + RESERVE):
        numbers.reserve("ALPHA-MD", 1, number)
    assert path.stat().st_ino == before
    numbers.reserve("ALPHA-MD", 1, 1 + RESERVE)
    assert path.stat().st_ino != before


def test_session_that_was_never_on_begins_at_one(tmp_path: Path) -> None:
    assert SessionNumbers(tmp_path / "numbers.json").of("ALPHA-MD") == Numbers(1, 1)


def test_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "numbers.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"numbers\.json cannot be read"):
        SessionNumbers(tmp_path / "numbers.json")


def test_number_that_the_disk_does_not_take_is_not_reserved(tmp_path: Path) -> None:
    numbers = SessionNumbers(tmp_path / "away" / "numbers.json")
    with pytest.raises(OSError, match="away"):
        numbers.reserve("ALPHA-MD", 1, 1)
    assert numbers.of("ALPHA-MD") == Numbers()
