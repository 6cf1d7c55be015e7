"""The whole venue with tracing on: one trace for each order, with a span of every process."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.tracing.receiver import Received, Receiver
from venue.bus.connection import connected
from venue.bus.subjects import STREAM
from venue.data_directory import DataDirectory
from venue.domain.commands import EnterOrder
from venue.journal.identity import journal_identity
from venue.replay.order_search import matching_records
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


def test_refused_order_is_a_trace_too(
    venue: RunningVenue, receiver: Receiver, http: httpx.Client, dana: dict[str, str]
) -> None:
    order = {"symbol": "ACME", "side": "buy", "quantity": "5", "price": "900.00"}
    refused = {**order, "client_order_id": "refused"}
    assert http.post("/v1/orders", json=refused, headers=dana).status_code == 422
    (record,) = [
        record
        for _, record in matching_records(DataDirectory(venue.data_dir).journal, b'"refused"')
        if type(record.command) is EnterOrder
    ]
    trace = sampling_of(venue).trace_id(-record.events[0].event_seq)
    wanted = OVER_HTTP - {("clearing", "ledger")}
    wait_for(lambda: steps(receiver.of(trace)) >= wanted, 60)
    assert steps(receiver.of(trace)) == wanted
    ensure_parents_are_right(receiver.of(trace), "gateway")


def test_there_is_one_trace_for_each_order(
    venue: RunningVenue, receiver: Receiver, traded: tuple[list[Received], list[Received]]
) -> None:
    orders = {span.attributes["venue.cl_ord_id"] for span in receiver.spans if span.step == "order"}
    traces = {span.trace for span in receiver.spans}
    assert len(traces) == len(orders) >= 2


def test_published_event_says_which_trace_it_is_of(
    venue: RunningVenue, traded: tuple[list[Received], list[Received]]
) -> None:
    over_http, over_fix = traded
    for spans in (over_http, over_fix):
        published = {
            (span.attributes["venue.event_seq"], span.trace, span.span)
            for span in spans
            if span.step == "publisher"
        }
        said = asyncio.run(traceparents(venue.runtime()["nats"]))
        assert {f"00-{trace}-{span}-01" for _, trace, span in published} & set(said.values())
        for event_seq, trace, span in published:
            if event_seq in said and trace in said[event_seq]:
                assert said[event_seq] == f"00-{trace}-{span}-01"


async def traceparents(nats_url: str) -> dict[int, str]:
    """The traceparent of each event in the stream that has one."""
    found = {}
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        state = (await jetstream.stream_info(STREAM)).state
        for seq in range(state.first_seq, state.last_seq + 1):
            headers = (await jetstream.get_msg(STREAM, seq)).headers or {}
            if "traceparent" in headers:
                found[int(headers["Nats-Msg-Id"])] = headers["traceparent"]
    return found


def test_explain_tells_the_same_without_a_collector(
    venue: RunningVenue, traded: tuple[list[Received], list[Received]]
) -> None:
    over_http, over_fix = traded
    for spans, has_gateway in ((over_http, True), (over_fix, False)):
        (order,) = [span for span in spans if span.step == "order"]
        told = venue.json("explain", str(order.attributes["venue.order_id"]), "--trace")
        assert told["trace_id"] == order.trace
        rows = told["trace"]
        assert {row["step"] for row in rows} == {step for _, step in OVER_FIX | OVER_HTTP} - {
            "order", *(() if has_gateway else ("gateway",))
        }  # fmt: skip
        ensure_times_are_those_of_the_spans(rows, spans)
        for row in rows:
            assert (row["at_ns"] is None) == (row["since_us"] is None)
            assert row["at_ns"] is not None or "not kept" in row["said_by"]
    text = venue.command("explain", str(order.attributes["venue.order_id"]), "--trace").stdout
    assert text.startswith(f"trace {order.trace}\n")
    assert "fix in" in text and "(the log of messages)" in text


def ensure_times_are_those_of_the_spans(rows: list[dict[str, Any]], spans: list[Received]) -> None:
    ends = {"fix in": False, "batch": False, "journal": True, "report out": True}
    for row in rows:
        if row["step"] in ends:
            (own,) = [
                span
                for span in spans
                if span.step == row["step"] and span.attributes["venue.seq"] == row["record"]
            ]
            assert row["at_ns"] == (own.ended_ns if ends[row["step"]] else own.began_ns)
        if row["step"] == "publisher":
            (own,) = [
                span
                for span in spans
                if span.step == "publisher"
                and span.attributes["venue.event_seq"] == row["event_seq"]
            ]
            assert own.began_ns <= row["at_ns"] + 1_000 and row["at_ns"] <= own.ended_ns
