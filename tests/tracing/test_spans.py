"""Spans wait in a bounded queue and leave once a second; where tracing is off, there is nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.conditions import wait_for
from tests.tracing.receiver import Receiver
from venue.bus.delivered import Delivered
from venue.processes import BY_NAME
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings
from venue.settings.tracing import TracingSettings
from venue.tracing import export, spans
from venue.tracing.export import Export, giving_spans
from venue.tracing.ids import Sampling
from venue.tracing.spans import MOST_WAITING, Span, Spans, noting

ACCEPTED = Delivered(
    9, b'{"type":"OrderAccepted","event_seq":9,"order":{"terms":{"order_id":"3"}}}'
)
SPAN = Span("audit", "audit", 1 << 64 | 1, 2, 3, 1_000, 2_000)


def test_step_of_an_event_is_a_span_of_each_order_in_it() -> None:
    given, ids = Spans("1"), Sampling("journal", "1")
    given.note("clearing", "ledger", "journal", [ACCEPTED], 5, 7)
    (span,) = given.waiting
    assert (span.process, span.step, span.began_ns, span.ended_ns) == ("clearing", "ledger", 5, 7)
    assert (span.span_id, span.parent_id) == ids.event_span_ids(3, "ledger", 9)
    assert span.trace_id == ids.trace_id(3)
    assert span.attributes == {"venue.event_seq": 9, "venue.event": "OrderAccepted"}


def test_share_of_none_gives_none() -> None:
    given = Spans("0")
    given.note("audit", "audit", "journal", [ACCEPTED], 5, 7)
    assert not given.waiting


def test_without_a_journal_no_order_is_traced(tmp_path: Path) -> None:
    given = Spans("1", tmp_path)
    given.note("audit", "audit", "", [ACCEPTED], 5, 7)
    assert not given.waiting


def test_oldest_are_forgotten_when_too_many_wait() -> None:
    given = Spans("1")
    for number in range(MOST_WAITING + 5):
        given.put(SPAN._replace(span_id=number))
    assert (len(given.waiting), given.lost, given.waiting[0].span_id) == (MOST_WAITING, 5, 5)


def test_what_raises_is_not_noted() -> None:
    given = Spans("1")
    spans.use(given)
    try:
        with pytest.raises(OSError), noting("audit", "audit", "journal", [ACCEPTED]):
            raise OSError
        assert not given.waiting
        with noting("audit", "audit", "journal", [ACCEPTED]):
            pass
        assert len(given.waiting) == 1
    finally:
        spans.use(None)


def test_spans_leave_by_otlp_with_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "EACH_SECONDS", 0.01)
    given = Spans("1")
    link = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with Receiver() as receiver:
        sending = Export(given, receiver.endpoint)
        sending.start()
        given.put(SPAN._replace(link=link, attributes={"venue.event_seq": 4}))
        given.put(SPAN._replace(span_id=8, parent_id=0, link="no traceparent"))
        wait_for(lambda: len(receiver.spans) == 2)
        sending.end()
    first, second = receiver.spans
    assert (first.service, first.step, first.parent) == ("audit", "audit", f"{3:016x}")
    assert (first.began_ns, first.ended_ns) == (1_000, 2_000)
    assert first.attributes == {"venue.event_seq": 4}
    assert first.links == ["0af7651916cd43dd8448eb211c80319c"]
    assert (second.span, second.parent, second.links) == (f"{8:016x}", "", [])


def test_spans_wait_for_a_collector_that_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "EACH_SECONDS", 0.01)
    given = Spans("1")
    with Receiver() as receiver:
        receiver.status = 400
        sending = Export(given, receiver.endpoint)
        sending.start()
        for number in range(1, 1_001):
            given.put(SPAN._replace(span_id=number))
        wait_for(lambda: receiver.asked >= 2)
        assert receiver.spans == []
        receiver.status = 200
        wait_for(lambda: len(receiver.spans) == 1_000)
        sending.end()
    assert sorted(int(span.span, 16) for span in receiver.spans) == list(range(1, 1_001))


def test_last_spans_leave_at_the_end(tmp_path: Path) -> None:
    with Receiver() as receiver:
        settings = TracingSettings(enabled=True, endpoint=receiver.endpoint)
        with giving_spans(settings, tmp_path):
            given = spans.current()
            assert given is not None
            given.put(SPAN)
        assert len(receiver.spans) == 1
    assert spans.current() is None


def test_off_there_is_nothing(tmp_path: Path) -> None:
    with giving_spans(TracingSettings(), tmp_path):
        assert spans.current() is None


def test_missing_libraries_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    settings = TracingSettings(enabled=True)
    with pytest.raises(ConfigurationError, match=r"pip install venue\[tracing\]"):  # noqa: SIM117
        with giving_spans(settings, tmp_path):
            pass


@pytest.mark.parametrize("process", BY_NAME)
def test_nothing_of_the_sdk_is_imported_while_tracing_is_off(process: str) -> None:
    program = (
        f"import sys, venue.workers, venue.cli.run, {BY_NAME[process].module}\n"
        "print(*(name for name in sys.modules if name.startswith(('opentelemetry.sdk', "
        "'opentelemetry.exporter', 'opentelemetry.proto', 'google.protobuf'))))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == ""


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("tracing.share=1.5", "all orders"),
        ("tracing.share=-1", "is not a number of 0 or more"),
        ("tracing.endpoint=collector:4318", "tracing.endpoint"),
    ],
)
def test_wrong_settings_are_refused(override: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        load_settings(overrides=[override])
