"""What the sender hands to QuickFIX, without a connection."""

from types import SimpleNamespace
from typing import Any

import pytest
import quickfix
from venue.fix.reading import Reading

from venue.domain.outgoing import Outgoing
from venue.fix.sender import SessionSender

DICTIONARY = quickfix.DataDictionary("spec/FIX44.xml")
TEXTS = [
    "35=8|1=ACC|6=0|11=A1|453=2|448=X|447=D|452=1|448=Y|447=D|528=A|",
    "35=8|6=0|11=A2|58=two words = a=b|",
    "35=8|6=1.5|11=A3|58=Grüße|",
    "35=9|11=A4|37=NONE|",
    "35=8|1=OTHER|6=0|",
    "35=8|6=0|",
]  # a kind comes again, shorter and longer, with and without groups


class Handle:
    """Stands for QuickFIX's session: keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: quickfix.Message) -> None:
        """Keep its text."""
        self.sent.append(message.toString())


@pytest.mark.parametrize("poss_resend", [False, True])
def test_messages_are_what_quickfix_makes_of_their_text(poss_resend: bool) -> None:
    handle = Handle()
    acceptor: Any = SimpleNamespace(sessions={"ALPHA": handle}, outflow=None)
    sender = SessionSender(acceptor, DICTIONARY, Reading(1000))
    made = []
    for text in [part.replace("|", "\x01") for part in TEXTS]:
        sender.send(Outgoing("ALPHA", text), poss_resend)
        sender.send(Outgoing("BRAVO", text), poss_resend)
        raw = f"8=FIX.4.4\x019=0\x01{text}10=000\x01"
        message = quickfix.Message(raw, DICTIONARY, False)
        if poss_resend:
            message.getHeader().setField(97, "Y")
        made.append(message.toString())
    assert handle.sent == made
    assert not sender.sending
