"""What a confirmation sums up: fees of each side as they stand, rebates among them."""

from tests.engine.builders import buy, cancel, sell
from tests.engine.funded import funded
from venue.domain import commands as c
from venue.domain import events as e
from venue.notify.order_totals import OrderTotals, Totals


def test_rebates_and_corrected_fees_are_summed_to_the_last_unit() -> None:
    venue, totals = funded(c.Deposit("ALPHA", "USD", "5000")), OrderTotals()
    done: dict[str, Totals] = {}
    for command in (
        c.SetFeeSchedule("gold", "-1", "5"),
        c.AssignFees("ALPHA", "gold"),
        c.AssignFees("CHARLIE", "gold"),
        sell("C1", "10", "100", session="CHARLIE"),
        buy("A1", "6", "100"),
        buy("A2", "3", "100"),
        c.CorrectTrade("M1", "99"),
        c.BustTrade("M2"),
        cancel("C2", "C1", "2", session="CHARLIE"),
    ):
        for event in venue.do(command):
            assert isinstance(event, e.Event)
            done |= {order.cl_ord_id: sums for order, sums in totals.apply(event)}
    rebate = -5_940_000  # a hundredth of a percent of 594 dollars
    assert done["C1"] == Totals("USD", 594 * 10**8, rebate, 1)
    assert done["A1"].fee == 30_000_000, "told before it was corrected"
