"""A cycle that is killed behind any of its records: the next start ends it all the same."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from venue.domain import commands as c
from venue.engine.image.settlement import settlement_image
from venue.journal.record import decode_batch
from venue.replay.replay import replay_journal
from venue.replay.rerun import finish
from venue.replay.snapshot import write_snapshot

from ..engine.builders import enter
from ..engine.settling import T2
from ..journal.builders import frames
from .builders import Trading

DUE = "2026-01-07"
ACCOUNTS = 160


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    """BRAVO owes ALPHA's accounts what he has half of, on Wednesday."""
    trading = Trading(directory)
    trading.put(c.AddInstrument(msgspec.structs.replace(T2, symbol="LATER")))
    trading.put(c.SetSettlementRules(penalty_bps="5", buy_in_cycles=2))
    trading.put(c.Deposit("BRAVO", "LATER", str(ACCOUNTS // 2), reference="1"))
    sale = enter("S", "2", str(ACCOUNTS), "100", session="BRAVO", symbol="LATER")
    buys = (
        enter(f"B{number}", "1", "1", "100", symbol="LATER", account=f"A{number:03}")
        for number in range(ACCOUNTS)
    )
    trading.say(sale, *buys)
    yield trading
    trading.writer.close()


def run_cycles(trading: Trading, count: int = 3) -> int:
    """Number of the first record of the cycles."""
    first = trading.writer.next_seq
    for _ in range(count):
        trading.put(c.SettleObligations(DUE))
        trading.sequencer.drain()
    return first


def test_kill_behind_any_record_ends_as_if_it_had_not_been(trading: Trading) -> None:
    first = run_cycles(trading)
    records = [r for f in frames(trading.directory) for r in decode_batch(f.body).records]
    kinds = [type(record.command).__name__ for record in records if record.seq >= first]
    assert kinds.count("SettleObligations") == 3 and kinds.count("SettleRemaining") >= 3
    after: dict[int, object] = {}
    for seq in range(trading.writer.next_seq - 1, first - 1, -1):
        found = replay_journal(trading.directory, None, to_seq=seq)
        for command in found.follow_ups:
            found.engine.apply(command, found.timestamp_ns)
            finish(found.engine, found.timestamp_ns)
        state = found.engine.state
        assert state.obligations.cycle is None
        reached = after.setdefault(
            state.obligations.last_cycle, settlement_image(state.obligations)
        )
        assert settlement_image(state.obligations) == reached, seq
    assert set(after) == {1, 2, 3}
    image = settlement_image(trading.engine.state.obligations)
    assert image == after[3] and image is not None and image.obligations == ()


def test_start_from_a_snapshot_within_a_cycle_goes_on_with_it(trading: Trading) -> None:
    first = run_cycles(trading, 1)
    whole = settlement_image(trading.engine.state.obligations)
    within = replay_journal(trading.directory, trading.encoder.reports, to_seq=first)
    assert within.engine.state.obligations.cycle is not None
    write_snapshot(trading.directory, within.take_snapshot())
    found = trading.replayed()
    assert found.snapshot is not None
    assert settlement_image(found.engine.state.obligations) == whole
