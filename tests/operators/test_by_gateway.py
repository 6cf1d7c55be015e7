"""The gateway asks in operators' names: whom it may name, and what four eyes make of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from tests.second_account import OPEN, call_as_second, needs_second_account
from venue.accounts import account_name
from venue.admin.caller import Caller
from venue.admin.client import call
from venue.domain.role import Role
from venue.operators.operators import Identity, Operators

OWNER, OTHER = 4_711, 4_712
PASSWORD = "correct-horse"
HALT = {"command": {"type": "HaltInstrument", "symbol": "ACME"}}
RESUME = {"command": {"type": "ResumeInstrument", "symbol": "ACME"}}


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """Trading that takes the gateway's word; olga and otto operate, vera looks."""
    settings = ("gateway.operators=true", *OPEN)
    with RunningTrading(tmp_path_factory.mktemp("by-gateway"), *settings) as running:
        for name, role in (("olga", "operator"), ("otto", "operator"), ("vera", "viewer")):
            added = call(
                running.data_dir, {"add_operator": name, "role": role, "password": PASSWORD}
            )
            assert added["ok"], added
        yield running


def as_(trading: RunningTrading, name: str, request: dict[str, Any]) -> dict[str, Any]:
    return call(trading.data_dir, request, behalf=name)


def test_who_it_names_is_an_operator_of_the_store_and_nobody_else(tmp_path: Path) -> None:
    operators = Operators(tmp_path, OWNER, by_gateway=True)
    operators.add("olga", Role.RISK, None, PASSWORD, dry_run=False)
    operators.add("otto", Role.VIEWER, OTHER, "", dry_run=False)
    assert operators.identify(Caller(OWNER, behalf="olga")) == Identity("olga", Role.RISK, None)
    assert operators.identify(Caller(OWNER, behalf="otto")) == Identity("otto", Role.VIEWER, OTHER)
    for name in ("nobody", "", account_name(0)):
        assert "is no operator" in str(operators.identify(Caller(OWNER, behalf=name)))
    refused = str(operators.identify(Caller(OTHER, behalf="olga")))
    assert refused == f"uid {OTHER} is not the account of the gateway"


def test_it_names_nobody_where_that_is_not_configured(tmp_path: Path) -> None:
    operators = Operators(tmp_path, OWNER)
    operators.add("olga", Role.RISK, None, PASSWORD, dry_run=False)
    assert "gateway.operators is off" in str(operators.identify(Caller(OWNER, behalf="olga")))


def test_what_is_asked_is_journaled_in_the_operator_s_name(trading: RunningTrading) -> None:
    (halted,) = as_(trading, "olga", HALT)["events"]
    assert (halted["type"], halted["operator"]) == ("InstrumentHalted", "olga")
    assert as_(trading, "otto", RESUME)["ok"]
    shown = Desk(trading.data_dir).json("journal", "show", "--limit", "10000")["records"]
    asked = {
        each["command"]["type"]: each["command"]
        for each in shown
        if each["command"]["type"] in ("HaltInstrument", "ResumeInstrument")
    }
    assert asked["HaltInstrument"]["operator"] == "olga"
    assert asked["ResumeInstrument"]["operator"] == "otto"
    assert "uid" not in asked["HaltInstrument"], "the gateway's own account is not olga's"


def test_a_role_is_what_the_store_says(trading: RunningTrading) -> None:
    assert as_(trading, "vera", {"query": "status"})["ok"]
    refused = as_(trading, "vera", HALT)
    assert refused["error"].endswith("it needs the role operator, vera is viewer")
    assert "is no operator" in as_(trading, "nobody", {"query": "status"})["error"]


def test_four_eyes_are_two_operators(trading: RunningTrading) -> None:
    four_eyes = {"type": "SetFourEyes", "commands": ["HaltInstrument"]}
    assert call(trading.data_dir, {"command": four_eyes})["ok"]
    try:
        (held,) = as_(trading, "olga", HALT)["events"]
        approval = {"command": {"type": "Approve", "action_id": held["action_id"]}}
        assert not as_(trading, "olga", approval)["ok"]
        approved, halted = as_(trading, "otto", approval)["events"]
        assert (approved["operator"], halted["operator"]) == ("otto", "olga")
    finally:
        assert call(trading.data_dir, {"command": {**four_eyes, "commands": []}})["ok"]
    assert as_(trading, "olga", RESUME)["ok"]


@pytest.mark.parametrize(
    "request_",
    [
        {"add_operator": "mallory", "role": "admin", "password": PASSWORD},
        {"set_operator_role": "olga", "role": "admin"},
        {"set_operator_password": "otto", "password": "another-horse"},
        {"remove_operator": "otto"},
        {"log_in": "olga", "password": PASSWORD},
        {"log_out": "olga"},
    ],
)
def test_operators_are_not_changed_by_the_gateway(
    trading: RunningTrading, request_: dict[str, Any]
) -> None:
    refused = as_(trading, "olga", request_)
    assert refused["error"].endswith("at the venue's own machine")
    named = [each["name"] for each in call(trading.data_dir, {"query": "operators"})["operators"]]
    assert "mallory" not in named and "otto" in named


@needs_second_account
def test_another_account_names_nobody(trading: RunningTrading) -> None:
    answer = call_as_second(trading.data_dir, {**HALT, "behalf": "olga"})
    assert "is not the account of the gateway" in answer["error"]
