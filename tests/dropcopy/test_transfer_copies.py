"""Copies of transfers and reversals: one for each account that they change, with what it gets."""

import msgspec

from venue.cli.text.drop_copy import drop_copy_line
from venue.domain.events import FundsReversed, FundsTransferred
from venue.dropcopy.copies import copies_of, decode_copy, subject_of
from venue.dropcopy.funds_copy import FundsCopy
from venue.dropcopy.numbering import Numbers, number

WHO = ("OPERATOR", "INSIDE")
MOVED = FundsTransferred(1, 2, "ALPHA", "BRAVO", "USD", "40", *WHO, "A1", "", "move 1")
WITHIN = FundsTransferred(1, 2, "ALPHA", "ALPHA", "USD", "40", *WHO, "A1", "A2", "move 2")
BACK = FundsReversed(2, 3, "ALPHA", "USD", "40", "move 1", 1, *WHO, "A1", "BRAVO", "", "back 1")
RECALLED = FundsReversed(3, 4, "ALPHA", "USD", "-5", "wire 1", 1, *WHO, "", "", "", "recall 1")


def told(event: FundsTransferred | FundsReversed) -> list[tuple[str, str | None, str]]:
    """Member, account and amount of each copy, through its JSON."""
    copies = [decode_copy(msgspec.json.encode(each)) for each in copies_of(event)]
    for copy, made in zip(copies, copies_of(event), strict=True):
        assert copy == made and isinstance(copy, FundsCopy)
        assert copy.type == type(event).__name__ and copy.reference == event.reference
        assert subject_of(copy) == f"drop.{copy.member}._funds"
    return [(x.member, x.account, x.amount) for x in copies if isinstance(x, FundsCopy)]


def test_both_accounts_are_told_what_they_get() -> None:
    assert told(MOVED) == [("ALPHA", "A1", "-40"), ("BRAVO", None, "40")]
    assert told(WITHIN) == [("ALPHA", "A1", "-40"), ("ALPHA", "A2", "40")]
    assert told(BACK) == [("ALPHA", "A1", "40"), ("BRAVO", None, "-40")]
    assert told(RECALLED) == [("ALPHA", None, "-5")]


def test_neither_is_told_of_the_other_nor_of_the_operator() -> None:
    giver, taker = (msgspec.json.encode(copy).decode() for copy in copies_of(MOVED))
    assert "BRAVO" not in giver and "ALPHA" not in taker and "A1" not in taker
    assert not any(word in giver + taker for word in WHO)


def test_both_copies_of_one_member_are_numbered() -> None:
    _, copies = number(Numbers(), WITHIN)
    assert [copy.member_seq for copy in copies] == [1, 2]


def test_reversal_names_what_it_takes_back() -> None:
    (copy,) = copies_of(RECALLED)
    assert isinstance(copy, FundsCopy) and copy.of_reference == "wire 1"
    assert drop_copy_line(copy).endswith(
        "reversal      USD      -5 reference recall 1 takes back wire 1"
    )
