"""OnBehalfOf... and SenderSubID over raw sockets: turned round in every answer, also sent again."""

from pathlib import Path

from tests.fix.scenario import BUY, NEW, SELL, STATUS, TRADE, facts, next_report
from tests.fix_client import FixClient
from tests.fix_message import Message, cancel, new_order, replace, sending_time
from tests.running import RunningTrading

ROUTED = {"t115": "HUB", "t116": "desk", "t144": "CHI", "t50": "T1", "t142": "NYC"}
TURNED = ["T1", "HUB", "desk", "NYC", "CHI"]
PLAIN = [None] * 5


def route(report: Message) -> list[str | None]:
    return facts(report, 57, 128, 129, 143, 145)


def test_every_answer_of_an_order_is_routed_back(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    first, second = unique + "1", unique + "2"
    alpha.send("D", new_order(first, BUY, "5", "100"), **ROUTED)
    assert route(alpha.expect_report(first, NEW)) == TURNED
    bravo.send("D", new_order(unique + "b", SELL, "1", "100"))
    assert route(bravo.expect_report(unique + "b", NEW)) == PLAIN
    assert route(bravo.expect_report(unique + "b", TRADE)) == PLAIN
    assert route(alpha.expect_report(first, TRADE)) == TURNED
    alpha.send("H", [(11, first), (55, "ACME"), (54, BUY)], **ROUTED)
    assert route(alpha.expect_report(first, STATUS)) == TURNED
    alpha.send("H", [(11, first), (55, "ACME"), (54, BUY)])
    assert route(alpha.expect_report(first, STATUS)) == PLAIN
    alpha.send("AF", [(584, "m"), (585, "7")], t115="HUB")
    assert route(alpha.expect_report(first, STATUS)) == [None, "HUB", None, None, None]
    alpha.send("F", cancel(unique + "x", unique + "none", BUY), **ROUTED)
    assert route(next_report(alpha)) == TURNED
    alpha.send("G", replace(second, first, BUY, "6", "100"), t50="T2")
    assert route(next_report(alpha)) == ["T2", None, None, None, None]
    alpha.send("q", [(11, unique + "q"), (530, "7"), (60, sending_time())], **ROUTED)
    assert route(next_report(alpha)) == ["T2", None, None, None, None]
    assert route(next_report(alpha)) == TURNED
    alpha.send("D", new_order(unique + "9", BUY, "5", "1000"), **ROUTED)
    rejected = next_report(alpha)
    assert (rejected[150], route(rejected)) == ("8", TURNED)


def test_route_outlives_a_crash_and_stands_in_what_is_sent_again(tmp_path: Path) -> None:
    with RunningTrading(tmp_path / "data") as running:
        alpha = running.client("ALPHA")
        alpha.logon()
        alpha.send("D", new_order("A1", BUY, "5", "100"), **ROUTED)
        report = alpha.expect_report("A1", NEW)
        running.kill()
        running.start()
        alpha.address = running.address
        alpha.logon(reset=False)
        alpha.request_resend(report.msg_seq_num, report.msg_seq_num)
        again = alpha.expect(lambda m: m.get(43) == "Y" and m.get(11) == "A1")
        assert (again[17], route(again)) == (report[17], TURNED)
        bravo = running.client("BRAVO")
        bravo.logon()
        bravo.send("D", new_order("B1", SELL, "1", "100"))
        assert route(alpha.expect_report("A1", TRADE)) == TURNED
