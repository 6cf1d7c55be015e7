"""Messages of the venue as rows: what `venue order` prints, as a table or as JSON.

Knows fields and codes by the standard's names; pure but for printing.
"""

from collections.abc import Sequence
from enum import StrEnum

from venue.cli.json_output import print_json
from venue.cli.options import console
from venue.domain.types import ExecType, OrdStatus
from venue.printable import shown
from venue.sim.broker import Fields

MOST_EARLIER = 3


def is_refusal(message: Fields) -> bool:
    """Whether the message says that a request was not done."""
    return message[35] in ("9", "j", "3") or message.get(150) == ExecType.REJECTED


_KINDS = {
    "8": "ExecutionReport",
    "9": "OrderCancelReject",
    "j": "BusinessMessageReject",
    "3": "Reject",
}
_FIELDS = {
    "exec_type": 150,
    "ord_status": 39,
    "cl_ord_id": 11,
    "orig_cl_ord_id": 41,
    "order_id": 37,
    "exec_id": 17,
    "side": 54,
    "symbol": 55,
    "ord_type": 40,
    "time_in_force": 59,
    "order_qty": 38,
    "price": 44,
    "last_qty": 32,
    "last_px": 31,
    "leaves_qty": 151,
    "cum_qty": 14,
    "avg_px": 6,
    "ref_tag_id": 371,
    "ref_msg_type": 372,
    "session_reject_reason": 373,
    "text": 58,
}
_REFUSED_BY = (371, 372, 373, 380)
"""RefTagID, RefMsgType, SessionRejectReason, BusinessRejectReason."""


def why_refused(message: Fields) -> str:
    """The venue's text, with the tag that is meant and the reason's code where there are any."""
    text = message.get(58, "the venue gave no reason")
    codes = " ".join(f"{tag}={message[tag]}" for tag in _REFUSED_BY if tag in message)
    return f"{text} ({codes})" if codes else text


def row_of(message: Fields) -> dict[str, str]:
    """What is worth showing of a message, by the names of the fields; codes as FIX has them."""
    kind = _KINDS.get(message[35], message[35])
    return {"msg_type": kind} | {name: message.get(tag, "") for name, tag in _FIELDS.items()}


def print_reports(
    request_id: str,
    earlier: Sequence[Fields],
    answers: Sequence[Fields],
    as_json: bool,
    *,
    ok: bool,
) -> None:
    """Print what a session is told of its request, as a table or as one object."""
    if as_json:
        rows = {"earlier": [row_of(m) for m in earlier], "reports": [row_of(m) for m in answers]}
        print_json({"ok": ok, "cl_ord_id": request_id, **rows})
    else:
        print_table(request_id, earlier, answers)


def print_table(request_id: str, earlier: Sequence[Fields], answers: Sequence[Fields]) -> None:
    """One row a message, texts below; columns that are empty everywhere are left out.

    Of reports that fell due before (after a 141=Y they come first) only MOST_EARLIER are shown.
    """
    from rich.table import Table  # here, for JSON needs no table
    from rich.text import Text

    untold = len(earlier) - MOST_EARLIER
    earlier = earlier[max(untold, 0) :]
    rows = [_columns("earlier", message, request_id) for message in earlier]
    rows += [_columns("", message, request_id) for message in answers]
    used = [name for name in rows[0] if any(row[name] for row in rows)]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in used:
        is_number = name in ("qty", "price", "leaves", "cum", "avg px")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(shown(row[name])) for name in used))
    screen = console()
    screen.print(Text(f"ClOrdID {shown(request_id)}"))
    if untold > 0:
        screen.print(f"{untold} earlier reports are in: venue fix log", highlight=False)
    screen.print(table)
    for message in (*earlier, *answers):
        if 58 in message and not is_refusal(message):
            screen.print(Text(f"Text: {shown(message[58])}"))


def _columns(when: str, message: Fields, request_id: str) -> dict[str, str]:
    row = row_of(message)
    last = f"{row['last_qty']} @ {row['last_px']}" if row["last_px"] else ""
    return {
        "": when,
        "ExecType": _words(ExecType, message.get(150)) or row["msg_type"],
        "OrdStatus": _words(OrdStatus, message.get(39)),
        "other ClOrdID": "" if row["cl_ord_id"] == request_id else row["cl_ord_id"],
        "OrderID": row["order_id"],
        "ExecID": row["exec_id"],
        "qty": row["order_qty"],
        "price": row["price"],
        "last": last,
        "leaves": row["leaves_qty"],
        "cum": row["cum_qty"],
        "avg px": row["avg_px"],
    }


def _words(kind: type[StrEnum], code: str | None) -> str:
    if code is None:
        return ""
    try:
        return kind(code).name.replace("_", " ").capitalize()
    except ValueError:
        return code
