"""Ids of traces: every process comes to the same ones, and decides the same."""

import pytest
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased

from tests.engine.builders import buy, enter, sell
from tests.sequencer.builders import Trading
from venue.domain.codec import encode
from venue.replay.order_search import matching_records
from venue.tracing.ids import PARENTS, SINKS, Sampling

ALL, NONE = Sampling("journal", "1"), Sampling("journal", "0")


@pytest.mark.parametrize("share", ["0.001", "0.01", "0.25", "0.5"])
def test_share_of_all_orders_is_traced(share: str) -> None:
    sampling = Sampling("journal", share)
    count = sum(map(sampling.is_traced, range(1, 100_001)))
    assert count == pytest.approx(100_000 * float(share), rel=0.01)


def test_bounds_are_none_and_all() -> None:
    numbers = [*range(-1_000, 0), *range(1, 1_000)]
    assert not any(map(NONE.is_traced, numbers))
    assert all(map(ALL.is_traced, numbers))


def test_opentelemetry_decides_the_same_by_the_trace_id() -> None:
    sampling, theirs = Sampling("journal", "0.1"), TraceIdRatioBased(0.1)
    for number in (*range(1, 500), *range(-500, 0)):
        decided = theirs.should_sample(None, sampling.trace_id(number), "order").decision
        assert (decided is Decision.RECORD_AND_SAMPLE) == sampling.is_traced(number)


def test_ids_of_orders_journals_and_steps_differ() -> None:
    orders = [ALL.trace_id(number) for number in (1, 2, -1, -2)]
    assert len({*orders, Sampling("another", "1").trace_id(1)}) == 5
    spans = {ALL.span_id(1, step, 7) for step in (*PARENTS, *SINKS, "order")}
    assert len({*spans, ALL.span_id(1, "audit", 8), ALL.span_id(2, "audit", 7)}) == len(spans) + 2
    assert ALL.trace_id(1) == Sampling("journal", "0.5").trace_id(1)


def test_parent_of_a_step_is_the_span_that_another_process_gives() -> None:
    published, above = ALL.event_span_ids(5, "publisher", 9)
    _, of_audit = ALL.event_span_ids(5, "audit", 9)
    cleared, of_clearing = ALL.event_span_ids(5, "clearing", 9)
    assert above == ALL.root_id(5)
    assert of_audit == of_clearing == published
    assert ALL.event_span_ids(5, "ledger", 9)[1] == cleared


def test_events_name_their_orders(trading: Trading) -> None:
    trading.say(buy("mine", "10", "100"), sell("theirs", "4", "100"))
    trading.say(enter("refused", "1", "10", "100", symbol="NONE"))
    named = {
        type(event).__name__: ALL.traced_in(encode(event))
        for _, record in matching_records(trading.directory, b"")
        for event in record.events
    }
    refused = named["OrderRejected"]
    assert named["OrderAccepted"] == [2]
    assert named["TradeExecuted"] == [1, 2]
    assert len(refused) == 1 and refused[0] < 0
    assert named["DayStarted"] == named["InstrumentAdded"] == []


def test_what_a_client_writes_into_a_text_names_no_order() -> None:
    text = encode({"type": "OrderAccepted", "text": '"order_id":"7"', "x": {"order_id": "NONE"}})
    assert ALL.traced_in(text) == []


def test_traceparent_is_w3c_s() -> None:
    version, trace, span, flags = ALL.traceparent([4, 5], 9).split("-")
    assert (version, int(trace, 16), flags) == ("00", ALL.trace_id(4), "01")
    assert int(span, 16) == ALL.span_id(4, "publisher", 9)
    assert (len(trace), len(span)) == (32, 16)
