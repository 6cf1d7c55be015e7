"""What the simulator can do to a session, and on which of its messages.

Frozen values, the same in Python, in scripts (script.py) and on the control socket. Pure.
"""

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]


class On(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages a behaviour is for: those that match in everything, from the nth on.

    session, cl_ord_id: shell patterns of the client's CompID and of ClOrdID(11). msg_type: one or
    more MsgTypes(35), separated by blanks; empty: every application message. count: how many
    messages; 0: all that come.
    """

    session: str = "*"
    msg_type: str = ""
    cl_ord_id: str = "*"
    nth: Positive = 1
    count: Natural = 1


class Behaviour(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"
):
    """Something done to the messages that `on` takes."""

    on: On = On()


class ToClient(Behaviour, frozen=True, kw_only=True):
    """Base of what is done to messages on their way to the client."""


class FromClient(Behaviour, frozen=True, kw_only=True):
    """Base of what is done to messages that the client sends."""


class Delay(ToClient, frozen=True, kw_only=True, tag="delay"):
    """Holds the message back for `ms` milliseconds; what comes behind it waits, too."""

    ms: Positive


class NoAnswer(ToClient, frozen=True, kw_only=True, tag="no_answer"):
    """A Heartbeat with its MsgSeqNum goes in the message's place; a ResendRequest still gets it."""


class Gap(ToClient, frozen=True, kw_only=True, tag="gap"):
    """The message is lost on its way: its MsgSeqNum is missing until the client asks for it."""


class Duplicate(ToClient, frozen=True, kw_only=True, tag="duplicate"):
    """The message goes twice: again with PossDupFlag(43)=Y, or as the same bytes."""

    poss_dup: bool = True


class BadCheckSum(ToClient, frozen=True, kw_only=True, tag="bad_checksum"):
    """CheckSum(10) of the message is one too high."""


class Reset(ToClient, frozen=True, kw_only=True, tag="reset"):
    """A SequenceReset(4) before the message skips MsgSeqNums: as gap fill, or in reset mode."""

    gap_fill: bool = True
    skip: Positive = 10


class Reject(FromClient, frozen=True, kw_only=True, tag="reject"):
    """The request is refused and the venue never sees it.

    NewOrderSingle: reason in OrdRejReason(103); cancel and replace request: CxlRejReason(102).
    """

    reason: Natural = 99
    text: str = "rejected by the simulator"


class Lose(FromClient, frozen=True, kw_only=True, tag="lose"):
    """The request is lost behind the session: the venue never sees it, nothing comes back."""


class Fill(FromClient, frozen=True, kw_only=True, tag="fill"):
    """A limit order that rests is filled in so many parts, by counter-orders at the venue."""

    parts: Positive = 2


class SlowRead(FromClient, frozen=True, kw_only=True, tag="slow_read"):
    """From this message on the client is read at this rate only, until it is cleared."""

    bytes_per_second: Positive


class Drop(Behaviour, frozen=True, kw_only=True, tag="drop"):
    """Drops the line instead of passing the message, of either side; or `now`."""

    now: bool = False


AnyBehaviour = (
    Delay
    | NoAnswer
    | Gap
    | Duplicate
    | BadCheckSum
    | Reset
    | Reject
    | Lose
    | Fill
    | SlowRead
    | Drop
)
BEHAVIOURS: dict[str, type[AnyBehaviour]] = {
    "delay": Delay,
    "no_answer": NoAnswer,
    "gap": Gap,
    "duplicate": Duplicate,
    "bad_checksum": BadCheckSum,
    "reset": Reset,
    "reject": Reject,
    "lose": Lose,
    "fill": Fill,
    "slow_read": SlowRead,
    "drop": Drop,
}
"""By their name in scripts and on the command line."""
REFUSABLE = (b"D", b"F", b"G")
"""MsgTypes that Reject knows an answer to."""
