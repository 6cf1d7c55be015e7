"""ExpireTime(126) over a raw socket: no fill carries it or a later time."""

from datetime import UTC, datetime, timedelta

from tests.fix.scenario import BUY, NEW, SELL, TRADE, Market, next_report
from tests.fix_client import FixClient
from tests.fix_message import new_order

ROUNDS = 12


def test_nothing_trades_at_or_after_its_expire_time(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    """Opposite orders come one behind the other until the first that finds it expired."""
    prefix = market.prefix
    for number in range(ROUNDS):
        moment = datetime.now(UTC) + timedelta(milliseconds=40 + number)
        expires = moment.strftime("%Y%m%d-%H:%M:%S.") + f"{moment.microsecond // 1000:03}"
        extra = ((126, expires),)
        alpha.send("D", new_order(f"{prefix}a{number}", BUY, "500", "99", tif="6", extra=extra))
        if next_report(alpha)[150] != NEW:
            continue  # a slow machine: its time had come before it was read
        tried = 0
        while True:
            tried += 1
            bravo.send("D", new_order(f"{prefix}b{number}-{tried}", SELL, "1", "99", tif="3"))
            assert next_report(bravo)[150] == NEW
            if (fill := next_report(bravo))[150] != TRADE:
                break
            assert fill[60] < expires
        while (report := next_report(alpha))[150] == TRADE:
            assert report[60] < expires
        assert report[150] == "C" and report[60] >= expires
