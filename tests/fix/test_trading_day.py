"""Day end and day start over raw sockets, and what a crash of the venue must not lose of a day."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.fix.report_checker import CheckedClient, ReportChecker
from tests.fix.scenario import (
    BUY,
    CANCELED,
    EXPIRED,
    NEW,
    REPLACED,
    RESTATED,
    SELL,
    TRADE,
    Life,
    Market,
    end_day,
    facts,
    next_report,
    start_day,
)
from tests.fix_client import FixClient
from tests.fix_message import new_order, sending_time
from tests.running import RunningTrading
from venue.admin.client import call

STAYS = [(9001, "N")]


def trading_day(data_dir: Path) -> str:
    """The day the venue trades on, or has traded on last."""
    day: str = call(data_dir, {"query": "status"})["trading_day"]
    return day


def test_day_orders_expire_part_filled_or_not(life: Life, data_dir: Path) -> None:
    life.enter()
    life.trade("4")
    life.expect_fill("1", "10 4 6", "4")
    life.client.send("D", new_order(life.prefix + "new", BUY, "5", "99"))
    assert next_report(life.client)[150] == NEW
    end_day(data_dir)
    life.expect(EXPIRED, "C", "10 4 0", code="EXPIRED")
    report = next_report(life.client)
    assert facts(report, 11, 150, 39, 14, 151) == [life.prefix + "new", EXPIRED, "C", "0", "0"]
    life.cancel("y", "x")
    life.expect_refused("y", "x", "C", "0", "ORDER_FINISHED", to="1")
    start_day(data_dir)
    life.ask("x")
    assert facts(next_report(life.client), 39, 103) == ["8", "5"], "forgotten with its day"


def test_closed_market_takes_cancels_only(life: Life, data_dir: Path) -> None:
    life.enter(tif="1")
    life.client.send("D", new_order(life.prefix + "z", BUY, "5", "99", tif="1"))
    assert next_report(life.client)[150] == NEW
    end_day(data_dir)
    life.replace("y", "x", "12")
    life.expect_refused("y", "x", "0", "99", "MARKET_CLOSED", to="2")
    life.client.send("D", new_order(life.prefix + "n", BUY, "5", "99"))
    report = next_report(life.client)
    assert facts(report, 150, 103) == ["8", "2"] and report[58].split()[0] == "MARKET_CLOSED"
    life.cancel("w", "x")
    life.expect(CANCELED, "4", "10 0 0", "w", more={41: "x"})
    start_day(data_dir)
    report = next_report(life.client)
    assert facts(report, 11, 150, 378) == [life.prefix + "z", RESTATED, "1"]
    assert report[58].split()[0] == "RESTATED"
    life.cancel("v", "z")
    assert facts(next_report(life.client), 150, 39) == [CANCELED, "4"]


def test_good_till_cancel_order_is_restated_and_counts_the_day_from_then_on(
    life: Life, data_dir: Path
) -> None:
    life.enter(tif="1")
    life.trade("4")
    life.expect_fill("1", "10 4 6", "4")
    end_day(data_dir)
    start_day(data_dir)
    day = {424: "6", 425: "0", 426: "0"}
    life.expect(RESTATED, "1", "10 4 6", code="RESTATED", more={378: "1", **day})
    life.replace("y", "x", "12", "101")
    more = {41: "x", 44: "101", 424: "8", 425: "0", 426: "0"}
    life.expect(REPLACED, "1", "12 4 8", "y", more=more)
    life.trade("2", "101")
    fill = next_report(life.client)
    assert facts(fill, 11, 150, 39, 32, 31) == [life.prefix + "y", TRADE, "1", "2", "101"]
    assert facts(fill, 38, 14, 151, 6) == ["12", "6", "6", "100.33333333"]
    assert facts(fill, 424, 425, 426) == ["8", "2", "101"]
    end_day(data_dir)
    start_day(data_dir)
    report = next_report(life.client)
    assert facts(report, 150, 378, 38, 14, 151, 424, 425, 426) == [
        RESTATED, "1", "12", "6", "6", "6", "0", "0",
    ]  # fmt: skip
    life.cancel("z", "y")
    report = next_report(life.client)
    assert facts(report, 150, 39, 14, 151, 6) == [CANCELED, "4", "6", "0", "100.33333333"]


def test_good_till_date_order_expires_at_the_end_of_its_date(
    market: Market, alpha: FixClient, data_dir: Path
) -> None:
    today = date.fromisoformat(trading_day(data_dir))
    tomorrow = today + timedelta(days=1)
    for name, day in (("today", today), ("tomorrow", tomorrow)):
        market.limit(alpha, name, BUY, "5", "99", (59, "6"), (432, day.strftime("%Y%m%d")))
    end_day(data_dir)
    assert market.told(alpha, 39, 151) == ("today", EXPIRED, "C", "0")
    start_day(data_dir)
    assert market.told(alpha, 39, 378) == ("tomorrow", RESTATED, "0", "1")
    end_day(data_dir)
    assert market.told(alpha, 39) == ("tomorrow", EXPIRED, "C")
    start_day(data_dir)


def test_orders_that_wait_expire_with_their_day_too(
    market: Market, alpha: FixClient, bravo: FixClient, data_dir: Path
) -> None:
    market.trade_at(alpha, bravo, "100")
    market.enter(alpha, "stop", BUY, "1", "3", (99, "105"))
    market.limit(alpha, "aon", SELL, "5", "101", (18, "G"))
    market.limit(alpha, "opening", BUY, "1", "99", (59, "2"))
    market.enter(alpha, "close", BUY, "1", "1", (59, "7"))
    market.enter(alpha, "gtc stop", BUY, "1", "3", (99, "105"), (59, "1"))
    end_day(data_dir)
    told = [market.told(alpha, 39, 636) for _ in range(4)]
    assert told == [(name, EXPIRED, "C", None) for name in ("stop", "aon", "opening", "close")]
    start_day(data_dir)
    assert market.told(alpha, 39, 636, 378, 99) == ("gtc stop", RESTATED, "0", "N", "1", "105")
    market.limit(bravo, "b", SELL, "1", "105")
    market.limit(alpha, "a", BUY, "1", "105")
    assert market.told(bravo, 39) == ("b", TRADE, "2")
    assert market.told(alpha, 39) == ("a", TRADE, "2")
    assert market.told(alpha, 636) == ("gtc stop", RESTATED, "Y")
    assert market.told(alpha, 39) == ("gtc stop", CANCELED, "4")


def test_more_orders_than_one_slice_expire_and_are_restated(
    alpha: FixClient, unique: str, data_dir: Path
) -> None:
    for number in range(600):
        tif = "1" if number % 2 else "0"
        alpha.send("D", new_order(f"{unique}{number}", BUY, "1", "95", tif=tif))
    kinds = [next_report(alpha)[150] for _ in range(600)]
    end_day(data_dir)
    kinds += [next_report(alpha)[150] for _ in range(300)]
    start_day(data_dir)
    kinds += [next_report(alpha)[150] for _ in range(300)]
    alpha.send("q", [(11, unique + "q"), (530, "7"), (60, sending_time())])
    kinds += [next_report(alpha)[150] for _ in range(300)]
    assert kinds == [NEW] * 600 + [EXPIRED] * 300 + [RESTATED] * 300 + [CANCELED] * 300
    assert next_report(alpha)[533] == "300"


def test_cl_ord_id_may_be_used_again_the_next_day_but_not_that_of_an_open_order(
    market: Market, alpha: FixClient, data_dir: Path, unique: str
) -> None:
    market.limit(alpha, "day", BUY, "1", "95")
    market.limit(alpha, "gtc", BUY, "1", "95", (59, "1"))
    end_day(data_dir)
    assert market.told(alpha) == ("day", EXPIRED)
    start_day(data_dir)
    assert market.told(alpha) == ("gtc", RESTATED)
    market.limit(alpha, "day", BUY, "2", "95")
    alpha.send("D", new_order(unique + "gtc", BUY, "2", "95"))
    assert market.told(alpha, 103) == ("gtc", "8", "6")
    alpha.send("q", [(11, unique + "q"), (530, "7"), (60, sending_time())])
    assert {market.told(alpha)[0] for _ in range(2)} == {"day", "gtc"}
    assert next_report(alpha)[533] == "2"


# After a crash


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running


@pytest.fixture
def after_crash(venue: RunningTrading) -> Iterator[Callable[[], FixClient]]:
    """ALPHA, logged on anew: the first time as it is, then after a kill -9 each time."""
    checker = ReportChecker()
    clients: list[FixClient] = []

    def log_on() -> FixClient:
        if clients:
            venue.kill()
            clients[-1].close()
            venue.start()
        client = CheckedClient(venue.address, "ALPHA", checker)
        clients.append(client)
        client.logon(extra=STAYS)
        return client

    yield log_on
    clients[-1].close()


def test_day_survives_a_crash_with_its_cl_ord_ids_trades_and_good_till_orders(
    venue: RunningTrading, after_crash: Callable[[], FixClient]
) -> None:
    market = Market("")
    alpha = after_crash()
    market.limit(alpha, "gtc", BUY, "10", "100", (59, "1"), (1, "ACC"))
    market.limit(alpha, "s", SELL, "4", "100")
    assert [market.told(alpha)[0] for _ in range(2)] == ["s", "gtc"]
    market.limit(alpha, "ioc", BUY, "1", "95", (59, "3"))
    assert market.told(alpha) == ("ioc", CANCELED)
    alpha.send("D", new_order("bad", BUY, "0", "95"))
    assert market.told(alpha, 103) == ("bad", "8", "13")
    day = trading_day(venue.data_dir)

    alpha = after_crash()
    assert trading_day(venue.data_dir) == day
    for name in ("gtc", "s", "ioc", "bad"):
        alpha.send("D", new_order(name, BUY, "1", "95"))
        assert market.told(alpha, 103) == (name, "8", "6")
    alpha.send("H", [(11, "gtc"), (55, "ACME"), (54, BUY)])
    assert market.told(alpha, 38, 14, 151, 1) == ("gtc", "I", "10", "4", "6", "ACC")
    end_day(venue.data_dir)

    alpha = after_crash()
    assert call(venue.data_dir, {"query": "status"})["phase"] == "CLOSED"
    start_day(venue.data_dir)
    assert market.told(alpha, 424, 425, 426) == ("gtc", RESTATED, "6", "0", "0")

    alpha = after_crash()
    market.limit(alpha, "ioc", BUY, "1", "95")
    alpha.send("D", new_order("gtc", BUY, "1", "95"))
    assert market.told(alpha, 103) == ("gtc", "8", "6")
    alpha.send("H", [(11, "gtc"), (55, "ACME"), (54, BUY)])
    assert market.told(alpha, 14, 151, 424, 425) == ("gtc", "I", "4", "6", "6", "0")


def test_untriggered_stop_and_iceberg_are_as_they_were_after_a_crash(
    after_crash: Callable[[], FixClient], venue: RunningTrading
) -> None:
    market = Market("")
    alpha = after_crash()
    market.enter(alpha, "stop", SELL, "2", "3", (99, "99"))
    market.limit(alpha, "ice", BUY, "10", "98", (111, "3"))
    market.limit(alpha, "back", BUY, "1", "98")
    market.limit(alpha, "s", SELL, "1", "98")
    assert {market.told(alpha)[0] for _ in range(2)} == {"s", "ice"}
    assert market.told(alpha, 636) == ("stop", RESTATED, "Y")
    assert [market.told(alpha, 32) for _ in range(2)] == [
        ("stop", TRADE, "2"), ("ice", TRADE, "2"),
    ]  # fmt: skip
    market.enter(alpha, "waits", SELL, "2", "3", (99, "97"))
    before = call(venue.data_dir, {"query": "book", "symbol": "ACME"})

    alpha = after_crash()
    assert call(venue.data_dir, {"query": "book", "symbol": "ACME"}) == before
    market.limit(alpha, "t", SELL, "2", "98")
    assert [market.told(alpha, 32, 151) for _ in range(4)] == [
        ("t", TRADE, "1", "1"), ("back", TRADE, "1", "0"),
        ("t", TRADE, "1", "0"), ("ice", TRADE, "1", "6"),
    ]  # fmt: skip
    alpha.send("H", [(11, "waits"), (55, "ACME"), (54, SELL)])
    assert market.told(alpha, 636, 99, 151) == ("waits", "I", "N", "97", "2")
