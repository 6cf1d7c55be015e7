"""Events of the operator and of the risk controls as `venue tail` and `journal show` print them."""

import msgspec
import pytest

from tests.engine.builders import ACME
from venue.cli.desk.status import blocks_lines
from venue.cli.text.command import command_facts
from venue.cli.text.tail import FACTS, describe
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain import verbs
from venue.domain.codec import encode
from venue.domain.event import Event
from venue.domain.fee_versions import FeeTier
from venue.domain.timetable import GroupHours, Hours, Timetable
from venue.domain.types import Phase
from venue.engine.state.engine_state import EngineState
from venue.engine.views.overview import blocks

WHO = ("ann", "because")
BONDS = GroupHours("bonds", ("ACME",), Hours("09:00", "12:00"))
TIMETABLE = Timetable("UTC", Hours("08:00", "16:00"), groups=(BONDS,))

WORDS: list[tuple[Event, str]] = [
    (e.InstrumentAdded(1, 2, "ACME", ACME, *WHO),
     "currency USD  tick_size 0.01  lot_size 1  reference_price 100  max_order_qty 1000000"
     "  max_order_value 50000000  price_collar_percent 10 by ann: because"),
    (e.MemberAdded(1, 2, "ALPHA", ("A1", "A2"), "5000", 7, "prefunded", "Alpha Ltd", *WHO),
     "ALPHA prefunded  credit_limit 5000  max_open_orders 7  accounts A1 A2 by ann: because"),
    (e.SessionAdded(1, 2, "ALPHA-2", "ALPHA", True, 50), "ALPHA-2 of ALPHA  50 messages a second"),
    (e.LimitsSet(1, 2, "ALPHA", "A1", {"max_position": "5"}, *WHO),
     "ALPHA/A1  max_position 5 by ann: because"),
    (e.LimitsSet(1, 2, "ALPHA", "", {}, "ann", ""), "ALPHA  no limits by ann"),
    (e.KycChanged(1, 2, "ALPHA", "T1", "approved", "Tess", ("passport", "letter"), *WHO),
     "ALPHA trader T1 is approved  documents passport, letter by ann: because"),
    (e.SanctionsSet(1, 2, ("Evil Corp", "Bad Ltd")), "2 names on the sanctions list"),
    (e.FourEyesSet(1, 2, ("Kill", "Withdraw")), "Kill Withdraw needs a second operator"),
    (e.DayReopened(1, 2, "2026-01-05", Phase.CONTINUOUS, *WHO),
     "day 2026-01-05 is open again: CONTINUOUS by ann: because"),
    (e.InstrumentClosed(1, 2, "ACME"), "its hours are over"),
    (e.InstrumentOpened(1, 2, "ACME"), "its hours begin"),
    (e.TimetableSet(1, 2, TIMETABLE, *WHO),
     "days by timetable, 08:00 to 16:00 UTC, bonds 09:00 to 12:00 by ann: because"),
    (e.TimetableSet(1, 2, None), "days start and end by hand"),
    (e.FourEyesSet(1, 2, ()), "no command needs a second operator"),
    (e.EntryBlocked(1, 2, "member", "ALPHA", "KILL_SWITCH", "", *WHO),
     "member ALPHA: no entry  KILL_SWITCH by ann: because"),
    (e.EntryBlocked(1, 2, "session", "ALPHA", "REPEATED_EXECUTIONS", "4 fills", "", ""),
     "session ALPHA: no entry  REPEATED_EXECUTIONS 4 fills"),
    (e.EntryRestored(1, 2, "all", "", "KILL_SWITCH", *WHO),
     "all: entry again  KILL_SWITCH lifted by ann: because"),
    (e.InstrumentHalted(1, 2, "ACME", *WHO), "trading has stopped by ann: because"),
    (e.InstrumentResumed(1, 2, "ACME", *WHO), "trading goes on by ann: because"),
    (e.InstrumentDisabled(1, 2, "ACME", *WHO), "is out of trading by ann: because"),
    (e.MassCancelOrdered(1, 2, "instrument", "ACME", *WHO),
     "all orders of instrument ACME are being canceled by ann: because"),
    (e.SessionEnded(1, 2, "ALPHA", "ALPHA", "SESSION_DISABLED by the operator", True, *WHO),
     "ALPHA of ALPHA is logged out  SESSION_DISABLED by the operator  no logon is taken"
     " by ann: because"),
    (e.SessionEnabled(1, 2, "ALPHA", "ALPHA", *WHO),
     "ALPHA of ALPHA may log on again by ann: because"),
    (e.HistoryBegun(1, 2, 2, "5e55", "restored from a backup"),
     "sessions are closed, history 2 begins: restored from a backup"),
    (e.SessionsOpened(1, 2, 2, *WHO), "sessions may log on, in history 2 by ann: because"),
    (e.SessionReset(1, 2, "ALPHA", *WHO), "ALPHA begins at MsgSeqNum 1 again by ann: because"),
    (e.ActionHeld(1, 2, "H1", "Kill", encode(c.Kill("member", "ALPHA", *WHO)).decode(), *WHO),
     "H1 Kill member ALPHA  waits for a second operator by ann: because"),
    (e.ActionApproved(1, 2, "H1", *WHO), "H1 is approved by ann: because"),
    (e.ActionDeclined(1, 2, "H1", *WHO), "H1 is declined by ann: because"),
    (e.RiskAlerted(1, 2, "ALPHA", "ORDER_TO_TRADE_RATIO", "300 messages, 1 trades"),
     "ALPHA ORDER_TO_TRADE_RATIO 300 messages, 1 trades"),
    (e.FundsDeposited(1, 2, "ALPHA", "USD", "5.5", *WHO, "A1"),
     "ALPHA/A1 5.5 USD by ann: because"),
    (e.FundsWithdrawn(1, 2, "ALPHA", "USD", "5.5", "", ""), "ALPHA 5.5 USD"),
    (e.FundsRepeated(1, 2, "ALPHA", "USD", "5.5", *WHO, "", "wire 4711", 17),
     "ALPHA 5.5 USD reference wire 4711 by ann: because  nothing booked again after event 17"),
    (e.FundsTransferred(1, 2, "ALPHA", "BRAVO", "USD", "5.5", *WHO, "A1", "B1", "move 1"),
     "ALPHA/A1 to BRAVO/B1 5.5 USD reference move 1 by ann: because"),
    (e.FundsReversed(1, 2, "ALPHA", "USD", "5.5", "move 1", 17, *WHO, "A1", "BRAVO", "", "back"),
     "ALPHA/A1 from BRAVO 5.5 USD  takes back move 1, event 17  reference back by ann: because"),
    (e.FundsReversed(1, 2, "ALPHA", "USD", "-5", "wire 1", 9, "", "", "", "", "", "back"),
     "ALPHA -5 USD  takes back wire 1, event 9  reference back"),
    (e.FeeScheduleSet(1, 2, "gold", "-1", "5", "2026-02-01", (FeeTier("100", "-2", "4"),), "0.5",
                      *WHO),
     "gold maker -1 taker 5 bps  from 100 maker -2 taker 4  minimum 0.5  valid from 2026-02-01"
     " by ann: because"),
    (e.FeesAssigned(1, 2, "ALPHA", "gold", "ACME", *WHO), "ALPHA in ACME: gold by ann: because"),
    (e.FeesAssigned(1, 2, "ALPHA", "", "", "", ""), "ALPHA in all instruments: none"),
    (e.AttemptDenied(1, 2, "Kill", "it needs the role operator, bob is viewer", "bob", 1001, 3),
     "bob (uid 1001, 3 attempts) is denied Kill: it needs the role operator, bob is viewer"),
    (e.AttemptDenied(1, 2, "a login as ann", "name or password is wrong", "", 1001),
     "uid 1001 is denied a login as ann: name or password is wrong"),
    (e.OperatorChanged(1, 2, "bob", "is added", "risk", 1001, "ann", 0, "because"),
     "bob is added  risk  uid 1001 by ann: because"),
    (e.OperatorChanged(1, 2, "bob", "is removed", "", None, "ann", 0), "bob is removed by ann"),
    (e.SecretChanged(1, 2, "ALPHA-1", "ALPHA", "password", *WHO),
     "ALPHA-1 has another password by ann: because"),
    (e.SecretChanged(1, 2, "ALPHA-1", "ALPHA", "password"),
     "ALPHA-1 has another password, which it chose itself"),
    (e.StockSplit(1, 2, "S1", "ACME", 2, 1, ("ACME",), *WHO),
     "S1: split of ACME 2:1 by ann: because"),
    (e.DividendDeclared(1, 2, "D1", "ACME", "0.25", "USD", *WHO),
     "D1: dividend of 0.25 USD for each ACME by ann: because"),
    (e.HoldingAdjusted(1, 2, "S1", "ALPHA", "A1", "ACME", "-0.5", "FRACTION"),
     "ALPHA/A1 -0.5 ACME  FRACTION of S1"),
    (e.ObligationAdjusted(1, 2, "S1", "ALPHA", "", "ACME", "2026-01-07", "10", "ACME", "-500",
                          "USD", "5"),
     "ALPHA 10 ACME for -500 USD on 2026-01-07  S1"),
    (e.CorporateActionEnded(1, 2, "S1", "ACME", 3, 2, 1),
     "S1 is done: 3 accounts, 2 orders restated, 1 canceled"),
    (e.MarginCalled(1, 2, "ALPHA", "500.5", "USD", 3, *WHO),
     "ALPHA is called for 500.5 USD of margin by ann: because"),
    (e.MarginReleased(1, 2, "ALPHA", *WHO),
     "margin call of ALPHA is released by ann: because"),
    (e.MemberDefaulted(1, 2, "ALPHA", "HOUSE", *WHO),
     "ALPHA in default, HOUSE takes over by ann: because"),
    (e.PositionsTransferred(1, 2, "ALPHA", "HOUSE", 3, 1),
     "3 balances and 1 obligations of ALPHA have passed to HOUSE"),
    (e.SettlementRulesSet(1, 2, ("mon", "tue"), ("2026-12-25",), False, "5", 3, *WHO),
     "settles on mon, tue but for 1 holidays, whole obligations only, penalty 5 bps a cycle, in"
     " money after 3 cycles by ann: because"),
    (e.SettlementBegun(1, 2, 3, "2026-01-07", 4, *WHO),
     "cycle 3 settles 4 due by 2026-01-07 by ann: because"),
    (e.ObligationSettled(1, 2, 3, "ALPHA", "A1", "ACME", "2026-01-07", "5", "ACME", "-500", "USD"),
     "cycle 3 ALPHA/A1 ACME due 2026-01-07: 5 ACME against -500 USD"),
    (e.ObligationSettled(1, 2, 3, "ALPHA", "", "ACME", "2026-01-07", "5", "ACME", "-500", "USD",
                         "2", "-200"),
     "cycle 3 ALPHA ACME due 2026-01-07: 5 ACME against -500 USD, left 2 against -200"),
    (e.ObligationFailed(1, 2, 3, "BRAVO", "", "ACME", "2026-01-07", "-2", "ACME", "200", "USD", 1,
                        "SHORT", "ACME", "-0.5"),
     "cycle 3 BRAVO ACME due 2026-01-07: -2 ACME against 200 USD: short of ACME, 1 times"
     ", penalty -0.5 USD"),
    (e.ObligationFailed(1, 2, 3, "ALPHA", "", "ACME", "2026-01-07", "2", "ACME", "-200", "USD", 1,
                        "COUNTERPARTY"),
     "cycle 3 ALPHA ACME due 2026-01-07: 2 ACME against -200 USD: not got from others, 1 times"),
    (e.ObligationBoughtIn(1, 2, 3, "ALPHA", "", "ACME", "2026-01-07", "2", "ACME", "-200", "USD",
                          "101", "2"),
     "cycle 3 ALPHA ACME due 2026-01-07: 2 ACME against -200 USD: ended in money, 2 USD at 101"),
    (e.ObligationMoved(1, 2, "ALPHA", "", "HOUSE", "H1", "ACME", "2026-01-07", "2", "ACME", "-200",
                       "USD", *WHO),
     "ALPHA ACME due 2026-01-07: 2 ACME against -200 USD passes to HOUSE/H1 by ann: because"),
    (e.SettlementEnded(1, 2, 3, "2026-01-07", 2, 1, 1),
     "cycle 3 of 2026-01-07 is done: 2 settled, 1 in part, 1 failed"),
    (e.CommandRefused(1, 2, "Kill", "member NOPE is unknown"), "Kill: member NOPE is unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "words"), WORDS, ids=lambda each: type(each).__name__)
def test_event_is_told_in_words(event: Event, words: str) -> None:
    assert describe(msgspec.json.decode(encode(event))) == words


def test_every_event_of_the_operator_has_words_and_is_in_this_test() -> None:
    kinds: set[type[Event]] = {*verbs.EVENTS, e.RiskAlerted, e.CommandRefused}
    assert {kind.__name__ for kind in kinds} <= FACTS.keys()
    assert kinds == {type(event) for event, _ in WORDS}


@pytest.mark.parametrize(
    "payload", [{"type": "LimitsSet"}, {"type": "ActionHeld", "action": "{", "command": "x"}]
)
def test_event_of_another_version_is_told_by_its_fields(payload: dict[str, str]) -> None:
    assert isinstance(describe(payload), str)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (c.SetLimits("ALPHA", {"max_position": None, "credit_limit": "5"}, "A1", *WHO),
         "ALPHA/A1  max_position none  credit_limit 5 by ann: because"),
        (c.SetKyc("ALPHA", "approved", "T1", "", ("passport",), *WHO),
         "ALPHA trader T1 approved  passport by ann: because"),
        (c.Kill("all", "", *WHO), "all by ann: because"),
        (c.Deposit("ALPHA", "USD", "5", *WHO, "A1"), "ALPHA/A1 5 USD by ann: because"),
        (c.SetSanctions(("Evil Corp",), *WHO), "1 names by ann: because"),
        (c.TransferFunds("ALPHA", "BRAVO", "USD", "5", *WHO, "", "B1", "move 1"),
         "ALPHA to BRAVO/B1 5 USD reference move 1 by ann: because"),
        (c.ReverseFunds("move 1", *WHO, "back 1"),
         "move 1 reference back 1 by ann: because"),
        (c.SetFeeSchedule("gold", "0", "5"), "gold maker 0 taker 5 bps"),
        (c.AssignFees("ALPHA", "none"), "ALPHA in all instruments: none"),
        (c.SetFourEyes((), *WHO), "none by ann: because"),
        (c.SettleObligations("", *WHO), "settle what is due by today by ann: because"),
        (c.SetSettlementRules(at_day_end=True),
         "settles on mon, tue, wed, thu, fri, in parts too, penalty 0 bps a cycle, at the end of "
         "the day"),
        (c.EnterByOperator(c.EnterOrder("ALPHA", "D1", "ACME", "1", "2", "0", "5", "99"), *WHO),
         "ALPHA D1 ACME 1 5 2 99 by ann: because"),
        (c.ReplaceByOperator("7", "5", None, *WHO), "order 7  order_qty 5 by ann: because"),
        (c.MassCancelByOperator("ALPHA", None, None, *WHO),
         "all orders of member ALPHA by ann: because"),
        (c.SplitAsset("ACME", 2, 1, "S1", *WHO), "S1: split of ACME 2:1 by ann: because"),
        (c.PayDividend("ACME", "0.25", "USD", "D1", *WHO),
         "D1: dividend of 0.25 USD for each ACME by ann: because"),
        (c.DeclareDefault("ALPHA", operator="ann", reason="because"),
         "ALPHA in default, HOUSE takes over by ann: because"),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_command_is_told_in_words(command: c.Command, words: str) -> None:
    assert command_facts(msgspec.to_builtins(command)) == words


def test_status_counts_what_is_blocked_and_names_it() -> None:
    nothing = blocks(EngineState())
    assert list(blocks_lines(nothing)) == [
        "nothing is killed, suspended or halted, no command waits for approval"
    ]
    many = [f"M{number}" for number in range(12)]
    some = msgspec.structs.replace(
        nothing,
        all_killed=True,
        killed_members=tuple(many),
        blocked_sessions={"ALPHA": "REPEATED_EXECUTIONS"},
        halted_instruments=("ACME",),
        held_commands=2,
        sessions_closed="restored from a backup",
    )
    assert list(blocks_lines(some)) == [
        "ALL ARE KILLED: no order enters, venue revive all lifts it",
        "SESSIONS ARE CLOSED: restored from a backup; venue session open lets them log on",
        f"12 members killed: {', '.join(many[:10])} and 2 more",
        "1 sessions without entry: ALPHA",
        "1 instruments halted: ACME",
        "2 commands wait for a second operator: venue approvals",
    ]
