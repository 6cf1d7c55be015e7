"""Who may do what on NATS: each process of the venue, and each reader from outside.

Pure; knows the subjects and JetStream's API (NATS documentation, JetStream wire API reference).
Who has no permission here has none. Each login gets its answers on inboxes of its own, which no
other may subscribe to: `_INBOX.<user>.>`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from venue.bus.subjects import (
    ALERTS,
    ALL_ACCOUNT_REPLIES,
    ALL_ALERTS,
    ALL_EVENTS,
    ALL_INBOXES,
    ALL_SNAPSHOTS,
    ALL_WALLETS,
    LAST_VALUES,
    LEDGER,
    PUBLIC_TRADES,
    STREAM,
    alert_subject,
    all_drop_copies,
    all_wallet_events,
    drop_stream,
    inbox_prefix,
)

OPERATOR = "venue"
"""The login of the supervisor and of the command line: it may do everything."""
_BUCKET_STREAM = f"KV_{LAST_VALUES}"
ALL_MARKET_DATA = "md.>"

_API = "$JS.API"
_ASK_TRADES = f"{_API}.DIRECT.GET.{PUBLIC_TRADES}"
_ANY = "*"


class Permissions(NamedTuple):
    """Subjects that a login may publish on and subscribe to; nothing else."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def of_service(name: str) -> Permissions:
    """Permissions of a process of the venue, by its name."""
    if name == "gateway":
        return of_gateway(name)
    if name in READING_SERVICES:
        return of_public_reader(name)
    asked = (ALL_SNAPSHOTS,) if name in _ANSWERING else ()
    own = (f"{inbox_prefix(name)}.>", *asked)
    return Permissions(tuple(dict.fromkeys(_SERVICES[name])), own)


def of_member_reader(name: str, member: str) -> Permissions:
    """A reader of one member's drop copies, wallet events and alerts, with consumers of that name.

    The stream of wallet events has those of all members: its consumer gives it only the member's.
    """
    stream = drop_stream(member)
    return Permissions(
        (
            f"{_API}.STREAM.INFO.{stream}",
            f"{_API}.STREAM.MSG.GET.{stream}",
            f"{_API}.CONSUMER.INFO.{stream}.{name}",
            f"{_API}.CONSUMER.MSG.NEXT.{stream}.{name}",
            f"$JS.ACK.{stream}.{name}.>",
            f"{_API}.CONSUMER.INFO.{LEDGER}.{name}",
            f"{_API}.CONSUMER.MSG.NEXT.{LEDGER}.{name}",
            f"$JS.ACK.{LEDGER}.{name}.>",
        ),
        (
            all_drop_copies(member),
            all_wallet_events(member),
            alert_subject(member),
            f"{inbox_prefix(name)}.>",
        ),
    )


def of_public_reader(name: str) -> Permissions:
    """A reader of market data: as it comes, the last values, snapshots of books, and past trades.

    It may make no consumers: whoever makes one says on which subject its messages are published.
    """
    return Permissions(
        (
            f"{_API}.STREAM.INFO.{_BUCKET_STREAM}",
            f"{_API}.STREAM.MSG.GET.{_BUCKET_STREAM}",
            f"{_API}.DIRECT.GET.{_BUCKET_STREAM}.>",
            ALL_SNAPSHOTS,
            _ASK_TRADES,
        ),
        (ALL_MARKET_DATA, f"{inbox_prefix(name)}.>"),
    )


def of_gateway(name: str) -> Permissions:
    """What the public may read, and the wallet events and alerts of all members: it tells each user
    his member's."""
    public = of_public_reader(name)
    return Permissions(
        (*public.publish, *_streams(ALERTS, "INFO", "MSG.GET")),
        ("ledger.*.>", "alert.*", *public.subscribe),
    )


def _streams(stream: str, *actions: str) -> list[str]:
    return [f"{_API}.STREAM.{action}.{stream}" for action in actions]


def _pulls(stream: str) -> list[str]:
    return [f"{_API}.CONSUMER.CREATE.{stream}.>", f"{_API}.CONSUMER.MSG.NEXT.{stream}.>"]


_LIST = f"{_API}.STREAM.LIST"
_ALERTING = [ALL_ALERTS, *_streams(ALERTS, "INFO", "CREATE")]
_FOLLOWING = [*_streams(STREAM, "INFO", "MSG.GET"), *_pulls(STREAM), *_ALERTING]
_SERVICES: dict[str, Iterable[str]] = {
    "trading": [_LIST, *_streams(_ANY, "INFO", "MSG.GET")],
    "publisher": [
        ALL_EVENTS,
        _LIST,
        *_streams(STREAM, "CREATE"),
        *_streams(_ANY, "INFO", "MSG.GET", "UPDATE", "PURGE"),
        *_ALERTING,
    ],
    "clearing": [
        *_FOLLOWING,
        ALL_WALLETS,
        *_streams(LEDGER, "INFO", "CREATE", "MSG.GET"),
        f"{_API}.CONSUMER.CREATE.{LEDGER}.>",
        f"{_API}.CONSUMER.INFO.{LEDGER}.*",
    ],
    "audit": _FOLLOWING,
    "marketdata": [
        *_FOLLOWING,
        ALL_MARKET_DATA,
        f"$KV.{LAST_VALUES}.>",
        *_streams(_BUCKET_STREAM, "INFO", "CREATE", "MSG.GET"),
        f"{_API}.DIRECT.GET.{_BUCKET_STREAM}.>",
        *_streams(PUBLIC_TRADES, "INFO", "CREATE"),
        _ASK_TRADES,
        # NATS' allow_responses would let who asks choose any subject for the answer
        ALL_INBOXES,
        ALL_ACCOUNT_REPLIES,
    ],
    "dropcopy": [
        *_FOLLOWING,
        "drop.>",
        _LIST,
        *_streams(_ANY, "INFO", "CREATE", "MSG.GET"),
        f"{_API}.CONSUMER.CREATE.*.>",
        f"{_API}.CONSUMER.INFO.*.*",
    ],
    "notifier": [*_FOLLOWING, *_streams(ALERTS, "MSG.GET")],
    "replica": _ALERTING,
    "reconciler": [
        *_FOLLOWING,
        *_streams(_ANY, "INFO"),
        *(f"{_API}.CONSUMER.{act}.*.>" for act in ("CREATE", "MSG.NEXT")),
    ],
}
_SERVICES["followers"] = [
    subject
    for sink in ("clearing", "audit", "marketdata", "dropcopy", "notifier")
    for subject in _SERVICES[sink]
]
_ANSWERING = ("marketdata", "followers")
READING_SERVICES = ("fix-marketdata", "gateway")
"""Processes that read and are asked nothing: each in an account of its own, as readers are."""
SERVICES = (*_SERVICES, *READING_SERVICES)
"""Names of the processes that have a login of their own."""
