"""Commands of the operator: what they change, and refusals in one line that change nothing."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.domain.types import Phase
from venue.engine.views.configuration import current_configuration

from .builders import ACME, BTC, DAY, GLOBEX, Venue, buy, cancel, configured

NEW = msgspec.structs.replace(ACME, symbol="NEWCO")


def funds(venue: Venue) -> dict[str, dict[str, int]]:
    return {
        name: {purse.asset: purse.balance for purse in member.purses.all() if purse.balance}
        for name, member in venue.engine.state.members.items()
    }


def everything(venue: Venue) -> object:
    """All that admin commands may change, in comparable form."""
    state = venue.engine.state
    defaults = {name: session.cancel_by_default for name, session in state.sessions.items()}
    configuration = [encode(command) for command in current_configuration(state).values()]
    return configuration, funds(venue), defaults, state.phase, state.trading_day


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (
            c.AddInstrument(msgspec.structs.replace(NEW, tick_size="0")),
            "NEWCO: tick_size and lot_size must be greater than 0",
        ),
        (
            c.AddInstrument(msgspec.structs.replace(ACME, tick_size="0.02")),
            "ACME has open orders; its definition cannot change now",
        ),
        (
            c.AddInstrument(msgspec.structs.replace(NEW, symbol="new.co")),
            "symbol 'new.co' is not made of A-Z, 0-9 and -",
        ),
        (c.AddMember("D/1", (), "5", 5), "member 'D/1' is not made of letters, digits, _, -"),
        (
            c.AddSession("D 1", "ALPHA"),
            "session 'D 1' is no CompID of printable ASCII",
        ),
        (c.SetSanctions(("A",) * 100_001), "100001 names are more than 100000"),
        (c.AddMember("DELTA", (), "-1", 5), "limits of DELTA must be numbers of 0 or more"),
        (c.AddMember("DELTA", (), "1e9", 5), "limits of DELTA must be numbers of 0 or more"),
        (c.AddMember("ALPHA", (), "5", -1), "limits of ALPHA must be numbers of 0 or more"),
        (c.AddSession("DELTA", "DELTA"), "member DELTA is unknown"),
        (c.AddSession("ALPHA", "BRAVO", False), "session ALPHA belongs to ALPHA"),
        (c.Deposit("DELTA", "USD", "5"), "member DELTA is unknown"),
        (c.Deposit("ALPHA", "XYZ", "5"), "asset XYZ is unknown"),
        (c.Withdraw("ALPHA", "BTC-USD", "5"), "asset BTC-USD is unknown"),
        (
            c.Withdraw("ALPHA", "USD", "100.01"),
            "ALPHA has 100 USD, 100 of it free, less than 100.01",
        ),
        (c.Withdraw("BRAVO", "USD", "1"), "BRAVO has 0 USD, 0 of it free, less than 1"),
        (c.StartDay("2026-01-06"), f"the day {DAY} is open"),
        (c.CancelByOperator("9"), "order 9 is unknown"),
        (c.BustTrade("M1"), "trade M1 is unknown, or too old to be changed"),
        (c.CorrectTrade("M1", "99"), "trade M1 is unknown, or too old to be changed"),
    ],
)
def test_impossible_command_is_refused_in_one_line_and_changes_nothing(
    venue: Venue, command: c.AdminCommand, detail: str
) -> None:
    venue.do_all(buy("A1", "1", "99"), c.Deposit("ALPHA", "USD", "100"))
    before = everything(venue)
    assert venue.do(command) == venue.stamped(
        e.CommandRefused(0, 0, type(command).__name__, detail)
    )
    assert "\n" not in detail
    assert everything(venue) == before


@pytest.mark.parametrize("amount", ["0", "-1", "1e3", "", "0.000000001", "100000000000000000001"])
@pytest.mark.parametrize("kind", [c.Deposit, c.Withdraw])
def test_only_amounts_above_zero_with_eight_decimals_are_moved(
    venue: Venue, kind: type[c.Deposit] | type[c.Withdraw], amount: str
) -> None:
    venue.do(c.Deposit("ALPHA", "USD", "100000000000000000000"))
    before = everything(venue)
    assert venue.do(kind("ALPHA", "USD", amount)) == venue.stamped(
        e.CommandRefused(
            0,
            0,
            kind.__name__,
            f"{amount} is no amount above 0 and up to 100000000000000000000 "
            "with at most 8 decimals",
        )
    )
    assert everything(venue) == before


def test_deposits_and_withdrawals_are_reported_in_plain_decimals(venue: Venue) -> None:
    assert venue.do(c.Deposit("ALPHA", "BTC", "1.50", "olga", "gift")) == venue.stamped(
        e.FundsDeposited(0, 0, "ALPHA", "BTC", "1.5", "olga", "gift")
    )
    assert venue.do(c.Withdraw("ALPHA", "BTC", "1.5", "olga", "back")) == venue.stamped(
        e.FundsWithdrawn(0, 0, "ALPHA", "BTC", "1.5", "olga", "back")
    )
    assert funds(venue)["ALPHA"] == {}


def test_largest_amount_is_moved(venue: Venue) -> None:
    most = "100000000000000000000"
    assert venue.do(c.Deposit("ALPHA", "USD", most)) == venue.stamped(
        e.FundsDeposited(0, 0, "ALPHA", "USD", most, "", "")
    )


def test_added_instrument_is_tradable(venue: Venue) -> None:
    assert venue.do(c.AddInstrument(NEW)) == venue.stamped(e.InstrumentAdded(0, 0, "NEWCO", NEW))
    events = venue.do(msgspec.structs.replace(buy("A1", "1", "99"), symbol="NEWCO"))
    assert isinstance(events[0], e.OrderAccepted)


def test_instrument_is_redefined_once_its_orders_are_gone(venue: Venue) -> None:
    coarse = msgspec.structs.replace(ACME, tick_size="0.5")
    venue.do_all(buy("A1", "1", "99.01"), cancel("A2", "A1"))
    assert venue.do(c.AddInstrument(coarse)) == venue.stamped(
        e.InstrumentAdded(0, 0, "ACME", coarse)
    )
    (event,) = venue.do(buy("A3", "1", "99.01"))
    assert getattr(event, "reason", None) == "PRICE_NOT_ON_TICK"


def test_finished_order_is_still_told_in_the_units_it_had(venue: Venue) -> None:
    venue.do_all(buy("A1", "1", "99.01"), cancel("A2", "A1"))
    venue.do(c.AddInstrument(msgspec.structs.replace(ACME, tick_size="0.5")))
    assert venue.engine.state.orders["1"].state().price == "99.01"


def test_member_and_session_are_added(venue: Venue) -> None:
    assert venue.do(c.AddMember("DELTA", ("D1",), "5.50", 7)) == venue.stamped(
        e.MemberAdded(0, 0, "DELTA", ("D1",), "5.50", 7, "credit", "DELTA", "", "")
    )
    assert venue.do(c.AddSession("DELTA", "DELTA", False)) == venue.stamped(
        e.SessionAdded(0, 0, "DELTA", "DELTA", False)
    )


def test_changed_member_keeps_its_orders_funds_and_use_of_credit(venue: Venue) -> None:
    venue.do_all(c.Deposit("ALPHA", "USD", "7"), buy("A1", "1", "99"))
    member = venue.engine.state.members["ALPHA"]
    used = (member.exposure, member.open_orders)
    venue.do(c.AddMember("ALPHA", (), "5", 5))
    assert venue.engine.state.members["ALPHA"] is member
    assert (member.exposure, member.open_orders) == used and used[1] == 1
    assert funds(venue)["ALPHA"] == {"USD": 700_000_000}


def test_day_opens_once() -> None:
    venue = configured()
    assert venue.engine.state.phase is Phase.START_OF_DAY
    assert venue.do(c.StartDay(DAY)) == venue.stamped(e.DayStarted(0, 0, DAY, Phase.CONTINUOUS))


def test_day_must_be_later_than_the_one_before(venue: Venue) -> None:
    venue.engine.state.phase = Phase.CLOSED
    assert venue.do(c.StartDay(DAY)) == venue.stamped(
        e.CommandRefused(0, 0, "StartDay", f"{DAY} is not after {DAY}")
    )
    assert isinstance(venue.do(c.StartDay("2026-01-06"))[0], e.DayStarted)


def test_configuration_in_force_is_said_as_the_commands_that_would_make_it(venue: Venue) -> None:
    venue.do(c.AddMember("BRAVO", ("B1", "B2"), "12.50", 3))
    commands = list(current_configuration(venue.engine.state).values())
    assert commands == [
        *(c.AddInstrument(definition) for definition in (ACME, GLOBEX, BTC)),
        c.AddMember("ALPHA", (), "1000000000", 1000),
        c.AddMember("BRAVO", ("B1", "B2"), "12.5", 3),
        c.AddMember("CHARLIE", (), "1000000000", 1000),
        c.AddSession("ALPHA", "ALPHA"),
        c.AddSession("ALPHA2", "ALPHA"),
        c.AddSession("BRAVO", "BRAVO"),
        c.AddSession("CHARLIE", "CHARLIE"),
        c.SetSanctions(()),
        c.SetFourEyes(()),
        c.SetTimetable(None),
        c.SetSettlementRules(),
    ]
    again = Venue()
    again.do_all(*commands)
    assert current_configuration(again.engine.state) == current_configuration(venue.engine.state)
