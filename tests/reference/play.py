"""Plays one script on the engine and on the reference venue, and says where they first differ."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tests.reference.build import instrument, setup_commands
from tests.reference.invariants import Ledger, broken_invariant
from tests.reference.matcher import ReferenceVenue
from tests.reference.seen import seen
from tests.reference.writer import Draft, Writer, draft
from venue.domain import commands as c
from venue.domain.events import AnyEvent
from venue.engine.engine import Engine
from venue.replay.rerun import rehearse

INSTRUMENTS = (
    instrument("ACME", price_collar_percent="3"),
    instrument("GLOBEX", tick_size="0.5", lot_size="10", price_collar_percent="5"),
    instrument(
        "BTC-USD",
        tick_size="0.01",
        lot_size="0.00000001",
        asset="BTC",
        fee_bps="2.5",
        max_order_qty="0.00001",
    ),
)


class Difference(NamedTuple):
    """What went wrong at the last command of a script."""

    commands: tuple[c.AnyCommand, ...]
    text: str

    def __str__(self) -> str:
        script = "\n".join(f"  {written(command)}" for command in self.commands)
        return f"{self.text}\nafter\n{script}"


def written(command: c.AnyCommand) -> str:
    """A command as it would be typed, without what is not set."""
    fields = msgspec.to_builtins(command)
    name = fields.pop("type")
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in fields.items())})"


def play(drafts: Sequence[Draft], checked_every: int = 1) -> Difference | None:
    """Play a script on fresh venues; the invariants are looked at every so many commands."""
    pair = Pair()
    for number, chosen in enumerate(drafts):
        text = pair.play(chosen, check=number % checked_every == 0)
        if text is not None:
            return Difference(tuple(pair.commands), text)
    return None


class Pair:
    """An engine and a reference venue in the same state."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.reference = ReferenceVenue()
        self.writer = Writer()
        self.ledger = Ledger()
        self.commands: list[c.AnyCommand] = []
        self.last_events: list[AnyEvent] = []
        for command in [
            *setup_commands(*INSTRUMENTS),
            c.AddMember("CHARLIE", (), "2500", 8),
        ]:
            assert self._apply(command) is None
        self.instruments = {
            symbol: market.instrument for symbol, market in self.engine.state.markets.items()
        }
        self.commands.clear()

    def play(self, chosen: Draft, check: bool = True) -> str | None:
        """Play one draft on both; where they differ, or what is broken."""
        difference = self._apply(self.writer.write(chosen, self.reference))
        if difference is None and check:
            difference = broken_invariant(self.engine, self.reference)
        return difference

    def _apply(self, command: c.AnyCommand) -> str | None:
        self.commands.append(command)
        now_ns = self.writer.now_ns
        expected = self.reference.play(command, now_ns)
        try:
            events = rehearse(self.engine, command, now_ns)
        except AssertionError as error:
            return f"the engine fails with {error!r}; the reference: {expected}"
        self.last_events = events
        instruments = {s: m.instrument for s, m in self.engine.state.markets.items()}
        found = [seen(event, instruments) for event in events]
        for number in range(max(len(found), len(expected))):
            one = found[number] if number < len(found) else None
            other = expected[number] if number < len(expected) else None
            if one != other:
                return f"event {number}: the engine says {one}\nthe reference says {other}"
        return self.ledger.enter(events)


def random_drafts(seed: int, count: int) -> list[Draft]:
    """A seeded script."""
    chosen = random.Random(seed)
    return [draft(chosen.choice) for _ in range(count)]


def shortest(drafts: Sequence[Draft]) -> Difference | None:
    """Leave out of a script what is not needed for a difference, as far as that goes."""
    found = play(drafts)
    if found is None:
        return None
    script = list(drafts[: len(found.commands)])
    size = len(script) // 2
    while size:
        start = 0
        while start < len(script):
            shorter = script[:start] + script[start + size :]
            difference = play(shorter)
            if difference is None:
                start += size
            else:
                found, script = difference, shorter[: len(difference.commands)]
        size //= 2
    return found
