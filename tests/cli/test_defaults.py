"""What is added without saying it is as the venue's configuration has it, not as the code has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from venue.cli.desk import instrument
from venue.settings.settings import shipped

RISK = """[risk]
max_quantity = "500"
max_value = "7000"
price_collar_percent = "3"
dynamic_collar_percent = "2"
credit_limit = "90000"
max_open_orders = 11
"""
NEW = ("instrument", "add", "NEWCO", "--tick", "0.01", "--lot", "1", "--reference-price", "5")
TERMS = {
    "currency": "USD",
    "max_order_qty": "500",
    "max_order_value": "7000",
    "price_collar_percent": "3",
    "dynamic_collar_percent": "2",
    "fee_bps": "0",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A venue with limits of its own for all that says nothing."""
    directory = tmp_path_factory.mktemp("defaults")
    text = shipped("venue.toml").read_text()
    head, _, rest = text.partition("[risk]\n")
    _, _, tail = rest.partition("[control]\n")
    (directory / "venue.toml").write_text(f"{head}{RISK}\n[control]\n{tail}")
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    with RunningTrading(directory / "data", config=directory / "venue.toml") as running:
        yield Desk(running.data_dir)


def test_new_instrument_has_the_limits_of_the_configuration(desk: Desk) -> None:
    (event,) = desk.json(*NEW, "--dry-run")["events"]
    assert TERMS.items() <= event["definition"].items() | {("fee_bps", "0")}
    desk.done(*NEW)
    assert TERMS.items() <= desk.rows("instrument", "list")["NEWCO"].items()


def test_new_instrument_has_every_term_that_is_given(desk: Desk) -> None:
    given = {
        "tick_size": "0.05", "lot_size": "10", "reference_price": "7", "currency": "EUR",
        "asset": "THING", "max_order_qty": "300", "max_order_value": "4000",
        "price_collar_percent": "4", "dynamic_collar_percent": "1", "fee_bps": "3",
        "bust_days": "5", "settlement_days": "2",
    }  # fmt: skip
    terms = {option: name for option, name in instrument.TERMS.items() if name != "fee_schedule"}
    typed = [
        word for option, name in terms.items()
        for word in (f"--{option.replace('_', '-')}", given[name])
    ]  # fmt: skip
    desk.done("instrument", "add", "FULLCO", *typed)
    assert given.items() <= desk.rows("instrument", "list")["FULLCO"].items()
    assert "NOPE" in desk.refused("instrument", "add", "FULLCO", "--fee-schedule", "NOPE")
    desk.done("instrument", "add", "FULLCO", "--bust-days", "30")
    assert desk.rows("instrument", "list")["FULLCO"]["bust_days"] == "30"
    refused = desk.refused("instrument", "add", "FULLCO", "--bust-days", "31")
    assert "bust_days" in refused


def test_new_member_has_the_limits_of_the_configuration(desk: Desk) -> None:
    desk.done("member", "add", "ECHO")
    desk.done("member", "add", "FOXTROT", "--credit-limit", "5")
    values = {name: each["value"] for name, each in desk.limits("ECHO").items()}
    assert (values["credit_limit"], values["max_open_orders"]) == ("90000", "11")
    values = {name: each["value"] for name, each in desk.limits("FOXTROT").items()}
    assert (values["credit_limit"], values["max_open_orders"]) == ("5", "11")


def test_dry_run_that_no_venue_answers_has_those_of_the_configuration_found(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path / "data")
    running = RunningTrading(desk.data_dir).start()
    assert running.stop() == 0
    (event,) = desk.json(*NEW, "--dry-run")["events"]
    assert event["definition"]["max_order_qty"] == "1000000"
