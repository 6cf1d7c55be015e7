"""Journals of earlier engines are executed with the bounds of then."""

import pytest

from tests.engine.builders import ACME, DAY, buy, sell
from venue.domain import commands as c
from venue.domain.events import AnyEvent, TradeExecuted
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.engine.image.digest import state_digest
from venue.journal.record import Record
from venue.replay.older_engines import LOWER_BOUNDS
from venue.replay.replay import Replay, ReplayDifference

OFTEN = 300
SET_UP: list[c.AnyCommand] = [
    c.AddInstrument(ACME),
    *(c.AddMember(name, (), "1000000", 10_000) for name in ("ALPHA", "BRAVO")),
    *(c.AddSession(name, name) for name in ("ALPHA", "BRAVO")),
    c.StartDay(DAY),
]


def often() -> list[c.AnyCommand]:
    """One order that trades more often than one may now."""
    asks = [sell(f"s{number}", "1", "100", session="BRAVO") for number in range(OFTEN)]
    return [*SET_UP, *asks, buy("b", str(OFTEN), "100")]


def recorded(engine: Engine, version: int) -> list[Record]:
    """What the engine makes of it, as records of that version."""
    commands = enumerate(often(), 1)
    return [Record(seq, seq, version, 1, each, engine.apply(each, seq)) for seq, each in commands]


def trades(events: list[AnyEvent]) -> int:
    return sum(isinstance(event, TradeExecuted) for event in events)


def engine_of_then() -> Engine:
    engine = Engine()
    engine.state.most_matches, engine.state.most_events = 2_000, 512
    return engine


def test_order_that_has_traded_more_often_has_done_so() -> None:
    engine, replay = engine_of_then(), Replay(None)
    records = recorded(engine, LOWER_BOUNDS - 1)
    for record in records:
        replay.take_record(record)
    assert trades(records[-1].events) == OFTEN
    assert state_digest(replay.engine.state) == state_digest(engine.state)


def test_from_then_on_nothing_trades_more_often() -> None:
    *before, last = recorded(engine_of_then(), ENGINE_VERSION)
    replay = Replay(None)
    for record in before:
        replay.take_record(record)
    with pytest.raises(ReplayDifference):
        replay.take_record(last)
