"""Alerts of events: the same every time, complete, and nobody else's business in them."""

import random
from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest

from tests.dropcopy.copies import busy_events
from tests.marketdata.random_venue import SESSIONS
from tests.notify.test_limits import ACME, traded
from venue.bus.alerts import Alert
from venue.domain import events as e
from venue.domain.decimal_text import parse_money
from venue.domain.order_state import OrderState, OrderTerms
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import CxlRejResponseTo, OrdStatus, Side
from venue.notify.kinds import EVERYTHING, Interest, Kind
from venue.notify.watch import WINDOW_NS, Watch, WatchImage

MEMBERS = sorted(set(SESSIONS.values()))
ALL_REJECTS = Interest(frozenset(Kind), frozenset(range(1, 1_000)))
SECOND = 1_000_000_000


def told(events: Sequence[e.AnyEvent], wanted: Interest = ALL_REJECTS) -> list[Alert]:
    watch = Watch()
    return [alert for event in events for alert in watch.apply(event, wanted)]


@pytest.mark.parametrize("seed", [7, 11, 12])
def test_a_watch_that_goes_on_elsewhere_makes_the_same_alerts(seed: int) -> None:
    events = busy_events(seed=seed, commands=600)
    choice, found, watch = random.Random(seed), list[Alert](), Watch()
    for event in events:
        if choice.random() < 0.05:
            kept = msgspec.json.encode(watch.image())
            watch = Watch(msgspec.json.decode(kept, type=WatchImage))
        found += watch.apply(event, ALL_REJECTS)
    assert found == told(events)
    assert [msgspec.json.decode(msgspec.json.encode(each), type=Alert) for each in found] == found
    assert len(found) > 200
    assert len({alert.id for alert in found}) == len(found)


def test_no_alert_has_anything_of_another_member() -> None:
    for alert in told(busy_events(seed=7, commands=900)):
        others = {name for name in MEMBERS if name != alert.member}
        others |= {name for name, member in SESSIONS.items() if member != alert.member}
        words = set(msgspec.json.encode(alert).decode().replace('"', " ").split())
        assert not words & others, alert
        assert alert.member in MEMBERS


def test_each_half_of_each_trade_and_of_its_changes_is_told_once() -> None:
    events = busy_events(seed=7, commands=900)
    kinds = {e.TradeExecuted: Kind.FILL, e.TradeBusted: Kind.BUST, e.TradeCorrected: Kind.CORRECT}
    wanted = Counter(
        (kinds[type(event)].value, event.event_seq, fill.order.terms.order_id)
        for event in events
        if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected)
        for fill in (event.buy, event.sell)
    )
    found = Counter(
        (alert.type, alert.event_seq, alert.facts["order_id"])
        for alert in told(events)
        if alert.type in kinds.values()
    )
    assert found == wanted
    assert {kind for kind, *_ in wanted} == set(kinds.values())


def test_confirmation_of_an_order_has_the_sums_of_its_trades_as_they_stand() -> None:
    events = busy_events(seed=12, commands=900)
    amounts: dict[str, int] = Counter()
    fees: dict[str, int] = Counter()
    done = {alert.event_seq: alert for alert in told(events) if alert.type == Kind.ORDER_DONE}
    compared = 0
    watch = Watch()
    for event in events:
        if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected):
            for fill in (event.buy, event.sell):
                order_id, times = fill.order.terms.order_id, 1
                if isinstance(event, e.TradeBusted):
                    times = -1
                if isinstance(event, e.TradeCorrected):
                    amounts[order_id] -= parse_money(event.previous_amount) or 0
                    fees[order_id] -= parse_money(event.previous_fee) or 0
                amounts[order_id] += times * (parse_money(event.amount) or 0)
                fees[order_id] += times * (parse_money(fill.fee) or 0)
        for alert in watch.apply(event, EVERYTHING):
            if alert.type == Kind.ORDER_DONE:
                order_id = alert.facts["order_id"]
                assert parse_money(alert.facts["amount"]) == amounts[order_id], alert
                assert parse_money(alert.facts["fee"]) == fees[order_id], alert
                compared += 1
    assert compared >= len(done) > 50


def terms(session: str = "A1") -> OrderTerms:
    return OrderTerms("1", session, "ALPHA", "ACME", Side.BUY, "2", "0")


def canceled(seq: int, text: str | None, session: str = "A1") -> e.OrderCanceled:
    order = OrderState(terms(session), "c1", OrdStatus.CANCELED, "1", "0", "0", "0", "100")
    return e.OrderCanceled(seq, seq, "ACME", order, "c1", None, "99", text)


COD = "CANCEL_ON_DISCONNECT the session ended"


def test_orders_canceled_at_the_end_of_a_session_are_one_alert() -> None:
    found = told(
        [
            e.SessionLoggedOut(1, 1, "A1", "ALPHA"),
            canceled(2, COD),
            canceled(3, COD),
            canceled(4, COD, "A2"),
            canceled(5, "by the operator"),
            e.SessionLoggedOn(6, 6, "A1", "ALPHA", reset=False),
            e.SessionLoggedOut(7, 7, "A1", "ALPHA"),
            canceled(8, COD),
        ]
    )
    assert [(alert.type, alert.event_seq, alert.session) for alert in found] == [
        ("disconnect", 1, "A1"),
        ("cancel_on_disconnect", 2, "A1"),
        ("cancel_on_disconnect", 4, "A2"),
        ("disconnect", 7, "A1"),
        ("cancel_on_disconnect", 8, "A1"),
    ]


def rejected(seq: int, at: int, member: str = "ALPHA") -> e.OrderRejected:
    reason = RejectReason.PRICE_OUTSIDE_COLLAR
    return e.OrderRejected(seq, at, "ACME", "A1", member, f"c{seq}", "1", "2", reason, "far off")


def test_rejects_are_told_when_their_number_within_a_minute_is_reached() -> None:
    events: list[e.AnyEvent] = [rejected(seq, seq * SECOND) for seq in range(1, 4)]
    events += [
        e.CancelRejected(
            4, 4 * SECOND, "ACME", "A1", "ALPHA", "x", "y", "NONE", OrdStatus.REJECTED,
            CxlRejResponseTo.ORDER_CANCEL_REQUEST, RejectReason.UNKNOWN_ORDER, "none",
        ),
        rejected(5, 5 * SECOND, "BRAVO"),
        e.MassCancelReported(
            6, 6 * SECOND, "A1", "ALPHA", "m", "6", "1", "0", 0, reject_reason="99"
        ),
        e.MassCancelReported(7, 7 * SECOND, "A1", "ALPHA", "n", "7", "1", "1", 3),
        *(rejected(seq, WINDOW_NS + seq * SECOND) for seq in range(8, 12)),
    ]  # fmt: skip
    found = told(events, Interest(frozenset({Kind.REJECTS}), frozenset({4, 5})))
    assert [(alert.event_seq, alert.member, alert.facts["rejects"]) for alert in found] == [
        (4, "ALPHA", "4"),
        (6, "ALPHA", "5"),
        (11, "ALPHA", "4"),
    ]


def test_a_daily_loss_at_its_limit_is_a_block_once() -> None:
    events: list[e.AnyEvent] = [
        e.InstrumentAdded(1, 1, "ACME", ACME),
        e.MemberAdded(2, 2, "ALPHA", (), "10000000", None),
        e.LimitsSet(3, 3, "ALPHA", "", {"max_daily_loss": "100"}, "op", ""),
        traded(4, "100", "10", "ALPHA", "BRAVO", "1000"),
        traded(5, "91", "1", "BRAVO", "CHARLIE", "91"),
        traded(6, "89", "1", "BRAVO", "CHARLIE", "89"),
        traded(7, "88", "1", "BRAVO", "CHARLIE", "88"),
    ]
    found = told(events, Interest(frozenset({Kind.BLOCK}), frozenset()))
    (block,) = found
    assert (block.event_seq, block.member, block.facts["code"]) == (6, "ALPHA", "DAILY_LOSS_LIMIT")
    assert block.error == (
        "DAILY_LOSS_LIMIT: no new orders of ALPHA today: it has lost 110, 100 is the limit"
    )
    uses = told(events, Interest(frozenset({Kind.LIMIT_USE}), frozenset()))
    assert [(each.facts["limit"], each.facts["percent"]) for each in uses] == [
        ("max_daily_loss", "90"),
        ("max_daily_loss", "110"),
        ("max_daily_loss", "120"),
    ]


def test_sessions_secrets_and_blocks_are_told_without_who_did_it_and_why() -> None:
    found = told(
        [
            e.MemberAdded(1, 1, "ALPHA", (), None, None),
            e.MemberAdded(2, 2, "BRAVO", (), None, None),
            e.SessionAdded(3, 3, "A1", "ALPHA", True),
            e.SessionEnded(4, 4, "A1", "ALPHA", "bye", True, "bob", "secret reason"),
            e.SessionEnabled(5, 5, "A1", "ALPHA", "bob", "secret reason"),
            e.SessionReset(6, 6, "A1", "bob", "secret reason"),
            e.SecretChanged(7, 7, "A1", "ALPHA", "password", "bob", "secret reason"),
            e.SecretChanged(8, 8, "A1", "ALPHA", "password"),
            e.EntryBlocked(9, 9, "session", "A1", "KILL_SWITCH", "", "bob", "secret reason"),
            e.EntryRestored(10, 10, "all", "", "KILL_SWITCH", "bob", "secret reason"),
            e.LimitsSet(11, 11, "ALPHA", "", {"credit_limit": "5"}, "bob", "secret reason"),
            e.RiskAlerted(12, 12, "BRAVO", "ORDER_TO_TRADE_RATIO", "100 for 1"),
            e.HistoryBegun(13, 13, 2, "x", "restored"),
            e.KycChanged(14, 14, "BRAVO", "", "suspended", "", (), "bob", "secret reason"),
        ]
    )
    assert [(alert.event_seq, alert.type, alert.member) for alert in found] == [
        (3, "session", "ALPHA"),
        (4, "session", "ALPHA"),
        (5, "session", "ALPHA"),
        (6, "session", "ALPHA"),
        (7, "secret", "ALPHA"),
        (8, "secret", "ALPHA"),
        (9, "block", "ALPHA"),
        (10, "block", "ALPHA"),
        (10, "block", "BRAVO"),
        (11, "risk", "ALPHA"),
        (12, "risk", "BRAVO"),
        (13, "session", "ALPHA"),
        (13, "session", "BRAVO"),
        (14, "block", "BRAVO"),
    ]
    assert "the venue" in found[4].error and "the session itself" in found[5].error
    text = msgspec.json.encode(found).decode()
    assert "bob" not in text and "secret reason" not in text


def test_member_is_told_of_a_fail_and_of_its_end_in_money() -> None:
    owed = ("ALPHA", "A1", "ACME", "2026-01-07", "6", "ACME", "-600", "USD")
    failed = e.ObligationFailed(7, SECOND, 3, *owed, 2, "COUNTERPARTY", "", "0.6")
    short = msgspec.structs.replace(failed, event_seq=8, cause="SHORT", short_of="USD")
    ended = e.ObligationBoughtIn(9, SECOND, 4, *owed, "101", "6")
    alerts = told([failed, short, ended])
    assert [(alert.type, alert.member, alert.symbol) for alert in alerts] == [
        (Kind.FAIL, "ALPHA", "ACME")
    ] * 3
    start = "ALPHA/A1: 6 ACME against -600 USD of ACME due 2026-01-07"
    assert [alert.error for alert in alerts] == [
        f"{start} is not settled, others have not delivered",
        f"{start} is not settled, it lacks USD",
        f"{start} has ended in money",
    ]
    assert (alerts[0].facts["cycles"], alerts[0].facts["penalty"]) == ("2", "0.6")
    assert alerts[2].facts["compensation"] == "6" and alerts[2].facts["account"] == "A1"
