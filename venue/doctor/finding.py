"""A finding: a code, how bad it is, what was found, and what to do."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """error: it does not work, or will not at the next start. warning: look at it."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found. code: stays the same, for scripts. do: what to do about it."""

    code: str
    level: Level
    what: str
    do: str


def error(code: str, what: str, do: str) -> Finding:
    """A finding that has to be mended."""
    return Finding(code, Level.ERROR, what, do)


def warning(code: str, what: str, do: str) -> Finding:
    """A finding to look at."""
    return Finding(code, Level.WARNING, what, do)
