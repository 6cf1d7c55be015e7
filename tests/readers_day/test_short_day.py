"""The day in short: each process is killed once."""

from pathlib import Path

from .day import play


def test_readers_miss_nothing_though_each_process_is_killed(tmp_path: Path) -> None:
    told = play(tmp_path, kills=1, seed=1)
    assert len(told.kills) >= 8 and set(told.kills.values()) == {1}
    assert told.breaks >= 2 and told.checksums > 10 and told.copies > 50
