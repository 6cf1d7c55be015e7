"""What a client meets that comes back while the venue is still stopping."""

import threading
from pathlib import Path

import pytest

from tests.fix_client import LogonRefused
from tests.running import RunningTrading
from tests.two_brokers import STAYS


def test_logon_while_the_venue_stops_is_closed_without_a_message_that_would_be_counted(
    tmp_path: Path,
) -> None:
    with RunningTrading(tmp_path / "venue") as venue:
        alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
        for client in (alpha, bravo):
            client.logon(extra=STAYS)
        stopping = threading.Thread(target=venue.stop)
        stopping.start()
        assert alpha.expect("5").get(58) == "the venue stops"
        alpha.send("5")
        alpha.expect_disconnect()  # BRAVO does not answer: for 2 s the venue is still there
        last = alpha.log[-1].msg_seq_num
        with pytest.raises(LogonRefused, match="connection closed"):
            alpha.logon(reset=False, extra=STAYS)
        assert alpha.log[-1].msg_seq_num == last
        stopping.join()
        venue.start()
        alpha.address = venue.address
        alpha.logon(reset=False, extra=STAYS)
        assert [m.msg_seq_num for m in alpha.log if m.msg_type == "A"][-1] == last + 1
