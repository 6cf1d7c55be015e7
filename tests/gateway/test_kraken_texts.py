"""The Kraken profile without a venue: signatures, nonces, numbers, words, candles, shown books."""

import asyncio
import base64
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from venue.domain.reject_reasons import RejectReason
from venue.domain.types import Side
from venue.gateway.kraken import signatures
from venue.gateway.kraken.errors import OF_PROBLEM, OF_REASON, Refused, refused
from venue.gateway.kraken.figures import fixed, json_number, ns_of_iso, ns_of_seconds, number_text
from venue.gateway.kraken.history import CANDLES, History, with_gaps_filled
from venue.gateway.kraken.names import Pair
from venue.gateway.kraken.nonces import Nonces
from venue.gateway.kraken.requests import read_request
from venue.gateway.kraken.terms import Change, Terms, changes_of, checked, new_order
from venue.gateway.order import Order
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import ApiKey, State, User, Users
from venue.marketdata.messages import MINUTE_NS, Trade, TradeBusted, TradeCorrected

RULES = Path(__file__).resolve().parent.parent.parent / "docs" / "RULES_OF_ENGAGEMENT.md"
SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
BODY = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
SIGNATURE = (
    "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
)
"""An example of Kraken's own documentation."""
NOW = 1_800_000_000_000_000_000
SECOND = 10**9
READ = frozenset({Scope.READ})
DANA = User("dana", "ALPHA", READ, State.ACTIVE)
KEY = ApiKey("key", DANA, SECRET, READ)
PAIR = Pair("BTC-USD", "BTCUSD", "BTC/USD", "BTC", "USD", 2, 8, "0.01", "0.00000001")
ORDER = Order("O1", "c1", "BTC-USD", "buy", "stop_limit", "gtc", "2", "0", "2", "0", "new")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "gateway" / "gateway.db")
    yield store
    store.close()


def test_a_signature_is_that_of_krakens_own_example() -> None:
    path, nonce = "/0/private/AddOrder", "1616492376594"
    assert signatures.doubt(KEY, SIGNATURE, path, nonce, BODY) == ""
    assert signatures.doubt(KEY, SIGNATURE, path, nonce, BODY + b"0") != ""
    assert signatures.doubt(KEY, SIGNATURE, "/0/private/Balance", nonce, BODY) != ""
    assert signatures.doubt(KEY, SIGNATURE, path, "1616492376595", BODY) != ""
    assert signatures.doubt(KEY, "sé", path, nonce, BODY) != ""


@pytest.mark.parametrize("secret", ["", "short", base64.b64encode(b"x" * 63).decode(), "é" * 88])
def test_a_key_of_another_profile_signs_nothing(secret: str) -> None:
    other = ApiKey("other", DANA, secret, READ)
    forged = signatures.sign(b"", "/0/private/Balance", "1", b"nonce=1")
    assert "not made" in signatures.doubt(other, forged, "/0/private/Balance", "1", b"nonce=1")


def test_a_token_is_its_keys_and_ends() -> None:
    token = signatures.websocket_token(KEY, NOW)
    assert signatures.key_of_token(token, NOW) == "key"
    assert signatures.is_token_of(KEY, token)
    late = NOW + (signatures.TOKEN_SECONDS + 60) * SECOND
    assert signatures.key_of_token(token, late) is None
    other = ApiKey("key", DANA, signatures.new_secret(), READ)
    assert len(signatures.secret_bytes(other.secret) or b"") == 64
    assert not signatures.is_token_of(other, token)
    mac, said = token.split(".")
    longer = base64.urlsafe_b64encode(b"key\n9999999999").decode().rstrip("=")
    assert not signatures.is_token_of(KEY, f"{mac}.{longer}")
    for broken in ("", ".", mac, said, f"{mac}.é", f"{mac}.!", f"{mac}.{said}.{said}"):
        assert not signatures.is_token_of(KEY, broken)


def test_nonces_grow_over_restarts_too(store: Store) -> None:
    dana = Users(store).add("dana", "ALPHA", READ, "a long enough password", NOW)
    key = Users(store).add_key(dana, READ, "", NOW, signatures.new_secret()).key

    async def take(nonces: Nonces, *numbers: int) -> list[bool]:
        return [await nonces.take(key, number) for number in numbers]

    assert asyncio.run(take(Nonces(store), 5, 6, 6, 4)) == [True, True, False, False]
    assert asyncio.run(take(Nonces(store), 6, 7)) == [False, True]


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "x", "9" * 20, "٣", str(2**63)])
def test_what_is_no_nonce_is_none(text: str) -> None:
    assert signatures.nonce_of(text) is None
    assert signatures.nonce_of(str(2**63 - 1)) == 2**63 - 1


def test_every_code_of_the_rules_has_a_text() -> None:
    table = RULES.read_text().partition("<!-- table: codes -->")[2].partition("<!-- end -->")[0]
    said = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert said == set(OF_REASON) == set(RejectReason)
    assert set(OF_PROBLEM) == set(Code)


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (Problem(Code.REFUSED, "x", venue_code="INSUFFICIENT_FUNDS"), "EOrder:Insufficient funds"),
        (Problem(Code.REFUSED, "x", venue_code="ANOTHER"), "EOrder:Invalid order"),
        (Problem(Code.NOT_FOUND, "x", field="symbol"), "EQuery:Invalid asset pair"),
        (Problem(Code.NOT_FOUND, "x", venue_code="UNKNOWN_ORDER"), "EOrder:Unknown order"),
        (Problem(Code.UNAUTHENTICATED, "x"), "EAPI:Invalid key"),
        (Problem(Code.TOO_MANY, "x"), "EAPI:Rate limit exceeded"),
        (Problem(Code.AWAY, "x"), "EService:Unavailable"),
    ],
)
def test_a_problem_is_told_in_krakens_words(problem: Problem, error: str) -> None:
    assert refused(problem).on_rest()[0] == error


def test_the_venues_own_words_stand_beside_but_for_a_wrong_key() -> None:
    problem = Problem(Code.REFUSED, "PRICE_NOT_ON_TICK 44=1.001", venue_code="PRICE_NOT_ON_TICK")
    assert refused(problem).on_rest()[1] == "WVenue:PRICE_NOT_ON_TICK 44=1.001"
    assert len(refused(Problem(Code.UNAUTHENTICATED, "why")).on_rest()) == 1
    funds = Refused("EOrder:Insufficient funds", "INSUFFICIENT_FUNDS 1 < 2").on_socket()
    assert funds == "EOrder:Insufficient funds(insufficient user funds): INSUFFICIENT_FUNDS 1 < 2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.50", "1.5"),
        (Decimal("1E-8"), "0.00000001"),
        (7, "7"),
        (10**19 + 1, str(10**19 + 1)),
        ("007", "7"),
        ("1.000", "1"),
    ],
)
def test_a_number_is_read_exactly(value: object, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    "value",
    ["", "-1", "1e3", "1.", ".5", "1.123456789", "٣", "1" * 21, True, None, Decimal("-1"), [], 1.5,
     Decimal("NaN"), "1\x01"],
)  # fmt: skip
def test_what_is_no_number_is_none(value: object) -> None:
    assert number_text(value) is None


def test_numbers_are_written_with_all_their_decimals() -> None:
    assert fixed("100", 2) == "100.00" and fixed("12345678.12345678", 8) == "12345678.12345678"
    assert msgspec.json.encode({"price": json_number("100", 2)}) == b'{"price":100.00}'
    assert ns_of_iso("1970-01-01T00:00:01.5Z") == 1_500_000_000 and ns_of_iso("no") == 0
    assert ns_of_seconds("1.5") == 1_500_000_000 and ns_of_seconds(str(NOW)) == NOW
    for text in ("x", "nan", "-1", "1e30"):
        with pytest.raises(ValueError, match=re.escape(text)):
            ns_of_seconds(text)


def test_a_message_of_a_socket_is_read_exactly_or_refused() -> None:
    request = read_request('{"method":"add_order","params":{"order_qty":0.10000001},"req_id":7}')
    assert (request.method, request.req_id) == ("add_order", 7)
    assert number_text(request.params["order_qty"]) == "0.10000001"
    broken = ["", "[]", "{}", '{"method":1}', '{"method":"x","params":[]}', "[" * 60_000]
    broken += ['{"method":"x","req_id":"1"}', '{"method":"x","params":{"a":NaN}}', "x" * 70_000]
    for text in broken:
        with pytest.raises(Refused, match="Malformed request"):
            read_request(text)


def terms(**changes: Any) -> Terms:
    return Terms(**{"pair": PAIR, "side": "buy", "order_type": "limit", "quantity": "1", **changes})


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"price": "9"}, {40: "2", 59: "1", 44: "9"}),
        ({"order_type": "market"}, {40: "1", 59: "3"}),
        ({"order_type": "stop-loss", "stop_price": "8"}, {40: "3", 59: "1", 99: "8"}),
        ({"order_type": "stop-loss-limit", "stop_price": "8", "price": "7"}, {40: "4", 99: "8"}),
        ({"price": "9", "post_only": True}, {18: "6"}),
        ({"order_type": "iceberg", "price": "9", "display_quantity": "0.5"}, {111: "0.5"}),
        ({"price": "9", "time_in_force": "gtd", "expires_ns": NOW}, {126: "20270115-08:00:00"}),
        ({"price": "9", "self_match": "cancel-oldest"}, {7928: "kraken", 8000: "O"}),
    ],
)
def test_terms_become_fix(changes: dict[str, Any], fields: dict[int, str]) -> None:
    found = dict(new_order(checked(terms(**changes))))
    assert found.items() >= {**fields, 55: "BTC-USD", 54: "1", 38: "1"}.items()


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({}, "price"),
        ({"price": "9", "quantity": ""}, "volume"),
        ({"order_type": "market", "price": "9"}, "price"),
        ({"order_type": "stop-loss", "price": "9"}, "price"),
        ({"order_type": "iceberg", "price": "9"}, "displayvol"),
        ({"price": "9", "time_in_force": "gtd"}, "expiretm"),
    ],
)
def test_what_can_be_no_order_is_refused(changes: dict[str, Any], argument: str) -> None:
    with pytest.raises(Refused, match=f"^EGeneral:Invalid arguments:{argument}"):
        checked(terms(**changes))


def test_a_change_keeps_what_it_does_not_name() -> None:
    order = msgspec.structs.replace(ORDER, price="7", stop_price="8")
    found = dict(changes_of(order, Change(price="6")))
    assert found == {38: "2", 40: "4", 44: "6", 59: "1", 99: "8"}


def test_an_order_in_words_is_as_ccxt_reads_it() -> None:
    assert terms(price="9").sentence() == "buy 1 BTCUSD @ limit 9"
    stop = terms(order_type="stop-loss-limit", stop_price="8", price="7")
    assert stop.sentence() == "buy 1 BTCUSD @ stop loss 8 -> limit 7"


def trade(number: int, price: str, quantity: str = "1", minute: int = 0) -> Trade:
    return Trade(
        event_seq=number, timestamp_ns=NOW + minute * MINUTE_NS, symbol="ACME", seq=number,
        match_id=f"M{number}", price=price, quantity=quantity, aggressor=Side.BUY,
    )  # fmt: skip


def test_candles_are_the_trades_and_each_trade_counts_once() -> None:
    history = History({})
    for message in (
        trade(1, "10"),
        trade(2, "12", "3"),
        trade(2, "12", "3"),
        trade(3, "9", "1", 2),
    ):
        history.add(message)
    first, last = history.candles(1)
    assert [*map(int, (first.open, first.high, first.volume)), first.trades] == [10, 12, 4, 2]
    assert (int(last.open), last.trades) == (9, 1)
    history.add(trade(4, "20", "1", 2))
    assert [bar.high for bar in history.candles(1)] == [12, 20]
    assert [bar.trades for bar in history.candles(60)] == [4]
    filled = with_gaps_filled(history.candles(1), 1, NOW + 4 * MINUTE_NS)
    assert [(int(bar.close), bar.trades) for bar in filled] == [
        (12, 2), (12, 0), (20, 2), (20, 0), (20, 0),
    ]  # fmt: skip
    assert len(with_gaps_filled(history.candles(1), 1, NOW + 10**6 * MINUTE_NS)) == CANDLES


def test_a_bust_makes_a_history_unsound_until_it_is_read_again() -> None:
    messages = [trade(1, "10"), trade(2, "99"), trade(3, "11")]
    facts: dict[str, Any] = {
        "timestamp_ns": NOW,
        "symbol": "ACME",
        "seq": 4,
        "match_id": "M2",
        "quantity": "1",
    }
    bust = TradeBusted(event_seq=4, price="99", **facts)
    correction = TradeCorrected(
        event_seq=4, price="12", previous_price="99", previous_quantity="1", **facts
    )
    for change, high, states in ((bust, 11, ["", ""]), (correction, 12, ["", "corrected", ""])):
        history = History({})
        for message in (*messages, change):
            history.add(message)
        assert not history.is_sound
        again = History(history.changes)
        for message in (*messages, change):
            again.add(message)
        assert again.is_sound and [bar.high for bar in again.candles(1)] == [high]
        assert [each.state for each in again.latest] == states


def test_no_more_candles_and_trades_are_kept_than_are_given() -> None:
    history = History({})
    for number in range(1, 1_101):
        history.add(trade(number, "10", "1", number))
    assert len(history.candles(1)) == CANDLES and len(history.latest) == 1_000
    assert sum(bar.trades for bar in history.candles(1_440)) == 1_100
