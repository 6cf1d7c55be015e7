"""What members read of an entry: never who operated the venue, nor why."""

import pytest
from msgspec.structs import replace

from venue.clearing.documents.words import public_text, title
from venue.clearing.postings import BOOKED, entries_of
from venue.domain.events import FundsDeposited

from .week import events


def test_no_operator_and_no_reason_is_told() -> None:
    told = []
    for event in events():
        (entry,) = entries_of(event)
        told.append(public_text(entry.kind, entry.description))
    assert told == [
        "",
        "",
        "10 ACME at 2.5 USD, M3",
        "4 ACME at 3 USD, M4",
        "busted 10 ACME at 2.5 USD, M3",
        "4 at 3 is 4 ACME at 3.5 USD, M4",
        "",
    ]


@pytest.mark.parametrize("reason", ["a; b", "a: b; c, d", ""])
def test_reason_of_any_form_is_not_told(reason: str) -> None:
    deposit = replace(events()[0], reason=reason)
    assert isinstance(deposit, FundsDeposited)
    for event in (deposit, *(replace(each, reason=reason) for each in events()[4:6])):
        (entry,) = entries_of(event)
        told = public_text(entry.kind, entry.description)
        assert told.startswith(("busted 10", "4 at 3 is")) or not told


def test_every_entry_has_a_name() -> None:
    assert all(
        title(kind) != kind
        for kind in BOOKED - {"SettlementBegun", "SettlementEnded", "StockSplit"}
    )
