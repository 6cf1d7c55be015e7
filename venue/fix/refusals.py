"""Texts of the answers to messages that the edge itself refuses.

Pure. Session rejects carry 371, 372 and 373, business rejects 372, 379 and 380 (FIX 4.4 volume 2).
"""

from collections.abc import Mapping

from venue.fix.encode import business_reject
from venue.fix.frame import Fault, Frame
from venue.fix.tags import (
    ORDER_MESSAGES,
    SEQUENCE_RESET,
    BusinessRejectReason,
    SessionRejectReason,
)

_REQUEST_IDS = ("11", "262", "320", "324", "335", "568", "710", "923", "584", "117", "693", "23")


def poss_dup_fault(frame: Frame) -> Fault | None:
    """PossDupFlag=Y needs OrigSendingTime, not after SendingTime (FIX 4.4 volume 2)."""
    if frame.msg_type == SEQUENCE_RESET:
        return None
    orig = frame.fields.get("122")
    if orig is None:
        return Fault(SessionRejectReason.REQUIRED_TAG_MISSING, 122, "122 is missing, though 43=Y")
    if orig > frame.fields["52"]:
        return Fault(SessionRejectReason.SENDING_TIME_ACCURACY, 122, "122 is after 52")
    return None


def is_reset(frame: Frame) -> bool:
    """Whether it is a SequenceReset without GapFillFlag(123)=Y whose MsgSeqNum(34) is zero."""
    fields = frame.fields
    return (
        frame.fault is None
        and frame.msg_type == SEQUENCE_RESET
        and fields.get("123") != "Y"
        and set(fields.get("34", "")) == {"0"}
    )


def reject(frame: Frame, fault: Fault) -> str:
    """Reject(3) of a message."""
    tag = "" if fault.tag is None else f"371={fault.tag}\x01"
    return (
        f"35=3\x0145={frame.number}\x0158={fault.why}\x01{tag}372={_safe(frame.msg_type)}\x01"
        f"373={fault.reason}\x01"
    )


def unsupported(frame: Frame) -> str:
    """BusinessMessageReject(j) of a message type that the venue does not take."""
    msg_type = frame.msg_type
    return business_reject(
        frame.number,
        msg_type,
        BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
        f"UNSUPPORTED_MESSAGE_TYPE 35={msg_type} is not taken on order-entry sessions",
        reference_id(frame.fields),
    )


def refused_on_data_sessions(frame: Frame) -> str:
    """BusinessMessageReject(j) of what a session of market data or drop copies may not send."""
    msg_type = frame.msg_type
    if msg_type in ORDER_MESSAGES:
        reason, text = BusinessRejectReason.NOT_AUTHORIZED, "no orders are taken on this session"
        code = "NOT_AN_ORDER_SESSION"
    else:
        reason, text = BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE, "is not taken on this session"
        code = "UNSUPPORTED_MESSAGE_TYPE"
    return business_reject(
        frame.number, msg_type, reason, f"{code} 35={msg_type} {text}", reference_id(frame.fields)
    )


def not_available(frame: Frame, text: str) -> str:
    """BusinessMessageReject(j) of what cannot be answered now."""
    return business_reject(
        frame.number,
        frame.msg_type,
        BusinessRejectReason.APPLICATION_NOT_AVAILABLE,
        text,
        reference_id(frame.fields),
    )


def not_authorized(frame: Frame) -> str:
    """BusinessMessageReject(j) of a message that comes before the password is changed."""
    return business_reject(
        frame.number,
        frame.msg_type,
        BusinessRejectReason.NOT_AUTHORIZED,
        "PASSWORD_EXPIRED change the password by UserRequest first",
        reference_id(frame.fields),
    )


def reference_id(fields: Mapping[str, str]) -> str | None:
    """ClOrdID or the request's own id, for BusinessRejectRefID(379)."""
    for tag in _REQUEST_IDS:
        if tag in fields:
            return fields[tag]
    return None


def _safe(msg_type: str) -> str:
    return msg_type if msg_type and msg_type.isascii() and msg_type.isprintable() else "?"


__all__ = [
    "is_reset",
    "not_authorized",
    "not_available",
    "poss_dup_fault",
    "reference_id",
    "refused_on_data_sessions",
    "reject",
    "unsupported",
]
