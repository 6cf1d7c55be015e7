"""Where the stages of trading are wired together: the only module that knows them all.

The processes beside trading are in workers.py.
"""

import resource
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from venue.admin.listener import AdminListener
from venue.admin.typed import typed
from venue.clock import Clock, trading_day
from venue.control import Configured, Control
from venue.data_directory import DataDirectory
from venue.domain.commands import StartDay, StartVenue
from venue.domain.configuration import Defined
from venue.edge import FixEdge
from venue.engine.views.configuration import differences
from venue.fix.arrivals import ListenError, bind
from venue.fix.encode import ReportEncoder
from venue.fix.private_way import PrivateWayError
from venue.garbage import collect_new_objects_only
from venue.journal.durable import read_position
from venue.journal.segment import JournalDamage
from venue.live_sessions import LiveSessions
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
from venue.sequencer.room import CANNOT_WRITE, DISK_FULL, RoomWatch
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SKIPPED_AFTER_CRASH
from venue.sequencer.writer import JournalWriteError, JournalWriter
from venue.servers import ServerError
from venue.servers.lock import DataDirLock
from venue.servers.runtime import report_failure, report_ready
from venue.servers.scheduling import ask_for_short_turns
from venue.session_secrets import SessionSecrets
from venue.settings.configuration_error import ConfigurationError
from venue.settings.definitions import new_instrument, new_member
from venue.settings.settings import Settings
from venue.startup import recovered

_log = structlog.get_logger("trading")
EXIT_OK, EXIT_FAILED, EXIT_WRONG_USE = 0, 1, 2


class _StartRefused(Exception):
    """Trading cannot start; text is one line for the operator."""


def run_trading(settings: Settings, load: Callable[[Path], Settings]) -> int:
    """Run trading (FIX edge, sequencer, engine, journal) until SIGTERM or SIGINT.

    load: reads the settings of a configuration file as they are now. Returns the exit status.
    """
    collect_new_objects_only()
    ask_for_short_turns()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    lock = DataDirLock(settings.data_dir)
    try:
        lock.acquire(patience_seconds=2.0)
        try:
            trading = Trading(settings, load)
        except (
            JournalDamage,
            JournalWriteError,
            ReplayDifference,
            SnapshotMissing,
            ListenError,
            PrivateWayError,
            ConfigurationError,
            _StartRefused,
        ) as error:
            raise _StartRefused(str(error)) from error
    except (ServerError, _StartRefused) as error:
        _log.error("trading does not start", error=str(error))
        report_failure(str(error), EXIT_WRONG_USE)
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

    def __init__(self, settings: Settings, load: Callable[[Path], Settings]) -> None:
        self._settings = settings
        self._journal = journal = DataDirectory(settings.data_dir).journal
        journal.mkdir(mode=0o700, parents=True, exist_ok=True)
        # 1 the address: taken before anything is changed
        listener = bind(settings.fix.host, settings.fix.port, settings.buffer_bytes())
        self.address = "{}:{}".format(*listener.getsockname())
        # 2 the state: read back from the journal
        encoder = ReportEncoder(settings.venue_dialect_sessions())
        recovery = recovered(settings, encoder)
        replayed = recovery.replay
        clock = Clock(replayed.timestamp_ns)
        self._engine = replayed.engine
        self._sessions = replayed.sessions
        self._epoch = replayed.epoch + 1
        self._writer = JournalWriter(journal, settings.journal.segment_mib << 20, replayed.position)
        # 3 the FIX edge
        history = History(self._sessions, journal, encoder.reports)
        self._edge = FixEdge(settings, listener, self._is_entitled, history)
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
        self._begin(replayed, clock, self._restore_sessions(self._edge.sender.names()))
        self._room = RoomWatch(self._writer, self._sequencer.inbox)
        # 5 the operator's way in
        wanted = settings.defined()
        self._live_sessions = LiveSessions(self._edge, encoder, load, self._restore_sessions)
        control = Control(
            self._engine.state,
            self._sequencer,
            self._edge,
            Configured(wanted, new_instrument(settings.risk), new_member(settings.risk)),
            lambda: read_position(journal),
            recovery.summary(),
            lambda: last_snapshot(journal),
            SessionSecrets(self._edge.authentication, self._edge.names),
            self._live_sessions,
            self._sessions,
        )
        self._admin = AdminListener(settings.data_dir, typed(control.answer))
        self._report_differences(wanted)
        # 6 the loop
        self._loop = Loop(
            self._poll,
            self._sequencer,
            lambda: self._engine.next_due_ns,
            clock.now_ns,
            self._aside,
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
            self._admin.close()
            self._live_sessions.close()
            self._edge.close()
            self._writer.close()
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

    def _poll(self) -> None:
        self._edge.door.poll()
        self._room.look()
        if self._room.stops_trading:
            self.ask_to_stop()

    def _aside(self) -> None:
        self._admin.poll()
        self._live_sessions.poll()
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

    def _begin(self, replayed: Replay, clock: Clock, unsure: list[str]) -> None:
        """Seed an empty journal, open the first day, and say that the venue has started.

        unsure: sessions whose numbers the start has changed; they are recorded again.
        """
        inbox = self._sequencer.inbox
        if replayed.epoch == 0:
            day = StartDay(trading_day(clock.now_ns()), reason="first start")
            seed = self._settings.seed_commands()
            for command in (*seed, day, *self._settings.approval_commands()):
                inbox.put(Input(None, 0, command=command))
        grace_ns = self._settings.fix.logon_grace_seconds * 1_000_000_000
        inbox.put(Input(None, 0, command=StartVenue(replayed.epoch + 1, grace_ns)))
        inbox.put_first(replayed.follow_ups)
        self._sequencer.run_all(unsure)
        self._sequencer.drain()

    def _report_differences(self, wanted: list[Defined]) -> None:
        differing = differences(self._engine.state, wanted)
        if differing:
            _log.warning(
                "the configuration file differs from what is in force; `venue config apply` "
                "brings it in",
                differences=len(differing),
            )

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
