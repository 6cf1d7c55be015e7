"""Which orders are traced, and the ids of their traces and spans: the same in every process.

Pure. A trace is of one order. Its number is its OrderID, which the engine gives in the journal's
order; a request that was refused has none, and counts by its event, below zero. Trace and span ids
are those of W3C Trace Context.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b

_ODD = 0x9E3779B97F4A7C15
"""2^64 by the golden ratio: multiples of it, modulo 2^64, spread evenly (Knuth, TAOCP 3, 6.4)."""
_MASK = (1 << 64) - 1
_NAMED = b'"order_id":"'
"""Before each OrderID. Within a text of JSON its quotes would have backslashes before them."""
_REFUSED = re.compile(rb'\{"type":"OrderRejected","event_seq":(\d+)[,}]')

ORDER, GATEWAY, FIX_IN, BATCH, JOURNAL, REPORT_OUT = (
    "order", "gateway", "fix in", "batch", "journal", "report out",
)  # fmt: skip
PUBLISHER, LEDGER = "publisher", "ledger"
SINKS = ("clearing", "audit", "dropcopy", "marketdata", "notifier")
PARENTS = {PUBLISHER: ORDER, LEDGER: "clearing"}
"""Of the steps of an event, the one above each; of all others it is the publisher's."""


class Sampling:
    """The traced orders of one journal. share: from 0, none, to 1, all."""

    __slots__ = ("_bound", "_head")

    def __init__(self, journal: str, share: str) -> None:
        self._bound = int(Decimal(share) * (1 << 64))
        self._head = int.from_bytes(_digest(f"order {journal}"))

    def is_traced(self, number: int) -> bool:
        """Whether an order is; each process decides the same, as OpenTelemetry's
        TraceIdRatioBased sampler does: by the lower half of the trace id."""
        return number * _ODD & _MASK < self._bound

    def traced_in(self, payload: bytes) -> list[int]:
        """Numbers of the traced orders that an event names, each once, in its order."""
        traced: dict[int, None] = {}
        at = payload.find(_NAMED)
        if at < 0:
            refused = _REFUSED.match(payload)
            number = 0 if refused is None else -int(refused[1])
            return [number] if number and self.is_traced(number) else []
        while at >= 0:
            begin = at + len(_NAMED)
            at = payload.find(b'"', begin)
            text = payload[begin:at]
            if text.isdigit():
                number = int(text)
                if number * _ODD & _MASK < self._bound:
                    traced[number] = None
            at = payload.find(_NAMED, at)
        return list(traced)

    def trace_id(self, number: int) -> int:
        """128 bits, not 0."""
        return self._head << 64 | number * _ODD & _MASK

    def span_id(self, number: int, step: str, of: int = 0) -> int:
        """64 bits, not 0. of: event_seq or seq, where the order has several of this step."""
        return int.from_bytes(_digest(f"{self.trace_id(number):032x} {step} {of}")) or 1

    def root_id(self, number: int) -> int:
        """Of the span that all others of an order descend from, but for the gateway's."""
        return self.span_id(number, ORDER)

    def event_span_ids(self, number: int, step: str, event_seq: int) -> tuple[int, int]:
        """Of the span of an event's step, and of its parent."""
        parent = PARENTS.get(step, PUBLISHER)
        own = self.span_id(number, step, event_seq)
        return own, self.span_id(number, parent, 0 if parent == ORDER else event_seq)

    def traceparent(self, numbers: Sequence[int], event_seq: int) -> str:
        """W3C traceparent of a published event: the publisher's span of the first order in it."""
        span_id = self.span_id(numbers[0], PUBLISHER, event_seq)
        return f"00-{self.trace_id(numbers[0]):032x}-{span_id:016x}-01"


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
