"""RequestForPositionsAck(AO) and PositionReport(AP), as text.

Pure. Fields stand in the order of their tags, groups behind their count.
"""

from typing import NamedTuple

from venue.clearing.portfolio.report import AccountBalance, PositionRow
from venue.fix.report_text import text_field
from venue.fixdc.requests import PositionsWanted

COMPLETED, REJECTED = "0", "2"
"""PosReqStatus(729)."""
VALID, INVALID, NONE_FOUND, NOT_AUTHORIZED, NOT_SUPPORTED, OTHER = "0", "1", "2", "3", "4", "99"
"""PosReqResult(728)."""
_THEORETICAL = "2"
_UNKNOWN_PRICE = "0"


class Result(NamedTuple):
    """What becomes of a request: PosReqResult(728), Text(58), and of which event it tells."""

    code: str
    text: str = ""
    event_seq: int = 0

    @property
    def status(self) -> str:
        """PosReqStatus(729): done, also where there is nothing; else rejected."""
        return COMPLETED if self.code in (VALID, NONE_FOUND) else REJECTED


def positions_ack(wanted: PositionsWanted, party: str, result: Result, count: int = 0) -> str:
    """AO: what becomes of a request. count: TotalNumPosReports(727)."""
    symbol = f"55={wanted.symbol}\x01" if wanted.symbol else ""
    currency = f"15={wanted.currency}\x01" if wanted.currency else ""
    return (
        f"35=AO\x011={wanted.account}\x01{currency}{symbol}{text_field(result.text)}"
        f"{_party(party)}581={wanted.account_type}\x01710={wanted.request_id}\x01"
        f"721={_report_id(wanted, result.event_seq, 0)}\x01727={count}\x01728={result.code}\x01"
        f"729={result.status}\x01"
    )


class Reported(NamedTuple):
    """A position, its place among `of`, the price before, and what is unsettled of its asset."""

    row: PositionRow
    event_seq: int
    place: int
    of: int
    prior_price: str | None
    balance: AccountBalance | None


def position_report(wanted: PositionsWanted, party: str, told: Reported) -> str:
    """AP: one position.

    PosType(703) TQ: settled and unsettled; DLV: what is unsettled, where anything is.
    PosAmtType(707) FMTM: value at the mark less cost; TVAR: realised P&L; VADJ: cost of what is
    open; CASH: fees, below zero as they were paid.
    """
    row = told.row
    marked = "" if row.mark is None else f", mark of match {row.mark_match_id}"
    unpriced = "; some of it came in without money, at cost 0" if row.unpriced else ""
    text = text_field(f"as of event {told.event_seq}{marked}{unpriced}")
    return (
        f"35=AP\x011={row.account}\x0115={row.currency}\x0155={row.symbol}\x01{text}"
        f"{_party(party)}581={wanted.account_type}\x01{_quantities(row, told.balance)}"
        f"710={wanted.request_id}\x01715={wanted.date}\x01"
        f"721={_report_id(wanted, told.event_seq, told.place)}\x01724=0\x01727={told.of}\x01"
        f"728={VALID}\x01730={row.mark or _UNKNOWN_PRICE}\x01731={_THEORETICAL}\x01"
        f"734={told.prior_price or _UNKNOWN_PRICE}\x01{_amounts(row)}"
    )


def _quantities(row: PositionRow, balance: AccountBalance | None) -> str:
    entries = [_quantity("TQ", row.quantity)]
    if balance is not None and balance.unsettled != "0":
        entries.append(_quantity("DLV", balance.unsettled))
    return f"702={len(entries)}\x01{''.join(entries)}"


def _quantity(kind: str, text: str) -> str:
    long, short = ("0", text[1:]) if text.startswith("-") else (text, "0")
    return f"703={kind}\x01704={long}\x01705={short}\x01"


def _amounts(row: PositionRow) -> str:
    fees = row.fees[1:] if row.fees.startswith("-") else f"-{row.fees}"
    amounts = [
        ("FMTM", row.unrealised_pnl),
        ("TVAR", row.realised_pnl),
        ("VADJ", row.open_cost),
        ("CASH", "0" if row.fees == "0" else fees),
    ]
    entries = [f"707={kind}\x01708={text}\x01" for kind, text in amounts if text is not None]
    return f"753={len(entries)}\x01{''.join(entries)}"


def _party(member: str) -> str:
    return f"453=1\x01448={member}\x01447=D\x01452=1\x01" if member else ""


def _report_id(wanted: PositionsWanted, event_seq: int, place: int) -> str:
    return f"{wanted.request.number}-{event_seq}-{place}"


__all__ = [
    "INVALID",
    "NONE_FOUND",
    "NOT_AUTHORIZED",
    "NOT_SUPPORTED",
    "OTHER",
    "VALID",
    "Reported",
    "Result",
    "position_report",
    "positions_ack",
]
