"""Maker and checker: commands held for a second operator, approved, declined, and impossible."""

from typing import get_args

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
