"""The steps of an order's way as a table. Pure text from what was found."""

from collections.abc import Iterator, Sequence

from venue.clock import iso
from venue.printable import shown
from venue.tracer.steps import TraceStep

_NONE = "-"
_TIME_WIDTH, _SINCE_WIDTH = 27, 14


def trace_lines(steps: Sequence[TraceStep]) -> Iterator[str]:
    """A line of names, then a line for each step."""
    yield f"{'at':{_TIME_WIDTH}}  {'since (us)':>{_SINCE_WIDTH}}  step         of"
    for step in steps:
        at = _NONE if step.at_ns is None else iso(step.at_ns)
        since = _NONE if step.since_us is None else f"{step.since_us:,.1f}"
        of = f"event {step.event_seq}" if step.event_seq else f"record {step.record}"
        line = f"{at:{_TIME_WIDTH}}  {since:>{_SINCE_WIDTH}}  {step.step:<11}  {of}"
        named = f" {step.event}" if step.event else ""
        yield shown(f"{line}{named}  ({step.said_by})")
