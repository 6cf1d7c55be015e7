"""FIX 4.4 volume 4, Appendix D: requests that meet: one behind the other, twice, sent again.

Every report is compared in every field.
"""

import pytest

from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REPLACED,
    STATUS,
    Life,
    body,
    bring_to,
    facts,
    next_report,
    send_together,
)
from tests.fix_message import Field, cancel, new_order

CANCEL, REPLACE = "1", "2"


# Requests one behind the other in one TCP segment


def test_two_replaces_in_one_segment_both_take_effect(life: Life) -> None:
    life.enter()
    first, second = life.replacement("y", "x", "12"), life.replacement("z", "y", "14")
    send_together(life.client, ("G", first), ("G", second))
    life.expect(REPLACED, "0", "12 0 12", "y", more={41: "x"})
    life.expect(REPLACED, "0", "14 0 14", "z", more={41: "y"})


def test_second_replace_in_one_segment_that_names_the_superseded_id_is_refused(
    life: Life,
) -> None:
    bring_to(life, "part-filled")
    first, second = life.replacement("y", "x", "12"), life.replacement("z", "x", "14")
    send_together(life.client, ("G", first), ("G", second))
    life.expect(REPLACED, "1", "12 4 8", "y", more={41: "x"})
    life.expect_refused("z", "x", "8", "1", "UNKNOWN_ORDER", to=REPLACE, known=False)


def test_replace_and_cancel_in_one_segment_after_the_first_was_refused(life: Life) -> None:
    life.enter()
    spent = cancel(life.prefix + "z", life.prefix + "y", BUY)
    valid = cancel(life.prefix + "w", life.prefix + "x", BUY)
    send_together(life.client, ("G", life.replacement("y", "x", "0")), ("F", spent), ("F", valid))
    life.expect_refused("y", "x", "0", "99", "QUANTITY_NOT_POSITIVE", to=REPLACE)
    life.expect_refused("z", "y", "8", "1", "UNKNOWN_ORDER", to=CANCEL, known=False)
    life.expect(CANCELED, "4", "10 0 0", "w", more={41: "x"})


def test_order_two_cancels_and_a_replace_in_one_segment(life: Life) -> None:
    life.enter()
    requests = [("F", cancel(life.prefix + name, life.prefix + "x", BUY)) for name in "yz"]
    send_together(life.client, *requests, ("G", life.replacement("w", "x", "12")))
    life.expect(CANCELED, "4", "10 0 0", "y", more={41: "x"})
    life.expect_refused("z", "x", "4", "0", "ORDER_FINISHED", to=CANCEL)
    life.expect_refused("w", "x", "4", "0", "ORDER_FINISHED", to=REPLACE)


def test_order_and_its_cancel_in_one_segment(life: Life) -> None:
    order = new_order(life.prefix + "x", BUY, "10", "100")
    send_together(
        life.client, ("D", order), ("F", cancel(life.prefix + "y", life.prefix + "x", BUY))
    )
    new, canceled = next_report(life.client), next_report(life.client)
    assert facts(new, 150, 39, 11, 151) == [NEW, "0", life.prefix + "x", "10"]
    assert facts(canceled, 150, 39, 11, 41) == [
        CANCELED, "4", life.prefix + "y", life.prefix + "x",
    ]  # fmt: skip
    assert new[37] == canceled[37]


# Duplicate ClOrdID


@pytest.mark.parametrize("state", ["new", "part-filled", "filled", "canceled"])
def test_duplicate_cl_ord_id_leaves_the_first_order_as_it_is(life: Life, state: str) -> None:
    bring_to(life, state)
    status, quantities = {
        "new": ("0", "10 0 10"),
        "part-filled": ("1", "10 4 6"),
        "filled": ("2", "10 10 0"),
        "canceled": ("4", "10 4 0"),
    }[state]
    life.send_order("x", "7", "100")
    report = next_report(life.client)
    assert facts(report, 150, 39, 37, 103, 11) == ["8", "8", "NONE", "6", life.prefix + "x"]
    assert report[58].split()[0] == "DUPLICATE_CL_ORD_ID"
    life.cancel("x", "x")
    life.expect_refused("x", "x", status, "6", "DUPLICATE_CL_ORD_ID", to=CANCEL)
    life.replace("x", "x", "12")
    life.expect_refused("x", "x", status, "6", "DUPLICATE_CL_ORD_ID", to=REPLACE)
    life.ask("x")
    assert facts(life.expect(STATUS, status, quantities), 17) == ["0"]


@pytest.mark.parametrize("named", ["x", "y", "gone"])
@pytest.mark.parametrize("by_order_id", [False, True])
def test_any_cl_ord_id_of_a_closed_chain_names_its_order(
    life: Life, named: str, by_order_id: bool
) -> None:
    life.enter()
    life.replace("y", "x", "8")
    life.expect(REPLACED, "0", "8 0 8", "y", more={41: "x"})
    life.cancel("gone", "y")
    life.expect(CANCELED, "4", "8 0 0", "gone", more={41: "y"})
    extra: list[Field] = [(37, life.order_id)] if by_order_id else []
    life.cancel("c", named, *extra)
    life.expect_refused("c", named, "4", "0", "ORDER_FINISHED", to="1")
    life.replace("r", named, "7", "100", *extra)
    life.expect_refused("r", named, "4", "0", "ORDER_FINISHED", to="2")


def test_refused_cl_ord_id_names_no_closed_order(life: Life) -> None:
    life.enter()
    life.replace("no", "x", "0")
    life.expect_refused("no", "x", "0", "99", "QUANTITY_NOT_POSITIVE", to="2")
    life.cancel("gone", "x")
    life.expect(CANCELED, "4", "10 0 0", "gone", more={41: "x"})
    life.cancel("c", "no")
    life.expect_refused("c", "no", "8", "1", "UNKNOWN_ORDER", to="1", known=False)


def test_cl_ord_id_of_a_refused_request_is_spent(life: Life) -> None:
    life.enter()
    life.replace("y", "x", "0")
    life.expect_refused("y", "x", "0", "99", "QUANTITY_NOT_POSITIVE", to=REPLACE)
    life.cancel("y", "x")
    life.expect_refused("y", "x", "0", "6", "DUPLICATE_CL_ORD_ID", to=CANCEL)


# Status


@pytest.mark.parametrize(
    ("state", "status", "quantities"),
    [
        ("new", "0", "10 0 10"),
        ("part-filled", "1", "10 4 6"),
        ("filled", "2", "10 10 0"),
        ("canceled", "4", "10 4 0"),
    ],
)
def test_status_of_an_order_in_each_state(
    life: Life, state: str, status: str, quantities: str
) -> None:
    bring_to(life, state)
    life.client.send("H", [(11, life.prefix + "x"), (55, "ACME"), (54, BUY), (790, "S1")])
    report = life.expect(STATUS, status, quantities, more={790: "S1"})
    assert report[17] == "0"
    if state == "canceled":
        life.ask("gone")
        life.expect(STATUS, status, quantities)


def test_status_by_any_cl_ord_id_of_the_chain_is_of_the_order_as_it_is_now(life: Life) -> None:
    bring_to(life, "part-filled")
    life.replace("y", "x", "12")
    life.expect(REPLACED, "1", "12 4 8", "y", more={41: "x"})
    for name in ("x", "y"):
        life.ask(name)
        life.expect(STATUS, "1", "12 4 8", "y")


def test_status_of_an_unknown_and_of_a_rejected_order(life: Life) -> None:
    life.send_order("x", "0", "100")
    assert next_report(life.client)[103] == "13"
    for name in ("x", "nobody"):
        life.ask(name)
        report = next_report(life.client)
        assert body(report) == {
            35: "8", 37: "NONE", 150: "I", 39: "8", 103: "5", 11: life.prefix + name,
            55: "ACME", 54: BUY, 151: "0", 14: "0", 6: "0",
        }  # fmt: skip
        assert (report[17], report[58].split()[0]) == ("0", "UNKNOWN_ORDER")


# PossResend


@pytest.mark.parametrize("state", ["new", "part-filled", "filled", "canceled"])
def test_order_sent_again_with_poss_resend_is_answered_by_its_status(
    life: Life, state: str
) -> None:
    bring_to(life, state)
    status, quantities = {
        "new": ("0", "10 0 10"),
        "part-filled": ("1", "10 4 6"),
        "filled": ("2", "10 10 0"),
        "canceled": ("4", "10 4 0"),
    }[state]
    life.client.send("D", new_order(life.prefix + "x", BUY, "10", "100"), t97="Y")
    assert life.expect(STATUS, status, quantities)[17] == "0"


def test_order_unknown_so_far_is_taken_with_poss_resend(life: Life) -> None:
    life.client.send("D", new_order(life.prefix + "x", BUY, "10", "100"), t97="Y")
    assert facts(next_report(life.client), 150, 39, 151) == [NEW, "0", "10"]


def test_requests_sent_again_with_poss_resend_have_no_second_effect(life: Life) -> None:
    life.enter()
    life.replace("y", "x", "12")
    life.expect(REPLACED, "0", "12 0 12", "y", more={41: "x"})
    life.client.send("G", life.replacement("y", "x", "12"), t97="Y")
    life.expect(STATUS, "0", "12 0 12", "y")
    request = cancel(life.prefix + "z", life.prefix + "y", BUY)
    life.client.send("F", request, t97="Y")
    life.expect(CANCELED, "4", "12 0 0", "z", more={41: "y"})
    life.client.send("F", request, t97="Y")
    life.expect(STATUS, "4", "12 0 0", "y")
    mass = [(11, life.prefix + "q"), (530, "7"), (60, "20260101-00:00:00")]
    life.client.send("q", mass)
    assert next_report(life.client).msg_type == "r"
    life.client.send("q", mass, t97="Y")
    assert facts(next_report(life.client), 11, 150, 39) == [life.prefix + "q", STATUS, "8"]
