"""An event as consumers share it: bytes, head and object, each read when somebody asks for it."""

import asyncio
from collections.abc import Collection
from typing import get_args

import pytest

from venue.bus import delivered as delivered_module
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import KNOWN_TYPES, Delivered
from venue.bus.halts import PoisonEvent
from venue.bus.position_file import Position
from venue.domain.codec import decode_event, encode
from venue.domain.events import AnyEvent

from .busy_day import EVENTS
from .events import numbered_events
from .list_journal import ListJournal
from .scenario import running, store_raw, until
from .store import Store


def test_head_of_every_event_is_read_without_decoding_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(payload: bytes) -> AnyEvent:
        raise AssertionError(payload)

    monkeypatch.setattr(delivered_module, "decode_event", fail)
    for event in EVENTS:
        head = Delivered(event.event_seq, encode(event)).head
        assert head == (type(event).__name__, event.event_seq, event.timestamp_ns)


def test_head_that_stands_elsewhere_is_decoded() -> None:
    event = numbered_events(1)[0]
    fields = encode(event).replace(b'"type":"FundsDeposited",', b"")[1:-1]
    payload = b'{%b,"type":"FundsDeposited"}' % fields
    assert decode_event(payload) == event
    assert Delivered(1, payload).head == ("FundsDeposited", 1, event.timestamp_ns)


@pytest.mark.parametrize("payload", [b"{", encode(numbered_events(1)[0])])
def test_event_that_cannot_be_it_is_poison_whatever_is_asked(payload: bytes) -> None:
    event = Delivered(7, payload)
    for _ in range(2):
        with pytest.raises(PoisonEvent, match="event 7: "):
            _ = event.event
        with pytest.raises(PoisonEvent, match="event 7: "):
            _ = event.head


def test_every_type_of_event_is_known() -> None:
    assert {each.__name__ for each in get_args(AnyEvent)} == KNOWN_TYPES
    assert {type(event).__name__ for event in EVENTS} <= KNOWN_TYPES


@pytest.mark.parametrize("reads", [None, (), ("FundsDeposited",)])
def test_consumer_halts_at_a_type_that_it_does_not_know_whatever_it_reads(
    nats_url: str, reads: Collection[str] | None
) -> None:
    events = ListJournal(numbered_events(5)).events
    unheard = b'{"type":"Unheard","event_seq":3,"timestamp_ns":3,"v":1}'
    events[2] = events[2]._replace(payload=unheard)
    store = Store()
    consumer = EventConsumer(
        name="test",
        nats_url=nats_url,
        journal_dir=None,
        position=Position(0),
        apply=store.apply,
        reads=reads,
    )

    async def scenario() -> None:
        await store_raw(nats_url, events)
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)

    asyncio.run(scenario())
    assert consumer.halted_by is not None and consumer.halted_by.event_seq == 3
    assert store.event_seqs == [1, 2]
