"""Writes a day's files with a manifest of their hashes, all of them or none.

Knows files only. The directory is made beside and renamed: nobody sees it half full.
"""

import hashlib
import os
import shutil
from pathlib import Path

import msgspec

from venue.clearing.documents.end_of_day import EndOfDay
from venue.clock import iso
from venue.journal.files import sync_directory

MANIFEST = "manifest.json"
_VERSION = 1


class ManifestFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its path below the manifest's directory."""

    path: str
    bytes: int
    rows: int
    sha256: str


class DayManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the files of a day are, and their hashes. begins, ends: of the day, in UTC."""

    v: int
    date: str
    time_zone: str
    begins: str
    ends: str
    as_of_event_seq: int
    is_final: bool
    members: list[str]
    files: list[ManifestFile]


class OtherFilesThere(Exception):
    """The day's directory holds something else; the text says what to do."""


def manifest_of(day: EndOfDay) -> DayManifest:
    """The manifest of a day's files."""
    return DayManifest(
        v=_VERSION,
        date=day.period.name,
        time_zone=day.period.time_zone,
        begins=iso(day.period.begin_ns),
        ends=iso(day.period.end_ns),
        as_of_event_seq=day.as_of_event_seq,
        is_final=day.is_final,
        members=list(day.members),
        files=[
            ManifestFile(
                path=each.path,
                bytes=len(each.content),
                rows=each.rows,
                sha256=hashlib.sha256(each.content).hexdigest(),
            )
            for each in day.files
        ],
    )


def write_day(directory: Path, day: EndOfDay) -> bool:
    """Write `directory` with a day's files and their manifest; on return it is on disk.

    False: it was there already, just so. Raises OtherFilesThere where it holds other files, and
    OSError, and then nothing was written.
    """
    contents = {each.path: each.content for each in day.files}
    told = msgspec.json.format(msgspec.json.encode(manifest_of(day))) + b"\n"
    contents[MANIFEST] = told
    if directory.exists():
        if _contents_of(directory) != contents:
            raise OtherFilesThere(
                f"{directory} is there with other files: move it away, or choose another directory"
            )
        return False
    draft = directory.with_name(f".{directory.name}.{os.getpid()}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(draft, contents)
        draft.rename(directory)
        sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return True


def _write(draft: Path, contents: dict[str, bytes]) -> None:
    made = {draft}
    for path, content in contents.items():
        target = draft / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made |= {draft / parent for parent in Path(path).parents}
        with target.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    for each in made:
        sync_directory(each)


def _contents_of(directory: Path) -> dict[str, bytes]:
    """All files below, by their paths. Raises OSError."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
