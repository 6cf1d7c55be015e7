"""What the gateway says on /v1/stream beside its channels: answers to requests, and how things are.

Pure. An answer has the `id` of its request.
"""

import msgspec

from venue.gateway.order import Order
from venue.gateway.streams.messages import (
    AlertsSnapshot,
    AlertsUpdate,
    BalancesSnapshot,
    BalancesUpdate,
    BarsSnapshot,
    BarsUpdate,
    BookSnapshot,
    BookUpdate,
    Channel,
    FillsSnapshot,
    FillsUpdate,
    OrdersSnapshot,
    OrdersUpdate,
    Part,
    StatusSnapshot,
    StatusUpdate,
    TickerSnapshot,
    TickerUpdate,
    TradesSnapshot,
    TradesUpdate,
    WalletSnapshot,
    WalletUpdate,
)


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ready"):
    """The first message. user: whose token the handshake had; empty: none."""

    version: str
    user: str


class Authenticated(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="authenticated"
):
    """Whose the socket is now. expires: of the token, seconds since 1970; 0: it does not."""

    id: str
    user: str
    member: str
    scopes: tuple[str, ...]
    expires: int


class Subscribed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="subscribed"):
    """What follows goes on behind the number that was asked for (resumed), or is a snapshot."""

    id: str
    channel: Channel
    symbol: str
    depth: int
    epoch: str
    number: int
    """The last one that was said so far."""
    resumed: bool


class Unsubscribed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="unsubscribed"):
    """Nothing of it comes behind this."""

    id: str
    channel: Channel
    symbol: str
    depth: int


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="pong"):
    """The gateway lives. time_ns: its clock."""

    id: str
    time_ns: int


class OrderAnswer(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="order"):
    """The order behind the venue's first answer to `enter`, `replace` or `cancel`."""

    id: str
    order: Order


class CanceledAll(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="canceled_all"):
    """So many orders were cancelled."""

    id: str
    canceled: int


class Failed(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="error"
):
    """A request was not done: codes as of HTTP (docs/GATEWAY.md). retry_after: seconds."""

    id: str
    code: str
    message: str
    field: str = ""
    venue_code: str = ""
    retry_after: int | None = None


class Conflated(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="conflated"):
    """You read slowly: so many updates were left out, and a snapshot of now comes next."""

    channel: Channel
    symbol: str
    depth: int
    updates: int


class Stale(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="stale"):
    """What was said of a part stands, but does not follow now (stale), or follows again. why: empty
    where it follows."""

    part: Part
    stale: bool
    why: str


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ended"):
    """The token has ended: the member's channels say no more, the public ones go on."""

    code: str
    message: str


AnySnapshot = (
    BookSnapshot | TradesSnapshot | TickerSnapshot | BarsSnapshot | StatusSnapshot | OrdersSnapshot
    | FillsSnapshot | BalancesSnapshot | WalletSnapshot | AlertsSnapshot
)  # fmt: skip
AnyUpdate = (
    BookUpdate | TradesUpdate | TickerUpdate | BarsUpdate | StatusUpdate | OrdersUpdate
    | FillsUpdate | BalancesUpdate | WalletUpdate | AlertsUpdate
)  # fmt: skip
AnyAnswer = (
    Ready | Authenticated | Subscribed | Unsubscribed | Pong | OrderAnswer | CanceledAll | Failed
    | Conflated | Stale | Ended
)  # fmt: skip
AnySaid = AnySnapshot | AnyUpdate | AnyAnswer
"""All that the gateway says."""
