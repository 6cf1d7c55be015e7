"""Wires the FIX edge of trading: door, QuickFIX, authentication, and the sequencer behind them.

Knows the settings and the stages of the edge; decides nothing itself.
"""

import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import quickfix

from venue.admin.answers import Connection, RefusedLogon
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.domain.command import Command
from venue.domain.commands import LogOn, LogOut, NoteSecret
from venue.domain.outgoing import Kept, Outgoing
from venue.fix.acceptor import FixAcceptor
from venue.fix.application import VenueApplication
from venue.fix.arrivals import Arrivals, GateSocket
from venue.fix.authentication import Authentication
from venue.fix.decode import Decoded
from venue.fix.door import Door
from venue.fix.frame import Frame
from venue.fix.incidents import Incidents
from venue.fix.logon import LogonRules
from venue.fix.logons import Logons, Reopening
from venue.fix.message_log import MessageLog
from venue.fix.sender import SessionSender
from venue.fix.stream import Streams
from venue.fix.surely_valid import SurelyValid
from venue.fix.traffic import Traffic
from venue.fix.user_request import UserAnswer
from venue.logon_settings import (
    access_of,
    configure_credentials,
    credentials_of,
    limits_of,
)
from venue.replay.history import History
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.servers import ServerError
from venue.settings.settings import Settings

_CONNECTIONS_A_LOGON = 5
"""So many connections may an address open for each logon that it may try."""


class FixEdge:
    """The FIX edge. sender: the sequencer's port to the sessions. `open` begins to accept.

    settings: those in force. entitled: whether the journaled configuration has a session enabled.
    reopening: what the journal says of a start from older data.
    """

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        entitled: Callable[[str], bool],
        history: History,
        reopening: Reopening,
    ) -> None:
        venue = settings.venue_comp_id()
        self.settings = settings
        self._history = history
        self._requests: dict[int, str] = {}
        self._sequencer: Sequencer
        place = DataDirectory(settings.data_dir)
        self.log = MessageLog(place.session_logs)
        self.incidents = Incidents(place.incidents, time.time_ns)
        self._credentials = credentials_of(settings)
        self.authentication = Authentication(
            self._credentials, access_of(settings), entitled, limits_of(settings)
        )
        self.authentication.password_chosen = self._password_chosen
        application = VenueApplication()
        self._acceptor = FixAcceptor(application)
        streams = Streams(self._acceptor, self.log)
        self._arrivals = Arrivals(
            listener,
            GateSocket(settings.data_dir),
            a_minute=_CONNECTIONS_A_LOGON * settings.fix.logons_per_minute,
        )
        self.sender = SessionSender(venue, self.log, streams.take_over)
        self._dictionary = _dictionary(settings.fix.dictionary)
        self._logons = logons = Logons(
            self.authentication,
            self.sender,
            self.incidents,
            self._commit,
            self._user_answered,
            time.time_ns,
            reopening,
        )
        self._traffic = traffic = Traffic(
            self,
            self.sender,
            SurelyValid(settings.fix.dictionary, venue),
            venue,
            self.incidents,
            settings.fix.session_messages_per_second,
            logons.arrived,
        )
        self.door = Door(
            self._arrivals, self._acceptor, streams, self.sender, self.log, self, logons, traffic
        )
        application.passage = self.door
        logons.entrance = self.door
        self.configure(settings)

    def configure(self, settings: Settings) -> list[str]:
        """Bring the sessions of `settings` into force. Sessions that stay are not disturbed.

        Returns those that QuickFIX has not had before: their numbers have to be restored. Raises
        PrivateWayError.
        """
        names, known = settings.enabled_sessions(), set(self._acceptor.sessions)
        new = [name for name in names if name not in known]
        if new:  # first: if this fails, nothing was changed
            self._acceptor.add(partial(settings.quickfix_text, new))
        self.settings = settings
        for name in known.intersection(names):
            self._acceptor.configure(name, settings.quickfix_keys(name))
        self.sender.configure(self._acceptor.sessions, settings.timestamp_decimals())
        latency_seconds = settings.max_latency_seconds()
        self._logons.rules = LogonRules(settings.venue_comp_id(), self._dictionary, latency_seconds)
        self._traffic.latency_seconds = latency_seconds
        configure_credentials(self._credentials, settings)
        self.authentication.configure(access_of(settings))
        return new

    def names(self) -> list[str]:
        """The sessions that may log on."""
        return self.settings.enabled_sessions()

    def open(self) -> None:
        """Begin to accept."""
        self._arrivals.open()

    def serve(self, sequencer: Sequencer) -> None:
        """Hand what comes to this sequencer from now on."""
        self._sequencer = sequencer

    def close(self) -> None:
        """Close every connection; sessions were logged out before."""
        self._arrivals.close()
        self._acceptor.close()
        self.authentication.close()
        self.log.close()

    def connections(self) -> dict[str, Connection]:
        """For the operator, of each session that is on: its address, since when, and heard when."""
        return {
            session: Connection(
                address=str(connection.link.peer),
                secure=connection.link.peer.secure,
                since=iso(connection.since_ns),
                last_message=iso(connection.last_in_ns or connection.since_ns),
                bytes_unread=len(connection.out),
            )
            for session, connection in self.door.connections().items()
        }

    def refused_logons(self, session: str) -> list[RefusedLogon]:
        """For the operator: the last logons of a session that were refused."""
        return [
            RefusedLogon(iso(each.time_ns), each.address, each.why)
            for each in self._logons.refused.of(session)
        ]

    # --- see core.Core

    def receive(
        self, session: str, number: int, decoded: Decoded | None, answer: Outgoing | None
    ) -> None:
        """Sequence a command or query, or an answer."""
        if decoded is None:
            received = Input(session, number, answer=answer)
        elif isinstance(decoded, Command):
            received = Input(session, number, command=decoded)
        else:
            received = Input(session, number, query=decoded)
        self._sequencer.inbox.put(received)

    def user_request(self, session: str, frame: Frame) -> None:
        """Let the worker that checks secrets answer a UserRequest(BE)."""
        ticket = self.authentication.answer_user_request(session, frame.fields)
        self._requests[ticket] = session

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent with these MsgSeqNums."""
        return self._history.between(session, begin, end)

    # --- see door.Life

    def submit(self, command: LogOut) -> None:
        """Queue a command."""
        self._sequencer.inbox.put(Input(None, 0, command=command))

    def admin_sent(self, session: str) -> None:
        """Record the session's numbers when many were used since the last record."""
        self._sequencer.admin_sent(session)

    def send_owed(self, session: str) -> bool:
        """Send again the reports that lost their numbers to a reset unread (PossResend).

        Returns whether more is to follow.
        """
        return self._sequencer.send_owed(session)

    def send(self, message: Outgoing) -> None:
        """Number and send a message of the edge's own."""
        self.sender.send(message, time.time_ns())
        self.sender.flush()
        self._sequencer.admin_sent(message.session)

    def _commit(self, command: LogOn, number: int) -> None:
        self._sequencer.commit_logon(command, number)

    def _password_chosen(self, session: str) -> None:
        self._sequencer.inbox.put(Input(None, 0, command=NoteSecret(session, "password")))

    def _user_answered(self, ticket: int, answer: UserAnswer) -> None:
        session = self._requests.pop(ticket)
        connection = self.door.connections().get(session)
        if connection is not None and answer.changed:
            connection.must_change_password = False
        number = self.sender.next_in(session)
        self._sequencer.inbox.put(Input(session, number, answer=Outgoing(session, answer.body)))


def _dictionary(file: Path) -> quickfix.DataDictionary:
    """QuickFIX's reading of the data dictionary. Raises ServerError for a file that is none."""
    try:
        return quickfix.DataDictionary(str(file))
    except quickfix.FIXException as error:
        raise ServerError(f"{file} is no FIX dictionary: {error}") from error


__all__ = ["FixEdge"]
