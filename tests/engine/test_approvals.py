"""Maker and checker: commands held for a second operator, approved, declined, and impossible."""

from typing import get_args

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.engine.control.approvals import MOST_PENDING

from .builders import ACME, Venue, buy
from .outcomes import code, ended, kinds, refusal

KILL = c.Kill("member", "ALPHA", "olga", "runaway")


@pytest.fixture
def careful(venue: Venue) -> Venue:
    venue.do_all(c.SetFourEyes(("Kill", "Deposit", "SetFourEyes"), "olga", "audit"))
    return venue


def test_named_commands_are_held_and_nothing_happens_yet(careful: Venue) -> None:
    careful.do(buy("A1", "1", "99"))
    assert careful.do(KILL) == careful.stamped(
        e.ActionHeld(0, 0, "H1", "Kill", encode(KILL).decode(), "olga", "runaway")
    )
    assert code(careful.do(buy("A2", "1", "99"))) is None
    assert kinds(careful.do(c.SuspendMember("ALPHA", "olga"))) == [
        "EntryBlocked", *["OrderCanceled"] * 2,
    ]  # fmt: skip


def test_another_operator_has_it_executed(careful: Venue) -> None:
    careful.do_all(buy("A1", "1", "99"), KILL)
    approved, blocked, *cancels = careful.do(c.Approve("H1", "piet", "agreed"))
    assert approved == e.ActionApproved(
        careful.first_event_seq, careful.now_ns, "H1", "piet", "agreed"
    )
    assert isinstance(blocked, e.EntryBlocked)
    assert (blocked.operator, blocked.reason) == ("olga", "runaway")
    assert ended(cancels) == [("1", "8", "KILL_SWITCH runaway")]
    assert refusal(careful.do(c.Approve("H1", "piet"))) == "no command H1 waits for approval"


@pytest.mark.parametrize("operator", ["olga", ""])
def test_who_asked_and_nobody_can_not_approve(careful: Venue, operator: str) -> None:
    careful.do(KILL)
    detail = "H1 needs an operator other than who asked"
    assert refusal(careful.do(c.Approve("H1", operator))) == detail
    assert "H1" in careful.engine.state.pending


def test_one_account_under_two_names_can_not_approve(careful: Venue) -> None:
    careful.do(msgspec.structs.replace(KILL, uid=1001))
    detail = "H1 was asked for from the same Unix account, uid 1001: it needs another person"
    assert refusal(careful.do(c.Approve("H1", "piet", uid=1001))) == detail
    assert "H1" in careful.engine.state.pending
    assert kinds(careful.do(c.Approve("H1", "piet", uid=1002)))[0] == "ActionApproved"


def test_record_of_a_version_that_knew_no_accounts_is_executed_as_it_was(careful: Venue) -> None:
    held = msgspec.json.encode({"type": "Kill", "scope": "member", "name": "ALPHA",
                                "operator": "olga", "reason": "runaway"})  # fmt: skip
    approval = b'{"type":"Approve","action_id":"H1","operator":"piet"}'
    decode = msgspec.json.Decoder(c.AnyCommand).decode
    assert kinds(careful.do(decode(held))) == ["ActionHeld"]
    assert kinds(careful.do(decode(approval)))[:2] == ["ActionApproved", "EntryBlocked"]
    assert encode(decode(held)) == held


def test_declined_command_is_forgotten(careful: Venue) -> None:
    careful.do(KILL)
    assert careful.do(c.Decline("H1", "olga", "mistake")) == careful.stamped(
        e.ActionDeclined(0, 0, "H1", "olga", "mistake")
    )
    assert refusal(careful.do(c.Approve("H1", "piet"))) == "no command H1 waits for approval"
    assert refusal(careful.do(c.Decline("H1", "piet"))) == "no command H1 waits for approval"
    assert code(careful.do(buy("A1", "1", "99"))) is None


def test_who_asks_must_be_named(careful: Venue) -> None:
    assert refusal(careful.do(c.Kill("member", "ALPHA"))) == (
        "Kill needs a second operator: who asks must be named"
    )


def test_held_commands_are_numbered_and_independent(careful: Venue) -> None:
    deposit = c.Deposit("ALPHA", "USD", "5", "olga")
    careful.do_all(KILL, deposit, deposit)
    assert list(careful.engine.state.pending) == ["H1", "H2", "H3"]
    assert kinds(careful.do(c.Approve("H3", "piet"))) == ["ActionApproved", "FundsDeposited"]
    careful.do(KILL)
    assert list(careful.engine.state.pending) == ["H1", "H2", "H4"]


def test_approved_command_that_can_not_be_done_any_more_says_so(careful: Venue) -> None:
    careful.do_all(KILL, KILL, c.Approve("H1", "piet"))
    approved, refused = careful.do(c.Approve("H2", "piet"))
    assert isinstance(approved, e.ActionApproved) and isinstance(refused, e.CommandRefused)
    assert refused.detail == "member ALPHA is killed already"


def test_switching_it_off_needs_a_second_operator_too(careful: Venue) -> None:
    off = c.SetFourEyes((), "olga", "too slow")
    assert kinds(careful.do(off)) == ["ActionHeld"]
    changed = careful.do(c.Approve("H1", "piet"))[1]
    assert isinstance(changed, e.FourEyesSet) and changed.commands == ()
    assert kinds(careful.do(KILL)) == ["EntryBlocked"]


def test_what_is_held_stays_held_when_the_rule_is_lifted(careful: Venue) -> None:
    careful.do_all(KILL, c.SetFourEyes((), "olga"), c.Approve("H2", "piet"))
    assert "H1" in careful.engine.state.pending
    assert kinds(careful.do(c.Approve("H1", "piet"))) == ["ActionApproved", "EntryBlocked"]


def test_unknown_command_can_not_be_named(venue: Venue) -> None:
    detail = refusal(venue.do(c.SetFourEyes(("Kill", "EnterOrder"))))
    assert detail is not None and detail.startswith("EnterOrder is no command; there are Add")
    assert venue.engine.state.four_eyes == ()


def test_every_command_of_the_operator_can_be_named_and_says_who_asks() -> None:
    assert {*c.ACTIONS} == {kind.__name__ for kind in get_args(c.ActionCommand)}
    for kind in get_args(c.ActionCommand):
        assert {"operator", "reason"} <= {*kind.__struct_fields__}, kind


def test_instrument_that_is_added_by_two(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("AddInstrument",), "olga"))
    assert kinds(venue.do(c.AddInstrument(ACME, "olga", "new"))) == ["ActionHeld"]
    assert kinds(venue.do(c.Approve("H1", "piet"))) == ["ActionApproved", "InstrumentAdded"]


def test_only_so_many_commands_wait(careful: Venue) -> None:
    careful.do_all(*[KILL] * MOST_PENDING)
    assert refusal(careful.do(KILL)) == f"{MOST_PENDING} commands wait for approval already"


NAMES_NOTHING = (
    c.Kill("member", "NOPE", "olga"), c.Kill("session", "NOPE", "olga"), c.Kill("desk", "", "olga"),
    c.Revive("member", "NOPE", "olga"), c.SuspendMember("NOPE", "olga"),
    c.ResumeMember("NOPE", "olga"), c.HaltInstrument("NOPE", "olga"),
    c.ResumeInstrument("NOPE", "olga"), c.DisableInstrument("NOPE", "olga"),
    c.SetKyc("NOPE", "approved", operator="olga"), c.SetLimits("NOPE", {}, operator="olga"),
    c.Deposit("NOPE", "USD", "5", "olga"), c.Deposit("ALPHA", "NOPE", "5", "olga"),
    c.Withdraw("NOPE", "USD", "5", "olga"), c.Withdraw("ALPHA", "NOPE", "5", "olga"),
    c.BustTrade("M9999", "olga"), c.CorrectTrade("M9999", "100", operator="olga"),
    c.EnterByOperator(c.EnterOrder("NOPE", "D1", "ACME", "1", "1"), "olga"),
    c.ReplaceByOperator("9999", "5", operator="olga"),
    c.MassCancelByOperator("NOPE", operator="olga"),
    c.MassCancelByOperator(symbol="NOPE", operator="olga"),
    c.CancelByOperator("9999", "olga"), c.LogOutSession("NOPE", "olga"),
    c.DisableSession("NOPE", "olga"), c.EnableSession("NOPE", "olga"),
    c.TransferFunds("NOPE", "ALPHA", "USD", "5", "olga", reference="r1"),
    c.TransferFunds("ALPHA", "NOPE", "USD", "5", "olga", reference="r1"),
    c.ReverseFunds("nothing", "olga", reference="r1"),
    c.SplitAsset("NOPE", 2, 1, "S1", "olga"), c.PayDividend("NOPE", "1", "USD", "D1", "olga"),
    c.DeclareDefault("NOPE", operator="olga"), c.ReleaseMargin("NOPE", "olga"),
    c.CallMargin("NOPE", "5", "USD", 1 << 62, "olga"),
)  # fmt: skip
"""A command of each kind that names something that exists, or would have to."""
NAMES_NO_OTHER = {
    c.StartDay,
    c.EndDay,
    c.ReopenDay,
    c.OpenSessions,
    c.SettleObligations,
    *get_args(c.ConfigurationCommand),
}
"""Kinds that name nothing, or define what they name."""


@pytest.mark.parametrize("command", NAMES_NOTHING, ids=repr)
def test_command_that_names_nothing_is_refused_instead_of_held(
    venue: Venue, command: c.ActionCommand
) -> None:
    at_once = venue.do(command)
    assert refusal(at_once) is not None
    venue.do(c.SetFourEyes((type(command).__name__,), "olga"))
    (refused,) = venue.do(command)
    assert isinstance(refused, e.CommandRefused)
    assert refused.detail == refusal(at_once)
    assert venue.engine.state.pending == {}


def test_every_kind_that_can_be_held_is_tried_with_a_name_that_is_none() -> None:
    assert {type(each) for each in NAMES_NOTHING} | NAMES_NO_OTHER == {*get_args(c.ActionCommand)}


def test_session_of_a_member_that_waits_waits_too(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("AddMember", "AddSession"), "olga"))
    member = c.AddMember("ECHO", (), "5", 5, operator="olga")
    session = c.AddSession("ECHO", "ECHO", operator="olga")
    assert kinds(venue.do(member)) == kinds(venue.do(session)) == ["ActionHeld"]
    assert kinds(venue.do(c.Approve("H1", "piet"))) == ["ActionApproved", "MemberAdded"]
    assert kinds(venue.do(c.Approve("H2", "piet"))) == ["ActionApproved", "SessionAdded"]


def test_what_exists_and_cannot_be_done_now_waits_for_the_moment_it_can(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("ResumeInstrument", "Withdraw"), "olga"))
    assert kinds(venue.do(c.ResumeInstrument("ACME", "olga"))) == ["ActionHeld"]
    venue.do(c.HaltInstrument("ACME", "olga"))
    assert kinds(venue.do(c.Approve("H1", "piet"))) == ["ActionApproved", "InstrumentResumed"]
