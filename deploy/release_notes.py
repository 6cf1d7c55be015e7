"""The notes of one version, out of CHANGELOG.md.

`python -m deploy.release_notes 0.2.0` prints them; `v0.2.0`, as tags are called, is taken too.
`--check` also wants the version to be the package's, and its notes to have a day. Standard library
only: it runs before anything is installed.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_HEADING = re.compile(
    r"^## \[(?P<version>[^]]+)\](?: - (?P<day>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE
)
_LINK = re.compile(r"^\[[^]]+\]: \S+$", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


class NoNotes(Exception):
    """A version has no notes that can be published; the text says why."""


def notes_of(changelog: str, version: str) -> str:
    """What stands under a version's heading. Raises NoNotes where there is none, or nothing."""
    headings = list(_HEADING.finditer(changelog))
    for place, heading in enumerate(headings):
        if heading["version"] == version:
            end = headings[place + 1].start() if place + 1 < len(headings) else len(changelog)
            notes = _LINK.sub("", changelog[heading.end() : end]).strip()
            if not re.search(r"^- ", notes, re.MULTILINE):
                raise NoNotes(f"version {version} has a heading in CHANGELOG.md and no notes")
            return notes + "\n"
    known = ", ".join(heading["version"] for heading in headings)
    raise NoNotes(f"CHANGELOG.md has no version {version}, only {known}")


def check_release(changelog: str, version: str, package: str) -> None:
    """Raise NoNotes unless the version can be released. package: text of venue/__init__.py."""
    found = _VERSION.search(package)
    if found is None or found[1] != version:
        is_now = "none" if found is None else found[1]
        raise NoNotes(f"the package's version is {is_now}, not {version}: venue/__init__.py")
    days = {heading["version"]: heading["day"] for heading in _HEADING.finditer(changelog)}
    if version in days and days[version] is None:
        raise NoNotes(f"version {version} has no day in CHANGELOG.md: ## [{version}] - YYYY-MM-DD")


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Print them; the exit status: 0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m deploy.release_notes", description=__doc__)
    parser.add_argument("version", help="such as 0.2.0, v0.2.0 or Unreleased")
    parser.add_argument("--check", action="store_true", help="refuse what is no release")
    arguments = parser.parse_args(words)
    version = arguments.version.removeprefix("v")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        notes = notes_of(changelog, version)
        if arguments.check:
            package = (root / "venue" / "__init__.py").read_text(encoding="utf-8")
            check_release(changelog, version, package)
    except NoNotes as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.write(notes)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
