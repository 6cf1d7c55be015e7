"""`venue operator`: operators and logins as they are typed, on a running trading process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.identities import desk_without_login, you
from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from tests.second_account import OPEN, UID
from venue.accounts import account_name

ME = account_name(os.geteuid())


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("operator"), *OPEN) as running:
        yield running


@pytest.fixture
def desk(
    trading: RunningTrading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    yield from desk_without_login(trading.data_dir, tmp_path / "state", monkeypatch)


def operator_changes(desk: Desk) -> list[dict[str, object]]:
    records = desk.json("journal", "show", "--limit", "10000")["records"]
    events = [event for record in records for event in record["events"]]
    return [event for event in events if event["type"] == "OperatorChanged"]


def test_who_started_the_venue_is_its_admin(desk: Desk) -> None:
    assert you(desk) == (ME, "admin")
    rows = desk.json("operator", "list")["operators"]
    assert {row["uid"] for row in rows} == {0, os.geteuid()}
    assert all(row["built_in"] and row["role"] == "admin" for row in rows)
    assert desk.done("operator", "list").endswith(f"you are {ME}, admin")


def test_operator_is_added_changed_and_removed_and_the_journal_says_who(desk: Desk) -> None:
    before = len(operator_changes(desk))
    assert desk.done("operator", "add", "bob", "--role", "viewer", "--account", str(UID)) == (
        "operator bob is added: viewer"
    )
    assert desk.done("operator", "role", "bob", "risk", "--reason", "promoted") == (
        "operator bob is risk"
    )
    (row,) = [row for row in desk.json("operator", "list")["operators"] if row["name"] == "bob"]
    assert row == {
        "name": "bob", "role": "risk", "uid": UID, "has_password": False, "logins": 0,
        "built_in": False,
    }  # fmt: skip
    assert desk.done("operator", "remove", "bob") == "operator bob is removed"
    changes = operator_changes(desk)[before:]
    assert [(each["change"], each["role"]) for each in changes] == [
        ("is added", "viewer"), ("has another role", "risk"), ("is removed", ""),
    ]  # fmt: skip
    assert {(each["name"], each["operator"], each["uid"]) for each in changes} == {
        ("bob", ME, os.geteuid())
    }
    assert changes[1]["reason"] == "promoted"
    desk.done("replay", "--verify")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("add bob --role risk --account nobody-of-this-name", "there is no Unix account"),
        ("remove bob", "operator bob is unknown"),
        ("role bob risk", "operator bob is unknown"),
        (f"remove {account_name(0)}", "is built in"),
        (f"add bob --role risk --account {UID} --dry-run", ""),
    ],
)
def test_what_is_refused_and_what_is_tried_changes_nothing(
    desk: Desk, typed: str, line: str
) -> None:
    before = desk.json("operator", "list")
    if line:
        assert line in desk.refused("operator", *typed.split())
    else:
        assert desk.done("operator", *typed.split()).endswith("nothing was changed")
    assert desk.json("operator", "list") == before


def test_wrong_role_is_wrong_use(desk: Desk) -> None:
    assert desk.run("operator", "add", "bob", "--role", "boss", "--account", "5").exit_code == 2


def test_no_command_takes_a_free_name_any_more(desk: Desk) -> None:
    result = desk.run("halt", "ACME", "--operator", "ann")
    assert result.exit_code == 2
    assert "No such option" in result.stderr
