"""Where the stages of trading are wired together: the only module that knows them all.

The processes beside trading are in workers.py.
"""

import resource
import signal

import quickfix
import structlog

from venue.admin.listener import AdminListener
from venue.clock import Clock, trading_day
from venue.control import Control, differences
from venue.domain.command import Command
from venue.domain.commands import (
    ConfigurationCommand,
    LogOut,
    ResetSession,
    StartDay,
    StartVenue,
    configuration_only,
)
from venue.fault_points import fault_point, is_armed
from venue.fix.acceptor import FixAcceptor, ListenError, bind, scratch_port
from venue.fix.application import VenueApplication
from venue.fix.decode import Decoded
from venue.fix.encode import ReportEncoder
from venue.fix.message_log import MessageLogFactory
from venue.fix.sender import SessionSender
from venue.fix.sessions import Sessions
from venue.garbage import look_for_garbage_among_the_new
from venue.journal.durable import read_position
from venue.journal.segment import JournalDamage
from venue.sequencer.inbox import Input
from venue.sequencer.loop import Loop
from venue.sequencer.replay import (
    Replay,
    ReplayDifference,
    SnapshotMissing,
)
from venue.sequencer.room import CANNOT_WRITE, DISK_FULL, RoomWatch
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SKIPPED_AFTER_CRASH
from venue.sequencer.snapshot import (
    last_snapshot,
    prune_snapshots,
    snapshot_of,
    write_snapshot,
)
from venue.sequencer.writer import JournalWriteError, JournalWriter
from venue.servers import ServerError
from venue.servers.lock import DataDirLock
from venue.servers.runtime import report_failure, report_ready
from venue.servers.scheduling import ask_for_short_turns
from venue.settings import Settings, quickfix_settings_text
from venue.startup import recovered

_log = structlog.get_logger("trading")
EXIT_OK, EXIT_FAILED, EXIT_WRONG_USE = 0, 1, 2


class _StartRefused(Exception):
    """Trading cannot start; text is one line for the operator."""


def run_trading(settings: Settings) -> int:
    """The trading process: FIX acceptor, sequencer, engine, journal. Until SIGTERM or SIGINT."""
    look_for_garbage_among_the_new()
    ask_for_short_turns()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    lock = DataDirLock(settings.data_dir)
    try:
        lock.acquire(patience_seconds=2.0)
        try:
            trading = Trading(settings)
        except (
            JournalDamage,
            JournalWriteError,
            ReplayDifference,
            SnapshotMissing,
            ListenError,
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
    """Everything of the trading process, wired. Listening once it is made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._journal = journal = settings.data_dir / "journal"
        journal.mkdir(mode=0o700, parents=True, exist_ok=True)
        # 1 the address: taken before anything is changed
        listener = bind(settings.fix.host, settings.fix.port)
        self.address = "{}:{}".format(*listener.getsockname())
        # 2 the state: read back from the journal
        encoder = ReportEncoder(settings.venue_dialect_sessions())
        recovery = recovered(settings, encoder)
        replayed = recovery.replay
        clock = Clock(replayed.timestamp_ns)
        self._engine = replayed.engine
        self._book = replayed.sessions
        self._epoch = replayed.epoch + 1
        self._writer = JournalWriter(journal, settings.journal.segment_mib << 20, replayed.position)
        # 3 the FIX edge
        self._sessions = Sessions(
            {s.comp_id: s.password_text() for s in settings.sessions if s.enabled},
            self._is_entitled,
            lambda command, number: self._sequencer.commit_logon(command, number),
            self._put_log_out,
            lambda session: self._sequencer.resend_due(session),
            lambda session: self._sequencer.admin_sent(session),
            lambda session: self._sequencer.reset_session(ResetSession(session)),
            settings.fix.reports_per_test_request,
        )
        logs = settings.data_dir / "logs" / "fix"
        self._logs = MessageLogFactory(logs, self._sessions.guard_logon)
        port = scratch_port()
        self._acceptor = FixAcceptor(
            quickfix_settings_text(settings, port),
            VenueApplication(self._sessions, self._receive),
            self._logs,
        )
        dictionary = quickfix.DataDictionary(str(settings.fix.dictionary))
        self._sender = SessionSender(self._acceptor, dictionary, self._sessions.reading)
        self._sessions.sender = self._sender
        # 4 the sequencer between them
        self._sequencer = Sequencer(
            self._engine,
            self._writer,
            encoder,
            self._sender,
            self._book,
            clock.now_ns,
            self._epoch,
            settings.sequencer.max_batch,
        )
        self._restore_sessions(replayed)
        self._begin(replayed, clock)
        self._room = RoomWatch(self._writer, self._sequencer.inbox)
        if is_armed("after-risk"):
            self._engine.state.on_checked = lambda: fault_point("after-risk")
        # 5 the operator's way in
        wanted = configuration_only([*settings.seed_commands(), *settings.approval_commands()])
        control = Control(
            self._engine.state,
            self._sequencer,
            self._sender,
            wanted,
            lambda: read_position(journal),
            lambda: {"recovery": recovery.summary(), "last_snapshot": last_snapshot(journal)},
        )
        self._admin = AdminListener(settings.data_dir, control.answer)
        self._report_differences(wanted)
        # 6 the loop
        self._loop = Loop(
            self._poll,
            self._sequencer,
            lambda: self._engine.next_due_ns,
            clock.now_ns,
            self._aside,
        )
        self._acceptor.open(listener, port)

    def run(self) -> int:
        """Trade until asked to stop; exit status."""
        _log.info("trading", fix=self.address)
        try:
            self._loop.run()
            self._stop_cleanly()
        except JournalWriteError as error:
            _log.critical("the venue stops: nothing more is acknowledged", error=str(error))
            unsure = self._sequencer.unsure or ()
            self._sessions.log_out_all(CANNOT_WRITE, self._acceptor.poll, unsure)
            return EXIT_FAILED
        finally:
            self._admin.close()
            self._acceptor.close()
            self._writer.close()
        if self._room.stops_trading:
            _log.critical(DISK_FULL, journal=str(self._journal))
            return EXIT_FAILED
        _log.info("stopped cleanly")
        return EXIT_OK

    def ask_to_stop(self) -> None:
        """Have `run` end after the batch in hand."""
        self._loop.stop_asked = True

    def _receive(
        self, session: str, number: int, decoded: Decoded | None, answer: str | None
    ) -> None:
        if decoded is None:
            self._sequencer.inbox.put(Input(session, number, answer=answer))
        elif isinstance(decoded, Command):
            self._sequencer.inbox.put(Input(session, number, command=decoded))
        else:
            self._sequencer.inbox.put(Input(session, number, query=decoded))

    def _is_entitled(self, session: str) -> bool:
        known = self._engine.state.sessions.get(session)
        return known is not None and known.enabled

    def _put_log_out(self, command: LogOut) -> None:
        self._sequencer.inbox.put(Input(None, 0, command=command))

    def _poll(self) -> None:
        self._acceptor.poll()
        self._sessions.after_poll()
        self._room.look()
        if self._room.stops_trading:
            self.ask_to_stop()

    def _aside(self) -> None:
        self._admin.poll()
        self._logs.flush()

    def _restore_sessions(self, replayed: Replay) -> None:
        skipped = 0 if replayed.clean_stop else SKIPPED_AFTER_CRASH
        for name in self._acceptor.sessions:
            state = replayed.sessions[name]
            if state.next_in == state.next_out == 1 and not state.stored:
                continue
            next_out = state.next_out + skipped
            self._sender.restore(name, state.stored, state.next_in, next_out)

    def _begin(self, replayed: Replay, clock: Clock) -> None:
        """Seed an empty journal, open the first day, and say that the venue has started."""
        inbox = self._sequencer.inbox
        if replayed.epoch == 0:
            day = StartDay(trading_day(clock.now_ns()), reason="first start")
            seed = self._settings.seed_commands()
            for command in (*seed, day, *self._settings.approval_commands()):
                inbox.put(Input(None, 0, command=command))
        grace_ns = self._settings.fix.logon_grace_seconds * 1_000_000_000
        inbox.put(Input(None, 0, command=StartVenue(replayed.epoch + 1, grace_ns)))
        inbox.put_first(replayed.follow_ups)
        self._sequencer.run_all()
        self._sequencer.drain()

    def _report_differences(self, wanted: list[ConfigurationCommand]) -> None:
        differing = differences(self._engine.state, wanted)
        if differing:
            _log.warning(
                "the configuration file differs from what is in force; `venue config apply` "
                "brings it in",
                differences=len(differing),
            )

    def _stop_cleanly(self) -> None:
        self._sessions.log_out_all(self._room.why_stopping, self._acceptor.poll)
        self._sequencer.stop(self._sender.names())
        state = self._engine.state
        snapshot = snapshot_of(
            self._engine,
            self._book,
            self._writer.position,
            state.timestamp_ns,
            self._epoch,
            [],
            clean_stop=True,
        )
        try:
            write_snapshot(self._journal, snapshot)
        except OSError as error:  # the journal is whole: the next start only takes longer
            _log.error("no snapshot was written", error=str(error))
        prune_snapshots(self._journal)
