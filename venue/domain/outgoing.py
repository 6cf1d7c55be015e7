"""A message on its way to a FIX session, as its stages hand it on, and what has arrived of it."""

from typing import NamedTuple

import msgspec


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """The session and the message's text, from MsgType(35) on, without header and trailer.

    The body's fields stand in the order of their tags, a group's behind their count. route: fields
    of the header that turn round how the request was routed.
    """

    session: str
    text: str
    route: str = ""


class Delivered(NamedTuple):
    """unread_from: number of the first report that was not confirmed. read: older ones that were,
    as ranges of numbers.
    """

    unread_from: int
    read: tuple[tuple[int, int], ...]


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A report that was numbered. text, route: as in Outgoing. sent_ns: its SendingTime(52).

    again: it had been numbered before and was sent again (PossResend).
    """

    text: str
    sent_ns: int
    route: str = ""
    again: bool = False
