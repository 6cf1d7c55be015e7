"""What engines of earlier versions did otherwise, where the same events came of it.

Where other events came of it, a start says so, and an operator has to accept them.
"""

from venue.domain.commands import AnyCommand, ForgetRemaining
from venue.domain.events import AnyEvent
from venue.engine.engine import Engine

FORGETS_IN_SLICES = 7
"""From this version on a new day forgets in slices, which the journal has; before, at once."""

LOWER_BOUNDS = 8
"""From this version on an order trades 256 times at once; before, 2,000, and
what an order sets off goes on in parts of 128 events; before, of 512."""


def apply_as(
    engine: Engine, engine_version: int, command: AnyCommand, timestamp_ns: int
) -> list[AnyEvent]:
    """Apply a recorded command with the bounds of the engine that has recorded it."""
    if engine_version >= LOWER_BOUNDS:
        return engine.apply(command, timestamp_ns)
    state = engine.state
    bounds = state.most_matches, state.most_events
    state.most_matches, state.most_events = 2_000, 512
    try:
        return engine.apply(command, timestamp_ns)
    finally:
        state.most_matches, state.most_events = bounds


def left_by(engine: Engine, engine_version: int, timestamp_ns: int) -> list[AnyCommand]:
    """Take what the last command has left to do, as far as an engine of that version left it."""
    left = engine.take_follow_ups()
    if engine_version < FORGETS_IN_SLICES:
        while slices := [each for each in left if isinstance(each, ForgetRemaining)]:
            left.remove(slices[0])
            engine.apply(slices[0], timestamp_ns)
            left += engine.take_follow_ups()
    return left
