"""A window of events as it goes to the stream: each follows the one before, or none is stored.

Knows events' headers and their seal; sends nothing.
"""

from collections.abc import Sequence

from venue.bus.agreement import PublishableEvent, StreamDisagrees
from venue.bus.bulk import frame
from venue.bus.envelope import first_headers, following_headers
from venue.bus.seals import Sealer
from venue.bus.subjects import event_subject
from venue.tracing import spans


def frames_of(
    events: Sequence[PublishableEvent],
    following: int,
    sequence: int,
    inbox: str,
    sealer: Sealer | None,
) -> list[bytes]:
    """The messages of a window, of which the last asks for an answer in `inbox`.

    following: event_seq of the first. sequence: the stream's, that it must follow. Events of traced
    orders say so by a traceparent. Raises StreamDisagrees for other events.
    """
    traced = spans.current()
    sampling = None if traced is None else traced.sampling()
    headers_of = first_headers
    frames: list[bytes] = []
    for place, event in enumerate(events):
        if event.event_seq != following + place:
            raise StreamDisagrees(f"journal gave event {event.event_seq} for {following + place}")
        headers, reply = headers_of(event.event_seq, sequence + place), ""
        if sampling is not None and (orders := sampling.traced_in(event.payload)):
            headers += f"traceparent: {sampling.traceparent(orders, event.event_seq)}\r\n"
        if place == len(events) - 1:
            reply = inbox
            if sealer is not None:
                headers += sealer.headers(following, [each.payload for each in events])
        subject = event_subject(event.type, event.symbol)
        frames.append(frame(subject, event.payload, headers, reply))
        headers_of = following_headers
    return frames
