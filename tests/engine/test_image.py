"""The engine's image: an engine restored from it says byte for byte what the first one says."""

import json

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.codec import encode
from venue.domain.instruments import InstrumentDefinition
from venue.engine.engine import Engine
from venue.engine.image.capture import image_of
from venue.engine.image.digest import state_digest
from venue.engine.image.restore import state_from
from venue.engine.image.state_image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    SessionImage,
    TradeImage,
)
from venue.engine.state.conditions import Conditions
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Member, Session
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade

from ..attributes import attributes_of
from ..sequencer.builders import digest
from .builders import ACME, buy, cancel, sell, trading
from .control_flow import ControlFlow, play
from .funded import enough, funded
from .random_flow import RandomFlow
from .test_random_flow import do_all_of


def through_bytes(engine: Engine) -> Engine:
    """An engine restored from the other's image, written and read."""
    data = msgspec.json.encode(image_of(engine.state))
    return Engine(state_from(msgspec.json.decode(data, type=EngineImage)))


@pytest.mark.parametrize("seed", range(4))
def test_restored_engine_goes_on_as_if_it_had_never_stopped(seed: int) -> None:
    first, second = trading(), trading()
    for number, command in enumerate(RandomFlow(seed, 1_500)):
        expected = list(map(encode, do_all_of(first, command)))
        assert list(map(encode, do_all_of(second, command))) == expected, number
        if number % 50 == 0:
            second.engine = through_bytes(second.engine)
            assert state_digest(second.engine.state) == state_digest(first.engine.state)
    assert digest(second.engine) == digest(first.engine)


@pytest.mark.parametrize("seed", range(2))
def test_restored_engine_knows_limits_funds_and_blocks_as_before(seed: int) -> None:
    first, second = funded(*enough()), funded(*enough())
    for number, (command, events) in enumerate(play(first, ControlFlow(seed, 1_500))):
        assert list(map(encode, do_all_of(second, command))) == list(map(encode, events)), number
        if number % 50 == 0:
            second.engine = through_bytes(second.engine)
            assert state_digest(second.engine.state) == state_digest(first.engine.state)
            assert digest(second.engine) == digest(first.engine)
    assert digest(second.engine) == digest(first.engine)


def test_meters_repeats_and_held_commands_come_back() -> None:
    venue = trading()
    venue.do_all(
        c.AddSession("ALPHA", "ALPHA", True, 2, 5),
        c.SetSanctions(("Smaug",)),
        c.SetLimits("ALPHA", {"restricted": "GLOBEX:buy", "max_position": "99"}, "A1"),
        c.SetKyc("BRAVO", "approved", "T1", documents=("passport",)),
        c.SetKyc("BRAVO", "approved", documents=("charter",)),
        sell("B1", "9", "99", session="CHARLIE"),
        *(buy(f"A{number}", "1", "99") for number in range(4)),
        cancel("C1", "A9"),
        c.SetFourEyes(("Kill",)),
        c.Kill("all", operator="olga"),
        c.DisableSession("BRAVO"),
    )
    session = venue.engine.state.sessions["ALPHA"]
    assert session.repeats and session.entries.full_at_ns and session.removals.full_at_ns
    assert session.excess.count and venue.engine.state.pending
    assert digest(through_bytes(venue.engine)) == digest(venue.engine)


def test_every_field_that_the_engine_keeps_comes_back() -> None:
    venue = trading()
    for number, command in enumerate(RandomFlow(11, 1_000)):
        do_all_of(venue, command)
        if number % 5 == 0:
            assert digest(through_bytes(venue.engine)) == digest(venue.engine)


def test_iceberg_slice_that_is_partly_traded_comes_back_as_it_is() -> None:
    venue = trading()
    venue.do(msgspec.structs.replace(buy("A1", "100", "99.00"), max_floor="10"))
    venue.do(buy("A2", "5", "99.00"))
    venue.do(sell("B1", "4", "99.00"))
    restored = through_bytes(venue.engine)
    (level,) = restored.state.markets["ACME"].book.bids.levels()
    assert [order.shown_lots for order in level] == [6, 5] and level.lots == 11


def test_digest_changes_with_the_state() -> None:
    venue = trading()
    before = state_digest(venue.engine.state)
    venue.do(buy("A1", "1", "99.00"))
    assert state_digest(venue.engine.state) != before


def test_digest_is_the_same_whichever_way_a_value_came() -> None:
    """From the configuration, JSON or a snapshot: texts are equal, not the same object."""
    definition = msgspec.structs.replace(ACME, symbol="NEWCO", fee_bps="0")
    spelled = json.dumps(msgspec.structs.asdict(definition))
    digests = set()
    for each in (definition, msgspec.json.decode(spelled, type=InstrumentDefinition)):
        venue = trading()
        venue.do(c.AddInstrument(each))
        digests.add(state_digest(venue.engine.state))
        written = msgspec.msgpack.encode(image_of(venue.engine.state))
        state = state_from(msgspec.msgpack.decode(written, type=EngineImage))
        digests.add(state_digest(state))
    assert len(digests) == 1


DERIVED = {
    Member: {
        "_standings", "exposure", "fee_terms", "limits", "net_bought", "open_orders", "uses",
    },
    Session: {"entries", "orders", "removals"},
    Market: {"_pegs_at", "book", "instrument", "last_match", "on_halt", "pegs_seen", "phase"},
    Order: {
        "ahead", "behind", "conditions", "counted_lots", "counted_ticks", "day", "level",
        "reserved", "side", "standing", "trades",
    },
    Trade: {"earlier", "symbol"},
    EngineState: {
        "_phase", "day", "due", "due_to_ns", "events", "follow_ups", "most_events", "most_matches",
        "restated_to", "reversals", "to_restate",
    },
}  # fmt: skip
"""What follows from the rest of an image, or stands in it under other names."""


@pytest.mark.parametrize(
    ("thing", "image"),
    [
        (Member, MemberImage),
        (Session, SessionImage),
        (Market, MarketImage),
        (Order, OrderImage),
        (Trade, TradeImage),
        (EngineState, EngineImage),
    ],
)
def test_every_attribute_is_in_the_image_or_follows_from_it(
    thing: type, image: type[msgspec.Struct]
) -> None:
    attributes = attributes_of(thing) or set(vars(thing()))
    assert attributes - set(image.__struct_fields__) == DERIVED[thing]


def test_every_condition_of_an_order_is_in_its_image() -> None:
    assert set(Conditions._fields) <= set(OrderImage.__struct_fields__)
