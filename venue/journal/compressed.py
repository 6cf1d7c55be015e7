"""Files compressed in blocks, each readable without those before it: zstd's seekable format.

Knows files only; `zstd -d` reads them too. A compressed file has its name only when it is whole, on
disk, and compared with what it was made of; only then does the original go.
"""

import ctypes
import io
import os
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError, frame_content_size

from venue.fault_points import fault_point
from venue.journal.files import NEW_FILE, sync_directory

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SUFFIX = ".zst"
BLOCK_BYTES = 512 << 10
_LEVEL = 3
_DRAFT = ".draft"
# behind the blocks, in a frame that zstd skips: each one's compressed and plain length, their count
_SKIPPED = struct.Struct("<II")
_LENGTHS = struct.Struct("<II")
_FOOTER = struct.Struct("<IBI")
_SKIPPED_MAGIC, _FOOTER_MAGIC = 0x184D2A5E, 0x8F92EAB1
_LIBC = ctypes.CDLL(None, use_errno=True)
_WRITE_AND_WAIT = 7


class CompressionDamage(Exception):
    """The bytes are no whole compressed file; text says what is wrong."""


class CompressedFile(io.RawIOBase):
    """The plain bytes of a compressed file, at any place. `starts`: where its blocks begin."""

    def __init__(self, file: BinaryIO, lengths: Sequence[tuple[int, int]]) -> None:
        """lengths: of each block in `file`, compressed and plain."""
        self._file = file
        self._places = list(accumulate((each[0] for each in lengths), initial=0))
        ends = list(accumulate((each[1] for each in lengths), initial=0))
        self._size = ends.pop()
        self.starts: Sequence[int] = ends
        self._at = 0
        self._number, self._block = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Raises CompressionDamage where a block is not what was written."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not view:
            return 0
        number = bisect_right(self.starts, self._at) - 1
        if number != self._number:
            self._block, self._number = self._decompressed(number), number
        begin = self._at - self.starts[number]
        part = self._block[begin : begin + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _decompressed(self, number: int) -> bytes:
        ends = (*self.starts[number + 1 : number + 2], self._size)
        length = ends[0] - self.starts[number]
        self._file.seek(self._places[number])
        raw = self._file.read(self._places[number + 1] - self._places[number])
        try:
            if frame_content_size(raw) != length:
                raise ZstdError("its length is not the one in the table")
            return ZstdDecompressor().decompress(raw)
        except ZstdError as error:
            raise CompressionDamage(f"compressed block {number + 1}: {error}") from error


def compressed_path(path: Path) -> Path:
    """Where the compressed form of a file is."""
    return path.with_name(path.name + SUFFIX)


def open_stored(path: Path) -> BinaryIO:
    """Open a file that may be compressed by now; its bytes are the same.

    Raises CompressionDamage and OSError.
    """
    with suppress(FileNotFoundError):
        return path.with_name(path.name.removesuffix(SUFFIX)).open("rb")
    return open_compressed(path.with_name(path.name.removesuffix(SUFFIX) + SUFFIX))


def open_compressed(path: Path) -> BinaryIO:
    """Open a compressed file for reading its plain bytes. Raises CompressionDamage, OSError."""
    file = path.open("rb")
    try:
        return io.BufferedReader(CompressedFile(file, _read_table(file)), BLOCK_BYTES)
    except BaseException:
        file.close()
        raise


def block_starts(file: BinaryIO) -> Sequence[int]:
    """Where the blocks of an open file begin; of a plain one nothing is known but its start."""
    raw = getattr(file, "raw", None)
    return raw.starts if isinstance(raw, CompressedFile) else (0,)


def plain_blocks(path: Path) -> Iterator[bytes]:
    """A plain file in blocks. Raises OSError."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def compress(
    path: Path,
    blocks: Iterable[bytes],
    rest: Callable[[], None] = lambda: None,
) -> None:
    """Put a compressed file in the place of `path`, which nobody writes to any more.

    blocks: the bytes of `path`, without what need not be kept of its end. rest: called behind each
    block; what it raises ends the work. Whatever ends it leaves `path`, or the whole compressed
    file, or both, which the next call ends. Raises OSError, CompressionDamage, and what `blocks`
    raises.
    """
    target = compressed_path(path)
    draft = target.with_name(target.name + _DRAFT)
    try:
        _write(draft, blocks, rest)
        fault_point("inside-compression")
        _compare(draft, path, rest)
        status = path.stat()  # how old it is stays known
        os.utime(draft, ns=(status.st_atime_ns, status.st_mtime_ns))
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)
    fault_point("inside-compression")
    path.unlink()
    fault_point("inside-compression")
    sync_directory(path.parent)


def remove_drafts(directory: Path) -> None:
    """Remove what a process left that was killed while it compressed."""
    for draft in directory.glob(f"*{SUFFIX}{_DRAFT}"):
        draft.unlink(missing_ok=True)


def _write(draft: Path, blocks: Iterable[bytes], rest: Callable[[], None]) -> None:
    compressor = ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
    table = bytearray()
    count = at = 0
    with os.fdopen(os.open(draft, NEW_FILE, 0o600), "wb", buffering=0) as file:
        for count, block in enumerate(blocks, 1):  # noqa: B007
            raw = compressor.compress(block)
            file.write(raw)
            # a little at a time, so that the disk never has much of this to take at once
            _LIBC.sync_file_range(
                file.fileno(), ctypes.c_int64(at), ctypes.c_int64(len(raw)), _WRITE_AND_WAIT
            )
            fault_point("inside-compression")
            table += _LENGTHS.pack(len(raw), len(block))
            at += len(raw)
            rest()
        footer = _FOOTER.pack(count, 0, _FOOTER_MAGIC)
        file.write(_SKIPPED.pack(_SKIPPED_MAGIC, len(table) + len(footer)) + table + footer)
        os.fsync(file.fileno())


def _compare(draft: Path, path: Path, rest: Callable[[], None]) -> None:
    """Nothing that was read wrongly, or written so, may take the original's place."""
    with open_compressed(draft) as file, path.open("rb") as original:
        while block := file.read(BLOCK_BYTES):
            if original.read(len(block)) != block:
                raise CompressionDamage("it is not what was compressed")
            rest()


def _read_table(file: BinaryIO) -> list[tuple[int, int]]:
    """Compressed and plain length of each block. Raises CompressionDamage."""
    size = file.seek(0, os.SEEK_END)
    if size < _SKIPPED.size + _FOOTER.size:
        raise CompressionDamage("it has no table of its blocks")
    file.seek(size - _FOOTER.size)
    count, descriptor, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    length = count * _LENGTHS.size + _FOOTER.size
    if magic != _FOOTER_MAGIC or descriptor or size < _SKIPPED.size + length:
        raise CompressionDamage("it has no table of its blocks")
    file.seek(size - _SKIPPED.size - length)
    head = _SKIPPED.unpack(file.read(_SKIPPED.size))
    lengths = list(_LENGTHS.iter_unpack(file.read(length - _FOOTER.size)))
    blocks_end = sum(each[0] for each in lengths)
    if head != (_SKIPPED_MAGIC, length) or blocks_end != size - _SKIPPED.size - length:
        raise CompressionDamage("the table of its blocks does not fit them")
    return lengths
