"""One number for what the engine says to random commands; run on either core.

Usage: python -m tests.compiled_flow
"""

import hashlib

from venue.compiled_core import core
from venue.domain.codec import encode
from venue.engine.image.digest import state_digest

from .engine.builders import trading
from .engine.control_flow import ControlFlow
from .engine.control_flow import play as play_controls
from .engine.funded import enough, funded
from .engine.random_flow import RandomFlow
from .engine.test_random_flow import do_all_of

COMMANDS = 3_000


def said() -> str:
    """SHA-256 of all events and of the state that remains."""
    everything = hashlib.sha256()
    venue = trading()
    for command in RandomFlow(1, COMMANDS):
        for event in do_all_of(venue, command):
            everything.update(encode(event))
    everything.update(state_digest(venue.engine.state).encode())
    venue = funded(*enough())
    for _, events in play_controls(venue, ControlFlow(2, COMMANDS)):
        for event in events:
            everything.update(encode(event))
    everything.update(state_digest(venue.engine.state).encode())
    return everything.hexdigest()


def stops_at_a_broken_invariant() -> bool:
    """Whether an assertion of the core is raised."""
    state = trading().engine.state
    try:
        state.begin(state.timestamp_ns - 1)
    except AssertionError:
        return True
    return False


if __name__ == "__main__":
    print(core(), said(), stops_at_a_broken_invariant())
