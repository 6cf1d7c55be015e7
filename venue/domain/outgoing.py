"""A message on its way to a FIX session, as its stages hand it on."""

from typing import NamedTuple


class Outgoing(NamedTuple):
    """The session and the message's text, from MsgType(35) on, without header and trailer."""

    session: str
    text: str
