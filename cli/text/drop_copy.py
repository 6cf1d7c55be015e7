"""A drop copy in words: the one line that `venue dropcopy watch` prints of each.

Pure text, free of control characters.
"""

from venue.cli.text.payload import SIDES
from venue.cli.text.times import time_of_day
from venue.domain.events import (
    FundsDeposited,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
)
from venue.domain.types import ExecType
from venue.dropcopy.copies import AnyCopy
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.funds_copy import FundsCopy
from venue.printable import shown

_MOVEMENTS = {
    FundsDeposited.__name__: "deposit",
    FundsWithdrawn.__name__: "withdrawal",
    FundsTransferred.__name__: "transfer",
    FundsReversed.__name__: "reversal",
}


def drop_copy_line(copy: AnyCopy) -> str:
    """Time, member_seq, what happened, and to which order or asset."""
    time = time_of_day(copy.timestamp_ns)
    if isinstance(copy, FundsCopy):
        return shown(f"{time} {copy.member_seq:>7} {_funds(copy)}")
    name = copy.exec_type.name.replace("_", " ").lower()
    facts = [SIDES.get(copy.side, copy.side), *_amounts(copy), f"order {copy.order_id or '-'}"]
    facts += [copy.cl_ord_id, f"account {copy.account}" if copy.account else ""]
    facts += [copy.reason or "", copy.text or ""]
    text = " ".join(fact for fact in facts if fact)
    return shown(f"{time} {copy.member_seq:>7} {name:<13} {copy.symbol:<8} {text}")


def _funds(copy: FundsCopy) -> str:
    name = _MOVEMENTS.get(copy.type, copy.type)
    account = f" account {copy.account}" if copy.account else ""
    reference = f" reference {copy.reference}" if copy.reference else ""
    of = f" takes back {copy.of_reference}" if copy.of_reference else ""
    return f"{name:<13} {copy.asset:<8} {copy.amount}{account}{reference}{of}"


def _amounts(copy: DropCopy) -> list[str]:
    if copy.exec_type in (ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT):
        return [
            f"{copy.last_qty} @ {copy.last_px}, match {copy.match_id}, fee {copy.fee},",
            f"done {copy.cum_qty} of {copy.order_qty},",
        ]
    price = f" @ {copy.price}" if copy.price is not None else ""
    return [f"{copy.order_qty or '-'}{price}, leaves {copy.leaves_qty},"]
