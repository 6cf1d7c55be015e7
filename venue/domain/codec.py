"""Bytes of commands and events: JSON by msgspec, the same in the journal and on NATS.

Knows only the domain types. Decoding unknown types or wrong fields raises msgspec errors.
"""

import msgspec

from venue.domain.commands import AnyCommand
from venue.domain.events import AnyEvent

_ENCODER = msgspec.json.Encoder()
_COMMAND_DECODER: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_EVENT_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(value: object) -> bytes:
    """JSON bytes of a command, event or record."""
    return _ENCODER.encode(value)


def decode_command(data: bytes | msgspec.Raw) -> AnyCommand:
    """Command from its JSON; raises msgspec.DecodeError or ValidationError."""
    return _COMMAND_DECODER.decode(data)


def decode_event(data: bytes | msgspec.Raw) -> AnyEvent:
    """Event from its JSON; raises msgspec.DecodeError or ValidationError."""
    return _EVENT_DECODER.decode(data)
