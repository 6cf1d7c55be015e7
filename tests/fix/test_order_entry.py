"""Order entry over a raw socket: each report checked field by field against the rules."""

from tests.fix_client import FixClient
from tests.fix_message import Message, cancel, new_order, replace
from tests.running import RunningTrading

SELL, BUY = "2", "1"


def enter(client: FixClient, cl_ord_id: str, side: str, qty: str, price: str | None) -> None:
    """Send a day limit order, or a market order without `price`."""
    client.send("D", new_order(cl_ord_id, side, qty, price))


def next_report(client: FixClient, unique: str) -> Message:
    """Next report about this test's own orders (a logon also brings what fell due before it)."""
    return client.expect(lambda message: message.get(11).startswith(unique))


def facts(report: Message, *tags: int) -> list[str | None]:
    """Values of some tags, None where absent."""
    return [dict(report.fields).get(tag) for tag in tags]


def test_new_order_rests_and_is_reported_new(alpha: FixClient, unique: str) -> None:
    enter(alpha, unique + "1", BUY, "10", "99.50")
    report = alpha.expect_report(unique + "1", "0")
    assert facts(report, 39, 54, 55, 38, 151, 14, 6, 44, 40, 59) == [
        "0", BUY, "ACME", "10", "10", "0", "0", "99.5", "2", "0",
    ]  # fmt: skip
    assert report.get(37).isdigit() and report.get(17).isdigit()
    assert report.get(60)


def test_aggressor_trades_at_resting_price_and_both_get_a_fill(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(alpha, unique + "a", BUY, "10", "100.02")
    alpha.expect_report(unique + "a", "0")
    enter(bravo, unique + "b", SELL, "4", "100.00")
    bravo.expect_report(unique + "b", "0")
    aggressor = bravo.expect_report(unique + "b", "F")
    resting = alpha.expect_report(unique + "a", "F")
    assert facts(aggressor, 39, 31, 32, 151, 14, 6, 851) == [
        "2", "100.02", "4", "0", "4", "100.02", "2",
    ]  # fmt: skip
    assert facts(resting, 39, 31, 32, 151, 14, 6, 851) == [
        "1", "100.02", "4", "6", "4", "100.02", "1",
    ]  # fmt: skip
    assert aggressor.get(527) == resting.get(527)
    assert aggressor.get(17) != resting.get(17)
    assert 880 not in aggressor, "the stock dialect has no TrdMatchID"


def test_avg_px_is_exact_over_fills_at_two_prices(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(alpha, unique + "1", SELL, "1", "100.01")
    enter(alpha, unique + "2", SELL, "2", "100.02")
    alpha.expect_report(unique + "2", "0")
    enter(bravo, unique + "b", BUY, "3", "100.02")
    bravo.expect_report(unique + "b", "0")
    assert bravo.expect_report(unique + "b", "F").get(6) == "100.01"
    assert bravo.expect_report(unique + "b", "F").get(6) == "100.01666667"


def test_market_order_takes_what_is_there_and_the_rest_is_canceled(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(alpha, unique + "a", SELL, "5", "101.00")
    alpha.expect_report(unique + "a", "0")
    enter(bravo, unique + "b", BUY, "8", None)
    assert facts(bravo.expect_report(unique + "b", "0"), 40, 44) == ["1", None]
    assert bravo.expect_report(unique + "b", "F").get(32) == "5"
    end = bravo.expect_report(unique + "b", "4")
    assert facts(end, 39, 151, 14, 38, 41) == ["4", "0", "5", "8", None]


def test_ioc_remainder_is_canceled(alpha: FixClient, unique: str) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "5", "99.00", tif="3"))
    alpha.expect_report(unique + "1", "0")
    assert facts(alpha.expect_report(unique + "1", "4"), 39, 151, 14) == ["4", "0", "0"]


def test_cancel_reports_both_cl_ord_ids(alpha: FixClient, unique: str) -> None:
    enter(alpha, unique + "1", BUY, "10", "99.00")
    order_id = alpha.expect_report(unique + "1", "0").get(37)
    alpha.send("F", cancel(unique + "2", unique + "1", BUY))
    report = alpha.expect_report(unique + "2", "4")
    assert facts(report, 37, 41, 39, 151) == [order_id, unique + "1", "4", "0"]


def test_replace_down_keeps_priority_and_up_loses_it(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(alpha, unique + "1", BUY, "10", "100.00")
    enter(alpha, unique + "2", BUY, "10", "100.00")
    alpha.expect_report(unique + "2", "0")
    alpha.send("G", replace(unique + "3", unique + "1", BUY, "5", "100.00"))
    replaced = alpha.expect_report(unique + "3", "5")
    assert facts(replaced, 39, 41, 38, 151) == ["0", unique + "1", "5", "5"]
    enter(bravo, unique + "b", SELL, "5", "100.00")
    assert alpha.expect_report(unique + "3", "F").get(39) == "2", "first in time still"
    alpha.send("G", replace(unique + "4", unique + "2", BUY, "12", "100.00"))
    alpha.expect_report(unique + "4", "5")
    enter(alpha, unique + "5", BUY, "1", "100.00")
    alpha.expect_report(unique + "5", "0")
    alpha.send("G", replace(unique + "6", unique + "4", BUY, "13", "100.00"))
    alpha.expect_report(unique + "6", "5")
    enter(bravo, unique + "c", SELL, "1", "100.00")
    fill = alpha.expect(lambda m: m.get(150) == "F" and m.get(11).startswith(unique))
    assert fill.get(11) == unique + "5"


def test_replace_to_a_marketable_price_is_replaced_first_then_filled(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(bravo, unique + "b", SELL, "3", "100.50")
    bravo.expect_report(unique + "b", "0")
    enter(alpha, unique + "1", BUY, "3", "100.00")
    alpha.expect_report(unique + "1", "0")
    alpha.send("G", replace(unique + "2", unique + "1", BUY, "3", "100.50"))
    kinds = [next_report(alpha, unique).get(150) for _ in range(2)]
    assert kinds == ["5", "F"]


def test_replace_below_cum_qty_finishes_the_order(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    enter(alpha, unique + "1", BUY, "10", "100.00")
    enter(bravo, unique + "b", SELL, "6", "100.00")
    alpha.expect_report(unique + "1", "F")
    alpha.send("G", replace(unique + "2", unique + "1", BUY, "4", "100.00"))
    assert facts(alpha.expect_report(unique + "2", "5"), 39, 38, 14, 151) == ["2", "6", "6", "0"]


def test_parties_account_and_capacity_are_echoed(alpha: FixClient, unique: str) -> None:
    parties = [
        (453, "2"),
        (448, "T1"),
        (447, "D"),
        (452, "12"),
        (448, "C9"),
        (447, "D"),
        (452, "3"),
    ]
    extra = [(1, "ACC7"), (528, "A"), *parties]
    alpha.send("D", new_order(unique + "1", BUY, "1", "99.00", extra=extra))
    report = alpha.expect_report(unique + "1", "0")
    assert facts(report, 1, 528, 453) == ["ACC7", "A", "2"]
    assert report.all(448) == ["T1", "C9"] and report.all(452) == ["12", "3"]


def test_bitcoin_trades_in_units_of_its_eighth_decimal(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "a", SELL, "0.00000003", "50000.01", symbol="BTC-USD"))
    alpha.expect_report(unique + "a", "0")
    bravo.send("D", new_order(unique + "b", BUY, "0.00000001", "50000.01", symbol="BTC-USD"))
    bravo.expect_report(unique + "b", "0")
    assert bravo.expect_report(unique + "b", "F").get(32) == "0.00000001"
    assert alpha.expect_report(unique + "a", "F").get(151) == "0.00000002"


def test_status_request_answers_with_the_order_as_it_is(alpha: FixClient, unique: str) -> None:
    enter(alpha, unique + "1", BUY, "10", "99.00")
    order_id = alpha.expect_report(unique + "1", "0").get(37)
    alpha.send("H", [(11, unique + "1"), (55, "ACME"), (54, BUY), (790, "Q1")])
    status = alpha.expect_report(unique + "1", "I")
    assert facts(status, 37, 17, 39, 151, 790, 32) == [order_id, "0", "0", "10", "Q1", None]
    alpha.send("H", [(11, unique + "none"), (55, "ACME"), (54, BUY)])
    assert facts(alpha.expect_report(unique + "none", "I"), 37, 39, 103) == ["NONE", "8", "5"]


def test_poss_resend_of_a_known_order_has_no_second_effect(
    trading: RunningTrading, alpha: FixClient, unique: str
) -> None:
    enter(alpha, unique + "1", BUY, "10", "99.00")
    alpha.expect_report(unique + "1", "0")
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00"), t97="Y")
    assert facts(alpha.expect_report(unique + "1", "I"), 17, 151) == ["0", "10"]


def test_reports_of_requests_in_one_segment_keep_their_order(alpha: FixClient, unique: str) -> None:
    for number in range(50):
        enter(alpha, f"{unique}{number}", BUY, "1", "99.00")
    seen = [next_report(alpha, unique).get(11) for _ in range(50)]
    assert seen == [f"{unique}{number}" for number in range(50)]
