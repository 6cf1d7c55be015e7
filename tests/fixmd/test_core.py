"""The core of market data over FIX: who is sent what, who is refused, and who does not keep up."""

import sys
from pathlib import Path
from random import Random

import pytest
import quickfix

from tests.fix_message import Field
from tests.fixmd.client_book import BID, OFFER, ClientBook
from tests.fixmd.desk import BOUNDS, EVERYTHING, Desk, market_data_request
from tests.fixmd.market import definition, status
from venue.domain.types import Phase, Side
from venue.fix.fields import field_list
from venue.fix.sender import framed
from venue.fixmd.reference import LIST_AT_ONCE
from venue.marketdata.followed_book import Update
from venue.settings.files import shipped

STOCK = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
ALPHA, BRAVO = "ALPHA-MD", "BRAVO-MD"


@pytest.fixture
def desk() -> Desk:
    """A core with two sessions on; BRAVO-MD has the venue dialect."""
    made = Desk("ACME", "GLOBEX", venue_dialect=(BRAVO,))
    made.log_on(ALPHA)
    made.log_on(BRAVO)
    return made


def quoted(desk: Desk, symbol: str = "ACME") -> None:
    """A bid and an offer stand in the book."""
    market = desk.markets.markets[symbol]
    bid, offer = market.new(Side.BUY, "99.00", "1"), market.new(Side.SELL, "101.00", "2")
    desk.change(symbol, market.update(bid, offer))


# --- W, X and what they have in them


def test_snapshot_once_is_followed_by_nothing(desk: Desk) -> None:
    quoted(desk)
    (whole,) = desk.subscribe(ALPHA, "ACME", way="0")
    assert (whole["35"], whole["262"], whole["55"], whole["268"]) == ("W", "r1", "ACME", "2")
    desk.change("ACME")
    assert desk.texts(ALPHA) == []


def test_subscription_gets_a_whole_book_then_changes_with_the_symbol_in_each_entry(
    desk: Desk,
) -> None:
    desk.subscribe(ALPHA, "ACME")
    quoted(desk)
    (text,) = desk.texts(ALPHA)
    assert text == (
        "35=X\x01262=r1\x01268=2\x01"
        "279=0\x01269=0\x0155=ACME\x01270=99.00\x01271=1.000\x01346=1\x01"
        "279=0\x01269=1\x0155=ACME\x01270=101.00\x01271=2.000\x01346=1\x01"
    )


def test_venue_dialect_has_the_update_number_in_each_entry_and_the_checksum(desk: Desk) -> None:
    quoted(desk)
    (whole,) = desk.subscribe(BRAVO, "ACME")
    book = desk.markets.books["ACME"]
    assert (whole["83"], whole["5041"]) == (str(book.seq), str(book.checksum))
    desk.change("ACME", desk.markets.markets["ACME"].at_random())
    (text,) = desk.texts(BRAVO)
    assert text.count("\x0183=") == text.count("279=")
    assert text.endswith(f"5041={book.checksum}\x01")


def test_order_by_order_has_the_public_id_in_37_and_278(desk: Desk) -> None:
    quoted(desk)
    (whole,) = desk.subscribe(ALPHA, "ACME", aggregated="N")
    assert (whole["37"], "278" in whole) == ("ACME-1", False)
    market = desk.markets.markets["ACME"]
    desk.change("ACME", market.update(market.changed("ACME-1", "0.5")))
    (change,) = desk.taken(ALPHA)
    assert (change["279"], change["278"], change["37"]) == ("1", "ACME-1", "ACME-1")


def test_full_refresh_sends_the_whole_book_at_each_change(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME", update_type="0")
    quoted(desk)
    assert [each["35"] for each in desk.taken(ALPHA)] == ["W"]


def test_book_that_was_fetched_anew_is_sent_whole(desk: Desk) -> None:
    quoted(desk)
    desk.subscribe(ALPHA, "ACME")
    desk.change("ACME", desk.markets.books["ACME"].everything())
    (whole,) = desk.taken(ALPHA)
    assert (whole["35"], whole["58"]) == ("W", "REFRESHED")


def test_five_hundred_symbols_in_one_request_are_five_hundred_books() -> None:
    symbols = [f"S{number}" for number in range(500)]
    desk = Desk(*symbols)
    desk.log_on(ALPHA)
    answers = desk.subscribe(ALPHA, *symbols)
    assert [each["55"] for each in answers] == symbols
    assert {each["35"] for each in answers} == {"W"}
    desk.change("S499")
    assert len(desk.texts(ALPHA)) == 1


def test_symbol_without_orders_or_trades_has_an_empty_book(desk: Desk) -> None:
    (whole,) = desk.subscribe(ALPHA, "ACME", types="012")
    assert (whole["35"], whole["55"], whole["268"]) == ("W", "ACME", "0")


# --- refusals


def test_unknown_symbol_refuses_the_whole_request(desk: Desk) -> None:
    (refused,) = desk.subscribe(ALPHA, "ACME", "NOPE")
    assert (refused["35"], refused["262"], refused["281"]) == ("Y", "r1", "0")
    assert "NOPE" in refused["58"]
    desk.change("ACME")
    assert desk.texts(ALPHA) == []


def test_second_request_of_one_id_is_refused_and_the_first_goes_on(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME")
    (refused,) = desk.subscribe(ALPHA, "GLOBEX")
    assert (refused["35"], refused["281"]) == ("Y", "1")
    desk.change("ACME")
    assert len(desk.texts(ALPHA)) == 1
    (other,) = desk.subscribe(BRAVO, "GLOBEX")
    assert other["35"] == "W", "ids are a session's own"


def test_id_can_be_used_again_once_it_has_ended(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME")
    assert desk.ask(ALPHA, "V", [(262, "r1"), (263, "2")]) == []
    desk.change("ACME")
    assert desk.texts(ALPHA) == []
    assert desk.subscribe(ALPHA, "GLOBEX")[0]["35"] == "W"


def test_end_of_what_is_not_subscribed_is_refused(desk: Desk) -> None:
    (refused,) = desk.ask(ALPHA, "V", [(262, "r9"), (263, "2")])
    assert (refused["35"], refused.get("281")) == ("Y", None)
    assert refused["58"].startswith("UNKNOWN_REQUEST ")


def test_too_many_subscriptions_are_refused() -> None:
    symbols = [f"S{number}" for number in range(BOUNDS.subscriptions)]
    desk = Desk(*symbols, "ONE")
    desk.log_on(ALPHA)
    desk.subscribe(ALPHA, *symbols)
    (refused,) = desk.subscribe(ALPHA, "ONE", id="r2")
    assert (refused["35"], refused["281"]) == ("Y", "2")
    assert desk.subscribe(ALPHA, "ONE", id="r3", way="0")[0]["35"] == "W"


def test_subscriptions_end_with_the_session(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME")
    desk.core.logged_out(ALPHA)
    desk.log_on(ALPHA)
    desk.change("ACME")
    assert desk.texts(ALPHA) == []
    assert desk.subscribe(ALPHA, "ACME")[0]["35"] == "W"


# --- books that are not there yet


def test_request_waits_for_the_books(desk: Desk) -> None:
    desk.markets.is_complete = False
    assert desk.subscribe(ALPHA, "ACME") == []
    desk.core.tick()
    assert desk.texts(ALPHA) == []
    desk.markets.is_complete = True
    desk.core.tick()
    assert [each["35"] for each in desk.taken(ALPHA)] == ["W"]


def test_request_that_waits_for_long_is_refused(desk: Desk) -> None:
    desk.markets.is_complete = False
    desk.subscribe(ALPHA, "ACME")
    desk.now += 60
    desk.core.tick()
    (refused,) = desk.taken(ALPHA)
    assert (refused["35"], refused["379"], refused["380"]) == ("j", "r1", "4")


# --- readers that do not keep up


def test_slow_and_fast_reader_end_with_the_same_book(desk: Desk) -> None:
    """Whatever the slow one reads when: its trades are all there, its books are the last ones."""
    random = Random(7)
    clients = {ALPHA: ClientBook(10), BRAVO: ClientBook(10)}
    desk = Desk("ACME", venue_dialect=(ALPHA, BRAVO))
    for session in clients:
        desk.log_on(session)
        desk.subscribe_and_take(session, clients[session])
    conflated = 0
    for _ in range(400):
        desk.change("ACME")
        if random.random() < 0.1:
            desk.unread[BRAVO] = random.choice((0, 10_000))
        desk.core.tick()
        for session, client in clients.items():
            conflated += desk.give(session, client)
    desk.unread[BRAVO] = 0
    desk.core.tick()
    conflated += desk.give(BRAVO, clients[BRAVO])
    fast, slow = clients[ALPHA], clients[BRAVO]
    assert (fast.snapshots, slow.snapshots > 1, conflated > 0) == (1, True, True)
    assert fast.trades == slow.trades
    for kind in (BID, OFFER):
        assert fast.best(kind) == slow.best(kind)
    assert fast.own_checksum() == slow.own_checksum() == slow.checksum == fast.checksum


def test_conflated_reader_gets_its_trades_then_a_whole_book_that_says_so(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME", types="012")
    desk.unread[ALPHA] = BOUNDS.conflate_bytes + 1
    market = desk.markets.markets["ACME"]
    quoted(desk)
    desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
    desk.change("ACME", market.update(trades=(market.trade("100.01"),)))
    desk.core.tick()
    assert desk.texts(ALPHA) == []
    desk.unread[ALPHA] = 0
    desk.core.tick()
    first, second, whole = desk.taken(ALPHA)
    assert [(each["35"], each["278"]) for each in (first, second)] == [("X", "M1"), ("X", "M2")]
    assert (whole["35"], whole["58"]) == ("W", "CONFLATED=3")
    assert (whole["813"], whole["814"]) == ("3", "2")
    desk.change("ACME")
    assert [each["35"] for each in desk.taken(ALPHA)] == ["X"], "from then on as before"


def test_reader_that_is_slow_for_long_is_logged_out_with_a_reason(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME")
    desk.subscribe(BRAVO, "ACME")
    desk.unread[ALPHA] = BOUNDS.conflate_bytes + 1
    desk.change("ACME")
    desk.now += BOUNDS.slow_seconds - 1
    desk.core.tick()
    assert desk.ended == {}
    desk.now += 2
    desk.core.tick()
    assert list(desk.ended) == [ALPHA]
    assert desk.ended[ALPHA].startswith("SLOW_READER ")


def test_reader_whose_trades_pile_up_is_logged_out(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME", types="2")
    desk.unread[ALPHA] = BOUNDS.conflate_bytes + 1
    market = desk.markets.markets["ACME"]
    for _ in range(200):
        desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
    desk.core.tick()
    assert desk.ended[ALPHA].startswith("SLOW_READER ")


def test_who_asks_and_does_not_read_the_answers_is_logged_out(desk: Desk) -> None:
    desk.unread[ALPHA] = BOUNDS.most_bytes + 1
    assert desk.subscribe(ALPHA, "ACME", way="0") == []
    assert desk.ended[ALPHA].startswith("SLOW_READER ")


# --- what is traded, and whether it trades


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
    for symbol, said in (("ACME", []), ("GLOBEX", ["3"])):
        books[symbol].status = status(symbol, Phase.CLOSED)
        if symbol == "ACME":
            books[symbol].status = status(symbol, Phase.HALT)
        desk.change(symbol, Update(1, 1, 1, status=books[symbol].status))
        assert [each["340"] for each in desk.taken(ALPHA)] == said
    (unknown,) = desk.ask(ALPHA, "g", [(335, "g2"), (336, "NIGHT"), (263, "0")])
    assert (unknown["340"], unknown["567"]) == ("6", "1")


def test_new_instrument_is_told_to_who_has_subscribed_to_the_list(desk: Desk) -> None:
    desk.ask(ALPHA, "x", [(320, "l1"), (559, "4"), (263, "1")])
    desk.change("ACME", Update(1, 1, 1, definition=definition("ACME", "0.05")))
    (told,) = desk.taken(ALPHA)
    assert (told["35"], told["320"], told["55"], told["893"]) == ("y", "l1", "ACME", "Y")


# --- what a client's dictionary says of all that is sent


def test_all_that_is_sent_is_valid_by_the_dictionary_of_its_dialect(desk: Desk) -> None:
    """By the stock FIX 4.4 dictionary for the stock dialect, by the venue's own for the other."""
    dictionaries = {
        ALPHA: quickfix.DataDictionary(str(STOCK)),
        BRAVO: quickfix.DataDictionary(str(shipped("spec/FIX44.xml"))),
    }
    requests: list[tuple[str, list[Field]]] = [
        ("x", [(320, "l1"), (559, "4"), (263, "1")]),
        ("x", [(320, "l2"), (559, "1")]),
        ("c", [(320, "d1"), (321, "0"), (55, "ACME"), (263, "1")]),
        ("c", [(320, "d2"), (321, "0")]),
        ("e", [(324, "e1"), (55, "ACME"), (263, "1")]),
        ("e", [(324, "e2"), (55, "NOPE"), (263, "0")]),
        ("g", [(335, "g1"), (263, "1")]),
        ("g", [(335, "g2"), (336, "NIGHT"), (263, "0")]),
        ("V", [(262, "r9"), (263, "2")]),
    ]
    market = desk.markets.markets["ACME"]
    seen: set[str] = set()
    for session, dictionary in dictionaries.items():
        for number, aggregated in enumerate("YN"):
            how = {"aggregated": aggregated, "types": EVERYTHING}
            requests.append(("V", market_data_request(f"s{number}", "ACME", **how)))
        requests.append(("V", market_data_request("n1", "NOPE")))
        requests.append(("V", market_data_request("w", "ACME", update_type="0", types=EVERYTHING)))
        for msg_type, body in requests:
            desk.request(session, msg_type, body)
        for _ in range(30):
            desk.change("ACME")
        desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
        last = len(market.prices)
        bust, correction = market.bust(f"M{last}", "100.00"), market.correction("M1", "1", "2")
        desk.change("ACME", market.update(trades=(bust, correction)))
        desk.unread[session] = BOUNDS.conflate_bytes + 1
        desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
        desk.unread[session] = 0
        desk.core.tick()
        desk.change("ACME", market.book.everything())
        desk.change("ACME", Update(1, 1, 1, status=status("ACME"), definition=definition("ACME")))
        seen |= valid(desk, session, dictionary)
    assert seen == set("WXYydfh")


def valid(desk: Desk, session: str, dictionary: quickfix.DataDictionary) -> set[str]:
    """Read all that was sent to the session by its dictionary; the MsgTypes seen."""
    seen = set()
    for text in desk.texts(session):
        kind, _, body = text.partition("\x01")
        header = f"{kind}\x0134=2\x0149=VENUE\x0152=20261129-10:00:00\x0156={session}\x01"
        raw = framed(header + body)
        try:
            dictionary.validate(quickfix.Message(raw.decode(), dictionary, True))
        except quickfix.FIXException as error:
            pytest.fail(f"{type(error).__name__} {error}: {raw!r}")
        seen.add(kind.removeprefix("35="))
        if session == ALPHA:
            assert not {"83", "5041"} & {tag for tag, _ in field_list(text)}
    return seen
