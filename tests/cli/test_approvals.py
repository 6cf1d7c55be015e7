"""Maker and checker: a held command, who may approve it, and what is said of it."""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.operator_desk import BUY, Desk, enter, logged_on
from tests.fix_client import FixClient
from tests.running import RunningTrading
from tests.second_account import OPEN, UID, needs_second_account, run_as_second
from venue.accounts import account_name
from venue.settings.settings import shipped

FOUR_EYES = 'four_eyes = ["Kill", "Withdraw", "SetLimits"]'
ME = account_name(os.geteuid())


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A venue where some commands need a second operator."""
    directory = tmp_path_factory.mktemp("approvals")
    shipped_toml = shipped("venue.toml").read_text()
    assert "four_eyes = [] " in shipped_toml
    toml = shipped_toml.replace("four_eyes = [] ", FOUR_EYES)
    (directory / "venue.toml").write_text(toml)
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    with RunningTrading(directory / "data", *OPEN, config=directory / "venue.toml") as running:
        desk = Desk(running.data_dir)
        desk.done("operator", "add", "bob", "--role", "risk", "--account", str(UID))
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def alpha(trading: RunningTrading) -> Iterator[FixClient]:
    for (client,) in logged_on(trading, "ALPHA"):
        yield client


MUCH = "9" * 15


def approved_by_bob(desk: Desk, home: Path, *arguments: str) -> str:
    """What `venue approve` prints, or why it is refused, where bob types it."""
    done = run_as_second("--data-dir", str(desk.data_dir), "approve", *arguments, home=home)
    return (done.stdout or done.stderr).strip()


def held(desk: Desk, *arguments: str) -> str:
    """Id of a command that was held."""
    result = desk.run(*arguments)
    assert (result.exit_code, result.stderr) == (3, ""), result.output
    line = result.stdout.strip()
    action_id = line.split()[2].removesuffix(":")
    assert line == (
        f"held as {action_id}: another operator has to approve it, venue approve {action_id}"
    )
    return action_id


@needs_second_account
def test_held_kill_happens_with_the_approval_of_another(
    desk: Desk, alpha: FixClient, tmp_path: Path
) -> None:
    resting = enter(alpha, BUY, "10", "99")
    action_id = held(desk, "kill", "member", "ALPHA", "--reason", "runaway")
    assert enter(alpha, BUY, "10", "98")[150] == "0", "nothing has happened yet"
    row = desk.rows("approvals")[action_id]
    assert (row["command"], row["operator"], row["reason"]) == ("Kill", ME, "runaway")
    assert row["action"]["name"] == "ALPHA"
    table = desk.done("approvals")
    assert all(word in table for word in (action_id, "Kill", "member ALPHA", ME, "runaway"))
    same = desk.refused("approve", action_id)
    assert same == f"{action_id} needs an operator other than who asked"
    done = approved_by_bob(desk, tmp_path, action_id)
    assert done == f"{action_id} is approved and done: 2 orders canceled"
    assert alpha.expect_report(resting[11], "4")[58] == "KILL_SWITCH runaway"
    assert desk.refused("approve", action_id) == f"no command {action_id} waits for approval"
    desk.done("revive", "member", "ALPHA")


def test_declined_command_is_forgotten(desk: Desk) -> None:
    action_id = held(desk, "withdraw", "ALPHA", "USD", "5", "--reference", "b1")
    done = desk.done("decline", action_id)
    assert done == f"{action_id} is declined; nothing else was changed"
    assert desk.json("approvals") == {"ok": True, "approvals": []}
    assert desk.done("approvals") == "no command waits for approval"


@needs_second_account
def test_approval_of_what_cannot_be_done_any_more_says_so(desk: Desk, tmp_path: Path) -> None:
    action_id = held(desk, "withdraw", "ALPHA", "USD", "9" * 15, "--reference", "b2")
    line = approved_by_bob(desk, tmp_path, action_id)
    assert line.startswith(f"{action_id} was approved, and refused: ALPHA has 1000000000000 USD")
    assert desk.json("approvals") == {"ok": True, "approvals": []}


def test_dry_run_of_a_held_command_shows_what_its_approval_would_do(desk: Desk) -> None:
    before = desk.everything()
    answer = desk.json("kill", "all", "--dry-run")
    kinds = [event["type"] for event in answer["events"]]
    assert kinds == ["ActionHeld", "ActionApproved", "EntryBlocked"]
    assert desk.everything() == before


@needs_second_account
def test_dry_run_of_an_approval_shows_its_effect(desk: Desk, tmp_path: Path) -> None:
    action_id = held(desk, "risk", "set", "BRAVO", "max_position=5")
    lines = approved_by_bob(desk, tmp_path, action_id, "--dry-run").splitlines()
    assert lines[1] == (
        "would be: LimitsSet  BRAVO  credit_limit 1000000000000  max_position 5"
        f"  max_open_orders 1000000 by {ME}"
    )
    assert desk.limits("BRAVO")["max_position"]["value"] is None
    approved_by_bob(desk, tmp_path, action_id)
    assert desk.limits("BRAVO")["max_position"]["value"] == "5"


def test_configuration_changes_which_commands_are_held(
    trading: RunningTrading, desk: Desk, tmp_path: Path
) -> None:
    shipped_toml = shipped("venue.toml").read_text()
    other = shipped_toml.replace("four_eyes = [] ", 'four_eyes = ["Deposit"] ')
    (tmp_path / "venue.toml").write_text(other)
    (tmp_path / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    apply = ("config", "apply", "--config", str(tmp_path / "venue.toml"))
    before = desk.everything()
    dry = desk.json(*apply, "--dry-run")
    assert [each["type"] for each in dry["differences"]] == ["SetFourEyes"]
    assert [each["type"] for each in dry["events"]] == ["FourEyesSet"]
    assert desk.everything() == before
    applied = desk.json(*apply, "--reason", "as agreed")["applied"]
    assert [each["commands"] for each in applied] == [["Deposit"]]
    action_id = held(desk, "deposit", "ALPHA", "USD", "5", "--reference", "a1")
    desk.done("decline", action_id)
    desk.done("withdraw", "ALPHA", "USD", "5", "--reference", "a2")
    assert desk.done(*apply) == "the configuration file says what is in force"
    (tmp_path / "venue.toml").write_text(shipped_toml)
    desk.done(*apply)
    desk.done("deposit", "ALPHA", "USD", "5", "--reference", "a3")


@needs_second_account
def test_default_of_a_member_takes_two_and_gives_all_to_the_house(
    desk: Desk, tmp_path: Path
) -> None:
    desk.done("member", "add", "HOUSE", "--funding", "credit")
    before = sum(
        Decimal(each["balance"])
        for each in desk.json("risk", "show", "CHARLIE")["risk"][0]["funds"]
        if each["asset"] == "USD"
    )
    desk.done("deposit", "CHARLIE", "USD", "12.5", "--reference", "before the default")
    action_id = held(desk, "member", "default", "CHARLIE", "--reason", "call unanswered")
    assert desk.rows("member", "list")["CHARLIE"]["in_default"] is False
    done = approved_by_bob(desk, tmp_path, action_id)
    assert done.startswith(f"{action_id} is approved and done")
    row = desk.rows("member", "list")["CHARLIE"]
    assert row["in_default"] and row["suspended"]
    assert "in default" in desk.done("member", "list")
    funds = {
        name: desk.json("risk", "show", name)["risk"][0]["funds"] for name in ("CHARLIE", "HOUSE")
    }
    assert all(each["balance"] == "0" for each in funds["CHARLIE"])
    taken_over = [each["balance"] for each in funds["HOUSE"] if each["asset"] == "USD"]
    assert [Decimal(each) for each in taken_over] == [before + Decimal("12.5")]
    assert desk.refused("member", "resume", "CHARLIE") == "member CHARLIE is in default, for ever"
