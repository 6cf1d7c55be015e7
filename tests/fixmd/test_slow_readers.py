"""Readers that do not keep up: conflated, brought up to date, or logged out with a reason."""

from random import Random

from tests.fixmd.client_book import BID, OFFER, ClientBook
from tests.fixmd.desk import ALPHA, BOUNDS, BRAVO, Desk, quoted


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
