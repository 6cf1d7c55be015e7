"""Checks the form of a Logon whose sender is known to be the member; makes the one for QuickFIX.

Pure but for QuickFIX's dictionary. A fault is named by its tag: the member reads it in the Logout.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

import quickfix

from venue.clock import utc_timestamp
from venue.fix.frame import Frame, sequence_number
from venue.fix.sender import framed
from venue.fix.tags import SOH

INVALID = "LOGON_INVALID"
_HEARTBEAT_SECONDS = 3600
_SEQUENCE_TAGS = ("34", "789")


class Numbers(NamedTuple):
    """A session's next MsgSeqNums."""

    next_in: int
    next_out: int


class LogonRules(NamedTuple):
    """venue: its CompID. latency_seconds: how far a session's SendingTime may be off; None: any.

    elsewhere: what to say to sessions that log on at another port.
    """

    venue: str
    dictionary: quickfix.DataDictionary
    latency_seconds: Mapping[str, int | None]
    elsewhere: Mapping[str, str] = MappingProxyType({})


def logon_fault(
    frame: Frame, numbers: Numbers, rules: LogonRules, now_ns: int, *, may_be_ahead: bool = False
) -> str | None:
    """What is wrong with a Logon, with its tag; None if it is in order.

    may_be_ahead: the venue has gone on from older data. Then a gap is not asked for again: it holds
    requests that the venue has answered and knows nothing of.
    """
    fields = frame.fields
    if frame.fault is not None:
        return f"{INVALID} {frame.fault.why}"
    if fields["8"] != "FIX.4.4":
        return f"{INVALID} 8={fields['8']} is not FIX.4.4"
    if fields["56"] != rules.venue:
        return f"{INVALID} 56={fields['56']} is not {rules.venue}"
    try:
        shown = frame.shown.decode()
        rules.dictionary.validate(quickfix.Message(shown, rules.dictionary, False))
    except quickfix.FIXException as error:
        return f"{INVALID} {str(error).strip()}"
    for tag in _SEQUENCE_TAGS:
        if tag in fields and not fields[tag].isdecimal():
            return f"{INVALID} {tag} is no number"
    return (
        _terms_fault(fields)
        or _time_fault(fields["52"], rules.latency_seconds[fields["49"]], now_ns)
        or _number_fault(fields, frame.number, numbers)
        or (_ahead_fault(fields, frame.number, numbers) if may_be_ahead else None)
    )


def for_quickfix(frame: Frame, now_ns: int) -> bytes:
    """The Logon with the fields on which QuickFIX acts. SendingTime, checked before, is now."""
    fields = {**frame.fields, "52": utc_timestamp(now_ns)}
    kept = [f"{tag}={fields[tag]}" for tag in ("34", "49", "52", "56", "98", "108")]
    if frame.fields.get("141") == "Y":
        kept.append("141=Y")
    return framed(f"35=A{SOH}{SOH.join(kept)}{SOH}")


def _terms_fault(fields: dict[str, str]) -> str | None:
    if fields["98"] != "0":
        return f"{INVALID} 98={fields['98']} is not 0: there is no encryption but TLS"
    seconds = fields["108"]
    if not seconds.isdecimal() or not 1 <= int(seconds) <= _HEARTBEAT_SECONDS:
        return f"{INVALID} 108={seconds} is not from 1 to {_HEARTBEAT_SECONDS}"
    if fields.get("9001", "Y") not in ("Y", "N"):
        return f"{INVALID} 9001={fields['9001']} is neither Y nor N"
    return None


def _time_fault(sending_time: str, latency_seconds: int | None, now_ns: int) -> str | None:
    if latency_seconds is None:
        return None
    try:
        sent = datetime.strptime(sending_time[:17], "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return f"{INVALID} 52={sending_time} is no time"
    off = abs(sent.timestamp() - now_ns / 1e9)
    if off > latency_seconds + 1:
        return f"{INVALID} 52={sending_time} is more than {latency_seconds} s off"
    return None


def _number_fault(fields: dict[str, str], number: int, numbers: Numbers) -> str | None:
    if fields.get("141") == "Y":
        return None if number == 1 else f"{INVALID} 34={number} is not 1, though 141=Y"
    if number < numbers.next_in:  # a Logon is no duplicate, not even with PossDupFlag(43)=Y
        return f"MsgSeqNum too low, expecting {numbers.next_in} but received {number}"
    if "789" in fields:
        expected = sequence_number(fields["789"])
        if not 1 <= expected <= numbers.next_out:
            return f"{INVALID} 789={expected} is not from 1 to {numbers.next_out}"
    return None


def _ahead_fault(fields: dict[str, str], number: int, numbers: Numbers) -> str | None:
    if fields.get("141") == "Y" or number == numbers.next_in:
        return None
    return (
        f"MsgSeqNum too high, expecting {numbers.next_in} but received {number}: the venue goes on "
        "from older data, log on with 141=Y"
    )


__all__ = ["INVALID", "LogonRules", "Numbers", "for_quickfix", "logon_fault"]
