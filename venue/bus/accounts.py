"""The accounts of the venue's NATS: the venue's, and one for each login that only reads.

Pure; knows permissions and what nats-server's configuration says of accounts (NATS documentation:
Accounts, Configuring Exports and Imports). A subject belongs to its account. So a reply subject
that a reader names is one of his own account, where nobody else is and nothing is stored. Only
what both sides list here crosses, and only in the direction that it is listed for.
"""

from typing import Any

from venue.bus.permissions import ALL_MARKET_DATA, Permissions
from venue.bus.subjects import ALL_SNAPSHOTS, INBOXES

VENUE_ACCOUNT = "VENUE"
"""The operator's and the processes'; it has all streams."""

PULL_SECONDS_MAX = 300
"""So long NATS remembers where the answers to a reader's request go, counted from the last one: a
pull may wait no longer. What is pulled later is given again, to the next pull."""
_MANY = {"response_type": "stream", "response_threshold": f"{PULL_SECONDS_MAX}s"}
"""A request with more than one answer."""

EXPORTS: tuple[dict[str, str], ...] = (
    {"stream": ALL_MARKET_DATA},
    {"stream": "drop.*.>"},
    {"stream": "ledger.*.>"},
    {"stream": "alert.*"},
    {"service": ALL_SNAPSHOTS, **_MANY},
    {"service": "$JS.API.STREAM.INFO.*"},
    {"service": "$JS.API.STREAM.MSG.GET.*"},
    {"service": "$JS.API.DIRECT.GET.>", **_MANY},
    {"service": "$JS.API.CONSUMER.INFO.*.*"},
    {"service": "$JS.API.CONSUMER.MSG.NEXT.*.*", **_MANY},
    {"service": "$JS.ACK.*.*.>"},
)
"""What accounts of readers may import. A reader's has the part of it that its login may use."""


def reader_account(name: str) -> str:
    """The account of a login that only reads."""
    return f"reader-{name}"


def imports_of(permissions: Permissions) -> list[dict[str, Any]]:
    """What the account of a login imports: the subjects that it may use, but for its inboxes."""
    read = [each for each in permissions.subscribe if not each.startswith(f"{INBOXES}.")]
    streams = [{"stream": _of_venue(subject)} for subject in read]
    return streams + [{"service": _of_venue(subject)} for subject in permissions.publish]


def _of_venue(subject: str) -> dict[str, str]:
    return {"account": VENUE_ACCOUNT, "subject": subject}
