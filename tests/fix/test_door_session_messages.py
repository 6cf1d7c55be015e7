"""Each field of each session message, wrong in every way: at most its session ends, and is told."""

from collections.abc import Iterator

import pytest

from tests.fix.bystander import DELAY_SECONDS, UNLIMITED, Bystander, assert_nothing_broke
from tests.fix.frames import Field, message
from tests.fix.mutations import SESSION_BODIES
from tests.fix_client import Disconnected, FixClient, LogonRefused
from tests.fix_message import Message, frame, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for

VALUES = (
    *(b"", b"garbage", b" ", b"=", b"a=b", b"x" * 600, b"caf\xc3\xa9", b"\xff", b"\xe2\x80\xa8"),
    *(b"\n", b"\x1b[31m", b"\x00", b"a|b", b"0", b"-1", b"+1", b"1.0", b"1e5", b"007", b"Y", b"N"),
    *(b"%d" % number for number in (2**31, 2**32, 2**63, 2**64, 10**15, 10**30)),
    *(b"BRAVO", b"VENUE", b"A", b"D", b"99999999-99:99:99", b"19700101-00:00:00"),
)

AT_ONCE = 50
"""Connections that wait for the answer to their Logon."""


def variants(
    msg_type: str, number: int, values: tuple[bytes, ...] = VALUES, sender: str = "ALPHA"
) -> list[tuple[str, bytes]]:
    """The message with each field left out, doubled, moved to the end, and of each wrong value."""
    header = [(35, msg_type), (49, sender), (56, "VENUE"), (34, str(number)), (52, sending_time())]
    fields = [(b"%d" % tag, v.encode()) for tag, v in [*header, *SESSION_BODIES[msg_type]]]
    found: list[tuple[str, bytes]] = []

    def add(what: str, changed: list[Field]) -> None:
        found.append((f"35={msg_type} {what}", message(*changed, header=())))

    for at, (tag, value) in enumerate(fields):
        before, after = fields[:at], fields[at + 1 :]
        name = tag.decode()
        if at:
            add(f"without {name}", [*before, *after])
            add(f"with {name} at its end", [*before, *after, (tag, value)])
        add(f"with {name} twice", [*before, (tag, value), (tag, value), *after])
        add(f"with {name} again at its end", [*fields, (tag, value)])
        for wrong in values:
            if at or wrong:
                add(f"with {name}={wrong!r}", [*before, (tag, wrong), *after])
    return found


class Session:
    """ALPHA, who sends one wrong message after the other, and logs on again when that ended it."""

    def __init__(self, client: FixClient) -> None:
        self._client = client
        self.number = 0

    def log_on(self) -> None:
        """Log on, if the session has ended."""
        if not self._client.is_connected:
            wait_for(self._logs_on)

    def send(self, what: str, wrong: bytes) -> None:
        """Send; the session still answers, or it has ended and the member knows why.

        A SequenceReset behind it has the next number expected, whatever came of it.
        """
        self.number += 10
        mark = f"still {self.number}"
        reset, ask = self._own("4", [(36, str(self.number))]), self._own("1", [(112, mark)])
        told: list[Message] = []
        try:
            self._client.send_raw(wrong + reset + ask)
            answer = self._client.expect(
                lambda each: each.msg_type == "5" or each.get(112) == mark, DELAY_SECONDS
            )
        except Disconnected as error:
            raise AssertionError(f"{what}: ended without a Logout") from error
        told += [*self._client.inbox, answer]
        self._client.inbox.clear()
        if answer.msg_type == "5":
            self._client.close()
            is_own = what.startswith("35=5")
            assert is_own or any(58 in each or 373 in each for each in told), f"{what}: {told}"

    def _logs_on(self) -> bool:
        """A connection whose end the venue has not read yet refuses it."""
        self._client.inbox.clear()
        try:
            self._client.logon(heartbeat=600)
        except LogonRefused as error:
            assert "ALREADY_LOGGED_ON" in str(error), error
            return False
        self.number = 1000
        return True

    def _own(self, msg_type: str, body: list[tuple[int, str]]) -> bytes:
        header = [(35, msg_type), (49, "ALPHA"), (56, "VENUE"), (34, str(self.number))]
        return frame([*header, (52, sending_time()), *body])


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A trading process that ends no session for its rate."""
    with RunningTrading(tmp_path_factory.mktemp("wrong") / "venue", *UNLIMITED) as running:
        yield running


@pytest.fixture(scope="module")
def bystander(venue: RunningTrading) -> Bystander:
    return Bystander(venue.client("BRAVO"))


@pytest.fixture(scope="module")
def session(venue: RunningTrading) -> Session:
    return Session(venue.client("ALPHA"))


@pytest.mark.parametrize("msg_type", "012345A")
def test_wrong_session_message_ends_at_most_its_session(
    venue: RunningTrading, session: Session, bystander: Bystander, msg_type: str
) -> None:
    values = VALUES[::4] if msg_type == "A" else VALUES  # each has its password checked
    for at in range(len(variants(msg_type, 0, values))):
        session.log_on()
        what, wrong = variants(msg_type, session.number, values)[at]
        session.send(what, wrong)
        if at % 20 == 0:
            bystander.trade()
    assert_nothing_broke(venue, msg_type)
    bystander.trade()


def test_wrong_logon_is_refused_or_taken_and_nobody_notices(
    venue: RunningTrading, bystander: Bystander
) -> None:
    """As a first message, many at a time: a Logon or a Logout with Text comes, or nothing does."""
    waiting = variants("A", 1, sender="CHARLIE")
    while waiting:
        some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        strangers = [venue.client("CHARLIE").connect() for _ in some]
        for stranger, (_, wrong) in zip(strangers, some, strict=True):
            stranger.send_raw(wrong)
        bystander.trade()
        for stranger, (what, _) in zip(strangers, some, strict=True):
            told = stranger.receive_all(quiet=0.6)
            assert not told or told[0].msg_type == "A" or told[0].get(58), f"{what}: {told}"
            stranger.close()
    assert_nothing_broke(venue, "wrong logons")
    bystander.trade()
