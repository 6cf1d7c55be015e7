"""Reports that were sent before: the same, under the same numbers, whether from memory or not."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.domain import commands as c
from venue.domain.outgoing import Kept
from venue.journal import closing
from venue.journal.closing import compress_segment, compressible_segments
from venue.journal.segment import list_segments
from venue.replay.history import History
from venue.sequencer.session_state import NUMBERS_PER_MILESTONE

from ..engine.builders import buy, cancel, sell
from .builders import Trading
from .random_life import SESSIONS, RandomLife

WINDOW = 4


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    """Trading that keeps next to nothing in memory, on a journal of many segments."""
    trading = Trading(directory, max_batch=7, window=WINDOW, segment_bytes=1 << 14)
    yield trading
    trading.writer.close()


@pytest.fixture
def history(trading: Trading) -> History:
    return History(trading.book, trading.directory, trading.encoder.reports)


def between(history: History, session: str, begin: int, end: int) -> list[tuple[int, Kept]]:
    return [found for found in history.between(session, begin, end) if found is not None]


def expected(life: RandomLife, session: str) -> dict[int, Kept]:
    """All that was numbered; of what was sent again only what is in memory still."""
    held = life.trading.book[session].stored
    numbered = life.numbered(session)
    return {n: kept for n, kept in numbered.items() if not kept.again or n in held}


def compress_closed(trading: Trading) -> None:
    for segment in compressible_segments(trading.directory, trading.writer.next_seq - 1):
        compress_segment(segment)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_any_range_is_what_was_sent(
    trading: Trading, seed: int, compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "BLOCK_BYTES", 1_000)
    life = RandomLife(trading, seed, kills=seed % 2 == 1)
    source = random.Random(seed)
    from_journal = 0
    for number in range(600):
        life.step()
        if number % 40:
            continue
        life.settle()
        if compressed:
            compress_closed(trading)
        history = History(trading.book, trading.directory, trading.encoder.reports)
        for session in SESSIONS:
            last, all_sent = trading.port.next_out(session), expected(life, session)
            ranges = [(1, last), (1, 1), (last - 1, last), (1, last + 50)]
            for _ in range(6):
                begin = source.randint(1, last)
                ranges.append((begin, source.randint(begin, last)))
            for begin, end in ranges:
                found = between(history, session, begin, end)
                assert found == [
                    (n, kept) for n, kept in sorted(all_sent.items()) if begin <= n <= end
                ]
                from_journal += sum(n not in trading.book[session].stored for n, _ in found)
    assert from_journal > 200
    segments = list_segments(trading.directory)
    assert len(segments) > 4 and segments[3].is_compressed == compressed


@pytest.mark.parametrize("compressed", [False, True])
def test_reports_of_many_milestones_are_found_from_the_nearest_one(
    trading: Trading, history: History, compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "BLOCK_BYTES", 1_000)
    for session in SESSIONS:
        trading.log_on(session, cancels=False)
    sent: dict[int, Kept] = {}
    for number in range(0, 2 * NUMBERS_PER_MILESTONE, 2):
        trading.receive(buy(f"A{number}", "5", "99"))
        trading.receive(cancel(f"A{number + 1}", f"A{number}"))
        if number % 40 == 0:
            trading.receive(sell(f"B{number}", "1", "105"))
        if number % 7 == 0:
            trading.sequencer.drain()
    trading.sequencer.drain()
    for message in trading.port.take():
        if message.session == "ALPHA":
            sent[message.number] = Kept(message.text, message.sent_ns)
    milestones = trading.book["ALPHA"].milestones
    assert len(milestones) == 2
    if compressed:
        compress_closed(trading)
    for begin in (2, milestones[1].number - 1, *range(milestones[1].number, max(sent), 501)):
        end = begin + 9
        assert dict(between(history, "ALPHA", begin, end)) == {
            n: kept for n, kept in sent.items() if begin <= n <= end
        }
    steps = len(list(history.between("ALPHA", milestones[1].number, milestones[1].number)))
    whole = len(list(history.between("ALPHA", 2, 2 * NUMBERS_PER_MILESTONE)))
    assert steps < whole / 10, "what was before the milestone is not read"


def test_memory_holds_no_more_than_two_windows_and_what_was_not_read(trading: Trading) -> None:
    for session in SESSIONS:
        trading.log_on(session, cancels=False)
    state = trading.book["ALPHA"]
    for number in range(300):
        trading.say(buy(f"A{number}", "5", "99"))
        assert len(state.stored) <= 2 * WINDOW + 1
    trading.log_out("ALPHA")
    for number in range(50):
        trading.say(sell(f"B{number}", "1", "99"))
        assert len(state.stored) <= 2 * WINDOW + len(state.unread)
    assert len(state.unread) == 50
    trading.log_on("ALPHA", cancels=False)
    trading.port.read["ALPHA"].append((1, state.next_out - 1))
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    assert not state.unread and len(state.stored) <= 2 * WINDOW


def test_writing_goes_on_while_an_answer_is_under_way(trading: Trading, history: History) -> None:
    for session in SESSIONS:
        trading.log_on(session, cancels=False)
    sent: dict[int, Kept] = {}

    def trade(number: int) -> None:
        for message in trading.say(buy(f"A{number}", "5", "99"), sell(f"B{number}", "1", "105")):
            if message.session == "ALPHA":
                sent[message.number] = Kept(message.text, message.sent_ns)

    for number in range(60):
        trade(number)
    asked = dict(sent)
    found: list[tuple[int, Kept]] = []
    pauses = 0
    for each in history.between("ALPHA", 1, max(sent)):
        if each is not None:
            found.append(each)
            continue
        pauses += 1
        trade(100 + pauses)
    assert found == sorted(asked.items())
    assert pauses > 20


def missed_fill(trading: Trading) -> tuple[int, Kept]:
    """A report that ALPHA was sent while it was out, older than the window."""
    for session in SESSIONS:
        trading.log_on(session, cancels=False)
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    (fill,) = (m for m in trading.say(sell("B1", "1", "100")) if m.session == "ALPHA")
    trading.log_on("ALPHA", cancels=False)
    for number in range(5 * WINDOW):
        trading.say(buy(f"A1{number}", "1", "99"))
    return fill.number, Kept(fill.text, fill.sent_ns)


def test_what_was_not_read_is_found_though_its_segment_has_gone(
    trading: Trading, history: History
) -> None:
    missed = missed_fill(trading)
    state = trading.book["ALPHA"]
    recent = [(n, kept) for n, kept in state.stored.items() if n >= state.recent_from]
    for segment in list_segments(trading.directory):
        segment.path.unlink()
    assert between(history, "ALPHA", 1, state.next_out) == [missed, *recent]


def test_what_was_sent_again_and_not_read_is_found_at_its_new_number(
    trading: Trading, history: History
) -> None:
    _, missed = missed_fill(trading)
    trading.port.silent.add("ALPHA")
    trading.log_out("ALPHA")
    trading.port.take()
    trading.log_on("ALPHA", reset=True, cancels=False)
    (again,) = trading.port.take()
    trading.port.silent.clear()
    for number in range(5 * WINDOW):
        trading.say(sell(f"B2{number}", "1", "105"), buy(f"A2{number}", "1", "99"))
    expected = (again.number, Kept(missed.text, again.sent_ns, again=True))
    assert between(history, "ALPHA", 1, 2) == [expected], "while nothing has confirmed it"
    trading.log_out("ALPHA")
    trading.log_on("ALPHA", cancels=False)
    assert between(history, "ALPHA", 1, 2) == [expected]


def test_what_was_numbered_before_a_reset_is_not_found(trading: Trading, history: History) -> None:
    missed_fill(trading)
    trading.port.read["ALPHA"].append((1, trading.port.next_out("ALPHA") - 1))
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    assert between(history, "ALPHA", 1, 1_000) == []
    trading.log_on("ALPHA", cancels=False)
    (new,) = trading.say(buy("A900", "1", "99"))
    for number in range(5 * WINDOW):
        trading.say(buy(f"A91{number}", "1", "99"))
    assert between(history, "ALPHA", 1, 2) == [(new.number, Kept(new.text, new.sent_ns))]
