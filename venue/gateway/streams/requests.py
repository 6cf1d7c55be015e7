"""What a client says on /v1/stream: one JSON object a message, `op` names it. Pure.

What is no such message is refused with the field that is wrong; nothing of it is done.
"""

from typing import Annotated

import msgspec

from venue.gateway.acts import ChangeWanted, Name, OrderWanted
from venue.gateway.markets import MOST_LEVELS
from venue.gateway.streams.messages import Channel
from venue.gateway.strict_json import read

Id = Annotated[str, msgspec.Meta(max_length=64)]
Depth = Annotated[int, msgspec.Meta(ge=0, le=MOST_LEVELS)]
Text = Annotated[str, msgspec.Meta(max_length=64)]


class Request(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"
):
    """Base. id: the client's own, comes back in the answer."""

    id: Id = ""


class Authenticate(Request, frozen=True, kw_only=True, tag="authenticate"):
    """Make the socket a user's, by an access token; again, with his next one, before it expires."""

    token: Annotated[str, msgspec.Meta(max_length=8192)]


class _Which(Request, frozen=True, kw_only=True):
    channel: Channel
    symbol: Text = ""
    """Of book, trades, ticker and bars."""
    depth: Depth = 0
    """Price levels of each side of a book; 0: ten."""


class Subscribe(_Which, frozen=True, kw_only=True, tag="subscribe"):
    """Hear a channel. epoch, number: of the last message that you have, to go on behind it."""

    epoch: Text = ""
    number: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Unsubscribe(_Which, frozen=True, kw_only=True, tag="unsubscribe"):
    """Hear it no more."""


class Ping(Request, frozen=True, kw_only=True, tag="ping"):
    """Is answered by `pong`. WebSocket's own ping is answered too."""


class Enter(Request, frozen=True, kw_only=True, tag="enter"):
    """Enter an order."""

    order: OrderWanted


class Replace(Request, frozen=True, kw_only=True, tag="replace"):
    """Change an open order."""

    order_id: Name
    change: ChangeWanted


class Cancel(Request, frozen=True, kw_only=True, tag="cancel"):
    """Cancel an order."""

    order_id: Name


class CancelAll(Request, frozen=True, kw_only=True, tag="cancel_all"):
    """Cancel all open orders of the member's session, or those of one symbol."""

    symbol: Name | None = None


AnyOrderRequest = Enter | Replace | Cancel | CancelAll
AnyRequest = Authenticate | Subscribe | Unsubscribe | Ping | AnyOrderRequest


class _Named(msgspec.Struct):
    id: Id = ""


def request_in(text: str) -> AnyRequest:
    """The request in a message. Raises Problem BAD_REQUEST."""
    found: AnyRequest = read(AnyRequest, text)  # type: ignore[arg-type]  # a union is no class
    return found


def id_in(text: str) -> str:
    """The id of a message that is no request, where it has one."""
    try:
        return msgspec.json.decode(text, type=_Named).id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
