"""Every business refusal of the venue by name, in order of precedence, with its FIX codes.

A refusal is a value that becomes an event, never an exception. The first check that fails answers.
"""

from enum import StrEnum


class RejectReason(StrEnum):
    """Machine code at the head of Text(58); declared in the order in which checks are made."""

    # session and entitlement
    SESSION_NOT_ENTITLED = "SESSION_NOT_ENTITLED"
    MEMBER_SUSPENDED = "MEMBER_SUSPENDED"
    ACCOUNT_NOT_ENTITLED = "ACCOUNT_NOT_ENTITLED"
    # instrument
    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    # phase
    VENUE_STOPPING = "VENUE_STOPPING"
    MARKET_CLOSED = "MARKET_CLOSED"
    # well-formed
    UNSUPPORTED_ORDER_TYPE = "UNSUPPORTED_ORDER_TYPE"
    UNSUPPORTED_TIME_IN_FORCE = "UNSUPPORTED_TIME_IN_FORCE"
    UNSUPPORTED_SIDE = "UNSUPPORTED_SIDE"
    UNSUPPORTED_INSTRUCTION = "UNSUPPORTED_INSTRUCTION"
    QUANTITY_MISSING = "QUANTITY_MISSING"
    QUANTITY_NOT_POSITIVE = "QUANTITY_NOT_POSITIVE"
    PRICE_MISSING = "PRICE_MISSING"
    PRICE_NOT_ALLOWED = "PRICE_NOT_ALLOWED"
    PRICE_NOT_POSITIVE = "PRICE_NOT_POSITIVE"
    STOP_PX_MISSING = "STOP_PX_MISSING"
    STOP_PX_NOT_ALLOWED = "STOP_PX_NOT_ALLOWED"
    STOP_PX_NOT_POSITIVE = "STOP_PX_NOT_POSITIVE"
    EXPIRE_MISSING = "EXPIRE_MISSING"
    EXPIRE_NOT_ALLOWED = "EXPIRE_NOT_ALLOWED"
    EXPIRE_IN_THE_PAST = "EXPIRE_IN_THE_PAST"
    PEG_MISSING = "PEG_MISSING"
    PEG_NOT_ALLOWED = "PEG_NOT_ALLOWED"
    COMBINATION_NOT_OFFERED = "COMBINATION_NOT_OFFERED"
    # duplicate ClOrdID
    DUPLICATE_CL_ORD_ID = "DUPLICATE_CL_ORD_ID"
    # only for cancel and replace requests
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    ORDER_FINISHED = "ORDER_FINISHED"
    ORDER_MODIFIED_SINCE = "ORDER_MODIFIED_SINCE"
    ORDER_TERMS_CHANGED = "ORDER_TERMS_CHANGED"
    # a pegged order needs a price now
    PEG_WITHOUT_REFERENCE = "PEG_WITHOUT_REFERENCE"
    # tick and lot
    PRICE_NOT_ON_TICK = "PRICE_NOT_ON_TICK"
    QUANTITY_NOT_ON_LOT = "QUANTITY_NOT_ON_LOT"
    # parts of the quantity
    MIN_QTY_OUT_OF_RANGE = "MIN_QTY_OUT_OF_RANGE"
    MAX_FLOOR_OUT_OF_RANGE = "MAX_FLOOR_OUT_OF_RANGE"
    # size and value limits
    ORDER_QUANTITY_TOO_LARGE = "ORDER_QUANTITY_TOO_LARGE"
    ORDER_VALUE_TOO_LARGE = "ORDER_VALUE_TOO_LARGE"
    # price collar
    PRICE_OUTSIDE_COLLAR = "PRICE_OUTSIDE_COLLAR"
    # open orders and credit
    OPEN_ORDERS_LIMIT = "OPEN_ORDERS_LIMIT"
    CREDIT_LIMIT_EXCEEDED = "CREDIT_LIMIT_EXCEEDED"


_R = RejectReason

# OrdRejReason(103): what is not listed is 99 (other)
ORD_REJ_REASON: dict[RejectReason, str] = {
    _R.SESSION_NOT_ENTITLED: "0",
    _R.MEMBER_SUSPENDED: "0",
    _R.ACCOUNT_NOT_ENTITLED: "0",
    _R.UNKNOWN_SYMBOL: "1",
    _R.VENUE_STOPPING: "2",
    _R.MARKET_CLOSED: "2",
    _R.UNSUPPORTED_ORDER_TYPE: "11",
    _R.UNSUPPORTED_TIME_IN_FORCE: "11",
    _R.UNSUPPORTED_SIDE: "11",
    _R.UNSUPPORTED_INSTRUCTION: "11",
    _R.COMBINATION_NOT_OFFERED: "11",
    _R.QUANTITY_NOT_POSITIVE: "13",
    _R.DUPLICATE_CL_ORD_ID: "6",
    _R.QUANTITY_NOT_ON_LOT: "13",
    _R.ORDER_QUANTITY_TOO_LARGE: "3",
    _R.ORDER_VALUE_TOO_LARGE: "3",
    _R.OPEN_ORDERS_LIMIT: "3",
    _R.CREDIT_LIMIT_EXCEEDED: "3",
}

# CxlRejReason(102): what is not listed is 99 (other)
CXL_REJ_REASON: dict[RejectReason, str] = {
    _R.ORDER_FINISHED: "0",
    _R.UNKNOWN_ORDER: "1",
    _R.ORDER_MODIFIED_SINCE: "5",
    _R.DUPLICATE_CL_ORD_ID: "6",
}


class Refusal:
    """One refusal: its reason and the sentence with the numbers that were compared."""

    __slots__ = ("detail", "reason")

    def __init__(self, reason: RejectReason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
