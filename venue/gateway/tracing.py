"""The gateway's own span of a traced order: from the request until the venue's answer is there.

Knows the venue's reports. Which order a request was of, and so whether it is traced, is known by
the answer only: until then it costs the time when it came, in the context of its task.
"""

import time
from contextvars import ContextVar
from typing import NamedTuple

from venue.fixclient.message import Message
from venue.tracing import spans
from venue.tracing.ids import GATEWAY
from venue.tracing.spans import Span

PROCESS = "gateway"


class Asked(NamedTuple):
    """How somebody asks. way: such as `POST /v1/orders`. traceparent: of the client's own trace."""

    way: str = ""
    came_ns: int = 0
    traceparent: str = ""


_asked: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039


def begin(way: str, traceparent: str = "") -> None:
    """A request has come; what it asks of the venue is done in this task, or in tasks of it."""
    if spans.current() is not None:
        _asked.set(Asked(way, time.time_ns(), traceparent))


def note(report: Message, msg_type: str, sent_ns: int) -> None:
    """The venue has answered a request of this type about an order, which was sent at that time."""
    given = spans.current()
    if given is None:
        return
    sampling = given.sampling()
    exec_id, order_id = report.get(17), report.get(37)
    event_seq = int(exec_id[:-1]) if exec_id[:-1].isdecimal() else 0
    number = int(order_id) if order_id.isdecimal() else -event_seq
    if not number or not sampling.is_traced(number):
        return
    asked = _asked.get()
    if msg_type == "D":
        own, parent = sampling.span_id(number, GATEWAY), 0
    else:
        own = sampling.span_id(number, GATEWAY, event_seq or sent_ns)
        parent = sampling.root_id(number)
    attributes: dict[str, str | int] = {
        "venue.request": asked.way or PROCESS,
        "venue.session": report.get(56),
        "venue.cl_ord_id": report.get(11),
    }
    came_ns, done_ns = asked.came_ns or sent_ns, time.time_ns()
    trace_id = sampling.trace_id(number)
    given.put(
        Span(
            PROCESS, GATEWAY, trace_id, own, parent, came_ns, done_ns, attributes,
            asked.traceparent,
        )
    )  # fmt: skip
