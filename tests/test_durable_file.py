"""Replacing a file: the old content or the new, closed to others, through no link."""

import os
import stat
from pathlib import Path

import pytest

from venue.durable_file import replace_durably


def test_file_is_replaced_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_bytes(b"old")
    file.chmod(0o644)
    mask = os.umask(0)
    try:
        replace_durably(file, b"new")
    finally:
        os.umask(mask)
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_left_over_of_a_crash_is_in_nobody_s_way(tmp_path: Path) -> None:
    (tmp_path / "kept.new").write_bytes(b"half")
    replace_durably(tmp_path / "kept", b"whole")
    assert (tmp_path / "kept").read_bytes() == b"whole"


def test_planted_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (tmp_path / "kept.new").symlink_to(victim)
    replace_durably(tmp_path / "kept", b"secret")
    assert victim.read_bytes() == b"untouched"
    assert (tmp_path / "kept").read_bytes() == b"secret"


def test_what_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "kept.new").mkdir()
    with pytest.raises(OSError):
        replace_durably(tmp_path / "kept", b"new")
    assert (tmp_path / "kept").read_bytes() == b"old"
