"""A counterparty's books: requests count as open until answered, fills are counted exactly once."""

from collections.abc import Sequence

import pytest

from tests.sim.markets import instruments
from venue.domain.types import Side
from venue.sim.behaviours import View
from venue.sim.broker import Fields, parse
from venue.sim.counterparty import Counterparty, Tape
from venue.sim.intents import Cancel, Enter, Intent, Replace

BUY = Enter("ACME", Side.BUY, "10", "100")


class Script:
    """A behaviour that wants what it is given."""

    name = "script"

    def __init__(self, *intents: Intent, may_be_wrong: bool = False) -> None:
        self.intents = list(intents)
        self.may_be_wrong = may_be_wrong

    def decide(self, view: View) -> Sequence[Intent]:
        decided, self.intents = self.intents, []
        return decided


def party(*intents: Intent, tape: Tape | None = None, may_be_wrong: bool = False) -> Counterparty:
    markets = {market.symbol: market for market in instruments()}
    script = Script(*intents, may_be_wrong=may_be_wrong)
    return Counterparty("ALPHA", markets, script, tape or Tape(), "run")


def sent(counterparty: Counterparty) -> Fields:
    text = counterparty.next_request("20260131-09:30:00")
    assert text is not None
    return parse(text)


def report(cl_ord_id: str, exec_id: int, exec_type: str, status: str, **more: str) -> Fields:
    """An ExecutionReport for an order of 10 ACME at 100; more fields as t38="20"."""
    fields = {35: "8", 37: "1", 17: str(exec_id), 150: exec_type, 39: status, 11: cl_ord_id}
    fields |= {55: "ACME", 54: "1", 38: "10", 44: "100", 151: "10", 14: "0", 6: "0"}
    return fields | {int(name[1:]): value for name, value in more.items()}


def fill(cl_ord_id: str, exec_id: int, match_id: str, qty: str, leaves: str) -> Fields:
    more = {"t31": "100.5", "t32": qty, "t527": match_id, "t151": leaves}
    return report(cl_ord_id, exec_id, "F", "2" if leaves == "0" else "1", **more)


def test_request_is_unanswered_until_its_report_comes() -> None:
    alpha = party(BUY)
    assert sent(alpha)[11] == "run-1"
    assert alpha.next_request("now") is None
    assert list(alpha.unanswered) == ["run-1"]
    alpha.apply(report("run-1", 10, "0", "0"))
    assert not alpha.unanswered
    order = alpha.view.find("run-1")
    assert order is not None
    assert (order.price_ticks, order.leaves_lots, order.side) == (10_000, 10, Side.BUY)
    assert (alpha.counts.orders, alpha.counts.requests, alpha.counts.reports) == (1, 1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        report("run-1", 10, "8", "8", t37="NONE", t151="0"),
        {35: "j", 379: "run-1", 380: "4"},
    ],
)
def test_refusal_is_an_answer_and_leaves_no_order(answer: Fields) -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply(answer)
    assert (len(alpha.unanswered), alpha.counts.refused, alpha.view.orders) == (0, 1, {})


def test_session_reject_is_no_answer() -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply({35: "3", 45: "2"})
    assert (len(alpha.unanswered), alpha.counts.session_rejects) == (1, 1)


def test_fill_counts_once_for_both_parties_and_repeats_not_at_all() -> None:
    tape = Tape()
    alpha, bravo = party(BUY, tape=tape), party(BUY, tape=tape)
    for each in (alpha, bravo):
        sent(each)
        each.apply(report("run-1", 10, "0", "0"))
    alpha.apply(fill("run-1", 21, "m1", "4", "6"))
    alpha.apply(fill("run-1", 21, "m1", "4", "6"))  # the same ExecID again
    bravo.apply(fill("run-1", 22, "m1", "4", "6"))
    alpha.apply(fill("run-1", 31, "m2", "6", "0"))
    assert (alpha.counts.fills, bravo.counts.fills, tape.trades) == (2, 1, 2)
    assert tape.traded_value() == {"USD": "1005"}
    assert [trade.match_id for trade in tape.last(5)] == ["m1", "m2"]
    assert alpha.view.orders == {} and alpha.view.last_ticks == {"ACME": 10_050}
    order = bravo.view.find("run-1")
    assert order is not None and order.leaves_lots == 6


def test_value_of_a_trade_is_rounded_once_as_the_ledger_does() -> None:
    tape = Tape()
    alpha = party(Enter("BTC-USD", Side.BUY, "0.00000001", "50000.01"), tape=tape)
    sent(alpha)
    more = {"t31": "50000.01", "t32": "0.00000001", "t527": "m", "t55": "BTC-USD", "t151": "0"}
    alpha.apply(report("run-1", 21, "F", "2", **more))
    assert tape.traded_value() == {"USD": "0.0005"}


def test_fill_off_the_tick_is_an_error() -> None:
    alpha = party(BUY)
    sent(alpha)
    with pytest.raises(ValueError, match="not in ticks and lots"):
        alpha.apply(fill("run-1", 21, "m1", "0.5", "0"))


def test_status_and_earlier_reports_change_nothing() -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply(report("run-1", 0, "I", "0"))
    alpha.apply(report("old-1", 5, "F", "1", t97="Y"))
    alpha.apply({35: "9", 11: "old-2", 39: "8", 97: "Y"})
    assert (alpha.counts.reports, alpha.counts.earlier, alpha.tape.trades) == (0, 2, 0)
    assert list(alpha.unanswered) == ["run-1"]


def test_order_with_a_request_under_way_is_left_alone() -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply(report("run-1", 10, "0", "0"))
    replace, cancel = Replace("ACME", Side.BUY, "run-1", "20", "101"), Cancel("ACME", Side.BUY, "")
    script = alpha.behaviour
    assert isinstance(script, Script)
    script.intents = [replace, cancel._replace(orig_cl_ord_id="run-1")]
    assert sent(alpha)[35] == "G"
    alpha.apply(fill("run-1", 21, "m1", "4", "6"))  # meanwhile
    assert alpha.next_request("now") is None
    alpha.apply(report("run-2", 30, "5", "1", t41="run-1", t38="20", t44="101", t151="16", t14="4"))
    order = alpha.view.find("run-2")
    assert order is not None and not order.is_pending
    assert (order.price_ticks, order.leaves_lots, order.cum_lots) == (10_100, 16, 4)
    assert (alpha.counts.replaces, alpha.counts.cancels) == (1, 0)


def test_cancel_ends_the_order_and_a_late_one_is_refused() -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply(report("run-1", 10, "0", "0"))
    script = alpha.behaviour
    assert isinstance(script, Script)
    script.intents = [Cancel("ACME", Side.BUY, "run-1")]
    sent(alpha)
    alpha.apply({35: "9", 11: "run-2", 41: "run-1", 37: "1", 39: "0", 102: "99"})
    order = alpha.view.find("run-1")
    assert order is not None and not order.is_pending
    script.intents = [Cancel("ACME", Side.BUY, "run-1")]
    sent(alpha)
    alpha.apply(report("run-3", 40, "4", "4", t41="run-1", t151="0"))
    assert alpha.view.orders == {} and not alpha.unanswered
    assert (alpha.counts.cancels, alpha.counts.refused) == (2, 1)


def test_cancel_reject_of_a_finished_order_removes_it() -> None:
    alpha = party(BUY)
    sent(alpha)
    alpha.apply(report("run-1", 10, "0", "0"))
    alpha.apply({35: "9", 11: "x", 41: "run-1", 37: "1", 39: "2", 102: "0"})
    assert alpha.view.orders == {}


def test_only_who_may_be_wrong_asks_about_orders_that_are_not_there() -> None:
    cancel = Cancel("ACME", Side.BUY, "nothing")
    assert party(cancel).next_request("now") is None
    assert sent(party(cancel, may_be_wrong=True))[41] == "nothing"
