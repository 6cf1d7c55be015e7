"""What Kraken's clients are told instead of what was asked: its texts for the venue's codes.

Pure. Clients go by the exact text, so the venue's own code and words stand beside it, as a warning.
"""

from venue.domain.reject_reasons import RejectReason
from venue.gateway.problems import Code, Problem

INVALID_ARGUMENTS = "EGeneral:Invalid arguments"
UNKNOWN_METHOD = "EGeneral:Unknown method"
INTERNAL = "EGeneral:Internal error"
LOCKED_OUT = "EGeneral:Temporary lockout"
PERMISSION_DENIED = "EGeneral:Permission denied"
INVALID_KEY = "EAPI:Invalid key"
INVALID_NONCE = "EAPI:Invalid nonce"
INVALID_SESSION = "ESession:Invalid session"
UNKNOWN_PAIR = "EQuery:Invalid asset pair"
UNKNOWN_ASSET = "EQuery:Unknown asset"
UNAVAILABLE = "EService:Unavailable"
UNKNOWN_ORDER = "EOrder:Unknown order"
INVALID_ORDER = "EOrder:Invalid order"
BELOW_MINIMUM = "EOrder:Order minimum not met"
DEADLINE_PASSED = "EService:Deadline elapsed"
BUSY = "EService:Busy"
_TOO_MANY = "EAPI:Rate limit exceeded"
_TOO_MANY_ORDERS = "EOrder:Rate limit exceeded"
_FUNDS = "EOrder:Insufficient funds"
_USER_LOCKED = "ETrade:User Locked"
_CANCEL_ONLY = "EService:Market in cancel_only mode"
_ORDERS_LIMIT = "EOrder:Orders limit exceeded"
_POSITIONS_LIMIT = "EOrder:Positions limit exceeded"
_NO_POSITION = "EOrder:Cannot open position"
_PRICE, _VOLUME = f"{INVALID_ARGUMENTS}:price", f"{INVALID_ARGUMENTS}:volume"
_R = RejectReason

OF_REASON: dict[RejectReason, str] = {
    _R.SESSION_NOT_ENTITLED: PERMISSION_DENIED,
    _R.KILL_SWITCH: _USER_LOCKED,
    _R.REPEATED_EXECUTIONS: _USER_LOCKED,
    _R.MEMBER_SUSPENDED: _USER_LOCKED,
    _R.MARGIN_CALL_OVERDUE: _USER_LOCKED,
    _R.KYC_NOT_APPROVED: PERMISSION_DENIED,
    _R.TRADER_NOT_APPROVED: PERMISSION_DENIED,
    _R.ACCOUNT_NOT_ENTITLED: PERMISSION_DENIED,
    _R.UNKNOWN_SYMBOL: UNKNOWN_PAIR,
    _R.INSTRUMENT_DISABLED: _CANCEL_ONLY,
    _R.INSTRUMENT_RESTRICTED: PERMISSION_DENIED,
    _R.VENUE_STOPPING: UNAVAILABLE,
    _R.MARKET_CLOSED: _CANCEL_ONLY,
    _R.INSTRUMENT_HALTED: _CANCEL_ONLY,
    _R.UNSUPPORTED_ORDER_TYPE: INVALID_ORDER,
    _R.UNSUPPORTED_TIME_IN_FORCE: INVALID_ORDER,
    _R.UNSUPPORTED_SIDE: INVALID_ORDER,
    _R.UNSUPPORTED_INSTRUCTION: INVALID_ORDER,
    _R.SHORT_SALE_REFUSED: INVALID_ORDER,
    _R.QUANTITY_MISSING: _VOLUME,
    _R.QUANTITY_NOT_POSITIVE: BELOW_MINIMUM,
    _R.PRICE_MISSING: _PRICE,
    _R.PRICE_NOT_ALLOWED: _PRICE,
    _R.PRICE_NOT_POSITIVE: _PRICE,
    _R.STOP_PX_MISSING: _PRICE,
    _R.STOP_PX_NOT_ALLOWED: _PRICE,
    _R.STOP_PX_NOT_POSITIVE: _PRICE,
    _R.EXPIRE_MISSING: INVALID_ORDER,
    _R.EXPIRE_NOT_ALLOWED: INVALID_ORDER,
    _R.EXPIRE_IN_THE_PAST: INVALID_ORDER,
    _R.PEG_MISSING: INVALID_ORDER,
    _R.PEG_NOT_ALLOWED: INVALID_ORDER,
    _R.COMBINATION_NOT_OFFERED: INVALID_ORDER,
    _R.DUPLICATE_CL_ORD_ID: INVALID_ORDER,
    _R.UNKNOWN_ORDER: UNKNOWN_ORDER,
    _R.ORDER_FINISHED: UNKNOWN_ORDER,
    _R.ORDER_MODIFIED_SINCE: INVALID_ORDER,
    _R.ORDER_TERMS_CHANGED: INVALID_ORDER,
    _R.PEG_WITHOUT_REFERENCE: INVALID_ORDER,
    _R.PRICE_NOT_ON_TICK: _PRICE,
    _R.QUANTITY_NOT_ON_LOT: _VOLUME,
    _R.MIN_QTY_OUT_OF_RANGE: INVALID_ORDER,
    _R.MAX_FLOOR_OUT_OF_RANGE: INVALID_ORDER,
    _R.ORDER_QUANTITY_TOO_LARGE: _VOLUME,
    _R.ORDER_VALUE_TOO_LARGE: _VOLUME,
    _R.PRICE_OUTSIDE_COLLAR: _PRICE,
    _R.PRICE_OUTSIDE_DYNAMIC_COLLAR: _PRICE,
    _R.OPEN_ORDERS_LIMIT: _ORDERS_LIMIT,
    _R.POSITION_LIMIT: _POSITIONS_LIMIT,
    _R.GROSS_NOTIONAL_LIMIT: _NO_POSITION,
    _R.NET_NOTIONAL_LIMIT: _NO_POSITION,
    _R.DAILY_LOSS_LIMIT: _NO_POSITION,
    _R.CREDIT_LIMIT_EXCEEDED: _FUNDS,
    _R.INSUFFICIENT_FUNDS: _FUNDS,
    _R.THROTTLED: _TOO_MANY_ORDERS,
}
"""Kraken's text for each code of the venue."""

OF_PROBLEM: dict[Code, str] = {
    Code.BAD_REQUEST: INVALID_ARGUMENTS,
    Code.UNAUTHENTICATED: INVALID_KEY,
    Code.FORBIDDEN: PERMISSION_DENIED,
    Code.NOT_FOUND: UNKNOWN_ORDER,
    Code.CONFLICT: INVALID_ORDER,
    Code.REFUSED: INVALID_ORDER,
    Code.TOO_MANY: _TOO_MANY,
    Code.AWAY: UNAVAILABLE,
    Code.FATE_UNKNOWN: BUSY,
}
"""Kraken's text for each code of the gateway, where the venue's says nothing more."""

ON_SOCKET = {
    _FUNDS: f"{_FUNDS}(insufficient user funds)",
    BELOW_MINIMUM: f"{BELOW_MINIMUM}(volume too low)",
    PERMISSION_DENIED: "EAccount:Invalid permissions",
    INVALID_KEY: INVALID_SESSION,
    _TOO_MANY: "EAuth:Rate limit exceeded",
    LOCKED_OUT: "EAuth:Too many requests",
    _USER_LOCKED: "EAuth:Account temporary disabled",
    BUSY: DEADLINE_PASSED,
    UNKNOWN_PAIR: "Currency pair not supported",
}
"""Texts that are others over WebSocket."""


class Refused(Exception):
    """What was asked is not done. error: Kraken's text; words: the venue's own, or more of it."""

    def __init__(self, error: str, words: str = "") -> None:
        super().__init__(f"{error} {words}".strip())
        self.error = error
        self.words = words

    def on_rest(self) -> list[str]:
        """As it stands in `error` of an answer."""
        return [self.error, f"WVenue:{self.words}"] if self.words else [self.error]

    def on_socket(self) -> str:
        """As it stands in `error` of a message."""
        text = ON_SOCKET.get(self.error, self.error)
        return f"{text}: {self.words}" if self.words else text


def refused(problem: Problem) -> Refused:
    """A problem in Kraken's words."""
    error = OF_PROBLEM[problem.code]
    words = problem.message
    if problem.venue_code in RejectReason.__members__:
        error = OF_REASON[RejectReason(problem.venue_code)]
    elif problem.code is Code.NOT_FOUND and problem.field == "symbol":
        error = UNKNOWN_PAIR
    elif problem.code is Code.UNAUTHENTICATED:
        words = ""
    elif problem.code is Code.FATE_UNKNOWN:
        words = f"{problem.code}: {problem.message}"
    return Refused(error, words)
