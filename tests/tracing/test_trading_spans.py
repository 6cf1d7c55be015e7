"""Spans of trading from what it records; of what is not recorded there is no span."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.builders import buy, cancel, enter, sell
from tests.sequencer.builders import Trading
from tests.tracing.conftest import forget_times
from venue.batch_times import BatchTimes, TimesRing
from venue.data_directory import DataDirectory
from venue.fix.message_log import MessageLog
from venue.replay.order_search import matching_records
from venue.tracer import trading_spans
from venue.tracer.trading_spans import PATIENCE_SECONDS, TradingSpans
from venue.tracing.spans import Span, Spans


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def ring(trading: Trading) -> Iterator[TimesRing]:
    ring = TimesRing(trading.directory)
    yield ring
    ring.close()
    forget_times(trading.directory)


def tracing(trading: Trading, seconds: Seconds, share: str = "1") -> tuple[TradingSpans, Spans]:
    given = Spans(share, trading.directory)
    spans = TradingSpans(given, trading.directory.parent, has_gateway=False, monotonic=seconds)
    spans.turn()
    return spans, given


def steps(given: Spans, trace: int) -> dict[str, Span]:
    return {span.step: span for span in given.waiting if span.trace_id == trace}


def last_taken_ns(trading: Trading) -> int:
    """When its last record was."""
    return [record for _, record in matching_records(trading.directory, b"")][-1].timestamp_ns


def keep(trading: Trading, ring: TimesRing) -> BatchTimes:
    """What trading would have kept of its last record."""
    taken_ns, seq = last_taken_ns(trading), trading.writer.next_seq - 1
    row = BatchTimes(seq, 1, taken_ns - 3_000, taken_ns + 1_000, taken_ns + 9_000, 0)
    ring.on_disk(row)
    ring.sent(taken_ns + 9_500)
    return row._replace(sent_ns=taken_ns + 9_500)


def test_order_has_a_span_for_each_step(
    trading: Trading, ring: TimesRing, seconds: Seconds
) -> None:
    spans, given = tracing(trading, seconds)
    trading.say(buy("mine", "10", "100"))
    row = keep(trading, ring)
    log = MessageLog(DataDirectory(trading.directory.parent).session_logs)
    came_ns = (last_taken_ns(trading) - 2_000) // 1_000 * 1_000
    log.note_in("ALPHA", [b"8=FIX.4.4\x0135=D\x0111=mine\x0110=0\x01"], came_ns)
    log.close()
    spans.turn()
    ids = given.sampling()
    found = steps(given, ids.trace_id(1))
    taken_ns = last_taken_ns(trading)
    assert {step: (span.began_ns, span.ended_ns) for step, span in found.items()} == {
        "order": (came_ns, row.sent_ns),
        "fix in": (came_ns, taken_ns),
        "batch": (taken_ns, row.write_ns),
        "journal": (row.write_ns, row.disk_ns),
        "report out": (row.disk_ns, row.sent_ns),
    }
    root = found.pop("order")
    assert (root.span_id, root.parent_id) == (ids.root_id(1), 0)
    assert root.attributes["venue.cl_ord_id"] == "mine"
    assert {span.parent_id for span in found.values()} == {root.span_id}
    spans.close()


def test_nothing_is_made_up_of_what_was_not_kept(trading: Trading, seconds: Seconds) -> None:
    spans, given = tracing(trading, seconds)
    trading.say(buy("mine", "10", "100"))
    spans.turn()
    assert not given.waiting, "its times may be written later"
    seconds.now += PATIENCE_SECONDS
    spans.turn()
    taken_ns = last_taken_ns(trading)
    found = steps(given, given.sampling().trace_id(1))
    assert {step: (span.began_ns, span.ended_ns) for step, span in found.items()} == {
        "order": (taken_ns, taken_ns),
        "batch": (taken_ns, taken_ns),
    }
    spans.close()


def test_trade_is_in_the_traces_of_both_orders(
    trading: Trading, ring: TimesRing, seconds: Seconds
) -> None:
    spans, given = tracing(trading, seconds)
    for command in (buy("mine", "10", "100"), sell("theirs", "4", "100"), cancel("stop", "mine")):
        trading.say(command)
        keep(trading, ring)
    spans.turn()
    spans.close()
    ids = given.sampling()
    batches = [
        (span.trace_id, span.attributes["venue.command"], span.attributes["venue.events"])
        for span in given.waiting
        if span.step == "batch"
    ]
    assert batches == [
        (ids.trace_id(1), "EnterOrder", "OrderAccepted"),
        (ids.trace_id(2), "EnterOrder", "OrderAccepted,TradeExecuted"),
        (ids.trace_id(1), "EnterOrder", "TradeExecuted"),
        (ids.trace_id(1), "CancelOrder", "OrderCanceled"),
    ]
    assert sum(span.step == "order" for span in given.waiting) == 2
    came = [span.attributes["venue.events"] for span in given.waiting if span.step == "fix in"]
    assert came == ["OrderAccepted", "OrderAccepted,TradeExecuted", "OrderCanceled"], (
        "what has come is the order's own request"
    )


def test_refused_order_has_a_trace(trading: Trading, ring: TimesRing, seconds: Seconds) -> None:
    spans, given = tracing(trading, seconds)
    trading.say(enter("refused", "1", "10", "100", symbol="NONE"))
    keep(trading, ring)
    spans.turn()
    spans.close()
    refused = trading.writer.next_event_seq - 1
    found = steps(given, given.sampling().trace_id(-refused))
    assert set(found) == {"order", "fix in", "batch", "journal", "report out"}
    assert "venue.order_id" not in found["order"].attributes


def test_share_decides_whose_spans_are_made(trading: Trading, seconds: Seconds) -> None:
    spans, given = tracing(trading, seconds, "0.5")
    trading.say(*(buy(f"b{number}", "1", "100") for number in range(40)))
    spans.turn()
    spans.close()
    ids = given.sampling()
    traced = {ids.trace_id(number) for number in range(1, 41) if ids.is_traced(number)}
    assert {span.trace_id for span in given.waiting} == traced
    assert 15 <= len(traced) <= 25


def test_so_many_records_wait_and_no_more(
    trading: Trading, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading_spans, "MOST_WAITING", 3)
    spans, given = tracing(trading, seconds)
    for number in range(4):
        trading.say(buy(f"b{number}", "1", "100"))
    spans.turn()
    orders = [span.trace_id for span in given.waiting if span.step == "order"]
    assert orders == [given.sampling().trace_id(number) for number in (1, 2, 3)]
    spans.close()


def test_empty_journal_is_waited_for(tmp_path: Path) -> None:
    given = Spans("1", tmp_path / "journal")
    spans = TradingSpans(given, tmp_path, has_gateway=False)
    spans.turn()
    spans.close()
    assert not given.waiting
