"""One FIX session of a client, without a socket: numbers, bytes out, messages in, answers owed.

Never waits and never sends: what is to be sent stands in `out`. Does not judge the peer: a user
that has to be strict about numbers looks at them itself.
"""

from typing import NamedTuple

from venue.fixclient.message import sending_time
from venue.fixclient.wire import cut, field, framed

SESSION_MESSAGES = frozenset((b"0", b"1", b"2", b"3", b"4", b"5", b"A"))
"""MsgTypes of the session protocol: never sent again, but gap-filled."""


class Sent(NamedTuple):
    """A message that may be asked for again."""

    msg_type: bytes
    sending_time: bytes
    body: bytes


class Session:
    """next_out, next_in: the next MsgSeqNum of each direction. out: bytes that wait to be sent.

    sent: application messages by MsgSeqNum, unless it `keeps` none.
    """

    def __init__(self, sender: str, target: str = "VENUE", *, keeps: bool = True) -> None:
        self.next_out = 1
        self.next_in = 1
        self.out = bytearray()
        self.sent: dict[int, Sent] = {}
        self._keeps = keeps
        self._rest = b""
        self._parties = f"\x0149={sender}\x0156={target}\x0134=".encode(errors="surrogateescape")

    def reset(self) -> None:
        """Numbers back to 1; nothing of before can be asked for again."""
        self.next_out = self.next_in = 1
        self.sent.clear()

    def begin(self) -> None:
        """Forget what is left of an earlier connection."""
        self.out.clear()
        self._rest = b""

    # Out

    def send(self, msg_type: bytes, body: bytes = b"", stamp: bytes = b"") -> int:
        """Put a message with the next MsgSeqNum into `out`; that number.

        stamp: SendingTime(52), else now. body: its own fields, each ended by SOH.
        """
        stamp = stamp or sending_time().encode()
        number = self.take_number(msg_type, body, stamp)
        self.put(number, self.message(msg_type, number, b"52=%b\x01%b" % (stamp, body)))
        return number

    def take_number(self, msg_type: bytes, body: bytes, stamp: bytes) -> int:
        """The next MsgSeqNum, used up by this message; it is kept to be asked for again."""
        number = self.next_out
        self.next_out = number + 1
        if self._keeps and msg_type not in SESSION_MESSAGES:
            self.sent[number] = Sent(msg_type, stamp, body)
        return number

    def message(self, msg_type: bytes, number: int, rest: bytes) -> bytes:
        """A whole message; rest: the header's other fields and the body."""
        return framed(b"35=%b%b%d\x01%b" % (msg_type, self._parties, number, rest))

    def put(self, number: int, data: bytes) -> None:
        """Have these bytes sent: a message with this MsgSeqNum."""
        self.out += data

    def log_on(
        self,
        password: str,
        *,
        username: str,
        heartbeat: int = 30,
        reset: bool = True,
        more: bytes = b"",
    ) -> None:
        """Put a Logon; `reset` begins again at 1 by 141=Y, `more` are further fields."""
        if reset:
            self.reset()
        choice = "141=Y\x01" if reset else ""
        body = f"98=0\x01108={heartbeat}\x01{choice}553={username}\x01554={password}\x01"
        self.send(b"A", body.encode(errors="surrogateescape") + more)

    def resend(self, begin: int, end: int = 0, *, orders: bool = True) -> None:
        """Answer a ResendRequest: application messages again, gap fills for all the rest.

        orders: False: a gap fill in place of everything.
        """
        last = min(end or self.next_out - 1, self.next_out - 1)
        kept = self.sent if orders else {}
        number = begin
        while number <= last:
            sent = kept.get(number)
            if sent is not None:
                self._put_again(sent.msg_type, number, sent.sending_time, sent.body)
                number += 1
                continue
            first = number
            while number <= last and number not in kept:
                number += 1
            stamp = sending_time().encode()
            self._put_again(b"4", first, stamp, b"123=Y\x0136=%d\x01" % number)

    def _put_again(self, msg_type: bytes, number: int, original: bytes, body: bytes) -> None:
        stamp = sending_time().encode()
        rest = b"43=Y\x0152=%b\x01122=%b\x01%b" % (stamp, original, body)
        self.put(number, self.message(msg_type, number, rest))

    # In

    def receive(self, data: bytes) -> list[bytes]:
        """Messages that are whole now. Raises FixClientError when one is garbled."""
        messages, self._rest = cut(self._rest + data)
        return messages

    def follow(self, message: bytes) -> None:
        """Set next_in behind this message, whatever was expected."""
        if field(message, b"35") == b"4":
            self.next_in = int(field(message, b"36"))
        elif field(message, b"43") != b"Y":
            number = field(message, b"34")
            self.next_in = int(number) + 1 if number else self.next_in

    def answer_test(self, message: bytes) -> None:
        """Put the Heartbeat that a TestRequest(1) asks for."""
        self.send(b"0", b"112=%b\x01" % field(message, b"112"))

    def answer_resend(self, message: bytes, *, orders: bool = True) -> None:
        """Put what a ResendRequest(2) asks for."""
        self.resend(int(field(message, b"7")), int(field(message, b"16")), orders=orders)
