"""What is traded, and whether it trades: once, and with all that changes."""

import pytest

from tests.fixmd.desk import ALPHA, Desk
from tests.fixmd.market import definition, status
from venue.domain.types import Phase
from venue.fixmd.reference import LIST_AT_ONCE
from venue.marketdata.followed_book import Update


def test_security_list_comes_in_parts_with_terms() -> None:
    symbols = [f"S{number:03}" for number in range(LIST_AT_ONCE + 50)]
    desk = Desk(*symbols)
    desk.log_on(ALPHA)
    first, last = desk.ask(ALPHA, "x", [(320, "l1"), (559, "4")])
    assert (first["560"], first["393"], first["893"], first["146"]) == ("0", "150", "N", "100")
    assert (last["893"], last["146"]) == ("Y", "50")
    assert first["58"].startswith("tick_size=0.01 lot_size=0.001 price_decimals=2 ")


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ([(559, "0"), (55, "ACME")], "0"),
        ([(559, "0"), (55, "NOPE")], "2"),
        ([(559, "1"), (167, "CS")], "5"),
        ([(559, "3"), (336, "DAY")], "0"),
        ([(559, "3"), (336, "NIGHT")], "2"),
    ],
)
def test_security_list_says_what_it_found(
    desk: Desk, body: list[tuple[int, str]], result: str
) -> None:
    (answer,) = desk.ask(ALPHA, "x", [(320, "l1"), *body])
    assert (answer["35"], answer["320"], answer["560"]) == ("y", "l1", result)


def test_definition_of_one_symbol_of_all_and_of_none(desk: Desk) -> None:
    (found,) = desk.ask(ALPHA, "c", [(320, "d1"), (321, "0"), (55, "ACME")])
    assert (found["323"], found["55"], found["15"], found["561"]) == ("1", "ACME", "USD", "0.001")
    assert len(desk.ask(ALPHA, "c", [(320, "d2"), (321, "3")])) == 2
    (none,) = desk.ask(ALPHA, "c", [(320, "d3"), (321, "0"), (55, "NOPE")])
    assert none["323"] == "6"
    (bad,) = desk.ask(ALPHA, "c", [(320, "d4"), (321, "2")])
    assert bad["323"] == "5"


def test_halted_symbol_is_said_and_its_book_is_shown_all_the_same(desk: Desk) -> None:
    (now,) = desk.ask(ALPHA, "e", [(324, "e1"), (55, "ACME"), (263, "1")])
    assert (now["35"], now["326"], now["325"], now["336"]) == ("f", "17", "N", "DAY")
    book = desk.markets.books["ACME"]
    book.status = status("ACME", Phase.HALT)
    desk.change("ACME", Update(1, 1, 1, status=book.status))
    (halted,) = desk.taken(ALPHA)
    assert (halted["326"], halted["325"], halted["58"]) == ("2", "Y", "HALT")
    assert desk.subscribe(ALPHA, "ACME")[0]["35"] == "W"
    desk.ask(ALPHA, "e", [(324, "e1"), (55, "ACME"), (263, "2")])
    desk.change("ACME", Update(1, 1, 1, status=book.status))
    assert desk.texts(ALPHA) == []


def test_status_of_an_unknown_symbol_is_unknown(desk: Desk) -> None:
    (answer,) = desk.ask(ALPHA, "e", [(324, "e1"), (55, "NOPE"), (263, "0")])
    assert (answer["326"], answer["58"].split()[0]) == ("20", "UNKNOWN_SYMBOL")


def test_session_status_is_told_when_it_changes_only(desk: Desk) -> None:
    (now,) = desk.ask(ALPHA, "g", [(335, "g1"), (263, "1")])
    assert (now["35"], now["340"], now["58"]) == ("h", "2", "CONTINUOUS of 2026-11-29")
    books = desk.markets.books
    for event_seq, phase, said in ((2, Phase.HALT, []), (3, Phase.CLOSED, ["3"])):
        books["ACME"].status = status("ACME", phase, event_seq=event_seq)
        desk.change("ACME", Update(1, 1, 1, status=books["ACME"].status))
        assert [each["340"] for each in desk.taken(ALPHA)] == said
    (unknown,) = desk.ask(ALPHA, "g", [(335, "g2"), (336, "NIGHT"), (263, "0")])
    assert (unknown["340"], unknown["567"]) == ("6", "1")


def test_new_instrument_is_told_to_who_has_subscribed_to_the_list(desk: Desk) -> None:
    desk.ask(ALPHA, "x", [(320, "l1"), (559, "4"), (263, "1")])
    desk.change("ACME", Update(1, 1, 1, definition=definition("ACME", "0.05")))
    (told,) = desk.taken(ALPHA)
    assert (told["35"], told["320"], told["55"], told["893"]) == ("y", "l1", "ACME", "Y")
