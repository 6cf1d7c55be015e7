"""What an image has under the same name as the thing that it is of: copied by name, both ways.

So that a plain attribute of an order, member, session or market is said twice only: where it lives,
and in the image. Pure; the rest of an image is capture.py's and restore.py's.
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
    EngineImage: ("expiring", "markets", "members", "orders", "pending", "sessions", "trades"),
    MarketImage: (
        "all_or_none", "asks", "auction", "bids", "day_lots", "day_value", "definition", "halted",
        "pegs", "stops",
    ),
    MemberImage: ("by_account", "name", "purses", "scope", "traders"),
    OrderImage: (
        "cum_value", "definition", "exposure", "reserves", "shown_lots", *Conditions._fields,
    ),
    SessionImage: (
        "cancel_by_default", "cl_ord_ids", "entries_full_at_ns", "excess", "member", "name",
        "open_orders", "removals_full_at_ns", "repeats",
    ),
}  # fmt: skip
"""Fields of each image that are made or read in another way."""

_BY_NAME: dict[type[msgspec.Struct], tuple[str, ...]] = {
    image: tuple(name for name in image.__struct_fields__ if name not in others)
    for image, others in _OTHERWISE.items()
}


def captured(image: type[msgspec.Struct], thing: object) -> dict[str, Any]:
    """Those fields of an image, as `thing` has them now."""
    return {name: getattr(thing, name) for name in _BY_NAME[image]}


def restore_into(thing: object, image: msgspec.Struct) -> None:
    """Give `thing` what its image has of them."""
    for name in _BY_NAME[type(image)]:
        setattr(thing, name, getattr(image, name))
