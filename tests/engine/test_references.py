"""A reference of a deposit or withdrawal is used once for ever: what comes again books nothing."""

import msgspec
import pytest

from tests.engine.builders import Venue, trading
from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.image.capture import image_of
from venue.engine.image.restore import state_from
from venue.engine.state.references import References

WIRE = c.Deposit("ALPHA", "USD", "5", "olga", "", "A1", "wire 4711")


@pytest.fixture
def venue() -> Venue:
    return trading()


def balance(venue: Venue) -> int:
    return venue.engine.state.members["ALPHA"].purses.seen("A1", "USD").balance


def only(venue: Venue, command: c.AnyCommand) -> e.AnyEvent:
    (event,) = venue.do(command)
    return event


def test_repeat_books_nothing_and_names_the_event_that_has_booked_it(venue: Venue) -> None:
    first = only(venue, WIRE)
    assert isinstance(first, e.FundsDeposited) and first.reference == "wire 4711"
    before = balance(venue)
    for amount in ("5", "5.00"):
        again = only(venue, msgspec.structs.replace(WIRE, amount=amount, operator="piet"))
        assert isinstance(again, e.FundsRepeated)
        assert (again.first_event_seq, again.amount) == (first.event_seq, "5")
    assert balance(venue) == before


@pytest.mark.parametrize(
    "change", [{"amount": "6"}, {"asset": "ACME"}, {"member": "BRAVO", "account": ""},
               {"account": ""}], ids=str,
)  # fmt: skip
def test_used_reference_is_refused_for_anything_else(venue: Venue, change: dict[str, str]) -> None:
    only(venue, WIRE)
    refused = only(venue, msgspec.structs.replace(WIRE, **change))
    assert isinstance(refused, e.CommandRefused) and "was used by event" in refused.detail


def test_reference_of_a_deposit_is_none_of_a_withdrawal(venue: Venue) -> None:
    only(venue, WIRE)
    other = c.Withdraw(**{name: getattr(WIRE, name) for name in WIRE.__struct_fields__})
    assert isinstance(only(venue, other), e.CommandRefused)


def test_refused_payment_does_not_use_its_reference_up(venue: Venue) -> None:
    withdrawal = c.Withdraw("ALPHA", "BTC", "5", reference="out 1")
    assert isinstance(only(venue, withdrawal), e.CommandRefused)
    venue.do(c.Deposit("ALPHA", "BTC", "5", reference="in 1"))
    assert isinstance(only(venue, withdrawal), e.FundsWithdrawn)


def test_references_outlive_days_and_snapshots(venue: Venue) -> None:
    first = only(venue, WIRE)
    venue.do_all(c.EndDay(), c.StartDay("2031-01-06"))
    venue.engine.state = state_from(image_of(venue.engine.state))
    again = only(venue, WIRE)
    assert isinstance(again, e.FundsRepeated) and again.first_event_seq == first.event_seq


def test_references_of_a_snapshot_of_before_they_were_packed_are_known(venue: Venue) -> None:
    first = only(venue, WIRE)
    image = image_of(venue.engine.state)
    image.packed_references = {}
    image.references = {"wire 4711": (first.event_seq, "Deposit ALPHA/A1 USD 5")}
    venue.engine.state = state_from(image)
    again = only(venue, WIRE)
    assert isinstance(again, e.FundsRepeated) and again.first_event_seq == first.event_seq


def test_references_are_found_as_in_a_dictionary_at_a_price_of_their_texts() -> None:
    references, expected, texts = References({}), {}, 0
    for number in range(20_000):
        reference = f"{number}\u00e9 wire" if number % 3 else f"{number}"
        terms = f"Deposit ALPHA/a\tb\n\\{number} USD {number}"
        references.add(reference, number, terms)
        expected[reference] = (number, terms)
        texts += len(f"{reference}{number}{terms}".encode())
    assert {each: references.get(each) for each in expected} == expected
    for unused in ("", "1\n", "wire", "20000", " 1", "1 ", "0\t0 Deposit", "\ud800"):
        assert references.get(unused) is None and unused not in references
    packed = References(references.packed()).packed()
    assert packed == references.packed()
    assert sum(map(len, packed.values())) < texts + 8 * len(expected)


def test_older_journals_have_payments_without_a_reference(venue: Venue) -> None:
    bare = c.Deposit("ALPHA", "USD", "5")
    assert [type(only(venue, bare)) for _ in range(2)] == [e.FundsDeposited] * 2


@pytest.mark.parametrize("reference", ["x" * 65, "a\nb", " a", "a ", "\x1b[31m"])
def test_reference_is_a_short_plain_text(venue: Venue, reference: str) -> None:
    refused = only(venue, msgspec.structs.replace(WIRE, reference=reference))
    assert isinstance(refused, e.CommandRefused)
    assert refused.detail.startswith("a reference has at most 64 characters")


def test_payment_that_waits_for_approval_waits_once(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("Deposit",), "olga"))
    held, again = only(venue, WIRE), only(venue, WIRE)
    assert isinstance(held, e.ActionHeld) and isinstance(again, e.ActionHeld)
    assert held.action_id == again.action_id and len(venue.engine.state.pending) == 1
    booked = venue.do(c.Approve(held.action_id, "piet"))
    assert [type(each) for each in booked] == [e.ActionApproved, e.FundsDeposited]
    assert isinstance(only(venue, WIRE), e.FundsRepeated), "no second approval is asked for"
