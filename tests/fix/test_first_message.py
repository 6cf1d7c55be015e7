"""A Logon as TCP brings it: with orders behind it, in pieces, or never to the end."""

import time
from collections.abc import Iterator

import pytest

from tests.fix_client import FixClient
from tests.fix_message import frame, new_order, sending_time
from tests.running import RunningTrading

BUY = "1"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """One trading process for all tests of the module."""
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running


def message(msg_type: str, number: int, body: list[tuple[int, str]]) -> bytes:
    header = [(35, msg_type), (49, "ALPHA"), (56, "VENUE"), (34, str(number))]
    return frame([*header, (52, sending_time()), *body])


def logon() -> bytes:
    return message("A", 1, [(98, "0"), (108, "30"), (141, "Y"), (553, "ALPHA"), (554, "demo")])


def log_out(alpha: FixClient, number: int = 3) -> None:
    alpha.next_out = number
    alpha.logout()


def test_order_in_the_segment_of_the_logon_is_answered_within_a_second(
    venue: RunningTrading,
) -> None:
    with venue.client("ALPHA").connect() as alpha:
        alpha.answer_test_requests = False
        alpha.send_raw(logon() + message("D", 2, new_order("s1", BUY, "10", "99.00")))
        alpha.expect("A", 1)
        alpha.expect_report("s1", "0", 1)
        log_out(alpha)


def test_many_orders_behind_the_logon_are_answered_in_order(venue: RunningTrading) -> None:
    orders = [message("D", n, new_order(f"m{n}", BUY, "1", "99.00")) for n in range(2, 302)]
    with venue.client("ALPHA").connect() as alpha:
        alpha.send_raw(logon() + b"".join(orders))
        reports = [alpha.expect(lambda m: m.get(150) == "0", 2) for _ in orders]
        log_out(alpha, 302)
    assert [report[11] for report in reports] == [f"m{n}" for n in range(2, 302)]


def test_half_an_order_behind_the_logon_is_whole_with_its_rest(venue: RunningTrading) -> None:
    order = message("D", 2, new_order("h1", BUY, "10", "99.00"))
    with venue.client("ALPHA").connect() as alpha:
        alpha.send_raw(logon() + order[:30])
        alpha.expect("A")
        alpha.send_raw(order[30:])
        alpha.expect_report("h1", "0")
        log_out(alpha)


def test_logon_that_drips_in_holds_up_nobody(venue: RunningTrading) -> None:
    bravo = venue.client("BRAVO")
    bravo.logon()
    text = logon()
    with venue.client("ALPHA").connect() as alpha:
        for number in range(len(text) // 10 + 1):
            alpha.send_raw(text[number * 10 : (number + 1) * 10])
            began = time.monotonic()
            bravo.send("D", new_order(f"d{number}", BUY, "1", "99.00"))
            bravo.expect_report(f"d{number}", "0")
            assert time.monotonic() - began < 0.5
        alpha.expect("A")
        alpha.send_raw(message("D", 2, new_order("a1", BUY, "1", "99.00")))
        alpha.expect_report("a1", "0")
        log_out(alpha)


def test_connections_without_a_logon_keep_nobody_out(venue: RunningTrading) -> None:
    idle = [FixClient(venue.address, "ALPHA").connect() for _ in range(150)]
    with venue.client("ALPHA") as alpha:
        alpha.logon()
        alpha.send("D", new_order("i1", BUY, "1", "99.00"))
        alpha.expect_report("i1", "0")
    for client in idle:
        client.close()
