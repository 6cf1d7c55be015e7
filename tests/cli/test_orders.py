"""`venue order`: listed, shown, and entered, changed and canceled on a member's behalf."""

import csv
import io
from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, a_name, enter, logged_on
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.engine.trading.slices import SLICE


@pytest.fixture
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("orders")) as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def clients(trading: RunningTrading) -> Iterator[list[FixClient]]:
    yield from logged_on(trading, "ALPHA", "BRAVO")


def names(desk: Desk, *arguments: str) -> list[str]:
    rows = desk.json("order", "list", *arguments)["orders"]
    return [row["cl_ord_id"] for row in rows]


def test_list_has_the_open_orders_in_order_of_entry_by_whom_is_asked_for(
    desk: Desk, clients: list[FixClient]
) -> None:
    alpha, bravo = clients
    entered = [
        enter(alpha, BUY, "10", "99"),
        enter(bravo, SELL, "10", "101"),
        enter(alpha, BUY, "10", "99", "GLOBEX"),
    ]
    ended = enter(bravo, SELL, "10", "99", "GLOBEX")
    first, second, third, fourth = [each[11] for each in (*entered, ended)]
    bravo.expect_report(fourth, "F")
    assert names(desk) == [first, second]
    assert names(desk, "--all") == [first, second, third, fourth]
    assert names(desk, "--all", "--member", "ALPHA") == [first, third]
    assert names(desk, "--session", "BRAVO") == [second]
    assert names(desk, "--all", "--symbol", "GLOBEX") == [third, fourth]
    assert names(desk, "--member", "CHARLIE") == []
    table = desk.run("order", "list", "--all").stdout
    assert "filled" in table and first in table
    lines = list(csv.DictReader(io.StringIO(desk.done("order", "list", "--csv"))))
    assert [line["cl_ord_id"] for line in lines] == [first, second]
    assert (lines[0]["side"], lines[0]["price"]) == ("1", "99")


def test_list_of_many_comes_whole_though_in_pages(desk: Desk, clients: list[FixClient]) -> None:
    alpha, _ = clients
    sent = [a_name() for _ in range(3 * SLICE + 5)]
    for name in sent:
        alpha.send("D", new_order(name, BUY, "1", "95"))
    wait_for(lambda: desk.json("day", "status")["open_orders"] == len(sent))
    assert names(desk) == sent
    assert names(desk, "--all") == sent


def test_show_has_all_of_an_order_with_codes_and_their_names(
    trading: RunningTrading, desk: Desk, clients: list[FixClient]
) -> None:
    report = enter(clients[0], BUY, "10", "99", extra=((18, "K"), (1, "A1")))
    row = desk.json("order", "show", report[37])["order"]
    assert (row["side"], row["side_name"], row["ord_status_name"]) == ("1", "BUY", "NEW")
    assert (row["account"], row["exec_inst"], row["leaves_qty"]) == ("A1", "K", "10")
    assert f"cl_ord_id          {report[11]}" in desk.done("order", "show", report[37]).splitlines()
    assert "unknown on this trading day" in desk.refused("order", "show", "999")
    for client in clients:
        client.logout()
    listed = names(desk, "--all")
    assert trading.stop() == 0
    done = desk.run("order", "list", "--all", "--json")
    assert done.exit_code == 0 and "told from the journal" in done.stderr
    assert report[11] in done.stdout and len(listed) == 1
    assert desk.run("order", "show", report[37]).exit_code == 0


def test_order_on_behalf_takes_nothing_from_the_session_and_is_marked(
    trading: RunningTrading, desk: Desk, clients: list[FixClient]
) -> None:
    """CHARLIE has a fill that it has not read: it is still there when CHARLIE comes back."""
    charlie = trading.client("CHARLIE")
    charlie.logon(extra=((9001, "N"),))
    resting = enter(charlie, BUY, "10", "99")
    charlie.logout()
    taken = enter(clients[1], SELL, "10", "99")
    clients[1].expect_report(taken[11], "F")
    before = desk.rows("session", "list")["CHARLIE"]
    arguments = ("order", "new", "ACME", "buy", "5", "--price", "98", "--session", "CHARLIE")
    told = desk.json(*arguments, "--reason", "by phone", "--cl-ord-id", "desk-1")
    (report,) = told["reports"]
    assert (told["cl_ord_id"], report["exec_type"], report["exec_type_name"]) == (
        "desk-1", "0", "NEW",
    )  # fmt: skip
    assert report["text"] == "ON_BEHALF entered by the venue by phone"
    after = desk.rows("session", "list")["CHARLIE"]
    assert (before["next_in"], before["logged_on"]) == (after["next_in"], False)
    assert before["open_orders"] + 1 == after["open_orders"]
    (record,) = [
        each for each in desk.json("journal", "show", "--limit", "1000")["records"]
        if each["command"]["type"] == "EnterByOperator"
    ]  # fmt: skip
    assert record["command"]["reason"] == "by phone"
    charlie.logon()
    fill = charlie.expect_report(resting[11], "F")
    assert fill[32] == "10"
    own = charlie.expect_report("desk-1", "0")
    assert own[58] == "ON_BEHALF entered by the venue by phone"
    charlie.logout()


def test_change_and_cancel_on_behalf_by_either_name(desk: Desk, clients: list[FixClient]) -> None:
    alpha, _ = clients
    order = enter(alpha, BUY, "10", "99")
    named = ("--session", "ALPHA", "--cl-ord-id", order[11])
    (report,) = desk.json("order", "replace", *named, "--qty", "7")["reports"]
    assert (report["exec_type_name"], report["order_qty"]) == ("RESTATED", "7")
    told = alpha.expect_report(order[11], "D")
    assert (told[378], told[38], told[11]) == ("2", "7", order[11])
    desk.done("order", "replace", order[37], "--price", "98.5")
    assert alpha.expect_report(order[11], "D")[44] == "98.5"
    (report,) = desk.json("order", "cancel", *named)["reports"]
    assert report["exec_type"] == "4"
    assert alpha.expect_report(order[11], "4")[378] == "8"
    assert "UNKNOWN_ORDER" in desk.refused("order", "cancel", *named)


def test_refusal_goes_to_the_operator_only(desk: Desk, clients: list[FixClient]) -> None:
    wrong = ("order", "new", "ACME", "buy", "5", "--price", "98.001")
    assert desk.refused(*wrong).startswith("PRICE_NOT_ON_TICK")
    told = desk.run(*wrong, "--json")
    assert told.exit_code == 1
    assert '"ok": false' in told.stdout and '"exit_status": 1' in told.stdout
    assert "session NOPE is unknown" in desk.refused(*wrong[:-1], "98", "--session", "NOPE")
    clients[0].send("1", [(112, "quiet")])
    assert clients[0].expect("0")[112] == "quiet", "no reject came before"


def test_dry_run_enters_nothing(desk: Desk, clients: list[FixClient]) -> None:
    told = desk.json("order", "new", "ACME", "buy", "5", "--price", "98", "--dry-run")
    assert [each["type"] for each in told["events"]] == ["OrderAccepted"]
    assert names(desk) == []


def test_cancel_all_ends_every_open_order_of_whom_is_named_and_blocks_nobody(
    desk: Desk, clients: list[FixClient]
) -> None:
    alpha, bravo = clients
    for _ in range(SLICE + 10):
        alpha.send("D", new_order(a_name(), BUY, "1", "95"))
    stays = enter(bravo, BUY, "1", "94")
    wait_for(lambda: desk.json("day", "status")["open_orders"] == SLICE + 11)
    assert "one of member, session and symbol" in desk.refused("order", "cancel-all")
    said = desk.done("order", "cancel-all", "--member", "ALPHA", "--reason", "by phone")
    assert said == (
        f"open orders of member ALPHA are canceled: {SLICE} orders canceled, "
        "10 more follow right behind"
    )
    wait_for(lambda: names(desk) == [stays[11]])
    assert alpha.expect(lambda m: m.get(150) == "4")[58] == "CANCELED_BY_OPERATOR by phone"
    enter(alpha, BUY, "1", "95")
    desk.done("order", "cancel-all", "--session", "ALPHA")
    assert names(desk) == [stays[11]]
    desk.done("order", "cancel-all", "--symbol", "ACME")
    assert names(desk) == []
    assert desk.done("order", "cancel-all", "--symbol", "ACME").endswith("no order was open")


@pytest.mark.parametrize("is_running", [True, False])
def test_name_that_the_venue_does_not_have_is_wrong_use_and_no_empty_list(
    trading: RunningTrading, desk: Desk, *, is_running: bool
) -> None:
    if not is_running:
        trading.stop()
    for arguments, line in {
        ("order", "list", "--member", "ALHPA"): "member ALHPA is unknown; did you mean ALPHA?",
        ("order", "list", "--session", "BRAVOO"): "session BRAVOO is unknown; did you mean BRAVO?",
        ("order", "list", "--all", "--symbol", "ACM"): "symbol ACM is unknown; did you mean ACME?",
        ("trade", "list", "--member", "ALPH"): "member ALPH is unknown; did you mean ALPHA?",
        ("trade", "list", "--symbol", "ACMEE"): "symbol ACMEE is unknown; did you mean ACME?",
        ("fix", "log", "--session", "BRAV"): "session BRAV is unknown; did you mean BRAVO?",
    }.items():
        result = desk.run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        assert result.stderr.splitlines()[-1] == line
    nameless = desk.run("order", "list", "--member", "ZZZZZZ").stderr.splitlines()[-1]
    assert nameless.startswith("member ZZZZZZ is unknown; known are ALPHA, BRAVO")
    assert "there is no such order" in desk.run("order", "list", "--member", "ALPHA").stdout


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (("new", "ACME", "buy", "-5", "--price", "9"), "'-5' is no quantity: it is a number above"),
        (("new", "ACME", "buy", "0"), "'0' is no quantity: it is a number above zero, such as 100"),
        (("new", "ACME", "buy", "ten"), "'ten' is no quantity: it is a number above zero, such"),
        (("new", "ACME", "buy", "5", "--price", "-1.5"), "'-1.5' is no price: it is a number abo"),
        (("new", "ACME", "buy", "5", "--price", "1e3"), "'1e3' is no price: it is a number above"),
        (("replace", "1", "--qty", "-5"), "'-5' is no quantity: it is a number above zero, such"),
        (("replace", "1", "--price", "x"), "'x' is no price: it is a number above zero, such as"),
        (("new", "ACME", "bye", "5"), "'bye' is none of buy, sell, short; did you mean buy?"),
        (("new", "ACME", "BUY", "5"), "'BUY' is none of buy, sell, short; did you mean buy?"),
        (("new", "ACME", "buy", "5", "--type", "stop"), "'stop' is none of limit, market"),
        (("new", "ACME", "buy", "5", "--tif", "icc"), "'icc' is none of day, gtc, ioc, fok; did"),
        (("cancel", "--side", "sel", "--fix"), "'sel' is none of buy, sell, short; did you mean s"),
        (("new", "ACME", "buy", "5", "--pric", "9"), "No such option: --pric"),
    ],
)
def test_order_that_is_mistyped_is_told_in_words_what_it_could_be(
    trading: RunningTrading, desk: Desk, typed: tuple[str, ...], line: str
) -> None:
    result = desk.run("order", *typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert line in result.stderr.splitlines()[-1]


def test_field_that_a_session_could_not_send_is_told_in_words(
    trading: RunningTrading, desk: Desk
) -> None:
    line = desk.refused("order", "new", "ACME", "buy", "5", "--tag", "111=many")
    assert line == "the session would reject it: incorrect data format, tag 111"
