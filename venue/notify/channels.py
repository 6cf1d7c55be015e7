"""notifications.json: where each member is told of what. A channel's address is a secret.

Knows the file's form, and what a channel wants. Sends nothing. The address may have a password or
a token anywhere, so it is shown by `masked` only.
"""

import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec

from venue.bus.alerts import Alert
from venue.domain.decimal_text import parse_money
from venue.notify.kinds import LIMIT_PERCENT, REJECTS, UNASKED, Interest, Kind
from venue.private_file import Versioned, read_versioned, write_versioned

if TYPE_CHECKING:
    from apprise import Apprise

NATS = "nats"
"""Name of the channel `alert.<member>`, which every member has; it has no address."""
OPERATOR = ""
"""Stands for a member where the operator is told, of all that is on `alert._`."""
WEBHOOK, MAIL, FOLDER = ("https", "http"), ("smtps", "smtp"), ("maildir",)
NAME = re.compile("[A-Za-z0-9_-]{1,32}")
"""A channel's name."""
CHANNELS_VERSION = 1
_SECRET_BYTES = 32
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """url: where to; empty: NATS. secret: signs what goes to a webhook. since_ns: nothing before.

    fill_quantity, fill_value: the least of a trade to be told of; empty: any. rejects: so many
    within a minute. limit_percent: use of a limit.
    """

    url: str
    kinds: tuple[Kind, ...]
    since_ns: int
    secret: str = ""
    fill_quantity: str = ""
    fill_value: str = ""
    rejects: int = REJECTS
    limit_percent: int = LIMIT_PERCENT

    @property
    def at(self) -> SplitResult:
        """Its address in parts."""
        return urlsplit(self.url)

    def wants(self, alert: Alert) -> bool:
        """Whether it is told of this alert. The operator is told of all."""
        if alert.timestamp_ns < self.since_ns:
            return False
        if alert.member == OPERATOR:
            return True
        if alert.type not in self.kinds:
            return False
        facts = alert.facts
        match alert.type:
            case Kind.FILL:
                return _reaches(facts["last_qty"], self.fill_quantity) and _reaches(
                    facts["amount"], self.fill_value
                )
            case Kind.REJECTS:
                return int(facts["rejects"]) == self.rejects
            case Kind.LIMIT_USE:
                return int(facts["percent_before"]) < self.limit_percent <= int(facts["percent"])
        return True


Members = dict[str, dict[str, Channel]]
"""The channels of each member, by their names."""
UNASKED_ON_NATS = Channel(url="", kinds=tuple(sorted(UNASKED)), since_ns=0)
"""What a member is told of on NATS who has not chosen anything else."""


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    members: Members


def read_channels(path: Path) -> Members:
    """Channels of each member; none where there is no file. Raises ConfigurationError."""
    found = read_versioned(path, _File, CHANNELS_VERSION)
    return {} if found is None else found.members


def write_channels(path: Path, members: Members) -> None:
    """Replace the file durably. Raises OSError, and then the old one is still there."""
    ordered = {
        member: dict(sorted(channels.items())) for member, channels in sorted(members.items())
    }
    write_versioned(
        path, _File(CHANNELS_VERSION, {name: each for name, each in ordered.items() if each})
    )


def destination_of(member: str, name: str) -> str:
    """A channel's name in the store. NATS is one destination for all members."""
    return NATS if name == NATS else f"{member}/{name}"


def on_nats(members: Mapping[str, Mapping[str, Channel]], member: str) -> Channel:
    """What a member is told of on NATS."""
    return members.get(member, {}).get(NATS, UNASKED_ON_NATS)


def interest_of(members: Mapping[str, Mapping[str, Channel]]) -> Interest:
    """What anybody wants to be told."""
    channels: Iterable[Channel] = [
        UNASKED_ON_NATS,
        *(each for channels in members.values() for each in channels.values()),
    ]
    return Interest(
        frozenset(kind for each in channels for kind in each.kinds),
        frozenset(each.rejects for each in channels),
    )


def new_secret(url: str) -> str:
    """A secret to sign with, for an address that takes signatures; else empty."""
    return secrets.token_urlsafe(_SECRET_BYTES) if urlsplit(url).scheme in WEBHOOK else ""


def wrong_with(url: str) -> str:
    """Why an address cannot be used, without the address; empty: it can."""
    if not url.isprintable() or any(letter.isspace() for letter in url):
        return "an address has no blanks"
    try:
        at = urlsplit(url)
        _ = at.port
    except ValueError:
        return "it is no address"
    is_near = at.hostname in _LOOPBACK
    if at.scheme == "http" and not is_near:
        return "http goes in the clear: https, or a host on loopback"
    if at.scheme in (*WEBHOOK, *MAIL) and not at.hostname:
        return f"{at.scheme}:// needs a host"
    if at.scheme in MAIL:
        asked = parse_qs(at.query)
        if not asked.get("from") or not asked.get("to"):
            return f"{at.scheme}://HOST needs ?from=ADDRESS&to=ADDRESS"
    if at.scheme in FOLDER and (at.netloc or not at.path.startswith("/")):
        return "maildir:///PATH needs an absolute path"
    if at.scheme in (*WEBHOOK, *MAIL, *FOLDER):
        return ""
    if not at.scheme or apprise().instantiate(url, suppress_exceptions=True) is None:
        return "it is none of https, smtp, smtps, maildir, nor a channel of apprise"
    return ""


def apprise() -> "type[Apprise]":
    """The library; it says nothing in the log, where it would say addresses."""
    from apprise import Apprise  # here, for it is large, and few have such an address

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return Apprise


def masked(url: str) -> str:
    """An address without anything that may be a secret."""
    at = urlsplit(url)
    if not url:
        return NATS
    if at.scheme in FOLDER:
        return url
    if at.scheme in (*WEBHOOK, *MAIL):
        port = f":{at.port}" if at.port else ""
        return f"{at.scheme}://{at.hostname}{port}/***"
    return f"{at.scheme}://***"


def is_near(channel: Channel) -> bool:
    """Whether it goes to this machine."""
    return channel.at.hostname in _LOOPBACK


def _reaches(text: str, least: str) -> bool:
    return not least or (parse_money(text) or 0) >= (parse_money(least) or 0)
