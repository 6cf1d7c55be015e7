"""A message on its way to a FIX session, as its stages hand it on."""

import msgspec


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """The session and the message's text, from MsgType(35) on, without header and trailer.

    The body's fields stand in the order of their tags, a group's behind their count.
    """

    session: str
    text: str
