"""Text of an ExecutionReport(8): the fields of every report, and those that only some need.

Fields stand in the order of their tags, groups behind their count, as QuickFIX would sort them.
"""

import re
from collections.abc import Mapping, Sequence

from venue.domain.commands import Party
from venue.domain.order_state import OrderState
from venue.domain.types import ExecType, OrdStatus, Side
from venue.fix.order_fields import order_fields_said

_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029" + chr(0xD800) + "-" + chr(0xDFFF) + "]+")
_CODES: Mapping[str, str] = {
    code: code.value for codes in (ExecType, OrdStatus, Side) for code in codes
}
"""Codes as plain text: a look-up here costs a fifth of `.value` or of formatting the member."""


def report(
    order: OrderState,
    exec_id_text: str,
    exec_type: ExecType,
    time: str,
    cl_ord_id: str,
    *,
    execution: str = "",
    settlement: str = "",
    orig: str = "",
    text: str = "",
    restated: str = "",
    match: str = "",
    request: str = "",
    working: str = "",
    rest: str = "",
) -> str:
    """Text of a report about `order`.

    Fields that only some ExecTypes have are handed in whole. execution: 19, 31, 32. settlement: 63,
    64. orig: 41. text: 58. restated: 378. match: 527. request: 584. working: 636. rest: all behind.
    """
    terms = order.terms
    account = f"1={terms.account}\x01" if terms.account else ""
    price = "" if order.price is None else f"44={order.price}\x01"
    behind_17, behind_60, behind_151, behind_378, day = order_fields_said(order)
    if order.stop_px is not None and order.waiting:
        working = f"636=N\x01{working}"
    if order.day is not None:
        today = order.day
        day = f"424={today.order_qty}\x01425={today.cum_qty}\x01426={today.avg_px}\x01{day}"
    if terms.parties:
        day += _parties(terms.parties)
    capacity = f"528={terms.order_capacity}\x01" if terms.order_capacity else ""
    return (
        f"35=8\x01{account}6={order.avg_px}\x0111={cl_ord_id}\x0114={order.cum_qty}\x01"
        f"17={exec_id_text}\x01{behind_17}{execution}37={terms.order_id}\x0138={order.order_qty}\x01"
        f"39={_CODES[order.ord_status]}\x0140={terms.ord_type}\x01{orig}{price}"
        f"54={_CODES[terms.side]}\x0155={terms.symbol}\x01{text}59={terms.time_in_force}\x01"
        f"60={time}\x01{settlement}{behind_60}150={_CODES[exec_type]}\x01151={order.leaves_qty}\x01"
        f"{behind_151}{restated}{behind_378}{day}{match}{capacity}{request}{working}{rest}"
    )


def echo(
    account: str | None, order_capacity: str | None, parties: Sequence[Party]
) -> tuple[str, str]:
    """Account(1), and Parties with OrderCapacity(528), as the request had them: the first and the
    last fields of a refusal."""
    first = f"1={account}\x01" if account else ""
    capacity = f"528={order_capacity}\x01" if order_capacity else ""
    return first, (_parties(parties) if parties else "") + capacity


def settlement_fields(settlement_date: str | None) -> str:
    """SettlType(63) 0, the instrument's regular one, and SettlDate(64); of T+0 nothing."""
    if settlement_date is None:
        return ""
    return f"63=0\x0164={settlement_date.replace('-', '')}\x01"


def text_field(text: str) -> str:
    """Text(58). Characters that could end the field or a line are replaced by blanks."""
    words = _CONTROL.sub(" ", text).strip()
    return f"58={words}\x01" if words else ""


def _parties(parties: Sequence[Party]) -> str:
    text = f"453={len(parties)}\x01"
    for party in parties:
        text += f"448={party.party_id}\x01447={party.party_id_source}\x01"
        if party.party_role:
            text += f"452={party.party_role}\x01"
    return text
