"""Who must not notice an attack, and what a trading process looks like that nothing broke in."""

import re
import time

from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order
from tests.running import RunningTrading

SELL = "2"
STAYS = [(9001, "N")]
DELAY_SECONDS = 2.0
UNLIMITED = (
    "fix.session_messages_per_second=1000000",
    "fix.logons_per_minute=1000000",
    "fix.lockout_failures=1000000",
)
"""Settings of a process that ends no session and refuses no logon for its rate."""
_TROUBLE = re.compile("Traceback|\\[(error|critical) *\\] (?!quickfix gave up on a message)")
"""QuickFIX gives up on a message behind its own Logout, which is no trouble."""


class Bystander:
    """BRAVO, who trades as if nothing was: every report comes, in order, in time."""

    def __init__(self, client: FixClient) -> None:
        self._client = client
        self._orders = 0
        client.logon(extra=STAYS, heartbeat=600)

    def trade(self) -> None:
        """Enter an order and cancel it."""
        self._orders += 1
        own, began = f"b{self._orders}", time.monotonic()
        self._client.send("D", new_order(own, SELL, "10", "109.00", symbol="GLOBEX"))
        self._client.expect_report(own, "0", DELAY_SECONDS)
        self._client.send("F", cancel(own + "c", own, SELL, symbol="GLOBEX"))
        self._client.expect_report(own + "c", "4", DELAY_SECONDS)
        assert time.monotonic() - began < DELAY_SECONDS
        assert not self._client.inbox
        assert self._client.next_in == len(self._client.log) + 1


def assert_nothing_broke(venue: RunningTrading, what: str) -> None:
    """The process runs, has kept no incident and told of no trouble of its own."""
    assert venue.is_running, f"{what}: {venue.log()[-3000:]}"
    kept = sorted((venue.data_dir / "incidents").glob("*"))
    assert not kept, f"{what}: {kept[0].read_text()}"
    trouble = [line for line in venue.log().splitlines() if _TROUBLE.search(line)]
    assert not trouble, f"{what}: {trouble[:3]}"
