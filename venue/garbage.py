"""Settings of Python's garbage collector in a process with an engine: trading, and benchmarks."""

import gc
from typing import Any

_NEW_OBJECTS = 2_000
_NEVER = 1_000_000


def collect_new_objects_only() -> None:
    """Let the collector look at new objects only: one that survives a collection is frozen.

    Orders and trades live to the end of the day and form no cycles. A collection of 50,000 of them
    takes 30 ms, one of 2,000 (a quarter of a second's) about 1 ms. Holds for the whole process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _NEVER, _NEVER)
    if _freeze_survivors not in gc.callbacks:
        gc.callbacks.append(_freeze_survivors)


def _freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    if phase == "stop":
        gc.freeze()
