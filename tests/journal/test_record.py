"""Batches come back from their bytes, and hold the very bytes of the events that NATS carries."""

import msgspec
import pytest

from venue.domain.codec import encode
from venue.domain.commands import LogOn
from venue.domain.events import VenueStarted
from venue.journal.record import (
    Batch,
    Record,
    SessionMark,
    decode_batch,
    decode_event_header,
    decode_raw_batch,
    encode_batch,
)

from .builders import event

BATCH = Batch(
    [Record(7, 1_000, 1, 3, LogOn("ALPHA", True), [event(9), VenueStarted(10, 1_000, 3)])],
    {
        "ALPHA": SessionMark(4, 9, 3, (2,), 2, 7, 4, ((1, 3), (8, 8))),
        "BRAVO": SessionMark(1, 1),
    },
    clean_stop=True,
)


def test_batch_survives_its_bytes() -> None:
    assert decode_batch(encode_batch(BATCH)) == BATCH
    assert decode_batch(encode_batch(Batch([]))) == Batch([])


def test_events_of_a_batch_are_the_bytes_of_the_codec() -> None:
    (record,) = decode_raw_batch(encode_batch(BATCH)).records
    assert [bytes(raw) for raw in record.events] == [encode(e) for e in BATCH.records[0].events]


def test_event_header_gives_what_routing_needs() -> None:
    header = decode_event_header(encode(VenueStarted(10, 1_000, 3)))
    assert (header.type, header.event_seq, header.symbol) == ("VenueStarted", 10, "_")


def test_body_that_is_no_batch_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_batch(b'{"records":[{"seq":1}]}')
