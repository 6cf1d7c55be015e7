"""How far a client's connection is. Pure."""

from enum import Enum, auto


class Stage(Enum):
    """How far a connection is. It may skip stages; a Logon in session takes it back to DECIDING."""

    ARRIVED = auto()  # its Logon is awaited
    DECIDING = auto()  # its Logon is being decided; meanwhile nothing is read
    ON = auto()  # QuickFIX has its stream
    ENDING = auto()  # the venue's Logout has left; only the client's Logout is taken
    LEAVING = auto()  # `out` is sent, then the connection is closed
