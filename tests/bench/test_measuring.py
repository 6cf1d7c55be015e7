"""What the benchmarks compute by themselves, without a venue."""

from pathlib import Path

import pytest

from bench.books import _operations
from bench.configuration import write_configuration
from bench.engine_load import EngineLoad
from bench.lag import FOLLOWERS, Sample
from bench.machine import ROOT
from bench.profile import STAGES, compiled_sources, stage_of, told_frame
from bench.steady import _while_loaded
from venue.book.order_book import OrderBook
from venue.book.price_level import RestingOrder
from venue.domain.types import Side
from venue.load.mix import Mix
from venue.settings.settings import load_settings


def test_configuration_has_as_many_sessions_and_instruments_as_asked(tmp_path: Path) -> None:
    settings = load_settings(write_configuration(tmp_path, 20, 7))
    assert [session.comp_id for session in settings.sessions][::19] == ["LOAD1", "LOAD20"]
    assert len(settings.instruments) == 7
    assert settings.quickfix_text(settings.enabled_sessions(), 1).count("[SESSION]") == 20


def test_operations_of_the_books_are_what_the_engine_did() -> None:
    operations, timed_from = _operations(20, 300, 3000)
    assert timed_from >= 300
    assert all(enter for enter, *_ in operations[:timed_from]), "the book fills up first"
    book, orders = OrderBook(), dict[int, RestingOrder]()
    for enter, number, side, price, quantity in operations:
        if not enter:
            book.remove(orders.pop(number))  # asserts that it rests
            continue
        order = orders[number] = RestingOrder((Side.BUY, Side.SELL)[side], price, quantity)
        for _ in book.match(order):
            pass
        if order.leaves_lots:
            book.rest(order)
    assert 0 < sum(level.count for level in book.bids.levels()) < 600


def test_engine_load_keeps_to_the_message_rates_however_much_is_filled_up() -> None:
    load = EngineLoad(1)
    load.fill_up(90_000, remember=False)  # more than a second's worth of all sessions
    assert load.resting == 90_000


def test_engine_load_trades_cancels_and_replaces_without_refusals() -> None:
    load = EngineLoad(2)
    load.fill_up(200)
    assert len(load.engine.state.orders) == 200
    load.send(Mix())
    kinds = set()
    for _ in range(200):
        for command in load.commands(1):
            events = load.apply(command)
            load.tell(events)
            kinds |= {type(event).__name__ for event in events}
    assert kinds == {"OrderAccepted", "TradeExecuted", "OrderCanceled", "OrderReplaced"}


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        ("Loop.turn (venue/sequencer/loop.py:58);Acceptor.poll (quickfix.py:8380)",
         "QuickFIX: poll, read, parse, validate"),
        ("Acceptor.poll (quickfix.py:8380);MessageLog._keep (venue/fix/message_log.py:93)",
         "FIX message log, masked"),
        ("Sequencer._apply (venue/sequencer/sequencer.py:130);_has (venue/risk/combinations.py:84)",
         "risk checks"),
        ("Sequencer._commit (venue/sequencer/sequencer.py:120)", "sequencer, the rest"),
        ("Loop.run (venue/sequencer/loop.py:49)", "resting and going round"),
        ("<module> (elsewhere.py:1)", "anything else"),
    ],
)  # fmt: skip
def test_samples_belong_to_stages(stack: str, stage: str) -> None:
    assert stage_of(stack) == stage


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ("CPyDef_placing___enter (venue__mypyc.so)", "enter (venue/engine/trading/placing.py:)"),
        ("CPyDef_sequencer___Sequencer____commit (x.so)",
         "Sequencer____commit (venue/sequencer/sequencer.py:)"),
        ("Loop.run (venue/sequencer/loop.py:49)", "Loop.run (venue/sequencer/loop.py:49)"),
        ("CPyDef_elsewhere___main (x.so)", ""),
        ("PyObject_Vectorcall (libpython3.11.so.1.0)", ""),
        ("fdatasync (libc.so.6)", ""),
    ],
)  # fmt: skip
def test_frames_of_compiled_code_are_told_as_their_source(frame: str, told: str) -> None:
    assert told_frame(frame, compiled_sources()) == told


def test_stages_name_files_that_exist() -> None:
    words = [word.rstrip(":") for _, words in STAGES for word in words if word.startswith("venue/")]
    assert words
    assert [word for word in words if not (ROOT / word).exists()] == []


def test_only_samples_while_events_came_are_judged() -> None:
    done = dict.fromkeys(FOLLOWERS, 0)
    event_seqs = [0, 0, *range(10, 210, 10), 200, 200]
    samples = [Sample(at, seq, done, 1) for at, seq in enumerate(event_seqs)]
    judged = _while_loaded(samples)
    assert [sample.event_seq for sample in (judged[0], judged[-1])] == [30, 190]
    assert judged[0].lag("audit") == 30
