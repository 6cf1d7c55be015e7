"""The life that is recorded: trading, controls, settlement, corporate actions, margin, defaults."""

from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from venue.domain import commands as c
from venue.domain.events import AnyEvent
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.journal.record import Batch, Record
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.writer import JournalWriter

from ..engine.builders import ACME, START_NS, buy, enter
from ..engine.control_flow import ControlFlow
from ..engine.funded import enough, funded_commands

SEED, COMMANDS = 9, 900
BATCH = 16
SEGMENT_BYTES = 1 << 24
STEP_NS = 1_000
LATER = msgspec.structs.replace(ACME, symbol="LATER", settlement_days="2", fee_bps="0")
MONDAY, TUESDAY, WEDNESDAY = "2031-01-06", "2031-01-07", "2031-01-08"
MANY = 300
OPERATOR: dict[str, Any] = {"operator": "olga", "reason": "drill"}
later = partial(enter, session="DELTA", symbol=LATER.symbol)
"""An order for LATER."""


class Recorder:
    """An engine whose records go to a journal, so many in a frame."""

    def __init__(self, directory: Path) -> None:
        self.engine = Engine()
        self._writer = JournalWriter(directory, SEGMENT_BYTES, EMPTY_JOURNAL)
        self._records: list[Record] = []
        self.seq = 0

    def do(self, command: c.AnyCommand) -> list[AnyEvent]:
        """Execute a command and all that it leaves to do; the events of it all."""
        waiting, all_events = deque([command]), []
        while waiting:
            command = waiting.popleft()
            self.seq += 1
            now_ns = START_NS + self.seq * STEP_NS
            events = self.engine.apply(command, now_ns)
            self._records.append(Record(self.seq, now_ns, ENGINE_VERSION, 1, command, events))
            waiting += self.engine.take_follow_ups()
            all_events += events
            if len(self._records) == BATCH:
                self._flush()
        return all_events

    def close(self) -> None:
        """Write what is left."""
        if self._records:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.append(Batch(self._records))
        self._records = []


def record_life(directory: Path) -> tuple[Engine, int]:
    """Record it; the engine behind it, and its last record."""
    recorder = Recorder(directory)
    flow = ControlFlow(SEED, COMMANDS)
    for command in funded_commands(*enough()):
        recorder.do(command)
    recorder.do(c.StartVenue(1, 30_000_000_000))
    for command in flow:
        flow.hear(recorder.do(command))
    for command in further():
        recorder.do(command)
    recorder.close()
    return recorder.engine, recorder.seq


def further() -> Iterator[c.AnyCommand]:
    """What no random flow has: each kind of command that stands in a journal, as far as it goes."""
    yield from begun_anew()
    yield from traded_for_later()
    yield c.SettleObligations(WEDNESDAY, **OPERATOR)
    yield c.EndDay()
    yield c.SplitAsset("LATER", 3, 2, "S1", **OPERATOR)
    yield c.StartDay(WEDNESDAY)
    yield c.EndDay()
    yield c.PayDividend("LATER", "0.25", "USD", "D1", **OPERATOR)
    yield c.SettleObligations("", **OPERATOR)
    yield c.StartDay("2031-01-09")
    yield c.CallMargin("ECHO", "10", "USD", 2 * START_NS, **OPERATOR)
    yield c.AdvanceTime()
    yield c.ReleaseMargin("ECHO", **OPERATOR)
    yield c.AddMember("HOUSE", (), "1000000000", 1_000)
    yield c.DeclareDefault("DELTA", "HOUSE", **OPERATOR)
    yield from noted()


def begun_anew() -> Iterator[c.AnyCommand]:
    """Another day, with funds that are moved and sessions that come and go."""
    yield c.EndDay()
    yield c.ReopenDay(**OPERATOR)
    yield c.EndDay()
    yield c.AddInstrument(LATER)
    yield c.SetSettlementRules(penalty_bps="5", buy_in_cycles=2)
    yield c.SetFeeSchedule("gold", "-0.2", "1.5", minimum="0.01", **OPERATOR)
    for member in ("DELTA", "ECHO"):
        yield c.AddMember(member, (), "1000000000", 10_000)
        yield c.AddSession(member, member)
        yield c.LogOn(member, False, member == "DELTA")
        yield c.Deposit(member, "USD", "100000", reference=f"in-{member}")
    yield c.AssignFees("DELTA", "gold", "LATER", **OPERATOR)
    yield c.StartDay(MONDAY)
    yield c.Deposit("ECHO", "LATER", "120", reference="shares")
    yield c.TransferFunds("DELTA", "ECHO", "USD", "50", reference="move", **OPERATOR)
    yield c.ReverseFunds("move", reference="back", **OPERATOR)
    yield c.LogOut("ALPHA")
    yield c.ResetSession("ALPHA", **OPERATOR)
    yield c.StopEntry("the disk is nearly full")
    yield buy("while-stopped", "1", "100")
    yield c.ResumeEntry("there is room")


def traded_for_later() -> Iterator[c.AnyCommand]:
    """Enough for every kind of slice: obligations, cancels, expiries, restatements."""
    yield c.EnterByOperator(later("by-hand", "2", "1", "103", session="ECHO"), **OPERATOR)
    for number in range(MANY):
        yield later(f"L{number}", "1", "1", "100", account=f"A{number}")
    yield later("S1", "2", "200", "100", session="ECHO")
    yield c.MassCancel("DELTA", "MC1", "7")
    for number in range(MANY):
        yield later(f"G{number}", "1", "1", "99", tif="1" if number % 2 else "0")
    yield c.LogOutSession("DELTA", **OPERATOR)
    yield c.LogOn("DELTA", False, True)
    yield c.EndDay()
    yield c.StartDay(TUESDAY)
    for number in range(MANY):
        yield later(f"K{number}", "1", "1", "98")
    yield c.Kill("member", "DELTA", **OPERATOR)
    yield c.Revive("member", "DELTA", **OPERATOR)
    yield c.MassCancelByOperator(session="ECHO", **OPERATOR)


def noted() -> Iterator[c.AnyCommand]:
    """What a second operator decides, and what is only noted."""
    yield c.SetFourEyes(("Kill",), **OPERATOR)
    yield c.Kill("member", "BRAVO", operator="olga", uid=1)
    yield c.Approve("H1", operator="dana", uid=2)
    yield c.Revive("member", "BRAVO", operator="olga", uid=1)
    yield c.Kill("member", "BRAVO", operator="olga", uid=1)
    yield c.Decline("H2", operator="dana", uid=2)
    yield c.SetSanctions(("Nobody Ltd",), **OPERATOR)
    yield c.NoteDenial("kill all", "a viewer may not", "victor", 3)
    yield c.NoteOperator("dana", "added", "operator", 2, "olga", 1)
    yield c.NoteSecret("ALPHA", "password", "olga")
    yield c.DisableSession("ALPHA", **OPERATOR)
    yield c.EnableSession("ALPHA", **OPERATOR)
    yield c.BeginHistory("0" * 16, "restored")
    yield c.OpenSessions(**OPERATOR)
    yield c.StartVenue(2, 30_000_000_000)
