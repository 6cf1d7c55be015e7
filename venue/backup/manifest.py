"""The manifest of a backup: what it is of, until when, and each of its files with a digest.

It is written last, so that a backup without it was not finished. Else a backup is laid out as a
data directory is. Knows files only.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from venue.journal.files import replace

FORMAT = 1
MANIFEST = "backup.json"
UNFINISHED = "backup.unfinished"
"""Stands in a backup from its first moment until after its manifest."""


class BackupRefused(Exception):
    """There is no backup, or nothing is made of it; text is one line for the operator."""


Say = Callable[[str], None]
"""Tells the operator how far it is."""


class CopiedFile(msgspec.Struct, frozen=True):
    """A file of the backup by its path in it; digest: BLAKE2b, 32 bytes, in hexadecimal digits."""

    path: str
    bytes: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """journal: identity of the one that was copied; ancestors: of those that it descends from.

    seq, event_seq, timestamp_ns: of the last record in it. first_event_seq: more than 1 where the
    journal's beginning had been removed. digest: of the state there, by version and engine_version.
    trail_event_seq: last event in the trail. made_ns: when the backup began. configuration: path of
    the venue's configuration file in the backup.
    """

    journal: str
    ancestors: tuple[str, ...]
    data_dir: str
    made_ns: int
    version: str
    engine_version: int
    seq: int
    event_seq: int
    timestamp_ns: int
    first_event_seq: int
    trading_day: str
    digest: str
    trail_event_seq: int
    configuration: str
    files: tuple[CopiedFile, ...]
    format: int = FORMAT


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a whole backup. Raises BackupRefused."""
    path = directory / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        unfinished = (directory / UNFINISHED).exists()
        why = "holds a backup that was not finished" if unfinished else "holds no backup"
        raise BackupRefused(f"{directory} {why}: {path.name} is missing") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupRefused(f"{path} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"{path} has format {manifest.format}, this version reads {FORMAT}")
    return manifest


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Finish a backup; on return it is on disk. Raises OSError."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    replace(directory / MANIFEST, text, durably=True)
    (directory / UNFINISHED).unlink()
