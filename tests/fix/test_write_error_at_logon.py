"""A logon that cannot be recorded: the session is cut off, and no number is taken for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_client import LogonRefused
from tests.fix_message import new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.two_brokers import STAYS, limit_files


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path / "venue") as running:
        yield running


def test_logon_that_cannot_be_recorded_is_not_answered(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", "1", "5", "99.00"))
    alpha.expect_report("a1", "0")
    limit_files(venue, frames(venue.data_dir / "journal")[-1].end + 10)
    with pytest.raises(LogonRefused) as refused:
        bravo.logon()
    assert refused.value.logout is None, "neither Logon nor Logout"
    assert alpha.expect("5").get(58) == "the venue stops: its journal cannot be written"
    alpha.send("5")
    assert venue.wait() == 1
    venue.start()
    for client in (alpha, bravo):
        client.address = venue.address
    bravo.logon()
    expected = alpha.next_in
    alpha.logon(reset=False, extra=STAYS)
    alpha.request_resend(expected)
    alpha.send("F", [(41, "a1"), (11, "a2"), (55, "ACME"), (54, "1"), (60, "20260101-00:00:00")])
    alpha.expect_report("a2", "4")
