"""Messages damaged at random, the same for the same seed: bytes, lengths and sums, right or lying.

Knows the form of FIX 4.4 only; what comes out may be legal by chance.
"""

import random

from tests.fix.frames import LENGTHS, SOH, joined
from tests.fix_message import Field, cancel, new_order, replace, sending_time

BUY = "1"
SESSION_BODIES: dict[str, list[Field]] = {
    "0": [(112, "id")],
    "1": [(112, "id")],
    "2": [(7, "1"), (16, "0")],
    "3": [(45, "1"), (371, "38"), (372, "8"), (373, "5"), (58, "no")],
    "4": [(123, "Y"), (36, "1")],
    "5": [(58, "bye")],
    "A": [(98, "0"), (108, "30"), (141, "Y"), (553, "ALPHA"), (554, "demo")],
}
PARTIES = [(453, "2"), (448, "T1"), (447, "D"), (452, "12"), (448, "T2"), (447, "D"), (452, "11")]
APPLICATION_BODIES: dict[str, list[Field]] = {
    "D": new_order("n", BUY, "10", "91.00", extra=[(1, "ACC"), (58, "text"), *PARTIES]),
    "F": cancel("b", "a", BUY, extra=[(37, "1")]),
    "G": replace("c", "a", BUY, "5", "91.00", extra=[(59, "0")]),
    "H": [(11, "a"), (55, "ACME"), (54, BUY), (790, "q")],
    "q": [(11, "m"), (530, "7"), (55, "ACME"), (60, sending_time())],
    "AF": [(584, "s"), (585, "7")],
    "V": [(262, "r"), (263, "0"), (264, "1"), (267, "1"), (269, "0"), (146, "1"), (55, "ACME")],
}
BODIES = APPLICATION_BODIES | SESSION_BODIES
_TYPES = [*[*APPLICATION_BODIES, *"01234"] * 24, "5", "A"]
"""Those that end a session, or begin it anew, come seldom: what stands behind them is not seen."""
_INSERTS = (
    *(b"\x01", b"=", b"\x00", b"\xff", b"\x01=", b"\x0110=000\x01", b"\x018=FIX.4.4\x01", b"|"),
    *(b"\x0135=A\x01", b"\x0143=Y\x01", b"\x01034=1\x01", b"\x0134=99\x01", b"\x019=5\x01", b"\n"),
    *(b"9" * 30, b"-1", b"x" * 600, b"\xe2\x80\xa8", b"\x0197=Y\x01", b"\x0149=BRAVO\x01"),
    *(
        b"\x01122=99999999-99:99:99\x01",
        b"\x01369=7\x01",
        b"\x01453=999999999\x01",
        b"\x01627=2\x01",
    ),
)
_LIES = (-7, -1, 0, 0, 0, 1, 2, 7, 300, 5_000, 999_999)
_FRAME_LIES = (-30, -1, 1, 2, 30, 400, 100_000, 10**9, 10**15)
HEADER_LOST = 0.005
"""How many are left of those that lose a CompID, the number or the time: that ends a session."""
MOST_SWALLOWED = 400
"""No length that lies says more than this, unless it says more than a message may have."""


def damaged(rng: random.Random, sender: str, number: int) -> bytes:
    """One message of this sender and MsgSeqNum, damaged."""
    msg_type = rng.choice(_TYPES)
    header = [(35, msg_type), (49, sender), (56, "VENUE"), (34, str(number)), (52, sending_time())]
    fields = [(b"%d" % tag, value.encode()) for tag, value in [*header, *BODIES[msg_type]]]
    who_and_when = [joined([field]) for field in fields[1:5]]
    if rng.random() < 0.3:
        fields[rng.randrange(len(fields)) : 0] = [_data_pair(rng)]
    while True:
        content = bytearray(joined(fields))
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            _damage(rng, content)
        if all(field in content for field in who_and_when) or rng.random() < HEADER_LOST:
            return _framed(rng, bytes(content))


def _data_pair(rng: random.Random) -> tuple[bytes, bytes]:
    """A length field and its data, written as one field; most lengths are lies."""
    length = rng.choice(sorted(LENGTHS))
    value = rng.choice((b"abc", b"a\x01b", b"a\x0110=000", b"\xff\xfe", b"", b"x" * 70))
    said = b"%d" % (len(value) + rng.choice(_LIES))
    return length, said + SOH + LENGTHS[length] + b"=" + value


def _damage(rng: random.Random, content: bytearray) -> None:
    """Change some bytes, cut them out, double them, or put others in."""
    at = rng.randrange(len(content) + 1)
    until = min(len(content), at + rng.choice((1, 1, 2, 8, 40)))
    match rng.randrange(4):
        case 0:
            content[at:until] = rng.randbytes(until - at)
        case 1:
            del content[at:until]
        case 2:
            content[at:at] = content[at:until]
        case _:
            content[at:at] = rng.choice(_INSERTS)


def _framed(rng: random.Random, content: bytes) -> bytes:
    lie = rng.choice(_FRAME_LIES) if rng.random() < 0.1 else 0
    data = b"8=FIX.4.4\x019=%d\x01%b" % (len(content) + lie, content)
    total = sum(data) + (rng.randrange(256) if rng.random() < 0.05 else 0)
    return data + b"10=%03d\x01" % (total % 256)
