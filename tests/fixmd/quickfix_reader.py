"""QuickFIX as an initiator with the stock dictionary, validation on: what it refuses is a failure.

`python -m tests.fixmd.quickfix_reader PORT DIRECTORY` subscribes, asks for all that there is, and
prints the MsgTypes that it has taken; run in a process of its own, for QuickFIX may end it.
"""

import json
import sys
import time
from pathlib import Path

from venue.sim.interrupts import interrupts_kept

with interrupts_kept():
    import quickfix

SESSION, VENUE = "ALPHA-MD", "VENUE"
DICTIONARY = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
WAIT_SECONDS = 60.0


class Reader(quickfix.Application):
    """taken: application messages by MsgType. refused: Rejects that QuickFIX has sent, and got."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, list[str]] = {}
        self.refused: list[str] = []

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A Logon gets its credentials; a Reject is a message that QuickFIX has not taken."""
        msg_type = message.getHeader().getField(35)
        if msg_type == "A":
            message.setField(553, SESSION)
            message.setField(554, "demo")
        elif msg_type == "3":
            self.refused.append(f"sent {message.toString()}")

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing to add."""

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A Reject is a request that the venue has not taken."""
        if message.getHeader().getField(35) == "3":
            self.refused.append(f"got {message.toString()}")

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Keep what has passed the dictionary."""
        msg_type = message.getHeader().getField(35)
        self.taken.setdefault(msg_type, []).append(message.toString())


def main(port: int, directory: Path) -> None:
    """Run the whole conversation."""
    settings = quickfix.SessionSettings()
    settings.setFromString(
        f"[DEFAULT]\nConnectionType=initiator\nHeartBtInt=30\nReconnectInterval=1\n"
        f"FileStorePath={directory}\nUseDataDictionary=Y\nDataDictionary={DICTIONARY}\n"
        f"NonStopSession=Y\nSocketConnectHost=127.0.0.1\nSocketConnectPort={port}\n"
        f"ResetOnLogon=Y\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID={SESSION}\n"
        f"TargetCompID={VENUE}\n"
    )
    reader = Reader()
    stores = quickfix.FileStoreFactory(settings)
    initiator = quickfix.SocketInitiator(reader, stores, settings)
    session = initiator.getSession(quickfix.SessionID("FIX.4.4", SESSION, VENUE))

    def wait_for(wanted: dict[str, int]) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while any(len(reader.taken.get(each, ())) < count for each, count in wanted.items()):
            assert time.monotonic() < deadline, (wanted, list(reader.taken), reader.refused)
            assert not reader.refused, reader.refused
            initiator.poll()

    def send(msg_type: str, *fields: tuple[int, str]) -> None:
        message = quickfix.Message()
        message.getHeader().setField(35, msg_type)
        for tag, value in fields:
            message.setField(tag, value)
        if msg_type == "V" and (263, "2") not in fields:
            _add_groups(message)
        session.send(message)

    deadline = time.monotonic() + WAIT_SECONDS
    while not session.isLoggedOn():
        assert time.monotonic() < deadline, "no logon"
        initiator.poll()
    for name, aggregated, kind in (("levels", "Y", "1"), ("orders", "N", "1"), ("full", "Y", "0")):
        fields = [(262, name), (263, "1"), (264, "0"), (265, kind), (266, aggregated)]
        send("V", *fields)
    send("x", (320, "l1"), (559, "4"))
    send("c", (320, "d1"), (321, "0"), (55, "ACME"))
    send("e", (324, "e1"), (55, "ACME"), (263, "1"))
    send("g", (335, "g1"), (263, "1"))
    wait_for({"W": 6, "y": 1, "d": 1, "f": 1, "h": 1})
    print("subscribed", flush=True)
    wait_for({"X": 4})
    send("V", (262, "levels"), (263, "2"))
    send("V", (262, "levels"), (263, "2"))
    wait_for({"Y": 1})
    counts = {msg_type: len(messages) for msg_type, messages in reader.taken.items()}
    print(json.dumps({"taken": counts, "refused": reader.refused}), flush=True)
    session.logout()
    deadline = time.monotonic() + WAIT_SECONDS
    while session.isLoggedOn() and time.monotonic() < deadline:
        initiator.poll()
    initiator.stop(True)


def _add_groups(message: quickfix.Message) -> None:
    for kind in "012" + "45789B":
        group = quickfix.Group(267, 269)
        group.setField(269, kind)
        message.addGroup(group)
    for symbol in ("ACME", "GLOBEX"):
        group = quickfix.Group(146, 55)
        group.setField(55, symbol)
        message.addGroup(group)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
