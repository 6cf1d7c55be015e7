"""How many functions a command calls: what it costs, on a machine of any speed."""

import sys
from collections.abc import Collection
from types import FrameType

from venue.domain import commands as c

from .builders import Venue


def count_calls(
    venue: Venue, command: c.AnyCommand, kinds: Collection[str] = ("call", "c_call")
) -> int:
    """Functions called while the engine applies a command; only the core's source shows them.

    kinds: `call` for those of Python, and generators gone on with, `c_call` for those of C.
    """
    calls = 0

    def count(frame: FrameType, what: str, argument: object) -> None:
        nonlocal calls
        calls += what in kinds

    sys.setprofile(count)
    try:
        venue.do(command)
    finally:
        sys.setprofile(None)
    assert calls > 10, "a compiled core shows nothing: such a test is marked pure"
    return calls
