"""The notes of a release are what CHANGELOG.md says under its version, and nothing of another."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.release_notes import ROOT, NoNotes, check_release, main, notes_of
from venue import __version__

CHANGELOG = """\
# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added
- A door, by [the book](docs/GATEWAY.md),
  with two lines.

### Fixed
- [0.1.0] is no heading here.

## [0.1.0]

- The first.

[0.2.0]: https://example.org/0.2.0
"""
PACKAGE = '__version__ = "0.2.0"\n'


def test_notes_are_those_of_the_version_alone() -> None:
    assert notes_of(CHANGELOG, "0.2.0") == (
        "### Added\n- A door, by [the book](docs/GATEWAY.md),\n  with two lines.\n\n"
        "### Fixed\n- [0.1.0] is no heading here.\n"
    )
    assert notes_of(CHANGELOG, "0.1.0") == "- The first.\n"


@pytest.mark.parametrize(
    ("version", "why"),
    [("0.3.0", "no version 0.3.0, only Unreleased, 0.2.0, 0.1.0"), ("Unreleased", "no notes")],
)
def test_version_without_notes_is_refused(version: str, why: str) -> None:
    with pytest.raises(NoNotes, match=why):
        notes_of(CHANGELOG, version)


def test_release_is_the_package_s_version_and_has_a_day() -> None:
    check_release(CHANGELOG, "0.2.0", PACKAGE)
    with pytest.raises(NoNotes, match=r"version is 0\.2\.0, not 0\.1\.0"):
        check_release(CHANGELOG, "0.1.0", PACKAGE)
    with pytest.raises(NoNotes, match="has no day"):
        check_release(CHANGELOG, "0.1.0", PACKAGE.replace("0.2.0", "0.1.0"))


def test_tag_is_taken_as_its_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "venue").mkdir()
    (tmp_path / "venue" / "__init__.py").write_text(PACKAGE)
    assert main(["v0.2.0", "--check"], tmp_path) == 0
    assert capsys.readouterr().out.startswith("### Added\n")
    assert main(["v0.1.0", "--check"], tmp_path) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1


def test_notes_of_this_version_can_be_read_without_anything_installed() -> None:
    command = [sys.executable, "-I", "-S", "-c"]
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from deploy.release_notes import main"
    )
    done = subprocess.run(
        [*command, f"{program}; raise SystemExit(main([sys.argv[1]]))", __version__],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "\n- " in done.stdout
