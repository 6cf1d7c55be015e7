"""What QuickFIX in Python can do at most: answers each message with one fixed report.

No risk, book, journal or log. As fair as can be: the venue's own QuickFIX settings, MemoryStore and
poll loop; one toString in, one setString out, one Message reused, session handles kept.
Usage: python -m bench.bare_acceptor VENUE.TOML
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import quickfix

from venue.fix.acceptor import scratch_port
from venue.fix.arrivals import bind
from venue.fix.private_way import listening_descriptor
from venue.settings.settings import load_settings

_REST_SECONDS = 0.0001
_IDLE_BEFORE_REST = 2
_REPORT = (
    "8=FIX.4.4|9=0|35=8|37=1|17=1|150=0|39=0|11={}|55=SYM1|54=1|38=10|40=2|59=0|151=10|14=0|6=0|"
    "60=20260105-10:00:00.000|44=100.00|10=000|"
).replace("|", "\x01")


class BareApplication(quickfix.Application):
    """Answers in the callback; `count` tells the loop whether anything happened."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.sessions: dict[str, quickfix.Session] = {}
        self._message = quickfix.Message()

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing to do."""

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing to do."""

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing to do: whoever has a session may log on."""

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """One report, with the ClOrdID that was sent."""
        self.count += 1
        text = message.toString()
        begin = text.index("\x0111=") + 4
        cl_ord_id = text[begin : text.index("\x01", begin)]
        begin = text.index("\x0149=") + 4
        sender = text[begin : text.index("\x01", begin)]
        self._message.setString(_REPORT.format(cl_ord_id), False)
        self.sessions[sender].send(self._message)


def main() -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM."""
    application = BareApplication()
    ready = int(os.environ.pop("VENUE_READY_FD"))  # settings take it for an unknown one
    settings, venue = quickfix.SessionSettings(), load_settings(Path(sys.argv[1]))
    port = scratch_port()
    settings.setFromString(venue.quickfix_text(venue.enabled_sessions(), port))
    acceptor = quickfix.SocketAcceptor(application, quickfix.MemoryStoreFactory(), settings)
    for session_id in acceptor.getSessions():
        session = quickfix.Session.lookupSession(session_id)
        assert session is not None
        application.sessions[session_id.getTargetCompID().getString()] = session
    listener = bind("127.0.0.1", 0)
    address = "{}:{}".format(*listener.getsockname())
    listener.listen(128)
    acceptor.poll()  # opens QuickFIX's own port on all addresses: ours takes its place
    os.dup2(listener.fileno(), listening_descriptor(port))
    listener.close()
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    os.write(ready, json.dumps({"ready": True, "fix": address}).encode() + b"\n")
    os.close(ready)
    idle = 0
    while not stop:
        before = application.count
        acceptor.poll()
        idle = 0 if application.count != before else idle + 1
        if idle > _IDLE_BEFORE_REST:
            time.sleep(_REST_SECONDS)
    acceptor.stop(True)


if __name__ == "__main__":
    main()
