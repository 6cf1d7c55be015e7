"""What every engine has recorded replays, event by event, to the state that it was in then."""

from pathlib import Path

import pytest

from tests.engine_versions.journals import (
    RECORDED,
    AlreadyRecorded,
    expected_of,
    place_of,
    record,
    replayed,
    versions,
    why_not_recorded,
)
from venue.engine.engine import ENGINE_VERSION
from venue.engine.image.digest import state_digest
from venue.journal.record import decode_batch

from ..journal.builders import frames


@pytest.mark.parametrize("version", versions())
def test_journal_of_each_version_comes_to_the_state_it_came_to(
    version: int, tmp_path: Path
) -> None:
    expected = expected_of(place_of(version))
    found = replayed(place_of(version), tmp_path / "journal")
    assert (found.seq, found.event_seq) == (expected.seq, expected.event_seq)
    assert state_digest(found.engine.state) == expected.digest
    recorded = {r.engine_version for f in frames(RECORDED / f"version-{version:04d}")
                for r in decode_batch(f.body).records}  # fmt: skip
    assert recorded == {version} == {expected.engine_version}


def test_present_version_is_recorded() -> None:
    assert why_not_recorded(ENGINE_VERSION, versions()) == ""
    assert max(versions()) == ENGINE_VERSION


def test_version_that_was_raised_without_a_journal_is_noticed() -> None:
    why = why_not_recorded(ENGINE_VERSION + 1, versions())
    assert f"engine version {ENGINE_VERSION + 1}" in why and "-m tests.engine_versions" in why


def test_what_is_recorded_once_is_never_recorded_again(tmp_path: Path) -> None:
    place = record(tmp_path)
    assert versions(tmp_path) == [ENGINE_VERSION]
    assert {each.suffix for each in place.iterdir()} == {".json", ".zst"}
    with pytest.raises(AlreadyRecorded):
        record(tmp_path)
    with pytest.raises(AlreadyRecorded):
        record()
