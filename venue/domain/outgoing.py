"""A message on its way to a FIX session, and what is known to have arrived there."""

from typing import NamedTuple

import msgspec


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """One message to a session. text: from MsgType(35) on, without header and trailer.

    The fields stand in the order of their tags, those of a group behind its count. route: header
    fields that send the message back the way its request came.
    """

    session: str
    text: str
    route: str = ""


class Delivered(NamedTuple):
    """What a client's machine has confirmed, by MsgSeqNum.

    unread_from: the first report that was not confirmed. read: ranges of older reports that were
    sent again and confirmed.
    """

    unread_from: int
    read: tuple[tuple[int, int], ...]


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A report that has a number. text, route: as in Outgoing. sent_ns: its SendingTime(52).

    again: it had lost an earlier number and was sent again (PossResend).
    """

    text: str
    sent_ns: int
    route: str = ""
    again: bool = False
