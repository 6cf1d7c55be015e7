"""Where the stages of trading are wired together: the only module that knows them all.

The processes beside trading are in workers.py.
"""

import signal
from collections.abc import Iterable

import structlog

from venue.admin_entrance import AdminEntrance
from venue.checked_configuration import CheckedConfiguration
from venue.clock import Clock, duration
from venue.control import Configured, Control
from venue.data_directory import DataDirectory
from venue.domain.commands import BeginHistory, StartVenue
from venue.due_times import DueTimes, first_day
from venue.edge import FixEdge
from venue.fix.arrivals import ListenError, bind
from venue.fix.encode import ReportEncoder
from venue.fix.logons import Reopening
from venue.fix.private_way import PrivateWayError
from venue.garbage import collect_new_objects_only
from venue.history_watch import HistoryWatch
from venue.journal.durable import read_position
from venue.journal.identity import journal_identity
from venue.journal.origin import Origin
from venue.journal.running import HistoryLock, HistoryRuns
from venue.journal.segment import JournalDamage
from venue.replay.history import History
from venue.replay.replay import (
    Replay,
    ReplayDifference,
    SnapshotMissing,
)
from venue.replay.snapshot import (
    last_snapshot,
    prune_snapshots,
    snapshot_of,
    write_snapshot,
)
from venue.sequencer.inbox import Input
from venue.sequencer.loop import Loop
from venue.sequencer.room import CANNOT_WRITE, DISK_FULL, RoomWatch, room_needed
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SKIPPED_AFTER_CRASH
from venue.sequencer.writer import JournalWriteError
from venue.servers import ServerError
from venue.servers.lock import DataDirLock
from venue.servers.open_files import allow_most_open_files
from venue.servers.ports import free_port
from venue.servers.runtime import report_failure, report_ready
from venue.servers.scheduling import ask_for_short_turns
from venue.session_desk import SessionDesk
from venue.settings.configuration_error import ConfigurationError
from venue.settings.definitions import new_instrument, new_member
from venue.settings.settings import Settings
from venue.startup import recovered, report_differences
from venue.trading_counts import TradingCounts

_log = structlog.get_logger("trading")
_AHEAD_NS = 1_000_000_000
EXIT_OK, EXIT_FAILED, EXIT_WRONG_USE = 0, 1, 2


class _StartRefused(Exception):
    """Trading cannot start; text is one line for the operator."""


_REFUSALS = (
    JournalDamage, JournalWriteError, ReplayDifference, SnapshotMissing, ListenError,
    PrivateWayError, ConfigurationError, OSError, HistoryRuns, _StartRefused,
)  # fmt: skip
"""What makes a start impossible."""


def run_trading(settings: Settings, files: CheckedConfiguration) -> int:
    """Run trading (FIX edge, sequencer, engine, journal) until SIGTERM or SIGINT.

    files: reads and keeps a configuration that is applied meanwhile. Returns the exit status.
    """
    collect_new_objects_only()
    ask_for_short_turns()
    allow_most_open_files()
    lock = DataDirLock(settings.data_dir)
    try:
        lock.acquire(patience_seconds=2.0)
        try:
            trading = Trading(settings, files)
        except _REFUSALS as error:
            raise _StartRefused(str(error)) from error
    except (ServerError, _StartRefused) as error:
        _log.error("trading does not start", error=str(error))
        report_failure(str(error), EXIT_WRONG_USE, room_needed(error))
        lock.release()
        return EXIT_WRONG_USE
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: trading.ask_to_stop())
    report_ready(trading.address)
    try:
        return trading.run()
    finally:
        lock.release()


class Trading:
    """The whole trading process, wired. It listens as soon as it is made."""

    def __init__(self, settings: Settings, files: CheckedConfiguration) -> None:
        self._settings = settings
        self._journal = journal = DataDirectory(settings.data_dir).journal
        journal.mkdir(mode=0o700, parents=True, exist_ok=True)
        # 1 the address: taken before anything is changed
        port = settings.fix.port or free_port(settings.fix.host)  # a restart needs it again
        listener = bind(settings.fix.host, port, settings.buffer_bytes())
        self.address = "{}:{}".format(*listener.getsockname())
        # 2 the state: read back from the journal
        encoder = ReportEncoder(settings.venue_dialect_sessions())
        recovery = recovered(settings, encoder)
        replayed, origin = recovery.replay, recovery.origin
        self._history = HistoryLock()
        ancestors = () if origin is None else origin.ancestors
        self._history.acquire(journal_identity(journal), ancestors, patience_seconds=2.0)
        self._clock = clock = Clock(replayed.timestamp_ns)
        self._engine = replayed.engine
        self._sessions = replayed.sessions
        self._epoch = replayed.epoch + 1
        self._counts = TradingCounts(settings)
        self._writer = self._counts.writer(journal, replayed.position)
        # 3 the FIX edge
        history = History(self._sessions, journal, encoder.reports)
        reopening = Reopening(lambda: self._engine.state.sessions_closed, self._may_be_ahead)
        self._edge = FixEdge(settings, listener, self._is_entitled, history, reopening)
        # 4 the sequencer between them
        self._sequencer = Sequencer(
            self._engine,
            self._writer,
            encoder,
            self._edge.sender,
            self._sessions,
            clock.now_ns,
            self._epoch,
            settings.sequencer.max_batch,
        )
        self._edge.serve(self._sequencer)
        self._begin(replayed, clock, self._restore_sessions(self._edge.sender.names()), origin)
        self._room = RoomWatch(self._writer, self._sequencer.inbox)
        self._watch = HistoryWatch(settings.data_dir, self._engine.state, self._sequencer)
        self._watch.look()  # what was found before this start counts from its first moment
        # 5 the operator's way in
        wanted = settings.defined()
        self._desk = SessionDesk(
            self._edge, self._engine.state, self._sequencer.inbox, encoder, files,
            self._restore_sessions,
        )  # fmt: skip
        control = Control(
            self._engine.state,
            self._sequencer,
            self._edge,
            Configured(
                wanted,
                new_instrument(settings.risk),
                new_member(settings.risk),
                None if settings.margin is None else settings.margin.rules(),
            ),
            lambda: read_position(journal),
            recovery.summary(),
            self._troubles,
            lambda: last_snapshot(journal),
            self._desk,
            self._sessions,
        )
        self._admin = AdminEntrance(
            settings, control.answer, self._engine.state, self._sequencer.inbox
        )
        report_differences(self._engine.state, wanted)
        # 6 the loop
        due = DueTimes(self._engine.state)
        counted = self._counts.around(self._poll, self._aside, self._edge, self._engine.state,
                                      self._sequencer.inbox)  # fmt: skip
        self._loop = Loop(
            counted.poll, self._sequencer, due, clock.now_ns, counted.aside, self._edge.door.rest
        )
        self._edge.open()

    def run(self) -> int:
        """Trade until asked to stop. Returns the exit status."""
        _log.info("trading", fix=self.address)
        try:
            self._loop.run()
            self._stop_cleanly()
        except JournalWriteError as error:
            _log.critical("the venue stops: nothing more is acknowledged", error=str(error))
            self._edge.door.log_out_all(CANNOT_WRITE, frozenset(self._sequencer.unsure or ()))
            return EXIT_FAILED
        finally:
            self._counts.close()
            self._admin.close()
            self._desk.close()
            self._edge.close()
            self._writer.close()
            self._history.release()
        if self._room.stops_trading:
            _log.critical(DISK_FULL, journal=str(self._journal))
            return EXIT_FAILED
        _log.info("stopped cleanly")
        return EXIT_OK

    def ask_to_stop(self) -> None:
        """Let `run` end after the batch in hand."""
        self._loop.stop_asked = True

    def _is_entitled(self, session: str) -> bool:
        known = self._engine.state.sessions.get(session)
        return known is not None and known.enabled

    def _troubles(self) -> list[str]:
        """What an operator has to look at, a line each."""
        ahead_ns = self._clock.ahead_ns()
        if ahead_ns < _AHEAD_NS:
            return self._room.troubles
        behind = f"the system's clock is {duration(ahead_ns)} behind the venue's time"
        return [*self._room.troubles, f"{behind}, which goes at half speed until that is over"]

    def _may_be_ahead(self, session: str) -> bool:
        known = self._engine.state.sessions.get(session)
        return known is not None and known.may_be_ahead

    def _poll(self) -> None:
        self._edge.door.poll()
        self._room.look()
        if self._room.stops_trading:
            self.ask_to_stop()

    def _aside(self) -> None:
        self._watch.look()
        self._admin.poll()
        self._desk.poll()
        self._edge.log.flush()

    def _restore_sessions(self, names: Iterable[str]) -> list[str]:
        """Set the sessions' numbers. Returns those that may have used more than are recorded."""
        unsure = []
        for name in names:
            state = self._sessions[name]
            skipped = 0
            if state.logged_on:  # it was on when the venue was killed
                skipped = SKIPPED_AFTER_CRASH
                unsure.append(name)
            self._edge.sender.restore(name, state.next_in, state.next_out + skipped)
        return unsure

    def _begin(
        self, replayed: Replay, clock: Clock, unsure: list[str], origin: Origin | None
    ) -> None:
        """Seed an empty journal, open the first day, and say that the venue has started.

        unsure: sessions whose numbers the start has changed; they are recorded again. origin: how
        the journal came here: the sessions are closed at the first start after it.
        """
        inbox = self._sequencer.inbox
        if replayed.epoch == 0:
            seed, approval = self._settings.seed_commands(), self._settings.approval_commands()
            days = first_day(self._settings.timetable(), clock.now_ns())
            for command in (*seed, *days, *approval):
                inbox.put(Input(None, 0, command=command))
        grace_ns = self._settings.fix.logon_grace_seconds * 1_000_000_000
        inbox.put(Input(None, 0, command=StartVenue(replayed.epoch + 1, grace_ns)))
        if origin is not None and origin.origin not in self._engine.state.histories:
            _log.critical("sessions are closed until an operator opens them", why=origin.why)
            inbox.put(Input(None, 0, command=BeginHistory(origin.origin, origin.why)))
        inbox.put_first(replayed.follow_ups)
        self._sequencer.run_all(unsure)
        self._sequencer.drain()

    def _stop_cleanly(self) -> None:
        self._edge.door.log_out_all(self._room.why_stopping)
        self._sequencer.stop(self._edge.sender.names())
        state = self._engine.state
        snapshot = snapshot_of(
            self._engine,
            self._sessions,
            self._writer.position,
            state.timestamp_ns,
            self._epoch,
            [],
            clean_stop=True,
        )
        try:
            write_snapshot(self._journal, snapshot)
        except OSError as error:  # the journal is whole: the next start just takes longer
            _log.error("no snapshot was written", error=str(error))
        prune_snapshots(self._journal)
