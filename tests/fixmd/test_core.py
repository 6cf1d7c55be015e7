"""The core of market data over FIX: who is sent what, and who is refused."""

from tests.fixmd.desk import ALPHA, BOUNDS, BRAVO, Desk, quoted
from venue.domain.types import Side
from venue.fix.fields import field_list
from venue.fixmd.core import MOST_ENTRIES

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


def test_updates_that_come_together_leave_in_one_message(desk: Desk) -> None:
    """Each with its own number; a book that is asked for meanwhile is not told of them again."""
    desk.subscribe(BRAVO, "ACME")
    desk.is_busy = True
    quoted(desk)
    market = desk.markets.markets["ACME"]
    desk.change("ACME", market.update(market.changed("ACME-1", "0.5")))
    assert desk.texts(BRAVO) == []
    (whole,) = desk.subscribe(ALPHA, "ACME")
    assert whole["271"] == "0.500"
    (text,) = desk.texts(BRAVO)
    assert [value for tag, value in field_list(text) if tag == "83"] == ["1", "1", "2"]
    desk.go_on()
    assert (desk.texts(ALPHA), desk.texts(BRAVO)) == ([], [])


def test_many_updates_at_once_are_split(desk: Desk) -> None:
    desk.subscribe(ALPHA, "ACME")
    desk.is_busy = True
    market = desk.markets.markets["ACME"]
    for tens in range(12):
        prices = [f"{tens + 1}{ones:02}.00" for ones in range(1, 99)]
        desk.change("ACME", market.update(*(market.new(Side.BUY, each, "1") for each in prices)))
    desk.go_on()
    counts = [text.count("279=") for text in desk.texts(ALPHA)]
    assert (len(counts), sum(counts)) == (2, 12 * 98)
    assert max(counts) <= MOST_ENTRIES + 98
