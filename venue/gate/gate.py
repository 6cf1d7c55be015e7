"""The gate's process: accepts connections, counts them, lets them in, and stops.

One port for each kind of sessions, each with a Gate of its own, so that a flood at one takes no
room at another. Wires the other files of this package. Must never wait, nor for trading.
"""

import asyncio
import signal
import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import structlog
import uvloop

from venue.addresses import address_key, plain
from venue.data_directory import DataDirectory
from venue.gate.admission import NotAdmitted, Rules, find_whose
from venue.gate.caps import Caps
from venue.gate.client import Client, Whose
from venue.gate.confirmed import Confirmed
from venue.gate.link import Link
from venue.gate.tls import Certificates
from venue.heartbeat import beating
from venue.peer import End
from venue.processes import BEHIND_THE_GATE, GATE
from venue.rate_cap import RateCap
from venue.servers import ServerError
from venue.servers.open_files import allow_most_open_files
from venue.servers.runtime import report_ready
from venue.servers.scheduling import ask_for_short_turns
from venue.settings.configuration_error import ConfigurationError
from venue.settings.gate import GateSettings
from venue.settings.session_kinds import SessionKind
from venue.settings.settings import Settings

_log = structlog.get_logger("gate")
_BACKLOG = 512
_ACCEPTS_A_TURN = 8
_LOOK_SECONDS = 1.0
"""How often the certificates' files are checked for changes."""
_NO_DESCRIPTOR_SECONDS = 1.0
_STOP_SECONDS = 6.0
_NOT_SENT_BYTES = 128 << 10
"""Bytes that the kernel keeps for a client that does not read: few, so that the gate notices."""


def run(settings: Settings) -> int:
    """Run the gate until SIGTERM or SIGINT; returns the exit status.

    Raises ConfigurationError, ServerError.
    """
    if settings.gate is None:
        raise ConfigurationError("the configuration has no [gate]: see docs/SECURITY.md")
    ask_for_short_turns()  # every message of those outside waits for this process
    allow_most_open_files()
    certificates = Certificates(settings.gate) if settings.gate.has_tls else None
    with (
        ExitStack() as listeners,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        opened = {
            kind: listeners.enter_context(_listener(settings.gate.host, port))
            for kind, port in settings.gate.ports().items()
        }
        serving = _serve(settings, settings.gate, opened, certificates)
        runner.run(beating(settings, GATE.name, serving))
    return 0


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ServerError(f"the gate cannot listen on {host}:{port}: {error.strerror}") from error
    listener.setblocking(False)
    return listener


async def _serve(
    settings: Settings,
    gate_settings: GateSettings,
    listeners: dict[SessionKind, socket.socket],
    certificates: Certificates | None,
) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(_say)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if certificates is not None:
        loop.add_signal_handler(signal.SIGHUP, certificates.reload)
    gates: list[Gate] = []
    addresses: dict[str, str] = {}
    for kind, listener in listeners.items():
        way = DataDirectory(settings.data_dir).gate_socket(kind)
        gates.append(Gate(loop, gate_settings, way, BEHIND_THE_GATE[kind].name, certificates))
        gates[-1].open(listener)
        addresses[kind] = "{}:{}".format(*listener.getsockname()[:2])
    _log.info("the gate is open", at=addresses, tls=certificates is not None)
    report_ready(addresses.pop("trading"), addresses)
    while not stop.is_set():
        if certificates is not None:
            certificates.reload_if_changed()
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await stop.wait()
        except TimeoutError:
            continue
    await asyncio.gather(*(gate.close() for gate in gates))
    _log.info("stopped cleanly")


def _say(loop: asyncio.AbstractEventLoop, what: dict[str, object]) -> None:
    """Log an exception that nobody has caught: it has ended one connection."""
    error = what.get("exception")
    _log.error(
        "unexpected",
        what=what.get("message"),
        exc_info=error if isinstance(error, BaseException) else None,
    )


class Gate:
    """All clients of one port. One whose logon was not answered yet may be closed to make room.

    way: socket of the process behind it, whose name is `trading`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: GateSettings,
        way: Path,
        trading: str,
        certificates: Certificates | None,
    ) -> None:
        self.way = way
        self._trading = trading
        self.logon_seconds = float(settings.logon_seconds)
        self._loop = loop
        self._most = settings.connections
        self._handshake_seconds = float(settings.handshake_seconds)
        self._rules = Rules.of(settings)
        self._caps = Caps(settings.connections_per_address)
        self._rate = RateCap(settings.connections_per_minute)
        self._certificates = certificates
        self._listener: socket.socket | None = None
        self._clients: dict[Client, str] = {}
        self._waiting: dict[Client, None] = {}
        self._admissions: dict[Client, asyncio.Task[None]] = {}
        self._trading_is_away = False
        self._all_gone = asyncio.Event()

    def open(self, listener: socket.socket) -> None:
        """Accept on `listener`, which is bound and does not block."""
        self._listener = listener
        self._loop.add_reader(listener, self._accept)

    async def close(self) -> None:
        """Stop accepting and close all connections, within a bounded time."""
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
        for client in list(self._clients):
            self._end(client, "the gate stops")
        if self._clients:
            self._all_gone.clear()  # it may have been set: there were none before these
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._all_gone.wait()
            except TimeoutError:
                _log.warning("some clients were cut off", clients=len(self._clients))

    def trading_answers(self, error: OSError | None) -> None:
        """Trading was called: it took the call, or did not. A change is said once."""
        if (error is not None) is self._trading_is_away:
            return
        self._trading_is_away = error is not None
        if error is not None:
            words = f"{self._trading} does not answer; it is called again"
            _log.warning(words, error=str(error))
        else:
            _log.info(f"{self._trading} answers")

    def answered(self, client: Client) -> None:
        """The client's first message was answered."""
        self._waiting.pop(client, None)

    def gone(self, client: Client, end: End) -> None:
        """The client has gone, and trading knows."""
        peer, port = client.whose
        _log.info(
            "connection ended", peer=peer, port=port, why=end.why, confirmed_bytes=end.confirmed
        )
        self._forget(client)

    def _accept(self) -> None:
        assert self._listener is not None
        for _ in range(_ACCEPTS_A_TURN):
            try:
                connection, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:  # gone again, or no descriptor left
                _log.warning("a connection was not accepted", error=str(error))
                self._accept_later(self._listener)
                return
            connection.setblocking(False)
            whose = Whose(plain(address[0]), address[1])
            if not self._make_room(whose):
                connection.close()
                continue
            client = Client(self._loop, self, whose)
            self._clients[client] = ""
            self._waiting[client] = None
            admission = self._loop.create_task(self._admit(client, connection, whose))
            admission.add_done_callback(partial(self._admitted, client, connection))
            self._admissions[client] = admission

    def _accept_later(self, listener: socket.socket) -> None:
        self._loop.remove_reader(listener)
        self._loop.call_later(_NO_DESCRIPTOR_SECONDS, self.open, listener)

    def _make_room(self, whose: Whose) -> bool:
        """Make room for one more client, if need be by closing the one that has waited longest.

        Returns whether there is room.
        """
        if len(self._clients) < self._most:
            return True
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            _log.warning("connection refused: there are as many as may be", peer=whose.address)
            return False
        self._waiting.pop(oldest)
        self._end(oldest, "too many connections wait for their logon")
        return True

    async def _admit(self, client: Client, connection: socket.socket, other_end: Whose) -> None:
        """Let a connection in, so that its logon may come. Raises NotAdmitted, OSError."""
        until = self._loop.time() + self._handshake_seconds
        client.whose = await find_whose(self._loop, connection, other_end, self._rules, until)
        self._count(client, client.whose.address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _NOT_SENT_BYTES)
        context = None if self._certificates is None else self._certificates.context
        confirmed = Confirmed(connection)
        link = Link(self._loop, client, confirmed, context)
        client.begin(link, confirmed, until - self._loop.time())
        self._admissions.pop(client, None)  # from now on the client can end it
        await self._loop.connect_accepted_socket(lambda: link, connection)

    def _admitted(
        self, client: Client, connection: socket.socket, admission: asyncio.Task[None]
    ) -> None:
        """An admission has ended: close the connection if it was not let in."""
        self._admissions.pop(client, None)
        if admission.cancelled():
            why = "the gate stops, or it had to make room"
        elif (error := admission.exception()) is None:
            return
        elif isinstance(error, NotAdmitted | OSError):
            why = str(error)
        else:
            _log.error("unexpected", exc_info=error)
            why = "see the line before"
        _log.info("connection not admitted", peer=client.whose.address, why=why)
        client.drop()
        connection.close()
        self._forget(client)

    def _count(self, client: Client, address: str) -> None:
        if not self._rate.take(address_key(address), self._loop.time()):
            raise NotAdmitted("its address has tried too many connections in a minute")
        if not self._caps.take(address):
            raise NotAdmitted("its address has as many connections as it may have")
        self._clients[client] = address

    def _end(self, client: Client, why: str) -> None:
        admission = self._admissions.get(client)
        if admission is not None:
            admission.cancel()
        else:
            client.close(why)

    def _forget(self, client: Client) -> None:
        address = self._clients.pop(client, "")
        if address:
            self._caps.give_back(address)
        self._waiting.pop(client, None)
        if not self._clients:
            self._all_gone.set()
