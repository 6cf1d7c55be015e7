"""What a session sends: the shares that were asked for, and only requests about open orders."""

from collections import Counter
from random import Random

from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.load.flow import CANCEL, LEVELS, NEW, REPLACE, Flow, Quote, Request, quote_of
from venue.load.mix import Mix

INSTRUMENT = Instrument(
    InstrumentDefinition(
        symbol="ACME",
        currency="USD",
        tick_size="0.05",
        lot_size="10",
        reference_price="100",
        max_order_qty="1000000",
        max_order_value="50000000",
        price_collar_percent="10",
    )
)
TIME = "20260105-10:00:00"


def flow(mix: Mix, *quotes: Quote) -> Flow:
    return Flow(mix, quotes or (quote_of(INSTRUMENT),), Random(5).random, "run-", TIME)


def fields(request: Request) -> dict[bytes, bytes]:
    pairs = (part.partition(b"=") for part in request.body.split(b"\x01") if part)
    return {tag: value for tag, _, value in pairs}


def test_shares_are_those_of_the_mix() -> None:
    one = flow(Mix(new=70, cancel=25, replace=5, cross=33))
    counts: Counter[bytes] = Counter()
    crossing = 0
    quote = quote_of(INSTRUMENT)
    for _ in range(20_000):
        request = one.next_request()
        counts[request.msg_type] += 1
        if request.msg_type == NEW:
            crossing += fields(request)[b"44"] in quote.crossing and (
                quote.crossing[int(fields(request)[b"54"]) - 1] == fields(request)[b"44"]
            )
        if request.order is not None:
            one.accepted(request.cl_ord_id, request.order)
    assert abs(counts[NEW] / 20_000 - 0.70) < 0.02
    assert abs(counts[CANCEL] / 20_000 - 0.25) < 0.02
    assert abs(counts[REPLACE] / 20_000 - 0.05) < 0.01
    assert abs(crossing / counts[NEW] - 0.33) < 0.02


def test_cancels_and_replaces_name_the_oldest_open_order_once() -> None:
    one = flow(Mix(new=50, cancel=25, replace=25))
    open_orders: dict[bytes, bytes] = {}
    for _ in range(5000):
        request = one.next_request()
        sent = fields(request)
        assert sent[b"11"] == request.cl_ord_id
        if request.msg_type != NEW:
            oldest = next(iter(open_orders))
            assert sent[b"41"] == oldest
            assert sent[b"54"] == open_orders.pop(oldest)
        if request.order is not None:
            open_orders[request.cl_ord_id] = sent[b"54"]
            one.accepted(request.cl_ord_id, request.order)
        assert one.open_orders == len(open_orders)


def test_filled_and_unanswered_orders_are_left_alone() -> None:
    one = flow(Mix(new=1, cancel=99, replace=0))
    first, second = one.next_request(), one.next_request()
    assert (first.msg_type, second.msg_type) == (NEW, NEW), "nothing is open yet"
    assert first.order is not None and second.order is not None
    one.accepted(first.cl_ord_id, first.order)
    one.accepted(second.cl_ord_id, second.order)
    one.filled(first.cl_ord_id)
    third = one.next_request()
    assert (third.msg_type, fields(third)[b"41"]) == (CANCEL, second.cl_ord_id)
    assert one.next_request().msg_type == NEW, "its cancel is under way"


def test_prices_rest_around_the_reference_and_cross_all_of_the_other_side() -> None:
    quote = quote_of(INSTRUMENT)
    bids, offers = quote.resting
    assert (quote.symbol, quote.quantity) == (b"ACME", b"100")
    assert (len(bids), len(offers)) == (LEVELS, LEVELS)
    assert (bids[0], offers[0]) == (b"99.95", b"100.05")
    assert float(quote.crossing[0]) >= max(map(float, offers))
    assert float(quote.crossing[1]) <= min(map(float, bids))


def test_same_seed_sends_the_same() -> None:
    one, other = flow(Mix()), flow(Mix())
    assert [one.next_request() for _ in range(100)] == [other.next_request() for _ in range(100)]
