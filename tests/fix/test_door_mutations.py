"""20,000 damaged messages on several sessions: nothing ends, nobody waits, nothing breaks inside.

What ends a session says why. A failure names the seed of its round, which sends the same again.
"""

import random
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

import pytest

from tests.fix.bystander import (
    DELAY_SECONDS,
    STAYS,
    UNLIMITED,
    Bystander,
    assert_nothing_broke,
)
from tests.fix.mutations import MOST_SWALLOWED, damaged
from tests.fix_client import Disconnected, FixClient, LogonRefused
from tests.fix_message import frame, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for

MUTATIONS = 20_000
ROUND = 40
ATTACKERS = ("ALPHA", "CHARLIE")


class Attacker:
    """A member that sends damage, and logs on again whenever that has ended its session.

    ends: of its sessions. seen: messages of rounds that its session outlived.
    """

    def __init__(self, client: FixClient) -> None:
        self.client = client
        self.ends = 0
        self.seen = 0
        self._number = 0

    def round(self, seed: str) -> None:
        """Send damage; then the session still answers, or has ended with a Logout that says why.

        A SequenceReset before each message has its number expected, whatever was before.
        """
        rng = random.Random(seed)
        if not self.client.is_connected:
            wait_for(self._logs_on)
        parts = []
        for _ in range(ROUND):
            self._number += 10
            parts += [self._reset(), damaged(rng, self.client.sender, self._number)]
        self._number += 10
        last = self._own("1", [(112, seed)])
        noise = b"\x01" * MOST_SWALLOWED  # what a length that lies may reach into, and its end
        parts += [noise, self._reset(), self._reset(), last]
        self.client.inbox.clear()
        try:
            self.client.send_raw(b"".join(parts))
            answer = self.client.expect(
                lambda message: message.msg_type == "5" or message.get(112) == seed, DELAY_SECONDS
            )
        except Disconnected as error:
            raise AssertionError(f"{seed}: ended without a Logout") from error
        if answer.msg_type == "5":
            self.client.close()
            self.ends += 1
        else:
            self.seen += ROUND

    def _logs_on(self) -> bool:
        """A connection whose end the venue has not read yet refuses it."""
        self.client.inbox.clear()
        try:
            self.client.logon(extra=STAYS)
        except LogonRefused as error:
            assert "ALREADY_LOGGED_ON" in str(error), error
            return False
        self._number = 1000
        self.client.log.clear()
        return True

    def _reset(self) -> bytes:
        return self._own("4", [(36, str(self._number))])

    def _own(self, msg_type: str, body: list[tuple[int, str]]) -> bytes:
        header = [(35, msg_type), (49, self.client.sender), (56, "VENUE"), (34, str(self._number))]
        return frame([*header, (52, sending_time()), *body])


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, which does not end a session for its rate."""
    with RunningTrading(tmp_path / "venue", *UNLIMITED) as running:
        yield running


@pytest.mark.timeout(300)
def test_damaged_messages_end_nothing_but_their_own_session(venue: RunningTrading) -> None:
    attackers = [Attacker(venue.client(name)) for name in ATTACKERS]
    bystander = Bystander(venue.client("BRAVO"))
    rounds = cycle(attackers)
    for number in count():
        seed = f"door-{number}"
        next(rounds).round(seed)
        assert_nothing_broke(venue, seed)
        bystander.trade()
        if sum(each.seen for each in attackers) >= MUTATIONS:
            break
    assert all(each.ends for each in attackers)
