"""One line of the audit trail: its bytes, its hash, and the names of the files it stands in.

May know bytes and SHA-256 only. It reads files, and writes one: where a trail begins (`beginning`).
Segments before the last may be compressed, also while somebody reads them.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from venue.journal.compressed import CompressionDamage, open_stored
from venue.journal.files import replace
from venue.stored_names import stored_names

GENESIS = "0" * 64
"""`previous` of the first line."""

_SEAL = re.compile(rb',"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"}')
_SEAL_BYTES = len(b',"previous":"","hash":""}') + 2 * 64
_EVENT = b',"event":'
_BEGINNING = "beginning"
_SEGMENT = re.compile(r"trail-(\d{6,})\.jsonl(?:\.zst)?")


class Entry(NamedTuple):
    """A line of the trail. n counts lines from 1; hash covers the line before it, and previous."""

    n: int
    event_seq: int
    timestamp_ns: int
    previous: str
    hash: str


class Beginning(msgspec.Struct, frozen=True):
    """Where a trail begins of which retention has removed some: behind entry n, the last removed.

    segment: number of the first one that is left. The others as in Entry.
    """

    segment: int
    n: int
    event_seq: int
    timestamp_ns: int
    hash: str


class Unreadable(ValueError):
    """The bytes are no line of a trail, or their hash is not the hash of their content."""


class _Event(msgspec.Struct, frozen=True, gc=False):
    event_seq: int
    timestamp_ns: int


class _Content(msgspec.Struct, frozen=True, gc=False):
    n: int
    event_seq: int
    event: _Event


_CONTENT_DECODER = msgspec.json.Decoder(_Content)


def entry_hash(previous: str, content: bytes) -> str:
    """SHA-256 over the hash of the line before and the line's content, in hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()


def encode_entry(n: int, event_seq: int, event: bytes, previous: str) -> tuple[bytes, str]:
    """The line (with its newline) that holds `event`, one event's JSON; and the line's hash."""
    assert b"\n" not in event, f"the JSON of event {event_seq} has more than one line"
    content = b'{"n":%d,"event_seq":%d,"event":%b' % (n, event_seq, event)
    sealed = entry_hash(previous, content)
    line = b'%b,"previous":"%b","hash":"%b"}\n' % (content, previous.encode(), sealed.encode())
    return line, sealed


def decode_entry(line: bytes) -> Entry:
    """Entry of one whole line without its newline; raises Unreadable when bytes were changed."""
    content, seal = line[:-_SEAL_BYTES], _SEAL.fullmatch(line[-_SEAL_BYTES:])
    if seal is None:
        raise Unreadable("the line does not end in its hash")
    previous, sealed = seal[1].decode(), seal[2].decode()
    if entry_hash(previous, content) != sealed:
        raise Unreadable("the content does not have the hash that stands in the line")
    try:
        stated = _CONTENT_DECODER.decode(content + b"}")
    except msgspec.MsgspecError as error:
        raise Unreadable(f"the line is no audit entry: {error}") from error
    if stated.event_seq != stated.event.event_seq:
        raise Unreadable(f"the line of event {stated.event_seq} holds another event")
    return Entry(stated.n, stated.event_seq, stated.event.timestamp_ns, previous, sealed)


def event_in(line: bytes) -> bytes:
    """The event's JSON in a line that checks, given without its newline."""
    return line[line.index(_EVENT) + len(_EVENT) : -_SEAL_BYTES]


def last_event(directory: Path) -> tuple[int, bytes] | None:
    """event_seq and JSON of the last line that checks; None where there is none.

    The line proves that the event came, even if lines before it, or a half-written one behind it,
    do not check.
    """
    for path in reversed(list_segments(directory)):
        try:
            with open_stored(path) as file:
                found = _last_event(file.read())
        except CompressionDamage:
            continue
        if found is not None:
            return found
    return None


def _last_event(data: bytes) -> tuple[int, bytes] | None:
    end = data.rfind(b"\n")
    while end >= 0:
        begin = data.rfind(b"\n", 0, end) + 1
        line = data[begin:end]
        try:
            entry = decode_entry(line)
        except Unreadable:
            end = begin - 1
            continue
        return entry.event_seq, event_in(line)
    return None


def segment_name(number: int) -> str:
    """File name of the trail's segment `number`, from 1."""
    return f"trail-{number:06d}.jsonl"


def segment_number(path: Path) -> int:
    """Number of a segment by its file name."""
    match = _SEGMENT.fullmatch(path.name)
    assert match is not None, f"{path} is no segment of an audit trail"
    return int(match[1])


def list_segments(directory: Path) -> list[Path]:
    """The trail's segments in order, without those that retention removes; empty: no trail.

    Where its beginning cannot be read all are listed: verification says so.
    """
    if not directory.is_dir():
        return []
    first = 0
    with suppress(Unreadable):
        beginning = beginning_of(directory)
        first = 0 if beginning is None else beginning.segment
    # a plain file and its compressed one, which is the same, count once
    found = {segment_number(path): path for path in reversed(_all_segments(directory))}
    return [found[number] for number in sorted(found) if number >= first]


def removed_segments(directory: Path) -> list[Path]:
    """Files of segments before the beginning: nobody reads them any more."""
    beginning = beginning_of(directory)
    if beginning is None:
        return []
    return [path for path in _all_segments(directory) if segment_number(path) < beginning.segment]


def beginning_of(directory: Path) -> Beginning | None:
    """Where the trail begins; None where nothing was ever removed. Raises Unreadable."""
    path = directory / _BEGINNING
    try:
        return msgspec.json.decode(path.read_bytes(), type=Beginning)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def begin_behind(segment: Path, last: Entry) -> None:
    """Let the trail begin behind this segment, which ends with `last`. Raises OSError."""
    beginning = Beginning(
        segment_number(segment) + 1, last.n, last.event_seq, last.timestamp_ns, last.hash
    )
    replace(segment.parent / _BEGINNING, msgspec.json.encode(beginning), durably=True)


def _all_segments(directory: Path) -> list[Path]:
    return sorted(directory / name for name in stored_names(directory) if _SEGMENT.fullmatch(name))


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes (newline included, if there) of each line of a segment.

    Raises CompressionDamage.
    """
    offset = 0
    with open_stored(path) as segment:
        for line in segment:
            yield offset, line
            offset += len(line)
