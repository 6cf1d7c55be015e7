"""Input that is legal piece by piece and wrong as a whole: numbers, clocks and bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, crash, resent
from tests.fix_client import FixClient
from tests.fix_message import Field, frame, new_order, sending_time
from tests.running import RunningTrading
from venue.admin.client import call

BUY, SELL = "1", "2"
LAST_NUMBER = 2**64 - 1


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, which has raised nothing."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running
        assert running.is_running
        assert "Traceback" not in running.log()


def raw(msg_type: str, number: int | str, body: list[Field], **header: str) -> bytes:
    """A message of ALPHA; `header` replaces header fields by tag."""
    fields = {35: msg_type, 49: "ALPHA", 56: "VENUE", 34: str(number), 52: sending_time()}
    fields |= {int(name[1:]): value for name, value in header.items()}
    return frame([*((tag, value) for tag, value in fields.items() if value), *body])


def logon(number: int, password: str = "demo", **header: str) -> bytes:
    """A Logon of ALPHA with 141=Y."""
    body = [(98, "0"), (108, "30"), (141, "Y"), (553, "ALPHA"), (554, password)]
    return raw("A", number, body, **header)


def numbers(venue: RunningTrading) -> tuple[int, int]:
    """MsgSeqNums that the venue has for ALPHA next, in and out."""
    row = call(venue.data_dir, {"query": "sessions"})["sessions"][0]
    assert row["session"] == "ALPHA"
    return row["next_in"], row["next_out"]


def leave_with_a_fill_due(venue: RunningTrading) -> FixClient:
    """ALPHA, whose order is filled after it has logged out."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon()
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.send("D", new_order("b1", SELL, "10", "100.00"))
    bravo.expect_report("b1", "F")
    return alpha


@pytest.mark.parametrize("password", ["d\xe9mo", "\xff", "d\xc3\xa9mo"])
def test_stranger_s_password_of_any_bytes_is_refused(venue: RunningTrading, password: str) -> None:
    alpha = leave_with_a_fill_due(venue)
    before = numbers(venue)
    stranger = venue.client("ALPHA").connect()
    stranger.send_raw(logon(1, password))
    assert stranger.expect("5").get(58).startswith("LOGON_REFUSED")
    stranger.expect_disconnect()
    assert numbers(venue) == before
    alpha.logon(reset=False, extra=STAYS)


@pytest.mark.parametrize("tag", [1, 11, 58, 448])
def test_bytes_that_are_no_text_are_rejected_where_they_are_read(
    venue: RunningTrading, tag: int
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    fields = dict(new_order("a1", BUY, "10", "99.00"))
    fields |= {1: "ACC", 58: "text", 453: "1", 448: "T1", 447: "D", 452: "12"}
    alpha.send("D", list((fields | {tag: "caf\xe9"}).items()))
    reject = alpha.expect("3")
    assert (reject.get(371), reject.get(373)) == (str(tag), "6")
    alpha.send("D", [*fields.items(), (354, "4"), (355, "caf\xe9")])
    alpha.expect_report("a1", "0")


@pytest.mark.parametrize("value", ["\xe9" * 10, "x" * 65, "x" * 60_000, "a|b", "a\nb"])
def test_test_request_that_is_no_id_is_rejected_and_the_session_goes_on(
    venue: RunningTrading, value: str
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    alpha.send("1", [(112, value)])
    reject = alpha.expect("3")
    assert (reject[45], reject[371], reject[372]) == ("2", "112", "1")
    assert reject[373] in ("5", "6")
    alpha.send("1", [(112, "x" * 64)])
    assert alpha.expect("0")[112] == "x" * 64


def test_number_behind_zeros_counts_and_behind_thousands_ends_the_session(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    alpha.send_raw(raw("D", "2".rjust(20, "0"), new_order("a1", BUY, "10", "99.00")))
    alpha.expect_report("a1", "0")
    alpha.send_raw(raw("D", "3".rjust(5000, "0"), new_order("a2", BUY, "10", "99.00")))
    assert alpha.expect("5")[58].startswith("MSG_SEQ_NUM_INVALID 34")


def test_reset_right_behind_a_logout_ends_nothing_else(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon()
    bravo.logon()
    alpha.send_raw(raw("5", 2, []) + raw("4", 3, [(36, "1")]))
    alpha.expect_disconnect()
    bravo.send("D", new_order("b1", BUY, "10", "99.00"))
    bravo.expect_report("b1", "0")


@pytest.mark.parametrize("number", [10**15, LAST_NUMBER, LAST_NUMBER + 1])
def test_numbers_that_no_session_reaches_are_rejected(venue: RunningTrading, number: int) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    alpha.send("4", [(36, str(number))])
    reject = alpha.expect("3")
    assert (reject[371], reject[373]) == ("36", "5")
    crash(venue, alpha)
    alpha.logon(reset=False, extra=STAYS)


@pytest.mark.parametrize(
    ("number", "time", "tag"),
    [(1, "20200101-00:00:00", "52="), (0, "", "34"), (7, "", "34=7")],
    ids=["clock", "zero", "number"],
)
def test_reset_that_fails_behind_the_password_changes_nothing(
    venue: RunningTrading, number: int, time: str, tag: str
) -> None:
    alpha = leave_with_a_fill_due(venue)
    before = numbers(venue)
    again = venue.client("ALPHA").connect()
    again.send_raw(logon(number, t52=time or sending_time()))
    assert tag in again.expect("5")[58]
    again.expect_disconnect()
    assert numbers(venue) == before
    crash(venue, alpha)
    missed = alpha.next_in
    last = alpha.logon(reset=False, extra=STAYS).msg_seq_num
    (fill,) = resent(alpha, missed, last - 1).values()
    assert fill == alpha.log[-2][17]


def test_rejects_that_quickfix_sends_itself_are_counted_over_a_crash(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    order = new_order("a1", BUY, "10", "99.00")
    bad = [*order, (9999, "x")]
    alpha.send_raw(b"".join(raw("D", number, bad) for number in range(2, 152)))
    rejects = [alpha.expect("3") for _ in range(150)]
    alpha.next_out = 152
    crash(venue, alpha)
    assert alpha.logon(reset=False, extra=STAYS).msg_seq_num > rejects[-1].msg_seq_num
