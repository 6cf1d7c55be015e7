"""Session state over a kill -9 at named points: each report once, no manual repair."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, read_to_the_end, start_again
from tests.fix_message import frame, sending_time
from tests.running import RunningTrading


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running


def test_request(number: int) -> bytes:
    """A TestRequest of ALPHA's, as short as they get: many fit in what the venue reads at once."""
    fields = [(35, "1"), (34, str(number)), (49, "ALPHA"), (52, sending_time()[:17]), (56, "VENUE")]
    return frame([*fields, (112, "1")])


test_request.__test__ = False  # type: ignore[attr-defined]


def test_numbers_of_a_burst_of_session_messages_are_not_used_again(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    venue.stop()
    start_again(venue, alpha, fault="before-journal-write:3:kill")
    alpha.logon(extra=STAYS)
    for first in (2, 42):
        alpha.send_raw(b"".join(map(test_request, range(first, first + 40))))
        for _ in range(40 if first == 2 else 0):
            alpha.expect("0")
    alpha.send_raw(b"".join(map(test_request, range(82, 200))))
    alpha.next_out = 200
    seen = [m.msg_seq_num for m in read_to_the_end(alpha)]
    start_again(venue, alpha)
    assert alpha.logon(reset=False, extra=STAYS).msg_seq_num > max(seen, default=0)
