"""Takes a backup of a data directory: consistent at one record, beside a running venue too.

Order makes it consistent: signed heads, then the trail that they prove, then the journal, which has
all that the trail has. Reads the data directory only.
"""

import time
from pathlib import Path

import structlog

import venue
from venue.audit import chain
from venue.backup.checking import check_copy
from venue.backup.copying import Copies, empty_directory, whole_lines
from venue.backup.manifest import (
    MANIFEST,
    UNFINISHED,
    BackupRefused,
    Manifest,
    Say,
    write_manifest,
)
from venue.data_directory import DataDirectory
from venue.engine.engine import ENGINE_VERSION
from venue.journal.beginning import beginning_file
from venue.journal.compressed import SUFFIX, compressed_path
from venue.journal.durable import shown_position
from venue.journal.origin import RestoreUnfinished, ancestors_of
from venue.journal.places import start_of
from venue.journal.segment import EMPTY_JOURNAL, JournalDamage, Segment, list_segments
from venue.journal.walk import JournalWalk
from venue.replay.snapshot import KEPT, SnapshotDamage, list_snapshots, load_snapshot
from venue.servers.lock import is_held
from venue.witnesses import WitnessRefuses, last_received

_log = structlog.get_logger("backup")


def take_backup(
    data_dir: Path, directory: Path, configuration: dict[str, Path], say: Say
) -> Manifest:
    """Copy what cannot be made again into `directory`, check the copy, then finish it.

    configuration: its files by their names in the backup, that of the venue first. Raises
    BackupRefused and OSError; nothing is left behind then.
    """
    place = DataDirectory(data_dir)
    if directory.resolve().is_relative_to(data_dir.resolve()):
        raise BackupRefused(f"{directory} is inside of the data directory")
    if (directory / MANIFEST).exists():
        raise BackupRefused(f"{directory} holds a backup already")
    if (directory / UNFINISHED).exists():
        raise BackupRefused(f"{directory} holds a backup that was not finished: remove it first")
    if not list_segments(place.journal):
        raise BackupRefused(f"no journal in {data_dir}")
    with empty_directory(directory):
        (directory / UNFINISHED).touch(mode=0o600)
        return _take(place, directory, configuration, say)


def _take(
    place: DataDirectory, directory: Path, configuration: dict[str, Path], say: Say
) -> Manifest:
    made_ns = time.time_ns()
    copies = Copies(place.path, directory, say)
    for name, file in configuration.items():
        copies.take(file, place.configuration / name)
    _copy_audit(place, copies)
    _copy_others(place, copies)
    try:
        *ancestors, journal = ancestors_of(place.journal)
        witness = last_received(place.path)  # first: what is received later is on disk by then
        _copy_journal(place, copies, say)
    except (JournalDamage, RestoreUnfinished, WitnessRefuses) as error:
        raise BackupRefused(str(error)) from error
    copy = DataDirectory(directory)
    checked = check_copy(copy, witness, say)
    manifest = Manifest(
        journal=journal,
        ancestors=tuple(ancestors),
        data_dir=str(place.path.resolve()),
        made_ns=made_ns,
        version=venue.__version__,
        engine_version=ENGINE_VERSION,
        seq=checked.seq,
        event_seq=checked.event_seq,
        timestamp_ns=checked.timestamp_ns,
        first_event_seq=list_segments(copy.journal)[0].first_event_seq,
        trading_day=checked.trading_day,
        digest=checked.digest,
        trail_event_seq=checked.trail_event_seq,
        configuration=copies.files[0].path,
        files=tuple(copies.files),
    )
    write_manifest(directory, manifest)
    return manifest


def _copy_audit(place: DataDirectory, copies: Copies) -> None:
    """Whole lines only: both are being appended to."""
    for file in (place.heads / "heads.jsonl", place.heads / "key", place.heads / "head.json"):
        if file.is_file():
            copies.take(file, file, whole_lines(file) if file.suffix == ".jsonl" else None)
    if (head := place.trail / "head.json").is_file():
        copies.take(head, head)
    for segment in chain.list_segments(place.trail):
        try:
            is_compressed = segment.suffix == SUFFIX
            copies.take(segment, segment, None if is_compressed else whole_lines(segment))
        except FileNotFoundError:  # it has been compressed since it was listed
            copies.take(compressed_path(segment), compressed_path(segment))
    if (beginning := place.trail / "beginning").is_file():  # now: it may be later than the segments
        copies.take(beginning, beginning)


def _copy_others(place: DataDirectory, copies: Copies) -> None:
    for file in (
        place.credentials,
        place.operators,
        place.readers,
        place.notifications,
        place.publisher_key,
        place.listeners,
        place.marketdata_key,
    ):
        if file.exists():
            copies.take(file, file)
    for file in sorted(place.incidents.glob("*")):
        if file.is_file():
            copies.take(file, file)


def _copy_journal(place: DataDirectory, copies: Copies, say: Say) -> None:
    """Copy up to the last record on disk, and the snapshots before it. Raises JournalDamage.

    Segments that the replica removes meanwhile are left out: newer ones do not need them.
    """
    while True:
        first = list_segments(place.journal)[0]
        try:
            _copy_segments(place, copies, say)
            return
        except FileNotFoundError:
            if first.path.exists():
                raise
            copies.forget(place.journal)


def _copy_segments(place: DataDirectory, copies: Copies, say: Say) -> None:
    ends = _ends(place)
    total = sum(ends.values())
    beginning = beginning_file(place.journal)
    if beginning.exists():
        copies.take(beginning, beginning)
    say(f"copying the journal: {len(ends)} segments, {total >> 20:,} MiB")
    for segment, end in ends.items():
        _copy_segment(segment, end, copies)
    by_name = {segment.name: end for segment, end in ends.items()}
    for snapshot in list_snapshots(place.journal)[: 2 * KEPT]:
        try:
            at = load_snapshot(snapshot.path)
            if at.offset <= by_name.get(at.segment, -1):
                copies.take(snapshot.path, snapshot.path)
        except (FileNotFoundError, SnapshotDamage) as error:  # the replica removes old ones
            _log.warning("snapshot left out", snapshot=snapshot.path.name, why=str(error))


def _copy_segment(segment: Segment, end: int, copies: Copies) -> None:
    """Copy its frames up to `end`; one that is compressed, or is so meanwhile, as a whole."""
    plain, compressed = segment.places
    try:
        copies.take(plain, plain, end)
    except FileNotFoundError:
        copies.take(compressed, compressed)


def _ends(place: DataDirectory) -> dict[Segment, int]:
    """Where the frames of each segment end: all that are on disk by now. Raises JournalDamage."""
    durable_seq = None
    if is_held(place.path):
        shown = shown_position(place.journal)
        if shown is None:
            raise BackupRefused("how far the journal of the running venue is on disk is not shown")
        durable_seq = shown.seq
    segments = list_segments(place.journal)
    begin = EMPTY_JOURNAL if segments[0].number == 1 else start_of(segments[0])
    ends: dict[Segment, int] = {}
    try:
        for frame in JournalWalk(place.journal, begin).frames(durable_seq):
            ends[frame.segment] = frame.end
    except JournalDamage as damage:
        if durable_seq is not None or not damage.torn_tail:
            raise
        _log.warning("a torn tail is left out", what=str(damage))
    if not ends:
        raise BackupRefused(f"no record in {place.journal}")
    return ends
