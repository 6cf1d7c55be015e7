"""Entering, changing and canceling a member's order on its behalf, through the admin socket.

The session need not be logged on, and nothing of it is used: no number, no unread report, no rate.
"""

from collections.abc import Iterable
from pathlib import Path

from venue.admin.requests import OrdersQuery, Submit
from venue.cli.desk.operator import ask, command, held_as, print_outcome
from venue.cli.options import refuse
from venue.cli.order_terms import rejected_at
from venue.cli.text.order_report import print_reports
from venue.clock import Clock, utc_timestamp
from venue.domain.commands import (
    CancelByOperator,
    EnterByOperator,
    EnterOrder,
    ReplaceByOperator,
)
from venue.domain.events import AnyEvent
from venue.domain.overview import OrdersWanted
from venue.fix.decode import DecodeError, decode
from venue.fix.encode import ReportEncoder
from venue.fix.fields import field_map
from venue.sim.broker import Fields, parse
from venue.sim.intents import Enter, encode


def order_of(intent: Enter, session: str, cl_ord_id: str | None, account: str) -> EnterOrder:
    """The order as that session would enter it; ends with status 1 for what it could not send."""
    now_ns = Clock().now_ns()
    text = encode(
        intent, cl_ord_id or f"desk-{now_ns // 1_000_000:x}", utc_timestamp(now_ns), account
    )
    try:
        order = decode(session, text, field_map(text))
    except DecodeError as error:
        refuse(rejected_at(error))
    if not isinstance(order, EnterOrder):
        refuse("35= makes another message of it: an order is entered")
    return order


def order_id_of(data_dir: Path, session: str, cl_ord_id: str) -> str:
    """OrderID of the session's open order that has this ClOrdID now; status 1 where none has."""
    query = OrdersQuery(OrdersWanted(session=session, cl_ord_id=cl_ord_id))
    while True:
        page = ask(data_dir, query)
        if page.orders:
            return page.orders[0].order_id
        if page.next is None:
            refuse(f"UNKNOWN_ORDER {session} has no open order of ClOrdID {cl_ord_id}")
        query = OrdersQuery(query.wanted, page.next)


def act(
    data_dir: Path,
    wanted: EnterByOperator | ReplaceByOperator | CancelByOperator,
    session: str | None,
    request_id: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Have the venue do it and print the reports that the session gets; dry run: the events.

    session None: whoever has the order.
    """
    if dry_run:
        command(data_dir, wanted, "", dry_run, as_json)
        return
    answer = ask(data_dir, Submit(wanted))
    if held_as(answer) is not None:
        print_outcome("", answer, as_json)
    print_reports(request_id, (), list(_reports(answer.events, session)), as_json, ok=True)


def _reports(events: Iterable[AnyEvent], session: str | None) -> Iterable[Fields]:
    """Reports to that session; None: to the one that the first report goes to."""
    encoder = ReportEncoder()
    for event in events:
        for each in encoder.reports(event):
            session = each.session if session is None else session
            if each.session == session:
                yield parse(each.text)
