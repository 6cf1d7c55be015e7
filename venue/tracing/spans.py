"""The spans that this process gives: plain tuples that wait, in a bounded queue, to be sent.

Whoever has done a step notes it here, at the price of a few additions; a thread sends what waits
once a second (export.py). A collector that is away costs the oldest spans, and nothing else.
"""

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from venue.journal.identity import journal_identity
from venue.tracing.ids import Sampling

MOST_WAITING = 20_000
"""Spans, some 10 MB of them; the oldest go first."""
_TYPE = re.compile(rb'\{"type":"(\w+)"')
_NOTHING: Mapping[str, str | int] = MappingProxyType({})


class Span(NamedTuple):
    """One step of one order. Times in UTC nanoseconds. parent_id 0: none. link: a traceparent of
    somebody else's trace."""

    process: str
    step: str
    trace_id: int
    span_id: int
    parent_id: int
    began_ns: int
    ended_ns: int
    attributes: Mapping[str, str | int] = _NOTHING
    link: str = ""


class TracedEvent(Protocol):
    """What is asked of an event."""

    @property
    def event_seq(self) -> int: ...
    @property
    def payload(self) -> bytes: ...


class Spans:
    """share: see Sampling. journal_dir: where the journal's identity is, if it is here."""

    def __init__(self, share: str, journal_dir: Path | None = None) -> None:
        self.waiting: deque[Span] = deque(maxlen=MOST_WAITING)
        self.lost = 0
        """How many were forgotten because too many waited."""
        self._share = share
        self._journal_dir = journal_dir
        self._journal, self._sampling = "", Sampling("", "0")

    def sampling(self, journal: str = "") -> Sampling:
        """Of the journal of that identity, or of the one here; without one no order is traced."""
        if not journal and not self._journal and self._journal_dir is not None:
            journal = journal_identity(self._journal_dir)
        if journal and journal != self._journal:
            self._journal, self._sampling = journal, Sampling(journal, self._share)
        return self._sampling

    def put(self, span: Span) -> None:
        """Have it sent."""
        if len(self.waiting) == MOST_WAITING:
            self.lost += 1
        self.waiting.append(span)

    def note(
        self,
        process: str,
        step: str,
        journal: str,
        events: Iterable[TracedEvent],
        began_ns: int,
        ended_ns: int,
    ) -> None:
        """A step of these events was done in this time: a span for each traced order in each."""
        sampling = self.sampling(journal)
        for event in events:
            payload, event_seq = event.payload, event.event_seq
            for number in sampling.traced_in(payload):
                own, parent = sampling.event_span_ids(number, step, event_seq)
                kind = _TYPE.match(payload)
                attributes: dict[str, str | int] = {"venue.event_seq": event_seq}
                if kind is not None:
                    attributes["venue.event"] = kind[1].decode()
                self.put(
                    Span(
                        process, step, sampling.trace_id(number), own, parent,
                        began_ns, ended_ns, attributes,
                    )
                )  # fmt: skip


class _Process:
    """Of this process; None where tracing is off."""

    spans: Spans | None = None


def use(spans: Spans | None) -> None:
    """Have this process give its spans there; None: no more."""
    _Process.spans = spans


def current() -> Spans | None:
    """Where this process's spans go; None: tracing is off, and nothing is to be done."""
    return _Process.spans


@contextmanager
def noting(process: str, step: str, journal: str, events: Iterable[TracedEvent]) -> Iterator[None]:
    """Note that a step of these events is done meanwhile, unless it raises. See Spans.note."""
    spans = _Process.spans
    if spans is None:
        yield
        return
    began_ns = time.time_ns()
    yield
    spans.note(process, step, journal, events, began_ns, time.time_ns())
