"""The whole venue with tracing on: one trace for each order, with a span of every process."""

import httpx
import pytest

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.tracing.receiver import Received, Receiver
from venue.data_directory import DataDirectory
from venue.journal.identity import journal_identity
from venue.tracing.ids import Sampling

CLIENTS_TRACE = "0af7651916cd43dd8448eb211c80319c"
TRADING = {
    ("trading", "order"),
    ("trading", "fix in"),
    ("trading", "batch"),
    ("trading", "journal"),
    ("trading", "report out"),
}
BEHIND = {
    ("publisher", "publisher"),
    ("clearing", "clearing"),
    ("clearing", "ledger"),
    ("audit", "audit"),
    ("dropcopy", "dropcopy"),
    ("marketdata", "marketdata"),
    ("notifier", "notifier"),
}
OVER_FIX = TRADING | BEHIND
OVER_HTTP = OVER_FIX | {("gateway", "gateway")}


def sampling_of(venue: RunningVenue, share: str = "1") -> Sampling:
    return Sampling(journal_identity(DataDirectory(venue.data_dir).journal), share)


def enter(http: httpx.Client, who: dict[str, str], price: str) -> str:
    """OrderID of an order to buy 5 over HTTP, whose client has a trace of its own."""
    order = {"symbol": "ACME", "side": "buy", "quantity": "5", "price": price}
    traceparent = f"00-{CLIENTS_TRACE}-b7ad6b7169203331-01"
    found = http.post("/v1/orders", json=order, headers={**who, "traceparent": traceparent})
    assert found.status_code == 201, found.text
    return str(found.json()["order_id"])


def sell(venue: RunningVenue, cl_ord_id: str, price: str) -> str:
    """OrderID of an order to sell 5 over FIX, which trades."""
    client = venue.client("BRAVO")
    client.logon()
    client.send("D", new_order(cl_ord_id, "2", "5", price))
    order_id = client.expect_report(cl_ord_id, "F").get(37)
    venue.disconnect_clients()
    return order_id


def steps(spans: list[Received]) -> set[tuple[str, str]]:
    return {(span.service, span.step) for span in spans}


def ensure_parents_are_right(spans: list[Received], root: str) -> None:
    """Every span but the root has a parent in the same trace, of the right step."""
    by_id = {span.span: span for span in spans}
    assert len(by_id) == len(spans), "a span came twice"
    roots = [span for span in spans if not span.parent]
    assert [span.step for span in roots] == [root]
    for span in spans:
        if span.parent:
            parent = by_id[span.parent].step
            if span.step == "order":
                assert parent == "gateway"
            elif span.step in {step for _, step in TRADING} | {"publisher"}:
                assert parent == "order"
            else:
                assert parent == ("clearing" if span.step == "ledger" else "publisher")
        assert span.began_ns <= span.ended_ns


@pytest.fixture(scope="module")
def traded(
    venue: RunningVenue, receiver: Receiver, http: httpx.Client, dana: dict[str, str]
) -> tuple[list[Received], list[Received]]:
    """Spans of an order over HTTP, and of one over FIX that has traded with it."""
    sampling = sampling_of(venue)
    bought, sold = enter(http, dana, "101.00"), sell(venue, "sold", "101.00")
    traces = [sampling.trace_id(int(order_id)) for order_id in (bought, sold)]
    wait_for(lambda: steps(receiver.of(traces[0])) >= OVER_HTTP, 60)
    wait_for(lambda: steps(receiver.of(traces[1])) >= OVER_FIX, 60)
    return receiver.of(traces[0]), receiver.of(traces[1])


def test_an_order_over_http_is_one_trace_of_every_process(
    traded: tuple[list[Received], list[Received]],
) -> None:
    over_http, _ = traded
    assert steps(over_http) == OVER_HTTP
    ensure_parents_are_right(over_http, "gateway")
    (request,) = [span for span in over_http if span.step == "gateway"]
    assert request.attributes["venue.request"] == "POST /v1/orders"
    assert request.links == [CLIENTS_TRACE]


def test_an_order_over_fix_is_one_trace_of_every_process(
    traded: tuple[list[Received], list[Received]],
) -> None:
    _, over_fix = traded
    assert steps(over_fix) == OVER_FIX
    ensure_parents_are_right(over_fix, "order")
