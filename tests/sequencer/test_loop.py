"""The loop: polls, sequences what came, injects the time that was announced, stops when asked."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from venue.domain import commands as c
from venue.engine.trading.slices import SLICE
from venue.journal.record import decode_batch
from venue.sequencer.inbox import Input
from venue.sequencer.loop import Loop

from ..engine.builders import buy, sell
from ..journal.builders import frames
from .builders import Trading, last_batch


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory)
    yield trading
    trading.writer.close()


class Turns:
    """Polls that do something at chosen turns and ask the loop to stop at the last."""

    def __init__(self, trading: Trading, last: int) -> None:
        self._engine = trading.engine
        self.actions: dict[int, Callable[[], None]] = {}
        self.last = last
        self.turn = 0
        self.asides = 0
        self.rested_after: list[int] = []
        self.seconds = 0.0
        self.seconds_a_turn = 0.0
        self.loop = Loop(
            self._poll,
            trading.sequencer,
            self._due,
            trading.now_ns,
            self._aside,
            lambda seconds: self.rested_after.append(self.turn),
            lambda: self.seconds,
        )

    def _due(self, now_ns: int) -> Input | None:
        due_ns = self._engine.next_due_ns
        return Input(None, 0, command=c.AdvanceTime()) if due_ns and due_ns <= now_ns else None

    def _poll(self) -> None:
        self.turn += 1
        self.seconds += self.seconds_a_turn
        self.actions.get(self.turn, lambda: None)()
        self.loop.stop_asked = self.turn >= self.last

    def _aside(self) -> None:
        self.asides += 1


def commands(trading: Trading) -> list[type[c.Command]]:
    return [
        type(record.command)
        for frame in frames(trading.directory)
        for record in decode_batch(frame.body).records
    ]


def test_what_a_poll_brings_is_sequenced_in_the_same_turn(trading: Trading) -> None:
    turns = Turns(trading, last=3)
    turns.actions[2] = lambda: trading.receive(buy("A1", "1", "99"))
    turns.actions[3] = lambda: seen.extend(trading.port.take())
    seen: list[object] = []
    turns.loop.run()
    assert len(seen) == 1
    assert turns.turn == 3


def test_it_rests_after_a_turn_that_has_brought_nothing(trading: Trading) -> None:
    turns = Turns(trading, last=6)
    for turn in (2, 3, 5):
        turns.actions[turn] = partial(bring, trading, turn * 100, 1)
    turns.loop.run()
    assert turns.rested_after == [1, 4], "not after the last: it was asked to stop"


def test_last_turn_is_finished_when_asked_to_stop(trading: Trading) -> None:
    turns = Turns(trading, last=1)
    turns.actions[1] = lambda: trading.receive(buy("A1", "1", "99"))
    turns.loop.run()
    assert len(trading.port.take()) == 1


def test_others_have_their_turn_between_two_slices_of_long_work(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(2 * SLICE + 9)))
    turns = Turns(trading, last=4)
    turns.actions[1] = lambda: trading.put(c.Kill("member", "ALPHA"))
    open_orders = []

    def look(turn: int) -> None:
        open_orders.append(trading.engine.state.members["ALPHA"].open_orders)
        if turn == 2:
            trading.receive(sell("B1", "1", "101"))

    for turn in (2, 3, 4):
        turns.actions[turn] = partial(look, turn)
    turns.loop.run()
    assert open_orders == [SLICE + 9, 9, 0]
    followed = commands(trading)[-4:]
    assert followed == [c.Kill, c.CancelBlocked, c.EnterOrder, c.CancelBlocked]


def test_announced_time_is_injected_once_it_has_come(trading: Trading) -> None:
    trading.say(buy("A1", "1", "99"))
    trading.put(c.StartVenue(2, 1_000_000))
    trading.sequencer.drain()
    due_ns = trading.engine.next_due_ns
    assert due_ns is not None
    turns = Turns(trading, last=200)

    def jump() -> None:
        assert c.AdvanceTime not in commands(trading), "too early"
        trading.now = due_ns

    turns.actions[100] = jump
    turns.loop.run()
    assert commands(trading).count(c.AdvanceTime) == 1
    assert trading.engine.next_due_ns is None
    assert trading.engine.state.members["ALPHA"].open_orders == 0


def test_what_may_wait_is_done_while_idle_and_under_load(trading: Trading) -> None:
    idle = Turns(trading, last=64)
    idle.loop.run()
    assert idle.asides >= 2
    busy = Turns(trading, last=96)
    for turn in range(1, 97):
        busy.actions[turn] = lambda: trading.put(c.AdvanceTime())
    busy.loop.run()
    assert busy.asides >= 3


def test_error_of_what_is_polled_ends_the_loop(trading: Trading) -> None:
    turns = Turns(trading, last=10)

    def break_down() -> None:
        raise RuntimeError("the edge broke")

    turns.actions[4] = break_down
    with pytest.raises(RuntimeError, match="the edge broke"):
        turns.loop.run()
    assert turns.turn == 4


def test_polls_go_on_while_one_command_has_much_to_do(trading: Trading) -> None:
    trading.log_on("ALPHA")
    trading.say(*(buy(f"A{number}", "1", "99") for number in range(15 * SLICE)))
    turns = Turns(trading, last=20)
    open_orders = []
    turns.actions[1] = lambda: trading.log_out("ALPHA")
    for turn in range(2, 21):
        turns.actions[turn] = lambda: open_orders.append(
            trading.engine.state.members["ALPHA"].open_orders
        )
    turns.loop.run()
    assert open_orders[0] > open_orders[1] > open_orders[2] > 0, "polls between the cancels"
    assert open_orders[-1] == 0


def test_inputs_do_not_pile_up_when_polls_bring_more_than_a_batch(directory: Path) -> None:
    trading = Trading(directory, max_batch=10)
    turns = Turns(trading, last=20)
    waiting = []
    names = (f"A{number}" for number in range(1000))

    def bring() -> None:
        waiting.append(len(trading.sequencer.inbox))
        for _ in range(35):
            trading.receive(buy(next(names), "1", "99"))

    turns.actions = dict.fromkeys(range(1, 21), bring)
    turns.loop.run()
    assert max(waiting) <= 10
    trading.writer.close()


def bring(trading: Trading, first: int, count: int) -> None:
    for number in range(first, first + count):
        trading.receive(buy(f"A{number}", "1", "99"))


def test_what_comes_while_the_disk_would_write_shares_a_write(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(trading, last=9)
    turns.seconds_a_turn = 0.1
    monkeypatch.setattr(trading.writer, "sync_seconds", 0.25)
    for turn in range(1, 9):
        turns.actions[turn] = partial(bring, trading, turn * 100, 12)
    turns.loop.turn()
    assert turns.turn == 3, "the disk took as long as three polls"
    assert len(last_batch(trading).records) == 36


def test_nobody_waits_for_more_on_a_fast_disk(trading: Trading) -> None:
    turns = Turns(trading, last=9)
    turns.seconds_a_turn = 0.1
    for turn in range(1, 9):
        turns.actions[turn] = partial(bring, trading, turn * 100, 40)
    turns.loop.turn()
    assert turns.turn == 1


def test_a_poll_that_brings_little_is_the_last(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(trading, last=9)
    monkeypatch.setattr(trading.writer, "sync_seconds", 0.001)
    for turn, count in ((1, 8), (2, 40), (3, 7), (4, 40)):
        turns.actions[turn] = partial(bring, trading, turn * 100, count)
    turns.loop.turn()
    assert turns.turn == 3


def test_on_a_slow_disk_whatever_comes_shares_the_write(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(trading, last=9)
    monkeypatch.setattr(trading.writer, "sync_seconds", 0.25)
    for turn, count in ((1, 8), (2, 1), (3, 5), (5, 40)):
        turns.actions[turn] = partial(bring, trading, turn * 100, count)
    turns.loop.turn()
    assert turns.turn == 4
    assert len(last_batch(trading).records) == 14


def test_no_more_is_gathered_than_a_batch_takes(directory: Path) -> None:
    trading = Trading(directory, max_batch=64)
    trading.writer.sync_seconds = 1.0
    turns = Turns(trading, last=9)
    for turn in range(1, 9):
        turns.actions[turn] = partial(bring, trading, turn * 100, 40)
    turns.loop.turn()
    assert turns.turn == 2
    assert len(last_batch(trading).records) == 64
    trading.writer.close()


def test_what_may_wait_does_not_wait_for_many_turns_of_a_slow_disk(trading: Trading) -> None:
    turns = Turns(trading, last=10)
    turns.seconds_a_turn = 0.2
    turns.actions = {turn: lambda: trading.put(c.AdvanceTime()) for turn in range(1, 11)}
    turns.loop.run()
    assert turns.asides == 10
