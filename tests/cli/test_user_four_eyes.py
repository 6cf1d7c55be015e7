"""Users of the gateway where the venue wants a second operator: there is no way around him."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from tests.second_account import OPEN, UID, needs_second_account, run_as_second
from venue.accounts import account_name
from venue.data_directory import DataDirectory
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import State, Users
from venue.gateway.withdrawals import Wish, WithdrawalRefused, Withdrawals
from venue.settings.settings import shipped

PASSWORD = "a long enough password"
ME = account_name(os.geteuid())
pytestmark = needs_second_account


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A venue where withdrawals and KYC need a second operator, who is bob."""
    directory = tmp_path_factory.mktemp("four-eyes")
    toml = shipped("venue.toml").read_text()
    assert "four_eyes = [] " in toml
    four_eyes = 'four_eyes = ["Withdraw", "SetKyc"] '
    (directory / "venue.toml").write_text(toml.replace("four_eyes = [] ", four_eyes))
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    with RunningTrading(directory / "data", *OPEN, config=directory / "venue.toml") as running:
        desk = Desk(running.data_dir)
        desk.done("operator", "add", "bob", "--role", "risk", "--account", str(UID))
        yield desk


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bob")


@pytest.fixture
def store(desk: Desk) -> Iterator[Store]:
    store = Store(DataDirectory(desk.data_dir).gateway)
    users = Users(store)
    if users.get("dana") is None:
        scopes = frozenset({Scope.WITHDRAW})
        users.add("dana", "ALPHA", scopes, PASSWORD, time.time_ns())
    yield store
    store.close()


def asked(store: Store, reference: str) -> int:
    dana = Users(store).get("dana")
    assert dana is not None
    return Withdrawals(store).ask(dana, "", "USD", "5", reference, time.time_ns()).id


def decided(desk: Desk, home: Path, verb: str, action_id: str) -> None:
    done = run_as_second("--data-dir", str(desk.data_dir), verb, action_id, home=home)
    assert done.returncode == 0, done.stderr


def held(desk: Desk, *arguments: str) -> str:
    """Id under which a command waits."""
    result = desk.run(*arguments)
    assert result.exit_code == 3, result.output
    return result.stdout.split("held as ")[1].split(":")[0]


def usd(desk: Desk) -> str:
    (scope,) = desk.json("risk", "show", "ALPHA")["risk"]
    return next(str(row["balance"]) for row in scope["funds"] if row["asset"] == "USD")


def test_a_withdrawal_is_paid_once_both_have_said_so(desk: Desk, home: Path, store: Store) -> None:
    number, before = asked(store, "w1"), usd(desk)
    action_id = held(desk, "user", "pay", str(number))
    assert held(desk, "user", "pay", str(number)) == action_id, "it waits once"
    assert desk.rows("approvals")[action_id]["operator"] == ME
    assert usd(desk) == before
    wishes = Withdrawals(store)
    with pytest.raises(WithdrawalRefused):
        wishes.decide(number, (Wish.REQUESTED,), Wish.TAKEN_BACK, "", time.time_ns())
    assert f"venue decline {action_id} first" in desk.refused("user", "refuse", str(number))
    decided(desk, home, "approve", action_id)
    assert desk.done("user", "pay", str(number)) == "paid: 5 USD of ALPHA"
    assert int(before) - int(usd(desk)) == 5
    assert wishes.get(number).state is Wish.PAID


def test_what_was_paid_meanwhile_is_not_refused(desk: Desk, home: Path, store: Store) -> None:
    number = asked(store, "w2")
    decided(desk, home, "approve", held(desk, "user", "pay", str(number)))
    assert desk.refused("user", "refuse", str(number)) == f"request {number} is paid"
    assert Withdrawals(store).get(number).state is Wish.PAID


def test_what_was_declined_can_be_refused(desk: Desk, home: Path, store: Store) -> None:
    number, before = asked(store, "w3"), usd(desk)
    decided(desk, home, "decline", held(desk, "user", "pay", str(number)))
    desk.done("user", "refuse", str(number), "--reason", "not yours")
    assert Withdrawals(store).get(number).state is Wish.REFUSED
    assert usd(desk) == before


def test_a_founder_waits_for_the_approval_of_his_member(
    desk: Desk, home: Path, store: Store
) -> None:
    users = Users(store)
    scopes = frozenset({Scope.READ})
    users.add("erin", "ECHO", scopes, PASSWORD, time.time_ns(), state=State.APPLIED)
    desk.done("user", "verify", "erin", "--document", "passport")
    action_id = held(desk, "user", "approve", "erin")
    found = users.get("erin")
    assert found is not None and found.state is State.VERIFIED
    assert desk.rows("member", "list")["ECHO"]["kyc"] == "pending"
    decided(desk, home, "approve", action_id)
    assert desk.done("user", "approve", "erin") == "user erin is active"
    assert desk.rows("member", "list")["ECHO"]["kyc"] == "approved"
