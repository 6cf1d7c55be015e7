"""What a run leaves of the position file: a refused start all of it, a clean end nothing."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.servers import programs
from venue.journal.durable import DurablePosition, shown_position
from venue.servers import ServerError, plan
from venue.servers.program import Program
from venue.servers.runtime import RuntimeInfo
from venue.settings.settings import load_settings


def supervise(data_dir: Path, code: str) -> int:
    """Run tiny programs, `code` in trading's place, until they are ready."""

    def table(
        data_dir: Path, config: Path | None, overrides: Sequence[str], urls: Mapping[str, str]
    ) -> list[Program]:
        return [programs.program(data_dir, "trading", code)]

    def stop(info: RuntimeInfo, request_stop: Callable[[], None]) -> None:
        request_stop()

    settings = load_settings(overrides=["fix.port=0"], data_dir=data_dir)
    return plan.supervise(settings, config=None, overrides=[], on_ready=stop, table=table)


def test_position_file_outlives_every_refused_start_and_goes_with_a_clean_end(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    DurablePosition(journal, 5, 2).close()
    for _ in range(3):
        with pytest.raises(ServerError, match="journal is damaged"):
            supervise(tmp_path, programs.REFUSED)
        assert shown_position(journal) == (5, 2)
    assert supervise(tmp_path, programs.READY) == 0
    assert shown_position(journal) == (5, 2), "its maker was killed, it has not ended"
    DurablePosition(journal, 6, 3).close(clean=True)
    assert supervise(tmp_path, programs.READY) == 0
    assert shown_position(journal) is None


def test_data_directory_in_which_others_may_write_is_refused_before_anything_starts(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(ServerError, match="others may write in"):
        supervise(tmp_path, programs.READY)
    assert not (tmp_path / "logs").exists()
