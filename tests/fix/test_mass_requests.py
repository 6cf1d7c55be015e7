"""Mass cancel (q) and mass status (AF) over a raw socket, and the answers to unknown filters."""

import pytest

from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    SELL,
    STATUS,
    Market,
    body,
    facts,
    next_report,
    send_together,
)
from tests.fix_client import FixClient
from tests.fix_message import Field, Message, new_order, sending_time


def mass_cancel(client: FixClient, cl_ord_id: str, request_type: str, *more: Field) -> None:
    """Send an OrderMassCancelRequest."""
    client.send("q", [(11, cl_ord_id), (530, request_type), *more, (60, sending_time())])


def enter_three(market: Market, client: FixClient) -> None:
    """Two orders in ACME, one of each side, and one in GLOBEX."""
    market.limit(client, "buy", BUY, "1", "95")
    market.limit(client, "sell", SELL, "2", "105")
    client.send("D", new_order(market.prefix + "globex", BUY, "3", "95", "GLOBEX"))
    assert market.told(client, 55) == ("globex", NEW, "GLOBEX")


def until_reported(client: FixClient) -> tuple[list[Message], Message]:
    """Execution reports up to the mass cancel report, and that."""
    canceled = []
    while (report := next_report(client)).msg_type == "8":
        canceled.append(report)
    return canceled, report


@pytest.mark.parametrize(
    ("request_type", "more", "names"),
    [
        ("1", [(55, "ACME")], ["buy", "sell"]),
        ("1", [(55, "ACME"), (54, SELL)], ["sell"]),
        ("1", [(55, "GLOBEX")], ["globex"]),
        ("1", [(55, "INITECH")], []),
        ("7", [], ["buy", "sell", "globex"]),
        ("7", [(54, BUY)], ["buy", "globex"]),
    ],
)
def test_mass_cancel_ends_the_orders_asked_for_then_reports(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    unique: str,
    request_type: str,
    more: list[Field],
    names: list[str],
) -> None:
    enter_three(market, alpha)
    market.limit(bravo, "other", BUY, "1", "95")
    mass_cancel(alpha, unique + "q", request_type, *more)
    canceled, report = until_reported(alpha)
    assert [r[11] for r in canceled] == [unique + name for name in names]
    for each in canceled:
        assert facts(each, 150, 39, 151, 14, 41, 378) == [CANCELED, "4", "0", "0", None, None]
        assert each[58].split()[0] == "MASS_CANCELED"
    assert body(report) == {
        35: "r", 37: report[37], 11: unique + "q", 530: request_type, 531: request_type,
        533: str(len(names)), **dict(more),
    }, report  # fmt: skip
    assert report[37] not in [each[37] for each in canceled]
    mass_cancel(alpha, unique + "q2", "7")
    _, rest = until_reported(alpha)
    assert facts(rest, 533) == [str(3 - len(names))]


def test_mass_cancel_with_nothing_open_affects_none(alpha: FixClient, unique: str) -> None:
    mass_cancel(alpha, unique + "q", "7")
    assert facts(next_report(alpha), 35, 530, 531, 533, 532) == ["r", "7", "7", "0", None]


@pytest.mark.parametrize(
    ("request_type", "more", "reason", "code"),
    [
        ("2", [], "0", "UNSUPPORTED_INSTRUCTION"),
        ("3", [], "0", "UNSUPPORTED_INSTRUCTION"),
        ("1", [(55, "NOPE")], "1", "UNKNOWN_SYMBOL"),
        ("1", [], "1", "UNKNOWN_SYMBOL"),
    ],
)
def test_mass_cancel_that_is_not_offered_ends_nothing(
    market: Market,
    alpha: FixClient,
    unique: str,
    request_type: str,
    more: list[Field],
    reason: str,
    code: str,
) -> None:
    market.limit(alpha, "a", BUY, "1", "95")
    mass_cancel(alpha, unique + "q", request_type, *more)
    report = next_report(alpha)
    assert facts(report, 35, 530, 531, 532, 533) == ["r", request_type, "0", reason, "0"]
    assert report[58].split()[0] == code and "None" not in report[58]


def test_mass_cancel_under_a_known_cl_ord_id_is_refused(
    market: Market, alpha: FixClient, unique: str
) -> None:
    market.limit(alpha, "a", BUY, "1", "95")
    mass_cancel(alpha, unique + "a", "7")
    report = next_report(alpha)
    assert facts(report, 35, 531, 532, 533) == ["r", "0", "99", "0"]
    assert report[58].split()[0] == "DUPLICATE_CL_ORD_ID"


def test_mass_cancel_and_status_of_more_orders_than_one_slice(
    alpha: FixClient, unique: str
) -> None:
    count = 600
    orders = [("D", new_order(f"{unique}{n}", BUY, "1", "95")) for n in range(count)]
    send_together(alpha, *orders)
    order_ids = [next_report(alpha)[37] for _ in range(count)]
    alpha.send("AF", [(584, unique + "m"), (585, "7")])
    statuses = [next_report(alpha) for _ in range(count)]
    assert [s[37] for s in statuses] == order_ids
    assert {s[911] for s in statuses} == {str(count)}
    assert [s.get(912) for s in statuses] == [""] * (count - 1) + ["Y"]
    mass_cancel(alpha, unique + "q", "1", (55, "ACME"))
    alpha.send("D", new_order(unique + "after", BUY, "1", "95"))
    canceled: list[str] = []
    report = next_report(alpha)
    while report.msg_type == "8":
        canceled += [report[37]] if report[150] == CANCELED else []
        report = next_report(alpha)
    assert sorted(canceled[:count], key=int) == order_ids
    assert int(report[533]) == len(canceled)


@pytest.mark.parametrize(
    ("request_type", "more", "names"),
    [
        ("1", [(55, "ACME")], ["buy", "sell"]),
        ("1", [(55, "ACME"), (54, BUY)], ["buy"]),
        ("7", [], ["buy", "sell", "globex"]),
        ("7", [(54, SELL)], ["sell"]),
    ],
)
def test_mass_status_tells_each_open_order_once(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    unique: str,
    request_type: str,
    more: list[Field],
    names: list[str],
) -> None:
    enter_three(market, alpha)
    market.limit(bravo, "other", BUY, "1", "95")
    alpha.send("AF", [(584, unique + "m"), (585, request_type), *more])
    for name in names:
        report = next_report(alpha)
        last = "Y" if name == names[-1] else None
        assert facts(report, 11, 150, 17, 39, 584, 911, 912, 790) == [
            unique + name, STATUS, "0", "0", unique + "m", str(len(names)), last, None,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("request_type", "more", "symbol"),
    [
        ("7", [], "NA"),
        ("1", [(55, "GLOBEX")], "GLOBEX"),
        ("1", [(55, "NOPE")], "NOPE"),
        ("3", [], "NA"),
    ],
)
def test_mass_status_with_nothing_open_is_one_report(
    alpha: FixClient, unique: str, request_type: str, more: list[Field], symbol: str
) -> None:
    alpha.send("AF", [(584, unique + "m"), (585, request_type), *more])
    report = next_report(alpha)
    assert body(report) == {
        35: "8", 37: "NONE", 150: STATUS, 39: "8", 103: "5", 55: symbol, 54: "7", 151: "0",
        14: "0", 6: "0", 584: unique + "m", 911: "0", 912: "Y",
    }  # fmt: skip
    assert report[17] == "0" and report[58].split()[0] == "UNKNOWN_ORDER"


def test_refused_mass_cancel_has_spent_its_cl_ord_id(alpha: FixClient, unique: str) -> None:
    for name, kind in (("a", "2"), ("b", "1")):
        alpha.send("q", [(11, unique + name), (530, kind), (55, "NONE"), (60, sending_time())])
        assert facts(next_report(alpha), 11, 531) == [unique + name, "0"]
        alpha.send("D", new_order(unique + name, BUY, "1", "99"))
        report = next_report(alpha)
        assert facts(report, 39, 103) == ["8", "6"]
        assert report[58].split()[0] == "DUPLICATE_CL_ORD_ID"
