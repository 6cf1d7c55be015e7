"""The harness' own reading of events and requests, against values written out by hand."""

from typing import Any

import pytest

from tests.faults.due_reports import due_reports
from tests.faults.requests import same_request
from tests.faults.stories import fields_of


def order(side: str) -> dict[str, Any]:
    """An order as events have it, filled in part."""
    terms = {"order_id": "7", "session": "ALPHA", "member": "ALPHA", "symbol": "ACME"}
    terms |= {"side": side, "ord_type": "2", "time_in_force": "0"}
    sums = {"order_qty": "5", "leaves_qty": "3", "cum_qty": "2", "avg_px": "99.5"}
    return {"terms": terms, "cl_ord_id": "A1", "ord_status": "1", **sums, "price": "100"}


def event(kind: str, **rest: Any) -> dict[str, Any]:
    """Event 12."""
    return {"type": kind, "event_seq": 12, "timestamp_ns": 1764337982384999999, **rest}


ON_ANY = fields_of(
    "35=8|6=99.5|11=A1|14=2|37=7|38=5|39=1|40=2|44=100|55=ACME|59=0|60=20251128-13:53:02.384|151=3|"
)
TRADE = {"match_id": "M3", "last_px": "99.5", "last_qty": "2", "aggressor": "2"}


@pytest.mark.parametrize(
    ("happened", "owed"),
    [
        (event("OrderAccepted", order=order("1")), ["54=1|150=0|17=120"]),
        (
            event("OrderCanceled", order=order("1"), cl_ord_id="A2", orig_cl_ord_id="A1"),
            ["54=1|150=4|17=120|11=A2|41=A1"],
        ),
        (
            event("OrderExpired", order=order("2"), text="EXPIRED now"),
            ["54=2|150=C|17=120|58=EXPIRED now"],
        ),
        (
            event("TradeExecuted", buy={"order": order("1")}, sell={"order": order("2")}, **TRADE),
            [
                "54=2|150=F|17=122|31=99.5|32=2|527=M3|851=2",
                "54=1|150=F|17=121|31=99.5|32=2|527=M3|851=1",
            ],
        ),
        (event("SessionLoggedOn", session="ALPHA"), []),
    ],
)
def test_event_owes_the_reports_of_the_rules(happened: dict[str, Any], owed: list[str]) -> None:
    assert list(due_reports(happened)) == [
        ("ALPHA", {**ON_ANY, **fields_of(fields)}) for fields in owed
    ]


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"time_in_force": "0"}, True),
        ({"time_in_force": "1"}, False),
        ({"cl_ord_id": "A2"}, False),
        ({"session": "BRAVO"}, False),
        ({"order_qty": "50"}, False),
        ({"expire_date": "2099-12-30"}, False),
        ({"min_qty": "1"}, False),
        ({"poss_resend": True}, False),
    ],
)
def test_journaled_request_is_told_from_every_other(changes: dict[str, Any], is_same: bool) -> None:
    sent = fields_of(
        "8=FIX.4.4|9=1|35=D|34=2|49=ALPHA|52=x|56=VENUE|11=A1|55=ACME|54=1|38=5|40=2|44=100.00|"
        "432=20991231|60=x|10=000|"
    )
    command = {"type": "EnterOrder", "session": "ALPHA", "cl_ord_id": "A1", "symbol": "ACME"}
    command |= {"side": "1", "ord_type": "2", "order_qty": "5", "price": "100.00"}
    command |= {"expire_date": "2099-12-31"}
    assert same_request({**command, **changes}, "ALPHA", sent) == is_same
