"""One number for all of the engine's state: equal states, and only they, have equal digests."""

import hashlib

import msgspec

from venue.engine.image.capture import image_of
from venue.engine.state.engine_state import EngineState


def state_digest(state: EngineState) -> str:
    """SHA-256 of the state's image, in hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(image_of(state))).hexdigest()
