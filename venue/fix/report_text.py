"""Text of an ExecutionReport(8): what every report has, and what only some orders need."""

import re
from collections.abc import Sequence

from venue.clock import utc_timestamp
from venue.domain.commands import Party
from venue.domain.order_state import OrderState, OrderTerms
from venue.domain.types import ExecType

_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


def report(
    order: OrderState, exec_id_text: str, exec_type: ExecType, time: str, cl_ord_id: str
) -> str:
    """Fields of a report about `order`; the caller appends what its ExecType adds."""
    terms = order.terms
    text = (
        f"35=8\x0137={terms.order_id}\x0117={exec_id_text}\x01150={exec_type.value}\x01"
        f"39={order.ord_status.value}\x0111={cl_ord_id}\x0155={terms.symbol}\x01"
        f"54={terms.side.value}\x0138={order.order_qty}\x0140={terms.ord_type}\x01"
        f"59={terms.time_in_force}\x01151={order.leaves_qty}\x0114={order.cum_qty}\x01"
        f"6={order.avg_px}\x0160={time}\x01"
    )
    if order.price is not None:
        text += f"44={order.price}\x01"
    if terms.account is not None or terms.order_capacity is not None or terms.parties:
        text += echo(terms.account, terms.order_capacity, terms.parties)
    if terms.exec_inst is not None or terms.min_qty is not None or terms.time_in_force == "6":
        text += _conditions(terms)
    if order.stop_px is not None:
        text += f"99={order.stop_px}\x01" + ("636=N\x01" if order.waiting else "")
    if order.max_floor is not None:
        text += f"111={order.max_floor}\x01"
    if order.day is not None:
        day = order.day
        text += f"424={day.order_qty}\x01425={day.cum_qty}\x01426={day.avg_px}\x01"
    return text


def echo(account: str | None, order_capacity: str | None, parties: Sequence[Party]) -> str:
    """Account, OrderCapacity and Parties as they were sent."""
    text = f"1={account}\x01" if account is not None else ""
    if order_capacity is not None:
        text += f"528={order_capacity}\x01"
    if parties:
        text += f"453={len(parties)}\x01"
        for party in parties:
            text += f"448={party.party_id}\x01447={party.party_id_source}\x01"
            if party.party_role:
                text += f"452={party.party_role}\x01"
    return text


def text_field(text: str) -> str:
    """Text(58) with an operator's words: what could end the field or a line is a blank."""
    return f"58={_CONTROL.sub(' ', text).strip()}\x01"


def _conditions(terms: OrderTerms) -> str:
    text = ""
    if terms.exec_inst is not None:
        text += f"18={terms.exec_inst}\x01"
    if terms.min_qty is not None:
        text += f"110={terms.min_qty}\x01"
    if terms.peg_offset is not None:
        text += f"211={terms.peg_offset}\x01"
    if terms.expire_ns is not None:
        text += f"126={utc_timestamp(terms.expire_ns)}\x01"
    if terms.expire_date is not None:
        text += f"432={terms.expire_date.replace('-', '')}\x01"
    return text
