"""Members, KYC, sessions, instruments and funds by the operator, seen over FIX and in the lists."""

import os
from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.fix_client import FixClient, LogonRefused
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.accounts import account_name
from venue.admin import client
from venue.admin.answers import Refusal
from venue.admin.requests import Submit
from venue.domain.commands import Deposit


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("control")) as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def alpha(trading: RunningTrading) -> Iterator[FixClient]:
    for (broker,) in logged_on(trading, "ALPHA"):
        yield broker


def test_new_member_is_pending_until_it_is_approved(desk: Desk) -> None:
    done = desk.done(
        "member", "add", "ECHO", "--account", "E1", "--account", "E2", "--funding", "prefunded",
        "--credit-limit", "5000", "--max-open-orders", "7", "--legal-name", "Echo Capital",
    )  # fmt: skip
    assert (
        "KYC is pending" in done and "needs sessions.cfg, venue.toml and venue config apply" in done
    )
    row = desk.rows("member", "list")["ECHO"]
    assert (row["kyc"], row["legal_name"], row["funding"], row["accounts"]) == (
        "pending", "Echo Capital", "prefunded", ["E1", "E2"],
    )  # fmt: skip
    limits = desk.limits("ECHO")
    assert (limits["credit_limit"]["value"], limits["max_open_orders"]["value"]) == ("5000", "7")
    kyc = ("member", "kyc", "ECHO", "approved", "--document", "register", "--document", "passport")
    assert desk.done(*kyc) == "KYC of member ECHO is approved"
    row = desk.rows("member", "list")["ECHO"]
    assert (row["kyc"], row["documents"]) == ("approved", ["register", "passport"])
    assert desk.refused("member", "add", "ECHO").startswith("there is a member ECHO already")
    assert desk.rows("member", "list")["ECHO"] == row


def test_member_that_loses_approval_is_blocked_and_its_orders_go(
    desk: Desk, alpha: FixClient
) -> None:
    resting = enter(alpha, BUY, "10", "99")
    done = desk.done("member", "kyc", "ALPHA", "suspended", "--reason", "papers ran out")
    assert done == "KYC of member ALPHA is suspended: 1 order canceled"
    assert alpha.expect_report(resting[11], "4")[58].startswith("KYC_NOT_APPROVED")
    assert enter(alpha, BUY, "10", "99")[58] == "KYC_NOT_APPROVED KYC of ALPHA is suspended"
    desk.done("member", "kyc", "ALPHA", "approved")
    assert enter(alpha, BUY, "10", "99")[150] == "0"


def test_trader_has_a_state_of_its_own(trading: RunningTrading, desk: Desk) -> None:
    done = desk.done("member", "kyc", "CHARLIE", "rejected", "--trader", "T1")
    assert done == "KYC of trader T1 of CHARLIE is rejected"
    assert desk.rows("member", "list")["CHARLIE"]["traders"] == {"T1": "rejected"}
    parties = ((453, "1"), (448, "T1"), (447, "D"), (452, "12"))
    for (charlie,) in logged_on(trading, "CHARLIE"):
        refused = enter(charlie, BUY, "10", "99", extra=parties)
        assert refused[58] == "TRADER_NOT_APPROVED 448=T1 is rejected"
        desk.done("member", "kyc", "CHARLIE", "approved", "--trader", "T1")
        assert enter(charlie, BUY, "10", "99", extra=parties)[150] == "0"


def test_suspended_member_is_resumed(desk: Desk) -> None:
    assert desk.done("member", "suspend", "DELTA").startswith("member DELTA is suspended: ")
    assert desk.rows("member", "list")["DELTA"]["suspended"]
    assert desk.refused("member", "suspend", "DELTA") == "member DELTA is suspended already"
    desk.done("member", "resume", "DELTA")
    assert desk.refused("member", "resume", "DELTA") == "member DELTA is not suspended"


def test_session_is_logged_out_disabled_and_enabled(trading: RunningTrading, desk: Desk) -> None:
    with trading.client("BRAVO") as bravo:
        bravo.logon()
        assert desk.done("session", "logout", "BRAVO") == "session BRAVO is being logged out"
        assert bravo.expect("5")[58].startswith("SESSION_ENDED")
    with trading.client("BRAVO") as bravo:
        wait_for(lambda: not desk.rows("session", "list")["BRAVO"]["logged_on"])
        bravo.logon()
        assert desk.done("session", "disable", "BRAVO") == "session BRAVO is disabled"
        assert bravo.expect("5")[58].startswith("SESSION_DISABLED")
    wait_for(lambda: not desk.rows("session", "list")["BRAVO"]["logged_on"])
    assert not desk.rows("session", "list")["BRAVO"]["enabled"]
    with trading.client("BRAVO") as bravo, pytest.raises(LogonRefused):
        bravo.logon()
    assert desk.done("session", "enable", "BRAVO") == "session BRAVO may log on again"
    with trading.client("BRAVO") as bravo:
        bravo.logon()
        bravo.logout()


def test_instrument_is_added_changed_disabled_and_brought_back(
    desk: Desk, alpha: FixClient
) -> None:
    terms = ("--tick", "0.05", "--lot", "10", "--reference-price", "20")
    assert desk.done("instrument", "add", "NEWCO", *terms) == "NEWCO is traded"
    assert enter(alpha, BUY, "10", "20.05", "NEWCO")[150] == "0"
    changed = desk.refused("instrument", "add", "NEWCO", "--max-quantity", "20")
    assert changed == "NEWCO has open orders; its definition cannot change now"
    assert desk.done("instrument", "disable", "NEWCO") == "NEWCO is disabled: 1 order canceled"
    assert enter(alpha, BUY, "10", "20", "NEWCO")[58].startswith("INSTRUMENT_DISABLED")
    assert desk.rows("instrument", "list")["NEWCO"]["state"] == "disabled"
    assert desk.done("instrument", "add", "NEWCO") == "NEWCO is traded again"
    assert desk.done("instrument", "add", "NEWCO", "--max-quantity", "20") == "NEWCO is changed"
    assert enter(alpha, BUY, "20", "20", "NEWCO")[150] == "0"
    assert enter(alpha, BUY, "30", "20", "NEWCO")[58].startswith("ORDER_QUANTITY_TOO_LARGE")
    row = desk.rows("instrument", "list")["NEWCO"]
    assert (row["tick_size"], row["max_order_qty"], row["orders_in_book"]) == ("0.05", "20", 1)


def test_new_instrument_without_its_terms_is_wrong_use(desk: Desk) -> None:
    result = desk.run("instrument", "add", "OTHER", "--tick", "0.01")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "OTHER is new and needs --lot, --reference-price\n"


def test_funds_of_an_account_come_and_go(desk: Desk) -> None:
    done = desk.done("deposit", "CHARLIE/C1", "USD", "5.5", "--reference", "c1")
    assert done == "deposit of 5.5 USD: CHARLIE/C1"
    purses = desk.json("risk", "show", "CHARLIE/C1")["risk"][0]["funds"]
    assert [(each["asset"], each["balance"]) for each in purses] == [("USD", "5.5")]
    more = desk.refused("withdraw", "CHARLIE/C1", "USD", "5.51", "--reference", "c2")
    assert more == "CHARLIE has 5.5 USD, 5.5 of it free, less than 5.51"
    desk.done("withdraw", "CHARLIE/C1", "USD", "5.5", "--reference", "c2")


@pytest.mark.parametrize("kind", ["deposit", "withdraw"])
def test_payment_said_twice_is_booked_once_and_told_as_the_first_time(
    desk: Desk, trading: RunningTrading, kind: str
) -> None:
    payment = (kind, "CHARLIE", "USD", "7", "--reference", f"{kind} 4711")
    first = desk.json(*payment)["events"][0]
    before = desk.json("risk", "show", "CHARLIE")["risk"][0]["funds"]
    trading.kill()
    trading.start()
    again = desk.done(*payment)
    assert again.endswith(f"booked before, by event {first['event_seq']}; not booked again")
    assert desk.json("risk", "show", "CHARLIE")["risk"][0]["funds"] == before
    other = desk.refused(kind, "CHARLIE", "USD", "8", "--reference", f"{kind} 4711")
    assert other.startswith(f"reference {kind} 4711 was used by event {first['event_seq']}: ")


def test_payment_without_a_reference_is_refused_by_the_venue_itself(desk: Desk) -> None:
    command = Deposit("CHARLIE", "USD", "5", "ann")
    answer = client.ask(desk.data_dir, Submit(command))
    assert answer == Refusal(error="a deposit or withdrawal needs a reference that is used once")


def test_operator_and_reason_are_in_the_record_of_each(desk: Desk) -> None:
    who, me = ("--reason", "because"), account_name(os.geteuid())
    events = [
        desk.json("instrument", "add", "WHO", "--tick", "1", "--lot", "1",
                  "--reference-price", "5", *who),
        desk.json("instrument", "disable", "WHO", *who),
        desk.json("member", "suspend", "DELTA", *who),
        desk.json("member", "resume", "DELTA", *who),
        desk.json("session", "disable", "DELTA", *who),
        desk.json("session", "enable", "DELTA", *who),
        desk.json("deposit", "DELTA", "USD", "1", "--reference", "d1", *who),
        desk.json("risk", "set", "DELTA", "max_position=9", *who),
    ]  # fmt: skip
    assert {(each["events"][0]["operator"], each["events"][0]["reason"]) for each in events} == {
        (me, "because")
    }
    records = desk.json("journal", "show", "--limit", "1000")["records"]
    commands = [each["command"] for each in records if each["command"].get("reason") == "because"]
    assert [(each["operator"], each["uid"]) for each in commands] == [(me, os.geteuid())] * len(
        events
    )


def test_bust_is_done_once_and_only_for_a_trade_there_was(desk: Desk, alpha: FixClient) -> None:
    enter(alpha, BUY, "5", "97", "UMBRELLA")
    enter(alpha, SELL, "5", "97", "UMBRELLA")
    match_id = alpha.expect(lambda m: m.get(150) == "F" and m.get(55) == "UMBRELLA")[527]
    busted = f"trade {match_id} is busted: 5 @ 97  ALPHA buys from ALPHA"
    assert desk.done("trade", "bust", match_id) == busted
    assert desk.refused("trade", "bust", match_id) == f"trade {match_id} is busted already"
    unknown = "trade M4711 is unknown, or too old to be changed"
    assert desk.refused("trade", "bust", "M4711") == unknown
