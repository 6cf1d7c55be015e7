"""A next segment that cannot be made, and a monotonic clock that is set by hand."""

from pathlib import Path

PREPARED = "prepared.segment"


class Seconds:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def block(directory: Path) -> Path:
    """Have every attempt to make the next segment fail: a directory is in its place."""
    blocker = directory / PREPARED / "blocker"
    blocker.mkdir(parents=True)
    return blocker


def unblock(blocker: Path) -> None:
    blocker.rmdir()
    blocker.parent.rmdir()
