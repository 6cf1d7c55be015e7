"""Replacing files whole, and never through what somebody else has planted."""

import os
from pathlib import Path

import pytest

from venue.journal.files import NotPrivate, ensure_private, replace

STRANGER = 12_345
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can plant as another user")


@pytest.mark.parametrize("durably", [False, True])
def test_replaced_file_is_the_new_one_for_its_owner_only(tmp_path: Path, durably: bool) -> None:
    path = tmp_path / "made" / "file.json"
    for content in (b"old", b"new and longer", b""):
        replace(path, content, durably=durably)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    path = tmp_path / "file.json"
    draft = tmp_path / f"file.json.{os.getpid()}"
    draft.symlink_to(victim)
    with pytest.raises(OSError):
        replace(path, b"ours")
    draft.unlink()
    path.symlink_to(victim)
    replace(path, b"ours")
    assert victim.read_text() == "as it was" and not path.is_symlink()


def test_directory_of_ours_is_private(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for mode in (0o700, 0o755):
        tmp_path.chmod(mode)
        ensure_private(tmp_path)


def test_directory_in_which_all_may_write_is_refused(tmp_path: Path) -> None:
    for mode in (0o777, 0o1777, 0o702):
        tmp_path.chmod(mode)
        with pytest.raises(NotPrivate, match="chmod go-w"):
            ensure_private(tmp_path)


@as_root
def test_directory_in_which_a_group_of_others_may_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    ensure_private(tmp_path)
    os.chown(tmp_path, -1, STRANGER)
    with pytest.raises(NotPrivate, match="chmod go-w"):
        ensure_private(tmp_path)


@as_root
@pytest.mark.parametrize("kind", ["directory", "file", "link", "socket name"])
def test_what_another_user_has_planted_is_named(tmp_path: Path, kind: str) -> None:
    planted = tmp_path / "admin.sock"
    if kind == "link":
        planted.symlink_to("/etc")
        os.lchown(planted, STRANGER, STRANGER)
    else:
        planted.mkdir() if kind == "directory" else planted.touch()
        os.chown(planted, STRANGER, STRANGER)
    with pytest.raises(NotPrivate, match=r"admin\.sock belongs to another user"):
        ensure_private(tmp_path)


@as_root
def test_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, STRANGER, STRANGER)
    with pytest.raises(NotPrivate, match="belongs to another user"):
        ensure_private(tmp_path)
    os.chown(tmp_path, os.geteuid(), os.getegid())
