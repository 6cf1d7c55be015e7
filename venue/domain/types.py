"""The FIX 4.4 enumerations the venue uses, by the standard's names, with the wire value as value.

May know nothing but the standard; must never hold behaviour.
"""

from enum import StrEnum


class Side(StrEnum):
    """Side(54)."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"


class OrdType(StrEnum):
    """OrdType(40)."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    STOP_LIMIT = "4"
    MARKET_WITH_LEFTOVER_AS_LIMIT = "K"
    PEGGED = "P"


class TimeInForce(StrEnum):
    """TimeInForce(59)."""

    DAY = "0"
    GOOD_TILL_CANCEL = "1"
    AT_THE_OPENING = "2"
    IMMEDIATE_OR_CANCEL = "3"
    FILL_OR_KILL = "4"
    GOOD_TILL_DATE = "6"
    AT_THE_CLOSE = "7"


class OrdStatus(StrEnum):
    """OrdStatus(39); 5 (Replaced) does not exist as a status in FIX 4.4."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    REJECTED = "8"
    EXPIRED = "C"


class ExecType(StrEnum):
    """ExecType(150); in FIX 4.4 every fill is F."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    REJECTED = "8"
    EXPIRED = "C"
    RESTATED = "D"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    ORDER_STATUS = "I"


class ExecRestatementReason(StrEnum):
    """ExecRestatementReason(378)."""

    GT_CORPORATE_ACTION = "0"
    GT_RENEWAL = "1"
    VERBAL_CHANGE = "2"
    PARTIAL_DECLINE_OF_ORDER_QTY = "5"
    CANCEL_ON_TRADING_HALT = "6"
    CANCELED_BY_VENUE = "8"
    OTHER = "99"


class CxlRejResponseTo(StrEnum):
    """CxlRejResponseTo(434): which request an OrderCancelReject answers."""

    ORDER_CANCEL_REQUEST = "1"
    ORDER_CANCEL_REPLACE_REQUEST = "2"


class LastLiquidityInd(StrEnum):
    """LastLiquidityInd(851)."""

    ADDED_LIQUIDITY = "1"
    REMOVED_LIQUIDITY = "2"


class Phase(StrEnum):
    """Phase of trading, of the venue or of one market; HALT is of a market only."""

    START_OF_DAY = "START_OF_DAY"
    PRE_OPEN = "PRE_OPEN"
    OPENING_AUCTION = "OPENING_AUCTION"
    CONTINUOUS = "CONTINUOUS"
    HALT = "HALT"
    VOLATILITY_AUCTION = "VOLATILITY_AUCTION"
    CLOSING_AUCTION = "CLOSING_AUCTION"
    CLOSED = "CLOSED"


class SelfMatchMode(StrEnum):
    """SelfMatchPreventionInstruction(8000), a user tag: what gives way to the other."""

    CANCEL_NEWEST = "N"
    CANCEL_OLDEST = "O"
    CANCEL_BOTH = "B"
    DECREMENT = "D"


class ExecInst:
    """Codes of ExecInst(18) that the venue offers."""

    POST_ONLY = "6"
    ALL_OR_NONE = "G"
    REINSTATE_ON_HALT = "J"
    CANCEL_ON_HALT = "K"
    PEG_MID = "M"
    PEG_MARKET = "P"
    PEG_PRIMARY = "R"


PEGS = (ExecInst.PEG_MID, ExecInst.PEG_MARKET, ExecInst.PEG_PRIMARY)
OFFERED_EXEC_INSTS = (
    ExecInst.POST_ONLY,
    ExecInst.ALL_OR_NONE,
    ExecInst.REINSTATE_ON_HALT,
    ExecInst.CANCEL_ON_HALT,
    *PEGS,
)


OPEN_STATUSES = (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
