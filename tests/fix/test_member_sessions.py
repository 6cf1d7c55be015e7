"""Several sessions of one member, accounts of a member, and the venue's dialect."""

from collections.abc import Iterator

import pytest

from tests.fix.conftest import LogOn
from tests.fix.report_checker import CheckedClient
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REPLACED,
    SELL,
    STATUS,
    TRADE,
    facts,
    next_report,
    order,
)
from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order, replace
from tests.running import RunningTrading
from venue.settings.settings import shipped

MORE_TOML = """
[[members]]
name = "ECHO"
accounts = ["E1", "E2"]

[[sessions]]
comp_id = "ECHO"
member = "ECHO"
password = "demo"

[[sessions]]
comp_id = "ALPHA-2"
member = "ALPHA"
password = "demo"

[[sessions]]
comp_id = "BRAVO-V"
member = "BRAVO"
password = "demo"
dialect = "venue"
"""


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A trading process with more sessions than ship."""
    directory = tmp_path_factory.mktemp("venue")
    names = ("ECHO", "ALPHA-2", "BRAVO-V")
    more_cfg = "".join(f"\n[SESSION]\nTargetCompID={name}\n" for name in names)
    for name, more in (("venue.toml", MORE_TOML), ("sessions.cfg", more_cfg)):
        (directory / name).write_text(shipped(name).read_text() + more)
    with RunningTrading(directory / "data", config=directory / "venue.toml") as running:
        yield running


@pytest.fixture
def second(log_on: LogOn) -> Iterator[FixClient]:
    """ALPHA-2, another session of ALPHA's, logged on."""
    with log_on("ALPHA-2") as client:
        yield client


def test_another_session_of_the_member_needs_the_order_id_to_cancel(
    alpha: FixClient, second: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "x", BUY, "5", "99"))
    order_id = next_report(alpha)[37]
    second.send("F", cancel(unique + "y", unique + "x", BUY))
    assert facts(next_report(second), 35, 37, 39, 102) == ["9", "NONE", "8", "1"]
    second.send("F", cancel(unique + "z", unique + "x", BUY, extra=[(37, order_id)]))
    answer, copy = next_report(second), next_report(alpha)
    for report in (answer, copy):
        assert facts(report, 37, 150, 39, 11, 41, 151) == [
            order_id, CANCELED, "4", unique + "z", unique + "x", "0",
        ]  # fmt: skip
    assert answer[17] == copy[17]


def test_order_replaced_by_another_session_stays_with_the_one_that_entered_it(
    alpha: FixClient, second: FixClient, bravo: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "x", BUY, "5", "99"))
    order_id = next_report(alpha)[37]
    by_id = [(37, order_id)]
    second.send("G", replace(unique + "y", unique + "x", BUY, "6", "100", extra=by_id))
    for report in (next_report(second), next_report(alpha)):
        assert facts(report, 150, 11, 41, 38) == [REPLACED, unique + "y", unique + "x", "6"]
    bravo.send("D", new_order(unique + "b", SELL, "2", "100"))
    assert facts(next_report(alpha), 150, 11, 32) == [TRADE, unique + "y", "2"]
    assert [next_report(bravo)[150] for _ in range(2)] == [NEW, TRADE]
    second.send("H", [(11, unique + "y"), (55, "ACME"), (54, BUY), (37, order_id)])
    assert facts(next_report(second), 150, 39, 151) == [STATUS, "1", "4"], "no fill came before"
    alpha.send("F", cancel(unique + "z", unique + "y", BUY, extra=by_id))
    assert facts(next_report(alpha), 150, 11, 14) == [CANCELED, unique + "z", "2"]


def test_sessions_of_a_member_have_their_own_cl_ord_ids(
    alpha: FixClient, second: FixClient, unique: str
) -> None:
    order_ids = []
    for client in (alpha, second):
        client.send("D", new_order(unique + "1", BUY, "5", "99"))
        order_ids.append(next_report(client)[37])
    by_id = [(37, order_ids[0])]
    for more, order_id in (([], order_ids[1]), (by_id, order_ids[0])):
        second.send("H", [(11, unique + "1"), (55, "ACME"), (54, BUY), *more])
        assert facts(next_report(second), 150, 37) == [STATUS, order_id]
    second.send("F", cancel(unique + "2", unique + "1", BUY, extra=by_id))
    assert facts(next_report(second), 150, 37) == [CANCELED, order_ids[0]]
    assert facts(next_report(alpha), 150, 37) == [CANCELED, order_ids[0]]
    second.send("F", cancel(unique + "3", unique + "1", BUY))
    assert facts(next_report(second), 150, 37) == [CANCELED, order_ids[1]]


def test_order_id_of_another_member_names_no_order(
    alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "x", BUY, "5", "99"))
    order_id = next_report(alpha)[37]
    by_id = [(37, order_id)]
    bravo.send("F", cancel(unique + "y", unique + "x", BUY, extra=by_id))
    assert facts(next_report(bravo), 35, 37, 39, 102) == ["9", "NONE", "8", "1"]
    bravo.send("G", replace(unique + "z", unique + "x", BUY, "6", "99", extra=by_id))
    assert facts(next_report(bravo), 35, 37, 39, 102) == ["9", "NONE", "8", "1"]
    bravo.send("H", [(11, unique + "x"), (55, "ACME"), (54, BUY), *by_id])
    assert facts(next_report(bravo), 150, 37, 39, 103) == [STATUS, "NONE", "8", "5"]


def test_account_must_be_one_of_the_members_where_it_has_a_list(log_on: LogOn, unique: str) -> None:
    with log_on("ECHO") as echo:
        echo.send("D", order(unique + "x", BUY, "5", "2", (44, "99"), (1, "E2")))
        assert facts(next_report(echo), 150, 1) == [NEW, "E2"]
        echo.send("D", order(unique + "y", BUY, "5", "2", (44, "99"), (1, "A1")))
        report = next_report(echo)
        assert facts(report, 150, 103, 1) == ["8", "0", "A1"]
        assert report[58].split()[0] == "ACCOUNT_NOT_ENTITLED"


def test_session_of_the_venue_dialect_is_told_the_match_id_as_880(
    trading: RunningTrading, alpha: FixClient, unique: str
) -> None:
    with FixClient(trading.address, "BRAVO-V") as bravo:
        assert not isinstance(bravo, CheckedClient), "880 is not of the stock dictionary"
        bravo.logon()
        alpha.send("D", new_order(unique + "a", BUY, "5", "99"))
        assert next_report(alpha)[150] == NEW
        bravo.send("D", new_order(unique + "b", SELL, "5", "99"))
        fill = bravo.expect_report(unique + "b", TRADE)
        assert fill[880] == fill[527] == next_report(alpha)[527]
