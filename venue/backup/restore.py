"""Restores a backup into a new data directory, whose journal gets an identity of its own.

The directory says from its first moment that it is half restored, and last of all what it is. Its
first start closes the sessions (venue.engine.control.histories).
"""

from pathlib import Path

import msgspec

import venue
from venue.backup.checking import Checked, check_copy
from venue.backup.copying import Copies, described, empty_directory
from venue.backup.manifest import BackupRefused, CopiedFile, Manifest, Say, read_manifest
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.engine.engine import ENGINE_VERSION
from venue.journal.identity import identify_journal, journal_identity
from venue.journal.origin import new_origin, write_origin


def restore_backup(directory: Path, data_dir: Path, say: Say) -> tuple[Manifest, str]:
    """Make `data_dir` from the backup. Returns its manifest, and the new journal's identity.

    Every file is compared with its digest, then the whole is checked as a backup is. Raises
    BackupRefused and OSError; nothing is left behind then.
    """
    manifest = read_manifest(directory)
    place = DataDirectory(data_dir)
    with empty_directory(data_dir):
        place.journal.mkdir(mode=0o700)
        origin = new_origin(
            f"restored from a backup of journal {manifest.journal}, until event "
            f"{manifest.event_seq} of {iso(manifest.timestamp_ns)}",
            (*manifest.ancestors, manifest.journal),
            whole=False,
        )
        write_origin(place.journal, origin)
        _copy(directory, data_dir, manifest, say)
        checked = check_copy(place, manifest.event_seq, say)
        _compare(checked, manifest)
        identify_journal(place.journal)
        write_origin(place.journal, msgspec.structs.replace(origin, whole=True))
    return manifest, journal_identity(place.journal)


def check_backup(directory: Path, say: Say) -> Manifest:
    """Compare every file with its digest; nothing is made. Raises BackupRefused and OSError."""
    manifest = read_manifest(directory)
    say(f"comparing {len(manifest.files)} files with their digests")
    for each in manifest.files:
        if described(_source(directory, each), each.path) != each:
            raise BackupRefused(f"{directory / each.path} is not what was backed up")
    return manifest


def _copy(directory: Path, data_dir: Path, manifest: Manifest, say: Say) -> None:
    copies = Copies(directory, data_dir, say)
    total = sum(each.bytes for each in manifest.files)
    say(f"copying {len(manifest.files)} files, {total >> 20:,} MiB")
    for each in manifest.files:
        source = _source(directory, each)
        if copies.take(source, source) != each:
            raise BackupRefused(f"{source} is not what was backed up")


def _source(directory: Path, file: CopiedFile) -> Path:
    """Where a file of the backup is. Raises BackupRefused unless it is there, and inside."""
    source = directory / file.path
    if not source.resolve().is_relative_to(directory.resolve()):
        raise BackupRefused(f"{file.path} is not in the backup")
    if not source.is_file():
        raise BackupRefused(f"{source} is missing")
    return source


def _compare(checked: Checked, manifest: Manifest) -> None:
    """Raise BackupRefused unless the copy has the state that was backed up.

    Another version may write the same state otherwise; replay has compared every event all the
    same.
    """
    same_version = (manifest.version, manifest.engine_version) == (
        venue.__version__,
        ENGINE_VERSION,
    )
    if (checked.seq, checked.event_seq) != (manifest.seq, manifest.event_seq):
        raise BackupRefused(
            f"the copy ends at event {checked.event_seq}, the backup at {manifest.event_seq}"
        )
    if same_version and checked.digest != manifest.digest:
        raise BackupRefused(
            f"the copy's state has digest {checked.digest}, the backup's {manifest.digest}"
        )
