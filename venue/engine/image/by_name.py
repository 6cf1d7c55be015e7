"""Attributes that are copied into an image and back by their name.

A plain attribute of an order, member, session or market is declared twice only: in its class and in
the image. capture.py and restore.py do the other attributes. Pure.
"""

from typing import Any

import msgspec

from venue.engine.image.state_image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    SessionImage,
)
from venue.engine.state.conditions import Conditions

_OTHERWISE: dict[type[msgspec.Struct], tuple[str, ...]] = {
    EngineImage: (
        "expiring", "markets", "members", "obligations", "orders", "action_ids",
        "packed_references", "packed_reversals", "pending",
        "references", "sessions", "trades",
    ),
    MarketImage: (
        "all_or_none", "asks", "auction", "bids", "day_lots", "day_value", "definition", "halted",
        "own_phase",
        "pegs", "stops",
    ),
    MemberImage: ("by_account", "name", "purses", "scope", "traders", "volumes"),
    OrderImage: (
        "cum_value", "definition", "exposure", "fees", "past", "reserves", "shown_lots",
        *Conditions._fields,
    ),
    SessionImage: (
        "before", "cancel_by_default", "cl_ord_ids", "entries_full_at_ns", "excess", "member",
        "name", "open_orders", "removals_full_at_ns", "repeats",
    ),
}  # fmt: skip
"""Fields of each image that capture.py and restore.py make and read."""

_BY_NAME: dict[type[msgspec.Struct], tuple[str, ...]] = {
    image: tuple(name for name in image.__struct_fields__ if name not in others)
    for image, others in _OTHERWISE.items()
}


def captured(image: type[msgspec.Struct], thing: object) -> dict[str, Any]:
    """The fields of an image that are copied by name, with the values that `thing` has now."""
    return {name: getattr(thing, name) for name in _BY_NAME[image]}


def restore_into(thing: object, image: msgspec.Struct) -> None:
    """Give `thing` the attributes that are copied by name, from its image."""
    for name in _BY_NAME[type(image)]:
        setattr(thing, name, getattr(image, name))
