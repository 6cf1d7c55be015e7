"""What pages show, reckoned without a browser: ladder, explanations, tape and bars, logins."""

import time
from decimal import Decimal
from pathlib import Path

import pytest

from venue.domain.types import Side as FixSide
from venue.gateway.desk.explain import place, place_in_words, refusal_in_words
from venue.gateway.desk.kept import Kept, clock_text
from venue.gateway.desk.ladder import ROWS, Grid, Side, change_of, moved, rows
from venue.gateway.desk.logins import Logins
from venue.gateway.hub import Hub, Topic
from venue.gateway.problems import Code, Problem
from venue.gateway.reject_notes import CODES
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.tokens import Tokens
from venue.gateway.users import Users
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import (
    Bar,
    PriceLevel,
    PublicOrder,
    Statistics,
    Trade,
    TradeBusted,
    TradeCorrected,
)

MINUTE_NS = 60 * 10**9
AT = 27_000_000 * MINUTE_NS
NOTHING = Side(())


def levels(*told: tuple[str, str]) -> Side:
    return Side([PriceLevel(price, quantity, 1) for price, quantity in told])


def test_a_row_has_what_stands_at_its_price_up_to_it_and_what_is_one_s_own() -> None:
    grid = Grid("0.01", "100")
    bids, asks = levels(("99.99", "5"), ("99.97", "1.5")), levels(("100.01", "2"))
    orders = [
        {"order_id": "1", "side": "buy", "price": "99.97", "remaining": "1", "state": "new"},
        {
            "order_id": "2",
            "side": "sell_short",
            "price": "100.01",
            "remaining": "2",
            "state": "new",
        },
        {"order_id": "3", "side": "buy", "price": "99.99", "remaining": "0", "state": "filled"},
        {"order_id": "4", "side": "buy", "remaining": "9", "state": "new"},
    ]
    grid.follow(bids, asks, None)
    shown = {row["price"]: row for row in rows(grid, bids, asks, orders, Decimal("99.98"))}
    assert len(shown) == ROWS and "100.00" in shown
    assert (shown["99.97"]["bid"], shown["99.97"]["bid_depth"]) == ("1.5", "6.5")
    assert shown["99.97"]["buys"] == [["1", "1"]] and shown["100.01"]["sells"] == [["2", "2"]]
    assert shown["99.99"]["buys"] == [] and shown["99.99"]["is_best"]
    assert [price for price, row in shown.items() if row["is_last"]] == ["99.98"]
    assert shown["99.98"]["bid"] == shown["99.98"]["bid_depth"] == ""


def test_a_ladder_stands_still_until_the_market_leaves_it() -> None:
    grid = Grid("0.05", "50")
    grid.follow(levels(("49.95", "1")), levels(("50.05", "1")), None)
    assert grid.centre == 50
    grid.follow(levels(("50.40", "1")), levels(("50.50", "1")), None)
    assert grid.centre == 50
    grid.follow(levels(("60.00", "1")), levels(("60.10", "1")), None)
    assert grid.centre == Decimal("60.05")
    assert all(price % Decimal("0.05") == 0 for price in grid.prices())


def test_an_empty_market_is_shown_around_its_last_or_reference_price() -> None:
    grid = Grid("1", "5")
    grid.follow(NOTHING, NOTHING, None)
    assert grid.centre == 5 and min(grid.prices()) == 1, "no price is below the tick"
    assert grid.text(Decimal(5)) == "5"
    grid.recentre(NOTHING, NOTHING, Decimal(30))
    assert grid.centre == 30


def test_prices_are_moved_exactly() -> None:
    assert moved("99.99", 1, "0.01") == "100.00"
    assert moved("0.00000003", -2, "0.00000001") == "0.00000001"
    assert moved("100", -1, "5") == "95"


@pytest.mark.parametrize(
    ("last", "close", "said"),
    [("101", "100", "+1.00%"), ("99.5", "100", "-0.50%"), (None, "100", ""), ("1", None, "")],
)
def test_change_is_since_the_close(last: str | None, close: str | None, said: str) -> None:
    told = Statistics(
        event_seq=1, timestamp_ns=AT, symbol="A", seq=1, trading_day="2026-01-01", open=None,
        high=None, low=None, last=last, volume="0", value="0", trades=0, close=close,
    )  # fmt: skip
    assert change_of(told) == said


def test_the_place_in_a_queue_is_what_is_ahead() -> None:
    told = (("a", "101", "4"), ("b", "100", "1"), ("c", "100", "2.5"), ("d", "100", "9"))
    queue = [PublicOrder(id_, FixSide.BUY, price, quantity) for id_, price, quantity in told]
    found = place(queue, "d")
    assert found == (2, Decimal("3.5"), Decimal(4))
    assert place_in_words(found) == ("Ahead at its price: 2 orders with 3.5. At better prices: 4.")
    assert place_in_words(place(queue, "a")) == (
        "It is the first at its price. No better price stands before it."
    )
    assert place(queue, "none") is None


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_of_the_venue_is_explained(code: str) -> None:
    said = refusal_in_words(Problem(Code.REFUSED, "no", venue_code=code))
    assert said[0] == f"{code}: no" and said[1].startswith("It means: ") and len(said[1]) > 12


def trade(number: int, price: str, quantity: str, at_ns: int = AT) -> Trade:
    return Trade(
        event_seq=number, timestamp_ns=at_ns, symbol="A", seq=number, match_id=f"m{number}",
        price=price, quantity=quantity, aggressor=FixSide.SELL,
    )  # fmt: skip


def tell(hub: Hub, *trades: Trade | TradeBusted | TradeCorrected) -> None:
    hub.tell(Topic.MARKET, "A", Update(1, 1, AT, trades=trades))


def test_the_tape_and_its_bars_are_exact_and_marked() -> None:
    hub = Hub()
    kept = Kept(hub)
    tell(hub, trade(1, "9.5", "1"), trade(2, "10.25", "0.1"), trade(3, "9.75", "2", AT + MINUTE_NS))
    assert [each["id"] for each in kept.trades("A")] == ["m3", "m2", "m1"]
    first, second = kept.bars("A")
    assert (first["open"], first["high"], first["low"], first["close"]) == (
        "9.5", "10.25", "9.5", "10.25",
    )  # fmt: skip
    assert first["volume"] == "1.1" and second["start_ns"] == AT + MINUTE_NS
    tell(
        hub,
        TradeBusted(
            event_seq=4,
            timestamp_ns=AT,
            symbol="A",
            seq=4,
            match_id="m1",
            price="9.5",
            quantity="1",
        ),
    )
    assert kept.trades("A")[-1]["kind"] == "busted"
    bar = Bar(
        event_seq=5, timestamp_ns=AT, symbol="A", seq=1, start_ns=AT, open="10.25", high="10.25",
        low="10.25", close="10.25", volume="0.1", value="1.025", trades=1, revision=1,
    )  # fmt: skip
    hub.tell(Topic.BARS, "A", bar)
    assert kept.bars("A")[0]["volume"] == "0.1", "the venue's own bar goes before"
    tell(hub, trade(6, "11", "1"))
    assert kept.bars("A")[0]["volume"] == "0.1"


def test_what_the_api_tells_of_before_is_added_once() -> None:
    hub = Hub()
    kept = Kept(hub)
    tell(hub, trade(7, "10", "1"))
    past = [
        {"match_id": f"m{number}", "time_ns": AT, "price": "9", "quantity": "1", "aggressor": "buy",
         "state": "corrected" if number == 5 else ""}
        for number in (5, 6, 7)
    ]  # fmt: skip
    bars = [
        {"time_ns": AT - MINUTE_NS, "open": "9", "high": "9", "low": "9", "close": "9",
         "volume": "2", "value": "18", "trades": 2, "time": "..."},
    ]  # fmt: skip
    kept.add_past("A", bars, past)
    kept.add_past("A", bars, past)
    assert [each["id"] for each in kept.trades("A")] == ["m7", "m6", "m5"]
    assert kept.trades("A")[-1]["kind"] == "corrected"
    assert [bar["volume"] for bar in kept.bars("A")] == ["2", "1"]


def test_time_of_day_is_to_the_millisecond() -> None:
    assert clock_text(86_399_999 * 1_000_000 + 86_400 * 10**9) == "23:59:59.999"


def test_a_login_at_the_desk_ends_when_it_ends_elsewhere(tmp_path: Path) -> None:
    store = Store(tmp_path / "gateway.db")
    users = Users(store)
    tokens = Tokens(store, users)
    now_ns = 1_800_000_000 * 10**9
    tokens.open(now_ns)
    hub = Hub()
    logins = Logins(tokens, hub)
    dana = users.add("dana", "ALPHA", frozenset({Scope.READ}), "a long enough password", now_ns)

    def log_in() -> str:
        issued = tokens.begin(dana, dana.scopes, "", time.time_ns(), refreshes=True)
        told = {
            "access_token": issued.access, "refresh_token": issued.refresh, "expires_in": 600,
            "scope": "read",
        }  # fmt: skip
        return logins.add(told)

    first, second = log_in(), log_in()
    ended = []
    login = logins.get(first)
    assert login is not None and login.is_trader and not login.is_operator
    login.on_end(lambda: ended.append("first"))
    hub.tell(Topic.LOGINS, "dana", login.family)
    assert ended == ["first"] and logins.get(first) is None
    assert logins.get(second) is not None
    hub.tell(Topic.LOGINS, "dana", "")
    assert logins.get(second) is None and logins.get("") is None
    store.close()
