"""sessions.cfg, the FIX sessions' settings for QuickFIX: strict reading, and the text it gets.

Knows QuickFIX's keys and grammar, not members or passwords; must never import quickfix.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from venue.addresses import Network
from venue.near_names import unknown
from venue.settings.files import read_text

QUICKFIX_FIXED = {
    "ConnectionType": "acceptor",
    "BeginString": "FIX.4.4",
    "UseDataDictionary": "Y",
    "NonStopSession": "Y",
    "PersistMessages": "N",
    "ResetOnLogon": "N",
    "ResetOnLogout": "N",
    "ResetOnDisconnect": "N",
    "RefreshOnLogon": "N",
}
"""What the venue needs of QuickFIX: numbers are kept by the journal, reports sent by the venue."""

ADDRESSES = "AllowedRemoteAddresses"
"""Checked by the venue before QuickFIX has a byte; QuickFIX is not told, it sees no address."""

COMP_ID = r"[!-.0-<>-~]+"
COMP_ID_WORDS = "a CompID: printable ASCII without blanks, = and /"

BUFFERS = ("SocketSendBufferSize", "SocketReceiveBufferSize")
"""Socket buffers of the clients' connections. The venue owns these, so [DEFAULT] sets all."""

_STREAM_BYTES = 1 << 20
"""Buffer of the streams inside the process: room for all that QuickFIX answers to 8 KiB."""

_QUICKFIX_LINE_BYTES = 1000
"""QuickFIX stops reading, in silence, at a line of 1024 bytes."""

_YES_NO = (r"[YN]", "Y or N")
_NUMBER = (r"[0-9]{1,9}", "a whole number")
_QUICKFIX_ALLOWED: dict[str, tuple[str, str]] = {
    **{
        key: (re.escape(value), f"possible here, only {value}")
        for key, value in QUICKFIX_FIXED.items()
    },
    "SenderCompID": (COMP_ID, COMP_ID_WORDS),
    "TargetCompID": (COMP_ID, COMP_ID_WORDS),
    ADDRESSES: (
        r"[0-9A-Fa-f.:/]+(,[0-9A-Fa-f.:/]+)*",
        "a list of addresses and networks such as 10.1.2.3,10.1.4.0/24",
    ),
    "TimestampPrecision": (r"[0-9]", "a number of decimals from 0 to 9"),
    **dict.fromkeys(
        (
            "CheckCompID",
            "CheckLatency",
            "SendRedundantResendRequests",
            "SendNextExpectedMsgSeqNum",
            "ValidateLengthAndChecksum",
            "ValidateFieldsOutOfOrder",
            "ValidateFieldsHaveValues",
            "ValidateUserDefinedFields",
            "AllowUnknownMsgFields",
            "PreserveMessageFieldsOrder",
            "SocketNodelay",
            "SocketReuseAddress",
        ),
        _YES_NO,
    ),
    **dict.fromkeys(
        (
            "MaxLatency",
            "LogonTimeout",
            "LogoutTimeout",
            "SocketSendBufferSize",
            "SocketReceiveBufferSize",
        ),
        _NUMBER,
    ),
}


@dataclass
class SessionsFile:
    """sessions.cfg, in QuickFIX's spelling: keys of [DEFAULT], and of each [SESSION] by CompID."""

    shown: str
    defaults: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def keys(self, comp_id: str) -> dict[str, str]:
        """The keys of a session: its own, and those of [DEFAULT]."""
        return {**self.defaults, **self.sessions[comp_id]}

    def buffer_bytes(self) -> tuple[int, int]:
        """Sizes of the clients' send and receive buffers; 0: the system's own."""
        send, receive = (int(self.defaults.get(key, "0")) for key in BUFFERS)
        return send, receive

    def addresses(self, comp_id: str) -> tuple[Network, ...]:
        """Where a session may come from; empty: from anywhere."""
        text = self.keys(comp_id).get(ADDRESSES, "")
        return tuple(map(ip_network, filter(None, text.split(","))))

    def text(self, comp_ids: Iterable[str], filled_in: Mapping[str, str]) -> str:
        """Text for quickfix.SessionSettings of these sessions; `filled_in` wins over [DEFAULT]."""
        streams = dict.fromkeys(BUFFERS, str(_STREAM_BYTES))
        sections = [("[DEFAULT]", {**self.defaults, **QUICKFIX_FIXED, **streams, **filled_in})]
        sections += [("[SESSION]", self.sessions[comp_id]) for comp_id in comp_ids]
        return "\n".join(
            "\n".join(
                [header, *(f"{key}={value}" for key, value in keys.items() if key != ADDRESSES), ""]
            )
            for header, keys in sections
        )


def read_sessions_file(path: Path, shown: str) -> tuple[SessionsFile, list[str]]:
    """Read sessions.cfg by QuickFIX's grammar, with errors where QuickFIX would say nothing."""
    result = SessionsFile(shown)
    errors: list[str] = []
    header, keys, opened_at = "", result.defaults, 0
    for number, written in enumerate([*read_text(path, shown).splitlines(), "[SESSION]"], 1):
        line = written.strip()
        name, error = "", None
        if line in ("[DEFAULT]", "[SESSION]"):
            if header == "[SESSION]" and "TargetCompID" not in keys:
                errors.append(f"{shown}:{opened_at} [SESSION] TargetCompID: missing")
            header, keys, opened_at = line, result.defaults if line == "[DEFAULT]" else {}, number
        elif len(written.encode()) > _QUICKFIX_LINE_BYTES:
            error = f"QuickFIX reads lines of at most {_QUICKFIX_LINE_BYTES} bytes"
        elif not line or line.startswith("#"):
            continue
        elif not header or "=" not in line:
            error = f"{line!r} is neither [DEFAULT], [SESSION] nor Key=value"
        else:
            key, _, value = (part.strip() for part in line.partition("="))
            name, error = _quickfix_key(header, key, value)
            if name in keys:
                error = f"{name}: stands in this section twice"
            elif name == "TargetCompID" and header == "[SESSION]":
                error = error or (
                    f"{name}: {value} stands twice" if value in result.lines else None
                )
                result.sessions[value], result.lines[value] = keys, number
            keys[name] = value
        if error is not None:
            errors.append(f"{shown}:{number} {header} {error}".replace("  ", " "))
    if "SenderCompID" not in result.defaults:
        errors.append(f"{shown} [DEFAULT] SenderCompID: missing; it is the venue's own CompID")
    return result, errors


def _quickfix_key(header: str, key: str, value: str) -> tuple[str, str | None]:
    """The key in QuickFIX's spelling (it ignores case), and what is wrong with it, if anything."""
    spelling = {known.lower(): known for known in _QUICKFIX_ALLOWED}
    name = spelling.get(key.lower())
    if name is None:
        if key.lower() in ("socketacceptport", "datadictionary"):
            return key, f"{key}: the venue fills it in from venue.toml"
        return key, f"{key}: {unknown(key, _QUICKFIX_ALLOWED)}"
    only_in = {
        "TargetCompID": "[SESSION]",
        **dict.fromkeys(("SenderCompID", *BUFFERS), "[DEFAULT]"),
    }.get(name, header)
    if only_in != header:
        return name, f"{name}: belongs in {only_in}"
    pattern, words = _QUICKFIX_ALLOWED[name]
    if not re.fullmatch(pattern, value) or (name == ADDRESSES and not _are_networks(value)):
        return name, f'{name}: "{value}" is not {words}'
    return name, None


def _are_networks(text: str) -> bool:
    try:
        return bool([ip_network(each) for each in text.split(",")])
    except ValueError:
        return False


def missing_counterparts(
    file: SessionsFile, places: Mapping[str, str], config: str
) -> Iterator[str]:
    """Errors for sessions that stand in one of the files only; `places` are those of `config`."""
    for comp_id, place in places.items():
        if comp_id not in file.sessions:
            near = unknown(comp_id, file.sessions)
            yield f"{place} comp_id: {comp_id} has no [SESSION] in {file.shown} ({near})"
    for comp_id, line in file.lines.items():
        if comp_id not in places:
            yield (
                f"{file.shown}:{line} [SESSION] TargetCompID: {comp_id} has no [[sessions]] "
                f"in {config} ({unknown(comp_id, places)})"
            )
