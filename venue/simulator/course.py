"""What becomes of each message of one session, by the behaviours that are due for it. Pure.

Whatever is taken out of the stream leaves a message in its place, so that numbers stay in step: a
refused request becomes a TestRequest, the Heartbeat that answers it becomes the refusal.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from venue.fixclient.wire import field
from venue.simulator.behaviours import (
    REFUSABLE,
    AnyBehaviour,
    BadCheckSum,
    Delay,
    Drop,
    Duplicate,
    Fill,
    Gap,
    Lose,
    NoAnswer,
    Reject,
    Reset,
    SlowRead,
)
from venue.simulator.messages import (
    Own,
    as_poss_dup,
    gap_fill_in_place_of,
    in_place_of,
    own_again,
    refusal,
    with_bad_checksum,
    with_value,
)
from venue.simulator.numbers import Numbers
from venue.simulator.plan import Facts, Plan

_NUMBERS = {b"2": (b"7", b"16"), b"A": (b"789",)}
"""Fields of the client's session messages that are the venue's numbers."""


class LineDropped(Exception):
    """The line is to be dropped now."""


class Wanted(NamedTuple):
    """An order that is to be filled in parts, as the client has sent it."""

    symbol: str
    side: str
    price: str
    quantity: str
    parts: int


class Course:
    """One session over all its connections. slow: bytes a second at which the client is read.

    fills: orders that rest now and are to be filled. problems: what was due and could not be done.
    Whoever sees to them takes them out.
    """

    def __init__(self, session: str, plan: Plan, run_id: str) -> None:
        self.session = session
        self.slow: int | None = None
        self.fills: list[Wanted] = []
        self.problems: list[str] = []
        self._plan = plan
        self._run_id = run_id
        self._numbers = Numbers()
        self._count = 0
        self._taken: set[int] = set()
        """Client's numbers of requests that the venue never saw."""
        self._pending: dict[bytes, Own] = {}
        """What goes in place of the Heartbeat with this TestReqID."""
        self._own: dict[int, Own] = {}
        """What went so, by the venue's number."""
        self._statuses: dict[bytes, bytes] = {}
        self._to_fill: dict[bytes, Wanted] = {}

    # From the client

    def from_client(self, message: bytes) -> bytes:
        """What goes to the venue instead of this message. Raises LineDropped."""
        msg_type = field(message, b"35")
        if msg_type in _NUMBERS:
            return self._with_venue_numbers(message, _NUMBERS[msg_type])
        is_again = field(message, b"43") == b"Y"
        if is_again and self._number(message) in self._taken:
            return self._filled(message)
        if not is_again and self._number(message):
            for behaviour in self._due(message, msg_type, is_from_client=True):
                message = self._done_to_request(behaviour, message)
        return message

    def _done_to_request(self, behaviour: AnyBehaviour, message: bytes) -> bytes:
        msg_type, cl_ord_id = field(message, b"35"), field(message, b"11")
        match behaviour:
            case Drop():
                raise LineDropped
            case Reject(reason=reason, text=text) if msg_type in REFUSABLE:
                return self._asked_instead(message, reason, text)
            case Lose():
                self._taken.add(self._number(message))
                return self._filled(message)
            case Fill(parts=parts) if msg_type == b"D" and field(message, b"44"):
                self._to_fill[cl_ord_id] = _wanted(message, parts)
            case SlowRead(bytes_per_second=rate):
                self.slow = rate
            case Reject() | Fill():
                self.problems.append(_not_done(behaviour, message))
        return message

    def _asked_instead(self, request: bytes, reason: int, text: str) -> bytes:
        """The TestRequest that goes in place of a refused request."""
        number = self._number(request)
        self._taken.add(number)
        self._count += 1
        name = f"SIM-{self._run_id}-{self._count}"
        status = self._statuses.get(field(request, b"41"), b"8")
        self._pending[name.encode()] = refusal(request, reason, text, name, status)
        return in_place_of(request, b"1", b"112=%b\x01" % name.encode())

    def _filled(self, message: bytes) -> bytes:
        number = self._number(message)
        return gap_fill_in_place_of(message, number, number + 1)

    def _with_venue_numbers(self, message: bytes, tags: Sequence[bytes]) -> bytes:
        for tag in tags:
            told = field(message, tag)
            known = int(told) if told.isdigit() else 0
            if known and (number := self._numbers.to_venue(known)) != known:
                message = with_value(message, tag, b"%d" % number)
        return message

    # To the client

    def to_client(self, message: bytes) -> list[tuple[bytes, int]]:
        """What goes to the client instead, in order, each with milliseconds to hold it back.

        Raises LineDropped.
        """
        msg_type = field(message, b"35")
        if msg_type == b"A" and field(message, b"141") == b"Y":
            self._begin_again()
        if field(message, b"43") == b"Y":
            return [(each, 0) for each in self._again(message, msg_type)]
        message = self._answered(message)
        msg_type = field(message, b"35")
        self._note(message, msg_type)
        due = self._due(message, msg_type, is_from_client=False)
        pieces: list[tuple[bytes, int]] = []
        for behaviour in due:
            if isinstance(behaviour, Reset):
                pieces.append((self._reset(behaviour, message), 0))
        pieces.append((self._with_client_numbers(message), 0))
        for behaviour in due:
            pieces = _done_to_answer(behaviour, pieces)
        return pieces

    def _begin_again(self) -> None:
        self._numbers.clear()
        self._taken.clear()
        self._pending.clear()
        self._own.clear()

    def _answered(self, message: bytes) -> bytes:
        """The refusal, if this is the Heartbeat that stands for it."""
        own = self._pending.pop(field(message, b"112"), None)
        if own is None:
            return message
        own = own._replace(sending_time=field(message, b"52"))
        self._own[self._number(message)] = own
        return in_place_of(message, own.msg_type, own.body)

    def _again(self, message: bytes, msg_type: bytes) -> Iterator[bytes]:
        """A resent message; a gap fill over what is the simulator's own leaves room for that."""
        if msg_type != b"4":
            yield self._with_client_numbers(message)
            return
        at, end = self._number(message), int(field(message, b"36"))
        for number in [*sorted(each for each in self._own if at <= each < end), end]:
            if at < number:
                first, behind = self._numbers.to_client(at), self._numbers.to_client(number)
                yield gap_fill_in_place_of(message, first, behind)
            if number < end:
                yield own_again(message, self._own[number], self._numbers.to_client(number))
            at = number + 1

    def _note(self, message: bytes, msg_type: bytes) -> None:
        """Keep what later answers need; an order that rests now may be one to fill."""
        if msg_type != b"8":
            return
        cl_ord_id = field(message, b"11")
        self._statuses[cl_ord_id] = field(message, b"39")
        wanted = self._to_fill.pop(cl_ord_id, None)
        if wanted is not None and field(message, b"150") == b"0":
            self.fills.append(wanted)

    def _reset(self, behaviour: Reset, message: bytes) -> bytes:
        """The SequenceReset before this message, whose number it makes higher."""
        number = self._number(message)
        first = self._numbers.to_client(number)
        self._numbers.jump(number, behaviour.skip)
        flag = b"Y" if behaviour.gap_fill else b"N"
        body = b"123=%b\x0136=%d\x01" % (flag, first + behaviour.skip)
        return in_place_of(message, b"4", body, first)

    def _with_client_numbers(self, message: bytes) -> bytes:
        number = self._number(message)
        known = self._numbers.to_client(number)
        if known != number:
            message = with_value(message, b"34", b"%d" % known)
        if field(message, b"35") == b"4":
            behind = int(field(message, b"36"))
            if (known := self._numbers.to_client(behind)) != behind:
                message = with_value(message, b"36", b"%d" % known)
        return message

    def _due(self, message: bytes, msg_type: bytes, *, is_from_client: bool) -> list[AnyBehaviour]:
        return self._plan.due(Facts(self.session, msg_type, field(message, b"11"), is_from_client))

    @staticmethod
    def _number(message: bytes) -> int:
        """MsgSeqNum(34); 0 where there is none that could be meant."""
        text = field(message, b"34")
        return int(text) if text.isdigit() else 0


def _not_done(behaviour: Reject | Fill, message: bytes) -> str:
    about = f"MsgType {field(message, b'35').decode('latin-1')}"
    if isinstance(behaviour, Fill):
        return f"fill is for a NewOrderSingle with Price(44): {about} was passed on as it was"
    return f"reject has no answer to {about}: it was passed on"


def _wanted(order: bytes, parts: int) -> Wanted:
    symbol, side, price, quantity = (
        field(order, tag).decode("latin-1") for tag in (b"55", b"54", b"44", b"38")
    )
    return Wanted(symbol, side, price, quantity, parts)


def _done_to_answer(
    behaviour: AnyBehaviour, pieces: list[tuple[bytes, int]]
) -> list[tuple[bytes, int]]:
    match behaviour:
        case Drop():
            raise LineDropped
        case Delay(ms=ms):
            return [(data, held + ms) for data, held in pieces]
        case Gap():
            return pieces[:-1]
        case NoAnswer():
            return [
                *pieces[:-1],
                *((in_place_of(data, b"0", b""), held) for data, held in pieces[-1:]),
            ]
        case BadCheckSum():
            return [*pieces[:-1], *((with_bad_checksum(data), held) for data, held in pieces[-1:])]
        case Duplicate(poss_dup=poss_dup):
            again = [(as_poss_dup(data) if poss_dup else data, held) for data, held in pieces[-1:]]
            return [*pieces, *again]
    return pieces
