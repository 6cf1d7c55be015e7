"""What all events have in common. Knows msgspec only."""

import msgspec

EVENT_VERSION = 1


def _version() -> int:
    return EVENT_VERSION


class _Versioned(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    tag_field="type",
    tag=True,
    gc=False,
):
    v: int = msgspec.field(default_factory=_version)


class Event(_Versioned, frozen=True, tag=True):
    """Base: event_seq is gapless over the venue's life; timestamp_ns is UTC nanoseconds."""

    event_seq: int
    timestamp_ns: int


class ControlEvent(Event, frozen=True, tag=True):
    """Base of what the operator and the configuration have done. Amounts are exact decimal text."""
