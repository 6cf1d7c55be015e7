"""What a gap, or a reset in the middle of a session, must not do: see traffic.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_client import FixClient
from tests.fix_message import Field, new_order, sending_time
from tests.running import RunningTrading
from venue.fixclient.message import encoded

_RESET: list[Field] = [(98, "0"), (108, "30"), (141, "Y"), (553, "ALPHA"), (554, "demo")]


@pytest.fixture
def alpha(tmp_path: Path) -> Iterator[FixClient]:
    with RunningTrading(tmp_path) as venue:
        client = venue.client("ALPHA")
        client.resend = "never"
        client.logon()
        yield client


def _raw(client: FixClient, msg_type: str, number: int, body: list[Field]) -> bytes:
    rest = encoded([(52, sending_time()), *body])
    return client.session.message(msg_type.encode(), number, rest)


def test_order_right_before_a_reset_in_session_is_taken(alpha: FixClient) -> None:
    order = _raw(alpha, "D", 2, new_order("kept", "1", "1", "95"))
    alpha.send_raw(order + _raw(alpha, "A", 1, _RESET))
    alpha.expect_report("kept", "0")
    alpha.expect("A")


def test_what_came_behind_a_gap_is_not_taken_after_a_reset(alpha: FixClient) -> None:
    alpha.send_raw(_raw(alpha, "D", 3, new_order("old", "1", "1", "95")))
    alpha.expect("2")
    alpha.send_raw(_raw(alpha, "A", 1, _RESET))
    assert alpha.expect("5").get(58).startswith("LOGON_UNEXPECTED")


def test_what_fills_a_gap_is_read_behind_thousands_of_messages(alpha: FixClient) -> None:
    behind = (new_order(f"o{n}", "1", "1", "95") for n in range(3, 5503))
    alpha.send_raw(b"".join(_raw(alpha, "D", n, order) for n, order in enumerate(behind, 3)))
    missing = new_order("o2", "1", "1", "95")
    alpha.send("D", missing, t34="2", t43="Y", t122=sending_time())
    alpha.expect_report("o2", "0", 20)
    alpha.expect_report("o5000", "0", 20)
    assert alpha.expect(lambda m: m.msg_type == "2" and m[7] != "2", 20)[7] == "5003"


def test_message_of_thousands_of_fields_is_rejected(alpha: FixClient) -> None:
    parties: list[Field] = [(453, "1000"), *[(448, "x"), (447, "D"), (452, "1")] * 1000]
    alpha.send("D", [*new_order("big", "1", "1", "95"), *parties])
    assert alpha.expect("3")[373] == "99"


def test_gap_right_behind_one_that_was_filled_is_asked_for_at_once(alpha: FixClient) -> None:
    """What passes QuickFIX by must not keep it waiting for the end of the first gap."""
    alpha.resend = "gap fill"
    for round_ in range(3):
        for n in range(3):
            alpha.send("D", new_order(f"a{round_}{n}", "1", "1", "95"))
            alpha.expect_report(f"a{round_}{n}", "0")
        alpha.next_out += 1
        alpha.send("D", new_order(f"given up {round_}", "1", "1", "95"))
        alpha.expect("2", 1)
