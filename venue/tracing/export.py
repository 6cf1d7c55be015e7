"""Sends spans to a collector, by OTLP over HTTP, once a second: a thread that nobody waits for.

Knows OpenTelemetry's SDK, which only this thread brings in, with its first span. What the collector
does not take is tried again, so long as it has room in the queue. Must never raise.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog

from venue.masking import mask_url
from venue.settings.configuration_error import ConfigurationError
from venue.tracing.ids import GATEWAY, ORDER, PUBLISHER, SINKS
from venue.tracing.spans import Span, Spans, use

if TYPE_CHECKING:
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link, SpanKind

    from venue.settings.tracing import TracingSettings

EACH_SECONDS = 1.0
AT_ONCE = 512
ANSWER_SECONDS = 5.0
LAST_SECONDS = 2.0
"""How long the end of the process waits for the last spans to leave."""
NAMESPACE = "venue"
_log = structlog.get_logger()


@contextmanager
def giving_spans(tracing: "TracingSettings", journal_dir: "Path") -> Iterator[None]:
    """Have this process give spans meanwhile, if the settings say so. Raises ConfigurationError."""
    if not tracing.enabled:
        yield
        return
    ensure_installed()
    spans = Spans(tracing.share, journal_dir)
    export = Export(spans, tracing.endpoint)
    export.start()
    use(spans)
    try:
        yield
    finally:
        use(None)
        export.end()


def ensure_installed() -> None:
    """Raise ConfigurationError where the libraries of the extra `tracing` are missing."""
    for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"):
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ConfigurationError(
                f"tracing.enabled needs {name}, which is not installed: pip install venue[tracing]"
            )


class Export(threading.Thread):
    """Takes what waits in `spans` and sends it to `endpoint`."""

    def __init__(self, spans: Spans, endpoint: str) -> None:
        super().__init__(name="spans", daemon=True)
        self._spans = spans
        self._endpoint = endpoint
        self._ended = threading.Event()
        self._exporter: SpanExporter | None = None
        self._held: list[Span] = []
        """What was taken from the queue last, and has not been sent."""
        self._is_away = False

    def run(self) -> None:
        """Until `end`."""
        is_last = False
        while not is_last:
            is_last = self._ended.wait(EACH_SECONDS)
            try:
                self._send_all()
            except Exception as error:  # spans are worth no process
                self._held = []
                _log.error("spans_failed", exc_info=error)

    def end(self) -> None:
        """Send what waits; not for longer than LAST_SECONDS."""
        self._ended.set()
        self.join(LAST_SECONDS)

    def _send_all(self) -> None:
        while self._held or self._spans.waiting:
            self._held = self._held or _taken(self._spans.waiting)
            is_taken = self._send(self._held)
            if not is_taken:
                self._say_away()
                return
            self._held = []
            self._say_back()

    def _send(self, spans: list[Span]) -> bool:
        from opentelemetry.sdk.trace.export import SpanExportResult

        if self._exporter is None:
            self._exporter = _exporter(self._endpoint)
        sent = self._exporter.export([_readable(span) for span in spans])
        return sent is SpanExportResult.SUCCESS

    def _say_away(self) -> None:
        if not self._is_away:
            to = mask_url(self._endpoint)
            _log.warning("spans_wait", why="the collector does not take them", to=to)
        self._is_away = True

    def _say_back(self) -> None:
        if self._is_away:
            _log.info("spans_leave_again", lost=self._spans.lost)
        self._is_away, self._spans.lost = False, 0


def _taken(waiting: "deque[Span]") -> list[Span]:
    return [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]


def _exporter(endpoint: str) -> "SpanExporter":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what fails is said here, once
    return OTLPSpanExporter(endpoint=endpoint, timeout=ANSWER_SECONDS)


def _readable(span: Span) -> "ReadableSpan":
    """The SDK's form of a span that was measured elsewhere."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, TraceFlags

    sampled = TraceFlags(TraceFlags.SAMPLED)
    parent = None
    if span.parent_id:
        parent = SpanContext(span.trace_id, span.parent_id, is_remote=True, trace_flags=sampled)
    return ReadableSpan(
        span.step,
        SpanContext(span.trace_id, span.span_id, is_remote=False, trace_flags=sampled),
        parent,
        Resource({"service.namespace": NAMESPACE, "service.name": span.process}),
        dict(span.attributes),
        links=_links(span.link),
        kind=_kind(span.step),
        start_time=span.began_ns,
        end_time=max(span.began_ns, span.ended_ns),
        instrumentation_scope=InstrumentationScope(NAMESPACE),
    )


def _links(traceparent: str) -> "list[Link]":
    """A link to the trace that a client has named; none where that is no traceparent."""
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if not traceparent:
        return []
    read = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
    context = get_current_span(read).get_span_context()
    return [Link(context)] if context.is_valid else []


def _kind(step: str) -> "SpanKind":
    from opentelemetry.trace import SpanKind

    if step in (GATEWAY, ORDER):
        return SpanKind.SERVER
    if step == PUBLISHER:
        return SpanKind.PRODUCER
    return SpanKind.CONSUMER if step in SINKS else SpanKind.INTERNAL
