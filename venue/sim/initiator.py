"""FIX sessions to a venue from the broker's side: QuickFIX, driven by `poll` from one thread.

Knows sessions and text, not orders. Owns QuickFIX's boundary on this side: no exception passes it.
Not `venue.fixclient`, for the demo is to show that a stock client trades here (decision 0024).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from venue.sim.broker import SOH, Listener, Login, parse
from venue.sim.interrupts import interrupts_kept

with interrupts_kept():
    import quickfix

BEGIN_STRING = "FIX.4.4"
VENUE = "VENUE"


class Initiator:
    """Sessions of several CompIDs to one venue. Numbers start at 1 (141=Y) and go on after a loss.

    Connects at the first `poll`, and again every second while a session is not logged on.
    """

    def __init__(
        self,
        address: tuple[str, int],
        logins: Sequence[Login],
        listener: Listener,
        dictionary: Path | None = None,
    ) -> None:
        """Validate what comes with `dictionary`, QuickFIX's file, when there is one."""
        settings = _settings(address, logins, dictionary)
        self._application = _Application(logins, listener)
        self._initiator = quickfix.SocketInitiator(
            self._application, quickfix.MemoryStoreFactory(), settings
        )
        self._sessions = {
            login.comp_id: self._initiator.getSession(_session_id(login.comp_id))
            for login in logins
        }
        self._message = quickfix.Message()

    def poll(self) -> bool:
        """Read and write what is due, without waiting; whether anything happened.

        Raises what a listener has raised, and KeyboardInterrupt.
        """
        before = self._application.count
        self._initiator.poll()
        if self._application.failure is not None:
            failure, self._application.failure = self._application.failure, None
            raise failure
        return self._application.count != before

    def send(self, session: str, text: str) -> None:
        """Send a message; text is its fields from MsgType(35) on, each ended by SOH."""
        self._message.setString(f"8={BEGIN_STRING}{SOH}9=0{SOH}{text}10=000{SOH}", False)
        self._sessions[session].send(self._message)

    def is_logged_on(self, session: str) -> bool:
        """Whether the session is logged on now."""
        return self._sessions[session].isLoggedOn()

    def log_out(self) -> None:
        """Ask all sessions to log out; `poll` on until they are."""
        for session in self._sessions.values():
            session.logout()

    def close(self) -> None:
        """Break all connections. Nothing else may be called afterwards."""
        # Not left to QuickFIX's destructor: a kept exception may keep the initiator alive.
        for session in self._sessions.values():
            session.disconnect()
        self._initiator.stop(True)
        self._sessions.clear()
        del self._initiator


class _Application(quickfix.Application):
    """QuickFIX's callbacks; what they raise is kept for `poll`: here it would end the process."""

    def __init__(self, logins: Sequence[Login], listener: Listener) -> None:
        super().__init__()
        self._logins = {login.comp_id: login for login in logins}
        self._listener = listener
        self._reasons: dict[str, str] = {}
        self.count = 0
        self.failure: BaseException | None = None

    def _guard(self, callback: Callable[[], None]) -> None:
        self.count += 1
        try:
            callback()
        except BaseException as error:
            self.failure = self.failure or error

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """A session was made: nothing to do."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """The venue has accepted the Logon."""
        self._guard(lambda: self._listener.logged_on(_name(session_id)))

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """The session has ended, or a Logon got no answer but the end of the connection."""

        def tell() -> None:
            session = _name(session_id)
            self._listener.logged_out(session, self._reasons.pop(session, ""))

        self._guard(tell)

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message leaves: a Logon gets its credentials."""

        def fill_in() -> None:
            if message.getHeader().getField(35) != "A":
                return
            login = self._logins[_name(session_id)]
            message.setField(553, login.comp_id)
            message.setField(554, login.password)
            if login.cancel_on_disconnect is not None:
                message.setField(9001, "Y" if login.cancel_on_disconnect else "N")

        self._guard(fill_in)

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """An application message leaves: nothing to add."""

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message came: the reason of a Logout and Rejects are of interest."""

        def read() -> None:
            fields = parse(message.toString())
            if fields[35] == "5":
                self._reasons[_name(session_id)] = fields.get(58, "logged out by the venue")
            elif fields[35] == "3":
                self._listener.received(_name(session_id), fields)

        self._guard(read)

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """An application message came."""
        self._guard(lambda: self._listener.received(_name(session_id), parse(message.toString())))


def _session_id(comp_id: str) -> quickfix.SessionID:
    return quickfix.SessionID(BEGIN_STRING, comp_id, VENUE)


def _name(session_id: quickfix.SessionID) -> str:
    return session_id.getSenderCompID().getString()


def _settings(
    address: tuple[str, int], logins: Sequence[Login], dictionary: Path | None
) -> quickfix.SessionSettings:
    defaults = {
        "ConnectionType": "initiator",
        "SocketConnectHost": address[0],
        "SocketConnectPort": str(address[1]),
        "SocketNodelay": "Y",
        "HeartBtInt": "30",
        "ReconnectInterval": "1",
        "LogonTimeout": "10",
        "LogoutTimeout": "2",
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "NonStopSession": "Y",
        # 141=Y is sent while both numbers are 1: at the first logon, and after a Logout.
        "ResetOnLogout": "Y",
        "UseDataDictionary": "N" if dictionary is None else "Y",
    }
    if dictionary is not None:
        defaults["DataDictionary"] = str(dictionary)
    settings = quickfix.SessionSettings()
    settings.set(_dictionary(defaults))
    for login in logins:
        settings.set(_session_id(login.comp_id), _dictionary({}))
    return settings


def _dictionary(values: dict[str, str]) -> quickfix.Dictionary:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
