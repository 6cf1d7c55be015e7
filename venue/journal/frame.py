"""The frame around a batch: fixed header, body, checksums that chain each frame to the one before.

Pure bytes; knows nothing of records. A frame that fails a check is never returned or repaired.
"""

import struct
import zlib
from typing import NamedTuple

MAGIC = b"VJ"
FORMAT_VERSION = 1
# magic, format version, unused, body length, records, events, first seq, first event_seq,
# crc of the frame before, crc of this frame (header without this field, then body); little endian
_HEADER = struct.Struct("<2sBBIIIQQII")
HEADER_BYTES = _HEADER.size
_CRC_OFFSET = HEADER_BYTES - 4
_EMPTY = bytes(HEADER_BYTES)


class FrameHeader(NamedTuple):
    """Header of a frame. first_seq, first_event_seq: numbers of its first record and event."""

    length: int
    records: int
    events: int
    first_seq: int
    first_event_seq: int
    previous_crc: int
    crc: int

    @property
    def next_event_seq(self) -> int:
        """event_seq after the frame's last event."""
        return self.first_event_seq + self.events

    @property
    def next_seq(self) -> int:
        """seq after the frame's last record."""
        return self.first_seq + self.records


class FrameError(Exception):
    """The bytes are no good frame; text says which check failed."""


def build_frame(
    body: bytes, records: int, events: int, first_seq: int, first_event_seq: int, previous_crc: int
) -> tuple[bytes, int]:
    """Bytes of a frame around `body`, and its crc, which the next frame states."""
    head = _HEADER.pack(
        MAGIC, FORMAT_VERSION, 0, len(body), records, events,
        first_seq, first_event_seq, previous_crc, 0,
    )[:_CRC_OFFSET]  # fmt: skip
    crc = zlib.crc32(body, zlib.crc32(head))
    return head + crc.to_bytes(4, "little") + body, crc


def parse_header(data: bytes) -> FrameHeader | None:
    """Header at the start of `data`; None where nothing was written yet (zeros or end of file).

    Raises FrameError for anything else that is no header of this format.
    """
    if len(data) < HEADER_BYTES:
        if any(data):
            raise FrameError("the file ends inside a frame header")
        return None
    if data == _EMPTY:
        return None
    magic, version, unused, *rest = _HEADER.unpack(data)
    if magic != MAGIC:
        raise FrameError("no frame begins here")
    if version != FORMAT_VERSION or unused != 0:
        raise FrameError(f"format version {version} is not {FORMAT_VERSION}")
    return FrameHeader(*rest)


def check_frame(header: FrameHeader, raw_header: bytes, body: bytes) -> None:
    """Raise FrameError unless the checksum covers header and body as they are."""
    if len(body) != header.length:
        raise FrameError("the file ends inside a frame body")
    if zlib.crc32(body, zlib.crc32(raw_header[:_CRC_OFFSET])) != header.crc:
        raise FrameError("checksum of header and body does not fit")
