"""Trading killed under `venue run`: clients find it where it was and go on with their numbers."""

import os
import signal
from pathlib import Path

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for

BUY, SELL = "1", "2"


def test_clients_go_on_with_their_numbers_at_the_port_that_was_any_free_one(tmp_path: Path) -> None:
    with RunningVenue(tmp_path / "data") as venue:
        alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
        for client in (alpha, bravo):
            client.logon(extra=[(9001, "N")])
        alpha.send("D", new_order("rests", BUY, "5", "99.00"))
        alpha.expect_report("rests", "0")
        before = venue.runtime()
        os.kill(before["processes"]["trading"], signal.SIGKILL)
        wait_for(lambda: _has_come_back(venue, before["processes"]["trading"]), 30)
        assert venue.runtime()["fix"] == before["fix"]
        bravo.close()
        bravo.logon(reset=False, extra=[(9001, "N")])
        bravo.send("D", new_order("takes", SELL, "2", "99.00"))
        bravo.expect_report("takes", "F")
        alpha.close()
        missing = alpha.next_in
        alpha.logon(reset=False, extra=[(9001, "N")])
        alpha.request_resend(missing)
        assert alpha.expect_report("rests", "F").get(43) == "Y"
        rows = {row["process"]: row for row in venue.json("status")["processes"]}
        assert {name: row["restarts"] for name, row in rows.items() if row["restarts"]} == {
            "trading": 1
        }


def _has_come_back(venue: RunningVenue, old: int) -> bool:
    pid = venue.runtime()["processes"].get("trading")
    return pid not in (None, old) and venue.command("status").returncode == 0
