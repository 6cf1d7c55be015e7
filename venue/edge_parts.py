"""The parts of a FIX edge, wired: door, QuickFIX, authentication. A subclass is what stands behind.

Knows the settings and the stages of an edge; decides nothing itself.
"""

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import quickfix

from venue.admin.answers import Connection, RefusedLogon, SessionEnd
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.domain.commands import LogOn, LogOut
from venue.domain.outgoing import Kept, Outgoing
from venue.fix.acceptor import FixAcceptor
from venue.fix.application import VenueApplication
from venue.fix.arrivals import Arrivals, GateSocket
from venue.fix.authentication import Authentication
from venue.fix.bounds import DATA_FIELDS, FIELDS
from venue.fix.door import Door
from venue.fix.frame import Frame
from venue.fix.incidents import Incidents
from venue.fix.intake import Intake
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
    elsewhere,
    limits_of,
)
from venue.servers import ServerError
from venue.settings.session_kinds import SessionKind
from venue.settings.settings import Settings

_CONNECTIONS_A_LOGON = 5
"""So many connections may an address open for each logon that it may try."""


class EdgeParts(ABC):
    """The edge of the sessions of one kind. sender: the way out to them. `open` begins to accept.

    settings: those in force. entitled: whether a session may log on beyond what they say. intake:
    takes application messages that are in order.
    """

    def __init__(
        self,
        settings: Settings,
        kind: SessionKind,
        listener: socket.socket,
        entitled: Callable[[str], bool],
        reopening: Reopening,
        intake: Intake[Any],
    ) -> None:
        venue = settings.venue_comp_id()
        self.settings = settings
        self._kind = kind
        self._entitled = entitled
        self._requests: dict[int, str] = {}
        place = DataDirectory(settings.data_dir)
        self.log = MessageLog(place.session_logs)
        self.incidents = Incidents(place.incidents, time.time_ns)
        self._credentials = credentials_of(settings)
        self.authentication = Authentication(
            self._credentials, access_of(settings), self._may_be_checked, limits_of(settings)
        )
        application = VenueApplication()
        self._acceptor = FixAcceptor(application)
        streams = Streams(self._acceptor, self.log)
        gates, a_minute = GateSocket(settings.data_dir, kind), settings.fix.logons_per_minute
        self.arrivals = Arrivals(listener, gates, a_minute=_CONNECTIONS_A_LOGON * a_minute)
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
            intake,
            self.sender,
            SurelyValid(settings.fix.dictionary, venue),
            venue,
            self.incidents,
            settings.fix.session_messages_per_second,
            logons.arrived,
            FIELDS if kind == "trading" else DATA_FIELDS,
        )
        parts = (self.arrivals, self._acceptor, streams, self.sender, self.log)
        self.door = Door(*parts, self, logons, traffic, can_leave_out=kind != "trading")
        application.passage = self.door
        logons.entrance = self.door
        self.configure(settings)

    def configure(self, settings: Settings) -> list[str]:
        """Bring the sessions of `settings` into force. Sessions that stay are not disturbed.

        Returns those that QuickFIX has not had before: their numbers have to be restored. Raises
        PrivateWayError.
        """
        names, known = settings.enabled_sessions(self._kind), set(self._acceptor.sessions)
        new = [name for name in names if name not in known]
        if new:  # first: if this fails, nothing was changed
            self._acceptor.add(partial(settings.quickfix_text, new))
        self.settings = settings
        for name in known.intersection(names):
            self._acceptor.configure(name, settings.quickfix_keys(name))
        self.sender.configure(self._acceptor.sessions, settings.timestamp_decimals())
        latency_seconds = settings.max_latency_seconds()
        self._logons.rules = LogonRules(
            settings.venue_comp_id(),
            self._dictionary,
            latency_seconds,
            elsewhere(settings, self._kind),
        )
        self._traffic.latency_seconds = latency_seconds
        configure_credentials(self._credentials, settings)
        self.authentication.configure(access_of(settings))
        return new

    @property
    def resends_begun(self) -> int:
        """How many ResendRequests were answered, or are being answered, since the start."""
        return self._traffic.resends.begun

    def names(self) -> list[str]:
        """The sessions of this edge that may log on."""
        return self.settings.enabled_sessions(self._kind)

    def all_names(self) -> list[str]:
        """The sessions of all kinds that may log on, here or elsewhere."""
        return [session.comp_id for session in self.settings.sessions if session.enabled]

    def open(self) -> None:
        """Begin to accept."""
        self.arrivals.open()

    def close(self) -> None:
        """Close every connection; sessions were logged out before."""
        self.arrivals.close()
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

    def last_end(self, session: str) -> SessionEnd | None:
        """For the operator: when and why the venue has last ended a session; None: it has not."""
        found = self.sender.last_end.get(session)
        return None if found is None else SessionEnd(iso(found[0]), found[1])

    def refused_logons(self, session: str) -> list[RefusedLogon]:
        """For the operator: the last logons of a session that were refused."""
        return [
            RefusedLogon(iso(each.time_ns), each.address, each.why)
            for each in self._logons.refused.of(session)
        ]

    def user_request(self, session: str, frame: Frame) -> None:
        """Let the worker that checks secrets answer a UserRequest(BE)."""
        ticket = self.authentication.answer_user_request(session, frame.fields)
        self._requests[ticket] = session

    def _may_be_checked(self, session: str) -> bool:
        """Whether a Logon's secret is looked at: who is elsewhere is told so if it is right."""
        return session in self._logons.rules.elsewhere or self._entitled(session)

    def _user_answered(self, ticket: int, answer: UserAnswer) -> None:
        session = self._requests.pop(ticket)
        connection = self.door.connections().get(session)
        if connection is not None and answer.changed:
            connection.must_change_password = False
        number = self.sender.next_in(session)
        self.receive(session, number, None, Outgoing(session, answer.body))

    # --- what stands behind: see core.Core, life.Life and Logons

    @abstractmethod
    def receive(
        self, session: str, number: int, decoded: Any | None, answer: Outgoing | None
    ) -> None:
        """Take a message, or send an answer; exactly one of both is given."""

    @abstractmethod
    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Messages that were sent with these MsgSeqNums, if they are to be sent again."""

    @abstractmethod
    def submit(self, command: LogOut) -> None:
        """A session has ended."""

    @abstractmethod
    def admin_sent(self, session: str) -> None:
        """Record the session's numbers when many were used since the last record."""

    @abstractmethod
    def send_owed(self, session: str) -> bool:
        """Send what a session is owed since it was off. Returns whether more is to follow."""

    @abstractmethod
    def send(self, message: Outgoing) -> None:
        """Number and send a message of the edge's own."""

    @abstractmethod
    def _commit(self, command: LogOn, number: int) -> None:
        """Put a logon, whose MsgSeqNum is `number`, on disk before QuickFIX has it."""


def _dictionary(file: Path) -> quickfix.DataDictionary:
    """QuickFIX's reading of the data dictionary. Raises ServerError for a file that is none."""
    try:
        return quickfix.DataDictionary(str(file))
    except quickfix.FIXException as error:
        raise ServerError(f"{file} is no FIX dictionary: {error}") from error


__all__ = ["EdgeParts"]
