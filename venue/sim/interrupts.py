"""Keeps Ctrl-C working over the import of quickfix, whose start takes SIGINT back to its default.

Knows the C library only, for Python sets signals in the main thread alone.
"""

import ctypes
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_LIBC = ctypes.CDLL(None, use_errno=True)
_SIGACTION_BYTES_MAX = 512


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Whatever SIGINT did before, it does afterwards. Works in any thread."""
    before = ctypes.create_string_buffer(_SIGACTION_BYTES_MAX)
    _sigaction(None, before)
    try:
        yield
    finally:
        _sigaction(before, None)


def _sigaction(
    new: ctypes.Array[ctypes.c_char] | None, old: ctypes.Array[ctypes.c_char] | None
) -> None:
    if _LIBC.sigaction(int(signal.SIGINT), new, old) != 0:
        error = ctypes.get_errno()
        raise OSError(error, "sigaction failed")
