"""No report is ever lost, whatever sessions do: it was confirmed, or it can still be had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.journal.record import decode_batch
from venue.replay.snapshot import load_snapshot, write_snapshot
from venue.sequencer.session_state import SKIPPED_AFTER_CRASH, SessionState

from ..journal.builders import frames
from .builders import Trading
from .random_life import SESSIONS, RandomLife, is_report

WINDOW = 6


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory, max_batch=7, window=WINDOW, segment_bytes=1 << 16)
    yield trading
    trading.writer.close()


def still_owed(state: SessionState) -> list[str]:
    """Texts of what is owed or unread."""
    unread = [state.stored[number] for number in sorted(state.unread)]
    return [kept.text for kept in (*state.owed, *unread)]


def assert_nothing_is_lost(life: RandomLife) -> None:
    for session in SESSIONS:
        state = life.trading.book[session]
        owed, reports = still_owed(state), set(life.reports(session))
        assert len(owed) == len(set(owed)), "each is owed once"
        assert set(owed) <= reports
        unread = reports - life.read[session] - life.in_flight(session)
        assert unread <= set(owed)
        if not life.killed and session not in life.trading.port.connected:
            assert set(owed) == unread, "and nothing that was confirmed comes again"


def assert_memory_is_bounded(life: RandomLife) -> None:
    for session in SESSIONS:
        state = life.trading.book[session]
        assert len(state.stored) <= 2 * WINDOW + len(state.unread) + state.unconfirmed
        assert list(state.stored) == sorted(state.stored)
        assert all(number in state.stored for number in state.unread)


def assert_recovered_as_live(life: RandomLife) -> None:
    trading = life.trading
    recovered = trading.replayed().sessions
    for session in SESSIONS:
        live, again = trading.book[session], recovered[session]
        assert live == again
        numbered = life.numbered(session)
        recent = {n: kept for n, kept in numbered.items() if n >= live.recent_from}
        assert {n: k for n, k in live.stored.items() if n >= live.recent_from} == recent
        assert live.stored.items() <= numbered.items()
        behind = trading.port.next_out(session) - again.next_out
        assert 0 <= behind < SKIPPED_AFTER_CRASH


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kills", [False, True])
def test_every_report_is_confirmed_or_can_be_had(trading: Trading, seed: int, kills: bool) -> None:
    life = RandomLife(trading, seed, kills)
    for number in range(700):
        life.step()
        if number % 20 == 0:
            life.settle()
            assert_nothing_is_lost(life)
            assert_memory_is_bounded(life)
        if number % 100 == 0:
            assert_recovered_as_live(life)
    assert (life.killed > 0) == kills
    assert life.orders > 100
    assert life.again > 0
    assert life.resent > 0


@pytest.mark.parametrize("seed", range(4))
def test_clean_stop_leaves_exact_numbers_and_owes_exactly_what_was_not_read(
    trading: Trading, seed: int
) -> None:
    life = RandomLife(trading, seed)
    for _ in range(300):
        life.step()
    trading.sequencer.stop(list(SESSIONS))
    life.settle()
    assert_recovered_as_live(life)
    recovered = trading.replayed()
    assert recovered.clean_stop
    for session in SESSIONS:
        state = recovered.sessions[session]
        assert (state.next_in, state.next_out) == (
            trading.port.next_in(session),
            trading.port.next_out(session),
        )
        assert not state.logged_on
        assert set(still_owed(state)) == set(life.reports(session)) - life.read[session]


@pytest.mark.parametrize("seed", range(4))
def test_state_survives_a_snapshot_at_any_moment(trading: Trading, seed: int) -> None:
    life = RandomLife(trading, seed, kills=True)
    for number in range(200):
        life.step()
        if number % 40 == 0:
            life.settle()
            replayed = trading.replayed()
            expected = replayed.sessions.image()
            path = write_snapshot(trading.directory, replayed.take_snapshot())
            assert load_snapshot(path).sessions == expected
    life.settle()
    short = trading.replayed()
    assert short.snapshot is not None
    for session in SESSIONS:
        live, again = trading.book[session], short.sessions[session]
        assert (live.next_in, live.next_out, live.unread, live.owed) == (
            again.next_in, again.next_out, again.unread, again.owed,
        )  # fmt: skip
        assert (live.logged_on, live.unread_from, live.milestones) == (
            again.logged_on, again.unread_from, again.milestones,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_client_that_comes_back_with_a_reset_gets_all_that_it_has_not_read(
    trading: Trading, seed: int
) -> None:
    life = RandomLife(trading, seed, kills=True)
    for _ in range(300):
        life.step()
    trading.port.silent.clear()
    for session in SESSIONS:
        if session in trading.port.connected:
            trading.log_out(session)
        trading.log_on(session, reset=True)
        life.settle()
        assert set(life.reports(session)) <= life.read[session]
        trading.log_out(session)
        trading.log_on(session, reset=True)
        once_more = {message.text for message in trading.port.take()}
        assert not once_more & life.read[session], "and then nothing that it has"


@pytest.mark.parametrize("seed", range(4))
def test_marks_are_the_numbers_that_were_really_used(trading: Trading, seed: int) -> None:
    life = RandomLife(trading, seed)
    for _ in range(200):
        life.settle()
        before = len(frames(trading.directory))
        life.step()
        batches = [decode_batch(frame.body) for frame in frames(trading.directory)[before:]]
        marked = [
            (session, mark.first_out + place, place < mark.resent, place in mark.answers)
            for batch in batches
            for session, mark in batch.sessions.items()
            for place in range(mark.count)
        ]
        assert sorted(marked) == sorted(
            (m.session, m.number, m.again, not is_report(m.text)) for m in life.last_sent
        )
