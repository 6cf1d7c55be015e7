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

_API = "$JS.API."
_NOT_ANSWERED = (f"{_API}DIRECT.GET.", f"{_API}CONSUMER.MSG.NEXT.")
_ASKED = "VENUE.API."
"""How the names of mapped requests begin in readers' accounts."""
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
    imported: list[dict[str, Any]] = [{"stream": _of_venue(subject)} for subject in read]
    mapped = mappings_of(permissions)
    for subject in permissions.publish:
        renamed = {"to": mapped[subject]} if subject in mapped else {}
        imported.append({"service": _of_venue(subject), **renamed})
    return imported


def mappings_of(permissions: Permissions) -> dict[str, str]:
    """Requests of a login by the names that they have in its account.

    NATS itself answers every request of JetStream's API there, `JetStream not enabled for account`,
    but for those of _NOT_ANSWERED; under another name the venue's answer is the only one.
    """
    return {
        subject: _ASKED + subject.removeprefix(_API)
        for subject in permissions.publish
        if subject.startswith(_API) and not subject.startswith(_NOT_ANSWERED)
    }


def _of_venue(subject: str) -> dict[str, str]:
    return {"account": VENUE_ACCOUNT, "subject": subject}
