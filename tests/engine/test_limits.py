"""SetLimits: every limit by name, at and below what is used, taken away again, and bad input."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.image.digest import state_digest
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, LIMIT_NAMES

from .builders import Venue, buy, enter, sell, trading
from .outcomes import code, refusal, why

ALL = {
    "credit_limit": "5000.5",
    "max_gross_notional": "6000",
    "max_net_notional": "7000",
    "max_daily_loss": "80",
    "max_position": "90",
    "max_open_orders": "10",
    "order_to_trade_ratio": "11",
    "restricted": "ACME:buy GLOBEX",
}


def set_limit(name: str, value: str | None, account: str = "") -> c.SetLimits:
    return c.SetLimits("ALPHA", {name: value}, account, "olga", "drill")


def test_every_limit_can_be_set_and_all_are_told(venue: Venue) -> None:
    assert {*ALL} == {*LIMIT_NAMES}
    command = c.SetLimits("ALPHA", dict(ALL), "", "olga", "drill")
    assert venue.do(command) == venue.stamped(e.LimitsSet(0, 0, "ALPHA", "", ALL, "olga", "drill"))


def test_limits_of_an_account_are_all_but_the_ratio(venue: Venue) -> None:
    limits = {name: ALL[name] for name in ACCOUNT_LIMIT_NAMES}
    assert venue.do(c.SetLimits("ALPHA", dict(limits), "A1")) == venue.stamped(
        e.LimitsSet(0, 0, "ALPHA", "A1", limits, "", "")
    )
    detail = refusal(venue.do(set_limit("order_to_trade_ratio", "5", "A1")))
    assert detail is not None and detail.startswith("order_to_trade_ratio is no limit here")


def test_none_takes_a_limit_away_and_leaves_the_others(venue: Venue) -> None:
    venue.do(c.SetLimits("ALPHA", {"max_open_orders": "0", "max_position": "0"}))
    assert code(venue.do(buy("A1", "1", "99"))) == "OPEN_ORDERS_LIMIT"
    (event,) = venue.do(set_limit("max_open_orders", None))
    assert isinstance(event, e.LimitsSet)
    assert event.limits == {"credit_limit": "1000000000", "max_position": "0"}
    assert code(venue.do(buy("A2", "1", "99"))) == "POSITION_LIMIT"
    venue.do(set_limit("max_position", None))
    assert code(venue.do(buy("A3", "1", "99"))) is None


def in_use(account: str) -> Venue:
    """ALPHA has bought 10 at 100 and sold 1 at 98, and bids for 10 at 98 and for 10 at 97."""
    venue = trading()
    venue.do_all(
        sell("B1", "10", "100"),
        enter("A1", "1", "10", "100", account=account),
        buy("B2", "1", "98", session="BRAVO"),
        enter("A2", "2", "1", "98", account=account),
        enter("A3", "1", "10", "98", account=account),
        enter("A4", "1", "10", "97", account=account),
    )
    return venue


@pytest.mark.parametrize("account", ["", "A1"])
@pytest.mark.parametrize(
    ("name", "used", "below"),
    [
        ("credit_limit", "2852", "2851.99999999"),  # 902 bought net, 1950 bid for
        ("max_gross_notional", "2900", "2899.99999999"),  # 29 at the reference price
        ("max_net_notional", "2900", "2899.99999999"),
        ("max_daily_loss", "20", "19.99999999"),  # 9 at 98 cost 902
        ("max_position", "29", "28.99999999"),
        ("max_open_orders", "2", "1"),
    ],
)
def test_limit_is_taken_at_what_is_used_and_refused_below_it(
    name: str, used: str, below: str, account: str
) -> None:
    venue = in_use("A1")
    before = state_digest(venue.engine.state)
    detail = refusal(venue.do(set_limit(name, below, account)))
    assert detail == f"{name} = {below} is below what is used now, {used}"
    venue.engine.state.next_event_seq -= 1
    venue.engine.state.timestamp_ns -= 1
    assert state_digest(venue.engine.state) == before
    assert refusal(venue.do(set_limit(name, used, account))) is None
    assert refusal(venue.do(set_limit(name, "10000", account))) is None


def test_short_position_is_use_of_a_limit_too(venue: Venue) -> None:
    venue.do_all(buy("B1", "4", "100", session="BRAVO"), sell("A1", "7", "100", session="ALPHA"))
    for name, used in (("max_position", "7"), ("max_net_notional", "700")):
        detail = refusal(venue.do(set_limit(name, "6")))
        assert detail == f"{name} = 6 is below what is used now, {used}"
        assert refusal(venue.do(set_limit(name, used))) is None


@pytest.mark.parametrize("name", sorted({*ALL} - {"restricted"}))
@pytest.mark.parametrize("value", ["-1", "1e3", "", "x", " 5", "NaN", "1" + "0" * 40, "9" * 5000])
def test_what_is_no_number_of_0_or_more_is_refused(venue: Venue, name: str, value: str) -> None:
    detail = refusal(venue.do(set_limit(name, value)))
    assert detail is not None and detail.startswith(f"{name} = {value} is no ")


@pytest.mark.parametrize("name", ["max_open_orders", "order_to_trade_ratio"])
def test_a_count_is_whole(venue: Venue, name: str) -> None:
    assert (
        refusal(venue.do(set_limit(name, "1.5"))) == f"{name} = 1.5 is no whole number of 0 or more"
    )


@pytest.mark.parametrize("entry", ["ACMEE", "ACME:both", "ACME:", ":buy", "acme"])
def test_what_is_not_traded_can_not_be_restricted(venue: Venue, entry: str) -> None:
    detail = refusal(venue.do(set_limit("restricted", f"GLOBEX {entry}")))
    assert detail == f"restricted: {entry} is no instrument, nor its :buy or :sell"
    assert venue.engine.state.members["ALPHA"].limits.restricted == ()


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.SetLimits("DELTA", {"max_position": "1"}), "member DELTA is unknown"),
        (c.SetLimits("ALPHA", {}), "no limit is named"),
        (c.SetLimits("BRAVO", {"max_position": "1"}, "X1"), "account X1 is not of BRAVO"),
        (
            c.SetLimits("ALPHA", {"max_postion": "1"}),
            f"max_postion is no limit here; there are {', '.join(LIMIT_NAMES)}",
        ),
    ],
)
def test_impossible_command_is_refused(venue: Venue, command: c.SetLimits, detail: str) -> None:
    venue.do(c.AddMember("BRAVO", ("B1",), "1000000000", 1000))
    assert refusal(venue.do(command)) == detail


def test_of_several_limits_all_or_none_are_set(venue: Venue) -> None:
    before = venue.engine.state.members["ALPHA"].limits.texts()
    assert refusal(venue.do(c.SetLimits("ALPHA", {"max_position": "5", "credit_limit": "-1"})))
    assert venue.engine.state.members["ALPHA"].limits.texts() == before
    assert code(venue.do(buy("A1", "6", "99"))) is None


def test_refused_limit_of_an_account_does_not_make_the_account(venue: Venue) -> None:
    assert refusal(venue.do(set_limit("max_position", "-1", "NEW")))
    assert venue.engine.state.members["ALPHA"].by_account == {}


def test_refused_order_does_not_make_its_account() -> None:
    venue = trading()
    venue.do(set_limit("max_position", "5"))
    member = venue.engine.state.members["ALPHA"]
    assert code(venue.do(enter("A1", "1", "6", "99", account="NEW"))) == "POSITION_LIMIT"
    assert code(venue.do(enter("A2", "1", "5", "200", account="NEW"))) == "PRICE_OUTSIDE_COLLAR"
    assert member.by_account == {}
    assert code(venue.do(enter("A3", "1", "5", "99", account="NEW"))) is None
    assert member.by_account["NEW"].open_orders == 1


def test_account_is_held_to_its_own_limits_and_the_member_to_all(venue: Venue) -> None:
    venue.do_all(set_limit("max_position", "10", "A1"), set_limit("max_position", "15"))
    assert code(venue.do(enter("A1", "1", "10", "99", account="A1"))) is None
    over = venue.do(enter("A2", "1", "1", "99", account="A1"))
    assert why(over) == "POSITION_LIMIT ALPHA/A1 could hold 11 ACME, past 10"
    assert code(venue.do(enter("A3", "1", "5", "99", account="A2"))) is None
    over = venue.do(enter("A4", "1", "1", "99", account="A2"))
    assert why(over) == "POSITION_LIMIT ALPHA could hold 16 ACME, past 15"


@pytest.mark.parametrize(
    ("credit", "most"), [("1" + "0" * 21, 5), ("5", 10**29), ("5", -1), ("-0.1", 5), ("", 5)]
)
def test_member_can_not_be_added_with_a_limit_past_all_bounds(
    venue: Venue, credit: str, most: int
) -> None:
    detail = refusal(venue.do(c.AddMember("ALPHA", (), credit, most)))
    assert detail == "limits of ALPHA must be numbers of 0 or more"
