"""Transfers between accounts and reversals: each once, covered, and taken back to the last unit."""

import random
from collections import defaultdict

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.decimal_text import parse_money
from venue.engine.control.payments import Movement, movement_of, terms_of
from venue.engine.image.digest import state_digest

from .builders import Venue, buy
from .funded import funded, purse
from .outcomes import kinds, refusal
from .test_image import through_bytes

MOVE = c.TransferFunds("ALPHA", "BRAVO", "USD", "40", to_account="B1", reference="move 1")
BACK = c.ReverseFunds("move 1", reference="back 1")


@pytest.fixture
def venue() -> Venue:
    """ALPHA has 100 dollars, by the payment `wire 1`."""
    return funded(c.Deposit("ALPHA", "USD", "100", reference="wire 1"))


def only(venue: Venue, command: c.AnyCommand) -> e.AnyEvent:
    (event,) = venue.do(command)
    return event


def test_transfer_moves_funds_and_says_between_whom(venue: Venue) -> None:
    moved = only(venue, MOVE)
    assert isinstance(moved, e.FundsTransferred)
    assert (moved.member, moved.to_member, moved.to_account) == ("ALPHA", "BRAVO", "B1")
    assert (moved.asset, moved.amount, moved.reference) == ("USD", "40", "move 1")
    assert purse(venue, "ALPHA", "USD") == ("60", "0")
    assert purse(venue, "BRAVO", "USD", "B1") == ("40", "0")


def test_transfer_between_accounts_of_one_member(venue: Venue) -> None:
    within = c.TransferFunds("ALPHA", "ALPHA", "USD", "1", to_account="A2", reference="within")
    assert kinds(venue.do(within)) == ["FundsTransferred"]
    assert purse(venue, "ALPHA", "USD", "A2") == ("1", "0")
    assert kinds(venue.do(c.ReverseFunds("within", reference="without"))) == ["FundsReversed"]
    assert purse(venue, "ALPHA", "USD", "A2") == ("0", "0")
    assert purse(venue, "ALPHA", "USD") == ("100", "0")


@pytest.mark.parametrize("command", [MOVE, BACK])
def test_what_comes_again_books_nothing(venue: Venue, command: c.ActionCommand) -> None:
    venue.do(MOVE)
    first = venue.do(BACK)[0] if command is BACK else None
    before = purse(venue, "ALPHA", "USD")
    again = only(venue, command)
    assert isinstance(again, e.FundsRepeated)
    assert (again.member, again.asset, again.amount) == ("ALPHA", "USD", "40")
    assert first is None or again.first_event_seq == first.event_seq
    assert purse(venue, "ALPHA", "USD") == before


@pytest.mark.parametrize(
    "change",
    [{"amount": "41"}, {"to_account": ""}, {"to_member": "CHARLIE", "to_account": ""},
     {"account": "A1"}, {"asset": "ACME"}],
    ids=str,
)  # fmt: skip
def test_used_reference_is_refused_for_another_transfer(
    venue: Venue, change: dict[str, str]
) -> None:
    moved = only(venue, MOVE)
    assert refusal(venue.do(msgspec.structs.replace(MOVE, **change))) == (
        f"reference move 1 was used by event {moved.event_seq}: "
        "TransferFunds ALPHA to BRAVO/B1 USD 40"
    )


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"member": "NOPE"}, "member NOPE is unknown"),
        ({"to_member": "NOPE"}, "member NOPE is unknown"),
        ({"to_account": "B9"}, "account B9 is not of BRAVO"),
        ({"amount": "0"}, "0 is no amount above 0"),
        ({"asset": "GOLD"}, "asset GOLD is unknown"),
        ({"reference": ""}, "a reference is needed"),
        ({"reference": " x"}, "a reference has at most 64 characters"),
        ({"account": "A\tB"}, "an account has no control characters"),
        ({"to_member": "ALPHA", "to_account": ""}, "both accounts are the same"),
        ({"to_member": "ALPHA", "to_account": "default"}, "both accounts are the same"),
        ({"amount": "100.00000001"},
         "ALPHA has 100 USD, 100 of it free, less than 100.00000001"),
    ],
    ids=str,
)  # fmt: skip
def test_transfer_that_cannot_be_is_refused_and_changes_nothing(
    venue: Venue, change: dict[str, str], detail: str
) -> None:
    state = venue.engine.state
    before = purse(venue, "ALPHA", "USD")
    found = refusal(venue.do(msgspec.structs.replace(MOVE, **change)))
    assert found is not None and found.startswith(detail)
    assert purse(venue, "ALPHA", "USD") == before and "move 1" not in state.references
    assert kinds(venue.do(MOVE)) == ["FundsTransferred"]


def test_what_orders_reserve_stays(venue: Venue) -> None:
    venue.do(buy("A1", "1", "90"))
    found = refusal(venue.do(MOVE))
    assert found == "ALPHA has 100 USD, 9.91 of it free, less than 40"


def test_deposit_is_taken_back_once_and_only_while_it_is_there(venue: Venue) -> None:
    venue.do(MOVE)
    recall = c.ReverseFunds("wire 1", reference="recall 1")
    assert refusal(venue.do(recall)) == "ALPHA has 60 USD, 60 of it free, less than 100"
    venue.do(BACK)
    taken = only(venue, recall)
    assert isinstance(taken, e.FundsReversed)
    assert (taken.amount, taken.of_reference, taken.to_member) == ("-100", "wire 1", "")
    assert purse(venue, "ALPHA", "USD") == ("0", "0")
    again = refusal(venue.do(c.ReverseFunds("wire 1", reference="recall 2")))
    assert again == f"wire 1 was reversed already, by recall 1, event {taken.event_seq}"


def test_withdrawal_comes_back(venue: Venue) -> None:
    out = only(venue, c.Withdraw("ALPHA", "USD", "30.5", reference="out 1"))
    back = only(venue, c.ReverseFunds("out 1", "olga", "it bounced", "in again"))
    assert isinstance(back, e.FundsReversed)
    assert (back.amount, back.of_event_seq, back.operator) == ("30.5", out.event_seq, "olga")
    assert purse(venue, "ALPHA", "USD") == ("100", "0")


def test_transfer_is_reversed_by_who_has_got_it(venue: Venue) -> None:
    venue.do_all(MOVE, c.Withdraw("BRAVO", "USD", "1", account="B1", reference="spent"))
    assert refusal(venue.do(BACK)) == "BRAVO has 39 USD, 39 of it free, less than 40"
    venue.do(c.Deposit("BRAVO", "USD", "1", account="B1", reference="more"))
    back = only(venue, BACK)
    assert isinstance(back, e.FundsReversed)
    assert (back.member, back.amount) == ("ALPHA", "40")
    assert (back.to_member, back.to_account) == ("BRAVO", "B1")
    assert purse(venue, "ALPHA", "USD") == ("100", "0")
    assert purse(venue, "BRAVO", "USD", "B1") == ("0", "0")


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.ReverseFunds("wire 9", reference="x"), "reference 'wire 9' has booked nothing"),
        (c.ReverseFunds("\x01", reference="x"), "reference '\\x01' has booked nothing"),
        (c.ReverseFunds("wire 1"), "a reference is needed"),
        (c.ReverseFunds("back 1", reference="x"), "back 1 is a reversal, and stays"),
        (c.ReverseFunds("wire 1", reference="move 1"),
         "reference move 1 was used by event 16: TransferFunds ALPHA to BRAVO/B1 USD 40"),
    ],
    ids=str,
)  # fmt: skip
def test_reversal_of_nothing_is_refused(venue: Venue, command: c.ReverseFunds, detail: str) -> None:
    moved, _ = only(venue, MOVE), only(venue, BACK)
    assert refusal(venue.do(command)) == detail.replace("event 16", f"event {moved.event_seq}")


def test_references_are_used_up_over_all_kinds(venue: Venue) -> None:
    venue.do(MOVE)
    for other in (
        c.Deposit("ALPHA", "USD", "40", reference="move 1"),
        c.Withdraw("ALPHA", "USD", "40", reference="move 1"),
        c.TransferFunds("ALPHA", "BRAVO", "USD", "40", reference="wire 1"),
    ):
        found = refusal(venue.do(other))
        assert found is not None and "was used by event" in found


def test_both_wait_for_a_second_operator_once(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("TransferFunds", "ReverseFunds"), "olga"))
    for command in (MOVE, BACK):
        asked = msgspec.structs.replace(command, operator="olga")
        held, again = only(venue, asked), only(venue, asked)
        assert isinstance(held, e.ActionHeld) and isinstance(again, e.ActionHeld)
        assert held.action_id == again.action_id
        done = kinds(venue.do(c.Approve(held.action_id, "piet")))
        assert done[0] == "ActionApproved" and len(done) == 2
        assert isinstance(only(venue, asked), e.FundsRepeated)
    nothing = c.ReverseFunds("wire 9", "olga", reference="x")
    assert refusal(venue.do(nothing)) == "reference 'wire 9' has booked nothing"
    nobody = msgspec.structs.replace(MOVE, to_member="NOPE", operator="olga", reference="y")
    assert refusal(venue.do(nobody)) == "member NOPE is unknown"


def test_reversals_outlive_a_snapshot(venue: Venue) -> None:
    venue.do_all(MOVE, BACK)
    restored = Venue()
    restored.engine, restored.now_ns = through_bytes(venue.engine), venue.now_ns
    assert state_digest(restored.engine.state) == state_digest(venue.engine.state)
    assert isinstance(only(restored, BACK), e.FundsRepeated)
    again = refusal(restored.do(c.ReverseFunds("move 1", reference="back 2")))
    assert again is not None and again.startswith("move 1 was reversed already, by back 1")


@pytest.mark.parametrize("account", ["", "A1", "a b c", "a/b", "a\tb", " 5 "])
def test_terms_of_a_payment_can_be_read_again(account: str) -> None:
    command = c.Deposit("ALPHA", "BTC-USD", "1.50", account=account)
    told = movement_of(terms_of(command, 150_000_000))
    assert told == Movement("Deposit", "ALPHA", account, "BTC-USD", 150_000_000)


def test_terms_of_a_transfer_can_be_read_again() -> None:
    for account in ("", "a b", "a/b to c"):
        command = c.TransferFunds("A", "B", "USD", "2", account=account, to_account=account)
        told = movement_of(terms_of(command, 2))
        assert told == Movement("TransferFunds", "A", account, "USD", 2, "B", account)


def test_random_movements_conserve_the_total_and_reversals_undo_them() -> None:
    venue, source = funded(), random.Random(3)
    purses = [("ALPHA", ""), ("ALPHA", "A1"), ("BRAVO", "B1"), ("BRAVO", "B2"), ("CHARLIE", "")]
    booked: list[str] = []
    outside: dict[str, int] = defaultdict(int)
    told: dict[tuple[str, str, str], int] = defaultdict(int)
    for number in range(1_500):
        (member, account), (to, to_account) = source.choice(purses), source.choice(purses)
        asset, amount = source.choice(("USD", "ACME")), f"{source.randint(1, 30)}.5"
        reference = f"r{number}"
        command = source.choice(
            (
                c.Deposit(member, asset, amount, account=account, reference=reference),
                c.Withdraw(member, asset, amount, account=account, reference=reference),
                c.TransferFunds(
                    member, to, asset, amount,
                    account=account, to_account=to_account, reference=reference,
                ),
                c.ReverseFunds(source.choice(booked or ["none"]), reference=reference),
            )
        )  # fmt: skip
        for event in venue.do(command):
            if not isinstance(event, e.CommandRefused):
                booked.append(reference)
            _book(event, told, outside)
    state = venue.engine.state
    found = {
        (name, purse.account, purse.asset): purse.balance
        for name, member in state.members.items()
        for purse in member.purses.all()
    }
    assert {key: amount for key, amount in told.items() if amount} == {
        key: amount for key, amount in found.items() if amount
    }
    assert all(amount >= 0 for amount in found.values())
    for asset in ("USD", "ACME"):
        held = sum(amount for (_, _, each), amount in found.items() if each == asset)
        assert held == outside[asset]
    reversed_ = [each for each in booked if each in state.reversals]
    assert len(reversed_) > 50


def _book(
    event: e.AnyEvent, told: dict[tuple[str, str, str], int], outside: dict[str, int]
) -> None:
    """What a naive ledger makes of an event."""
    match event:
        case e.FundsDeposited() | e.FundsWithdrawn():
            sign = 1 if isinstance(event, e.FundsDeposited) else -1
            amount = sign * (parse_money(event.amount) or 0)
            told[event.member, event.account, event.asset] += amount
            outside[event.asset] += amount
        case e.FundsTransferred():
            amount = parse_money(event.amount) or 0
            told[event.member, event.account, event.asset] -= amount
            told[event.to_member, event.to_account, event.asset] += amount
        case e.FundsReversed():
            amount = parse_money(event.amount) or 0
            told[event.member, event.account, event.asset] += amount
            if event.to_member:
                told[event.to_member, event.to_account, event.asset] -= amount
            else:
                outside[event.asset] += amount
