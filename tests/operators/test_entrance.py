"""Who may ask what over the admin socket, by Unix account: the real socket, a real second account.

The venue runs as the account of the tests, which is its admin.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.cli.operator_desk import Desk
from tests.domain.samples import full
from tests.running import RunningTrading
from tests.second_account import GID, OPEN, UID, call_as_second, needs_second_account
from tests.servers.conditions import wait_for
from venue.accounts import account_name
from venue.admin import requests
from venue.admin.client import call
from venue.admin.operator_requests import OperatorLogin, OperatorLogout
from venue.admin.requests import AnyRequest
from venue.data_directory import DataDirectory
from venue.domain.command import OperatorCommand
from venue.domain.commands import Approve, Decline
from venue.domain.role import Role
from venue.domain.verbs import COMMANDS
from venue.journal.durable import forget_position

ME = account_name(os.geteuid())
OF_LOGINS = (OperatorLogin, OperatorLogout)


def recorded(running: RunningTrading, kind: str) -> list[dict[str, Any]]:
    """Commands of a kind in the journal, with their events under `events`."""
    shown = Desk(running.data_dir).json("journal", "show", "--limit", "10000")
    return [
        {**record["command"], "events": record["events"]}
        for record in shown["records"]
        if record["command"]["type"] == kind
    ]


def submitted(kind: type[OperatorCommand]) -> dict[str, Any]:
    """A request for a command whose names there are not, so that it is refused all the same."""
    request: dict[str, Any] = msgspec.to_builtins(requests.Submit(full(kind)))
    return request


@pytest.fixture
def bob(trading: RunningTrading) -> Iterator[None]:
    """The second account is the operator bob, a viewer."""
    added = call(trading.data_dir, {"add_operator": "bob", "role": "viewer", "uid": UID})
    assert added == {"ok": True, "name": "bob", "role": "viewer", "dry_run": False}
    yield
    assert call(trading.data_dir, {"remove_operator": "bob"})["ok"]


def requests_of_all_kinds() -> dict[str, tuple[dict[str, Any], Role]]:
    """One of each kind with the least role that may ask it."""
    found = {}
    for kind in get_args(AnyRequest):
        if kind not in (requests.Submit, requests.ConfigurationQuery, *OF_LOGINS):
            found[kind.__name__] = msgspec.to_builtins(full(kind)), kind.least_role
    for command in COMMANDS:
        if issubclass(command, OperatorCommand):
            found[command.__name__] = submitted(command), command.least_role
    return found


@needs_second_account
@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("bob")
def test_each_role_may_ask_what_needs_it_or_less(trading: RunningTrading, role: Role) -> None:
    changed = call(trading.data_dir, {"set_operator_role": "bob", "role": role})
    assert changed["ok"], changed
    kinds = requests_of_all_kinds()
    assert len(kinds) > 40
    for name, (request, least) in kinds.items():
        answer = call_as_second(trading.data_dir, request)
        denial = f"{name} is denied: it needs the role {least}, bob is {role}"
        if role.covers(least):
            assert "is denied" not in str(answer.get("error")), (name, answer)
        else:
            assert answer == {"ok": False, "error": denial}


@needs_second_account
def test_account_that_is_no_operator_is_told_so_whatever_it_asks(trading: RunningTrading) -> None:
    for request in ({"query": "status"}, {"command": {"type": "Kill", "scope": "all"}}):
        answer = call_as_second(trading.data_dir, request)
        assert not answer["ok"]
        assert f"is denied: uid {UID} is no operator of this venue" in answer["error"]
    assert call(trading.data_dir, {"query": "status"})["blocks"]["all_killed"] is False


@needs_second_account
@pytest.mark.usefixtures("bob")
def test_removed_operator_is_nobody_at_once(trading: RunningTrading) -> None:
    assert call_as_second(trading.data_dir, {"query": "members"})["ok"]
    assert call(trading.data_dir, {"remove_operator": "bob"})["ok"]
    try:
        assert "no operator" in call_as_second(trading.data_dir, {"query": "members"})["error"]
    finally:
        call(trading.data_dir, {"add_operator": "bob", "role": "viewer", "uid": UID})


@needs_second_account
def test_account_outside_of_the_group_does_not_reach_the_socket(trading: RunningTrading) -> None:
    answer = call_as_second(trading.data_dir, {"query": "status"}, gid=GID + 1)
    assert answer["unreachable"].startswith("the admin socket of ")
    assert answer["unreachable"].endswith(" is not for this account")


@needs_second_account
def test_without_a_group_the_socket_is_its_owners_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with RunningTrading(tmp_path_factory.mktemp("closed")) as running:
        running.data_dir.chmod(0o711)  # even where others may pass through the directory
        assert "unreachable" in call_as_second(running.data_dir, {"query": "status"})


def test_the_venue_writes_who_asked_whatever_the_request_says(trading: RunningTrading) -> None:
    forged = {"type": "HaltInstrument", "symbol": "ACME", "operator": "somebody", "uid": 4711}
    (event,) = call(trading.data_dir, {"command": forged})["events"]
    assert event["operator"] == ME
    command = recorded(trading, "HaltInstrument")[-1]
    assert (command["operator"], command["uid"]) == (ME, os.geteuid())
    assert call(trading.data_dir, {"command": {"type": "ResumeInstrument", "symbol": "ACME"}})["ok"]
    reset = {"reset_session": "DELTA", "operator": "somebody"}
    assert call(trading.data_dir, reset)["ok"]
    assert recorded(trading, "ResetSession")[-1]["operator"] == ME


@needs_second_account
@pytest.mark.usefixtures("bob")
def test_journaled_command_names_the_second_operator(trading: RunningTrading) -> None:
    assert call(trading.data_dir, {"set_operator_role": "bob", "role": "operator"})["ok"]
    halt = {"type": "HaltInstrument", "symbol": "GLOBEX"}
    (event,) = call_as_second(trading.data_dir, {"command": halt})["events"]
    assert event["operator"] == "bob"
    command = recorded(trading, "HaltInstrument")[-1]
    assert (command["operator"], command["uid"]) == ("bob", UID)
    resume = {"type": "ResumeInstrument", "symbol": "GLOBEX"}
    assert call_as_second(trading.data_dir, {"command": resume})["ok"]


@needs_second_account
@pytest.mark.usefixtures("bob")
def test_approving_needs_the_role_of_what_is_held(trading: RunningTrading) -> None:
    assert call(trading.data_dir, {"set_operator_role": "bob", "role": "operator"})["ok"]
    four_eyes = {"type": "SetFourEyes", "commands": ["Deposit"]}
    assert call(trading.data_dir, {"command": four_eyes})["ok"]
    try:
        deposit = {"type": "Deposit", "member": "ALPHA", "asset": "USD", "amount": "5"}
        deposit["reference"] = "approved"
        (held,) = call(trading.data_dir, {"command": deposit})["events"]
        for kind in (Approve, Decline):
            decision = {"type": kind.__name__, "action_id": held["action_id"]}
            answer = call_as_second(trading.data_dir, {"command": decision})
            assert answer["error"].endswith("it needs the role risk, bob is operator")
        assert call(trading.data_dir, {"set_operator_role": "bob", "role": "risk"})["ok"]
        approval = {"type": "Approve", "action_id": held["action_id"]}
        approved, deposited = call_as_second(trading.data_dir, {"command": approval})["events"]
        assert (approved["operator"], deposited["operator"]) == ("bob", ME)
    finally:
        four_eyes = {"type": "SetFourEyes", "commands": []}
        assert call(trading.data_dir, {"command": four_eyes})["ok"]


@needs_second_account
def test_denials_are_noted_and_their_number_is_bounded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with RunningTrading(tmp_path_factory.mktemp("denied"), *OPEN) as running:
        for _ in range(40):
            assert not call_as_second(running.data_dir, {"query": "status"})["ok"]
        wait_for(lambda: len(recorded(running, "NoteDenial")) >= 10)
        told = recorded(running, "NoteDenial")
        assert len(told) < 40, "one more every six seconds"
        assert {(each["attempt"], each["operator"], each["uid"]) for each in told} == {
            ("StatusQuery", "", UID)
        }
        lines = running.log().count("denied  ")
        assert lines == len(told)
        assert {event["type"] for each in told for event in each["events"]} == {"AttemptDenied"}


# A start that is refused


@pytest.mark.parametrize(
    ("settings", "content", "why"),
    [
        (("control.operators_group=no-such-group",), None, "there is no group no-such-group"),
        ((), "{", "operators.json cannot be read"),
    ],
)
def test_start_is_refused_in_one_line_that_says_why(
    tmp_path: Path, settings: tuple[str, ...], content: str | None, why: str
) -> None:
    if content is not None:
        DataDirectory(tmp_path).operators.write_text(content)
    running = RunningTrading(tmp_path, *settings)
    ready = running.try_start()
    assert why in ready["error"] and "\n" not in ready["error"]
    assert running.wait() == 2
    forget_position(tmp_path / "journal")
