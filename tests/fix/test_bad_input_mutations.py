"""Thousands of damaged messages, the same ones each run: the venue lives, others notice nothing.

Length and checksum are put right after most mutations, so that they get past the framing.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import (
    FixClientError,
    Message,
    cancel,
    frame,
    new_order,
    replace,
    sending_time,
)
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import call

Fields = list[tuple[str, str]]
"""Tags and values as they go on the wire, one character a byte (latin-1)."""

BUY, SELL = "1", "2"
STAYS = [(9001, "N")]
SECRET = "hunter2hunter2"
MUTATIONS = 5_000
BURST = 30

PARTIES = [(453, "2"), (448, "T1"), (447, "D"), (452, "12"), (448, "T2"), (447, "D"), (452, "11")]
UNIQUE = "a%"
LEGAL = {
    "0": [(112, "id")],
    "1": [(112, "id")],
    "2": [(7, "1"), (16, "0")],
    "3": [(45, "1"), (371, "38"), (372, "8"), (373, "5"), (58, "no")],
    "4": [(123, "Y"), (36, "1")],
    "5": [(58, "bye")],
    "6": [(23, "r"), (28, "N"), (55, "ACME"), (54, "1"), (27, "100")],
    "8": [(37, "1"), (17, "1"), (150, "0"), (39, "0"), (55, "ACME"), (54, "1"), (151, "0")],
    "A": [(98, "0"), (108, "30"), (141, "Y"), (553, "CHARLIE"), (554, SECRET)],
    "D": [
        *new_order(UNIQUE, BUY, "10", "91.00", extra=[(1, "ACC"), (58, "text"), (528, "A")]),
        *[(354, "3"), (355, "a=b"), *PARTIES],
    ],
    "F": cancel("b", "a", BUY, extra=[(37, "1"), (38, "10")]),
    "G": replace("c", "a", BUY, "5", "91.00", extra=[(37, "1"), (59, "0"), *PARTIES]),
    "H": [(11, "a"), (55, "ACME"), (54, BUY), (790, "q")],
    "V": [(262, "r"), (263, "0"), (264, "1"), (267, "1"), (269, "0"), (146, "1"), (55, "ACME")],
    "AD": [(568, "r"), (569, "0")],
    "AF": [(584, "s"), (585, "7")],
    "AN": [(710, "r"), (724, "0"), (1, "ACC"), (581, "1"), (715, "20260101"), (60, sending_time())],
    "BE": [(923, "r"), (924, "2"), (553, "ALPHA"), (554, SECRET)],
    "e": [(324, "r"), (55, "ACME"), (263, "0")],
    "g": [(335, "r"), (263, "0")],
    "q": [(11, "m"), (530, "7"), (55, "ACME"), (60, sending_time())],
    "x": [(320, "r"), (559, "4")],
    "zz": [(58, "there is no such type")],
}
NUMBERS = (
    "0 -1 1 2 1e5 NaN inf -0 . .5 5. +1 0x1 1_0 007 2147483648 -2147483649 9223372036854775808 "
    "18446744073709551615 18446744073709551616 20200101-00:00:00 99999999"
)
TEXTS = "Y N ACME BRAVO VENUE ALPHA | = == a|b=c %s%n{0} \x1b[31m \x00 \t\x0b\r 1\xa01"
BYTES = "caf\xe9 caf\xc3\xa9 \xff\xfe \xed\xa0\x80 \xc0\x80 \xc2\xb2 \xef\xbc\x92 \xf0\x9f\x92\xa9"
VALUES = [
    *("", " 1", "1 ", "a b", "\n", "x\x0138=7", "x\x0135=A\x01141=Y", "x\x01x", "N" * 10_000),
    *("1" + "0" * 30, "9" * 400, "9" * 5000, "0" * 5000 + "7", "-" + "0" * 4500, "." + "0" * 50),
    *f"{NUMBERS} {TEXTS} {BYTES}".split(" "),
]
TAGS = [
    *(34, 35, 43, 49, 52, 56, 97, 115, 122, 90, 91, 212, 213, 93, 89, 95, 96, 354, 355, 453, 448),
    *(802, 58, 11, 1, 41, 44, 38, 54, 55, 60, 108, 123, 36, 7, 16, 141, 789, 383, 464, 7928, 9001),
    *(627, 628, 382, 10, 9, 8, 9999, 99999999999, 0, -1, "011", "x", "\xe9", ""),
]


def legal(msg_type: str, sender: str, number: int) -> Fields:
    """A legal message."""
    header = [(35, msg_type), (49, sender), (56, "VENUE"), (34, str(number)), (52, sending_time())]
    fields = [*header, *LEGAL[msg_type]]
    return [(str(tag), f"a{number}" if value == UNIQUE else value) for tag, value in fields]


def framed(fields: Fields) -> bytes:
    """Bytes of a message with the right length and checksum, whatever its tags are."""
    body = "".join(f"{tag}={value}\x01" for tag, value in fields).encode("latin-1")
    head = b"8=FIX.4.4\x019=%d\x01%s" % (len(body), body)
    return head + b"10=%03d\x01" % (sum(head) % 256)


def damaged(rng: random.Random, fields: Fields) -> Fields:
    """The fields after one to three mutations."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place, other = rng.randrange(len(fields)), rng.randrange(len(fields))
        tag, value = fields[place]
        match rng.randrange(9):
            case 0:
                del fields[place]
            case 1:
                fields.insert(other, (tag, value))
            case 2:
                fields[place], fields[other] = fields[other], fields[place]
            case 3:
                fields.insert(place, (str(rng.choice(TAGS)), rng.choice(VALUES)))
            case 4:
                fields[place] = (tag, value + chr(rng.choice((*range(2, 48), *range(127, 256)))))
            case _:
                fields[place] = (tag, rng.choice(VALUES))
        if len(fields) < 2:
            break
    return fields


def broken(rng: random.Random, raw: bytes) -> bytes:
    """Damage to the bytes themselves."""
    place = rng.randrange(len(raw))
    match rng.randrange(5):
        case 0:
            return raw[:place] + rng.randbytes(1) + raw[place + 1 :]
        case 1:
            return raw[:place]
        case 2:
            return raw[:place] + raw
        case 3:
            return rng.randbytes(20) + raw
        case _:
            return raw.replace(b"\x019=", rng.choice((b"\x019=-", b"\x019=9", b"\x019=x")), 1)


class Attacker:
    """ALPHA, who sends damage and logs on anew whenever that has ended its session."""

    def __init__(self, client: FixClient, rng: random.Random) -> None:
        self._client = client
        self._rng = rng
        self._number = 0
        self.answers: list[Message] = []

    def burst(self, count: int) -> None:
        """Send damage; see whether the session still answers afterwards."""
        if not self._client.is_connected:
            wait_for(self._logs_on)
        try:
            self._client.send_raw(b"".join(self._damage() for _ in range(count)))
            self._client.send_raw(self._reset() + self._own("1", [(112, "still there")]))
            self._client.expect(lambda m: m.get(112) == "still there", 0.2)
        except FixClientError:
            self._client.close()
        self.answers += self._client.inbox
        self._client.inbox.clear()

    def _logs_on(self) -> bool:
        """A connection that is open still, for the venue has not read its end yet, refuses it."""
        try:
            self._client.logon(extra=STAYS)
        except LogonRefused:
            return False
        self._client.send("D", new_order("a", BUY, "1000", "91.00"))
        self._number = 1000
        return True

    def _damage(self) -> bytes:
        reset = self._reset()
        raw = framed(damaged(self._rng, legal(self._rng.choice([*LEGAL]), "ALPHA", self._number)))
        if self._rng.random() < 0.04 and SECRET.encode() not in raw:
            raw = broken(self._rng, raw)  # no log could tell a password behind a broken tag
        return reset + raw

    def _reset(self) -> bytes:
        """A SequenceReset, after which the next number is the one expected, whatever was before."""
        self._number += 10
        return self._own("4", [(36, str(self._number))])

    def _own(self, msg_type: str, body: list[tuple[int, str]]) -> bytes:
        header = [(35, msg_type), (49, "ALPHA"), (56, "VENUE"), (34, str(self._number))]
        return frame([*header, (52, sending_time()), *body])


class Bystander:
    """BRAVO, who trades as if nothing was, and keeps all that it was told."""

    def __init__(self, client: FixClient) -> None:
        self.client = client
        self._orders = 0
        client.logon(extra=STAYS)

    def trade(self) -> None:
        """Enter an order and cancel it, in time; the numbers of what comes have no gap."""
        self._orders += 1
        own = f"b{self._orders}"
        self.client.send("D", new_order(own, SELL, "10", "109.00", symbol="GLOBEX"))
        self.client.expect_report(own, "0")
        self.client.send("F", cancel(own + "c", own, SELL, symbol="GLOBEX"))
        self.client.expect_report(own + "c", "4")
        numbers = [message.msg_seq_num for message in self.client.log]
        assert numbers == list(range(1, len(numbers) + 1))


def numbers_of(venue: RunningTrading, session: str) -> tuple[int, int]:
    """MsgSeqNums that the venue has for a session next, in and out."""
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return next((row["next_in"], row["next_out"]) for row in rows if row["session"] == session)


def assert_unhurt(venue: RunningTrading, told: list[Message]) -> None:
    """The process runs, has raised nothing, and neither its logs nor its answers say too much."""
    assert venue.is_running, venue.log()[-3000:]
    assert "Traceback" not in venue.log(), venue.log()[-3000:]
    for path in [venue.data_dir / "trading.stderr", *(venue.data_dir / "logs").rglob("*.log")]:
        assert SECRET not in path.read_text(errors="replace"), path
    for message in told:
        text = message.get(58)
        assert not any(word in text for word in ("Error", "Traceback", "codec", ".py")), message


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running


def test_damaged_messages_of_a_member_hurt_nobody_else(venue: RunningTrading) -> None:
    attacker = Attacker(venue.client("ALPHA"), random.Random(4_4))
    bystander = Bystander(venue.client("BRAVO"))
    for _ in range(MUTATIONS // BURST):
        attacker.burst(BURST)
        assert venue.is_running, venue.log()[-3000:]
        bystander.trade()
    assert {"3", "8", "9", "j"} <= {message.msg_type for message in attacker.answers}
    assert_unhurt(venue, attacker.answers)
    before = [m.get(17) for m in bystander.client.log if m.msg_type == "8"]
    venue.kill()
    bystander.client.close()
    venue.start()
    bystander.client.address = venue.address
    bystander.client.logon(reset=False, extra=STAYS)
    bystander.client.request_resend(1)
    assert [bystander.client.expect("8").get(17) for _ in before] == before


def test_damaged_logons_of_a_stranger_change_nothing(venue: RunningTrading) -> None:
    rng = random.Random(4_5)
    charlie = venue.client("CHARLIE")
    charlie.logon()
    charlie.logout()
    bystander = Bystander(venue.client("BRAVO"))
    before = numbers_of(venue, "CHARLIE")
    told: list[Message] = []
    for number in range(300):
        stranger = venue.client("CHARLIE").connect()
        msg_type = rng.choice(["A", "A", "A", *LEGAL])
        stranger.send_raw(framed(damaged(rng, legal(msg_type, "CHARLIE", rng.randrange(9)))))
        stranger.expect_disconnect()
        told += stranger.log
        if number % 20 == 0:
            bystander.trade()
    assert {message.msg_type for message in told} == {"5"}
    assert numbers_of(venue, "CHARLIE") == before
    assert_unhurt(venue, told)
