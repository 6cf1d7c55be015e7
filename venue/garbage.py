"""How often Python looks for garbage in a process with an engine: trading, and the benchmarks."""

import gc

_THRESHOLDS = (50_000, 20, 100)
"""Resting orders live long and form no garbage: looking through them often finds nothing."""


def look_for_garbage_rarely() -> None:
    """For the whole process, from now on."""
    gc.set_threshold(*_THRESHOLDS)
