"""`venue operator login`: who asks then, how it ends, and four eyes of two real accounts."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.identities import PASSWORD, add, desk_without_login, venue, you
from tests.cli.operator_desk import Desk
from tests.cli.typed_secret import type_twice
from tests.running import RunningTrading
from tests.second_account import OPEN, UID, needs_second_account, run_as_second
from venue.accounts import account_name
from venue.admin.login_file import login_file
from venue.data_directory import DataDirectory

ME = account_name(os.geteuid())


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("login"), *OPEN) as running:
        yield running


@pytest.fixture
def desk(
    trading: RunningTrading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    yield from desk_without_login(trading.data_dir, tmp_path / "state", monkeypatch)


def test_who_logs_in_asks_as_himself_until_he_logs_out(desk: Desk) -> None:
    add(desk, "ann", "operator")
    done = venue(desk, "operator", "login", "ann")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("you are ann until ")
    file = login_file(desk.data_dir)
    assert file.stat().st_mode & 0o777 == 0o600 and PASSWORD not in file.read_text()
    assert you(desk) == ("ann", "operator")
    (event,) = desk.json("halt", "ACME")["events"]
    assert event["operator"] == "ann"
    desk.done("resume", "ACME")
    denied = desk.refused("risk", "set", "ALPHA", "max_position=5")
    assert denied == "SetLimits is denied: it needs the role risk, ann is operator"
    tried = desk.run("risk", "set", "ALPHA", "max_position=5", "--dry-run")
    assert (tried.exit_code, tried.stderr) == (1, f"{denied}\n")
    assert "is denied" in desk.refused("operator", "remove", "ann")
    assert desk.done("operator", "logout") == "ann is logged out"
    assert you(desk) == (ME, "admin")
    assert desk.refused("operator", "logout") == "nobody is logged in here"


def test_json_of_logging_in_and_out_has_no_token(desk: Desk) -> None:
    add(desk, "ann", "operator")
    told = json.loads(venue(desk, "operator", "login", "ann", "--json").stdout)
    assert set(told) == {"ok", "name", "until"} and told["name"] == "ann"
    assert desk.json("operator", "logout") == {"ok": True, "name": "ann", "ended": True}


def test_login_that_is_over_is_told_and_not_passed_over(desk: Desk) -> None:
    add(desk, "ann", "operator")
    venue(desk, "operator", "login", "ann")
    kept = login_file(desk.data_dir).read_bytes()
    desk.done("operator", "logout")
    login_file(desk.data_dir).write_bytes(kept)
    over = "this login is over: venue operator login NAME, or venue operator logout"
    assert desk.refused("halt", "ACME") == f"HaltInstrument is denied: {over}"
    assert desk.done("operator", "logout").startswith("the login is forgotten here; ")
    assert you(desk) == (ME, "admin")


def test_login_file_that_is_damaged_is_named_and_removed_by_a_logout(desk: Desk) -> None:
    login_file(desk.data_dir).parent.mkdir(parents=True)
    login_file(desk.data_dir).write_text("nonsense")
    result = desk.run("operator", "list")
    assert f"{login_file(desk.data_dir)} cannot be read" in str(result.exception)
    assert desk.done("operator", "logout").startswith("the login is forgotten here; ")
    assert you(desk) == (ME, "admin")


def test_operator_changes_his_own_password_and_an_admin_anybodys(desk: Desk) -> None:
    add(desk, "ann", "viewer")
    add(desk, "eve", "viewer")
    venue(desk, "operator", "login", "ann")
    denied = venue(desk, "operator", "password", "eve", typed="another-horse\n")
    assert denied.stderr.endswith("it needs the role admin, ann is viewer\n")
    done = venue(desk, "operator", "password", "ann", typed="another-horse\n")
    assert done.stdout == "the password of operator ann is set\n"
    assert "this login is over" in desk.refused("operator", "list")
    desk.done("operator", "logout")
    wrong = venue(desk, "operator", "login", "ann")
    assert wrong.stderr == "a login as ann is denied: name or password is wrong\n"
    assert venue(desk, "operator", "login", "ann", typed="another-horse\n").returncode == 0
    desk.done("operator", "logout")
    assert venue(desk, "operator", "password", "eve", typed="third-horse\n").returncode == 0


def test_guessing_is_locked_out(desk: Desk) -> None:
    add(desk, "zoe", "viewer")
    for _ in range(5):
        wrong = venue(desk, "operator", "login", "zoe", typed="wrong-horse\n")
        assert wrong.stderr == "a login as zoe is denied: name or password is wrong\n"
    right = venue(desk, "operator", "login", "zoe")
    assert right.stderr.startswith("a login as zoe is denied: locked out for ")


def test_no_password_is_in_the_log_the_journal_or_the_file(
    trading: RunningTrading, desk: Desk
) -> None:
    add(desk, "ann", "operator")
    venue(desk, "operator", "login", "ann")
    desk.done("operator", "logout")
    written = trading.log() + DataDirectory(trading.data_dir).operators.read_text()
    assert PASSWORD not in written + desk.done("journal", "show", "--json", "--limit", "10000")


def test_password_is_typed_twice_on_a_terminal_and_not_shown(desk: Desk) -> None:
    arguments = ["--data-dir", str(desk.data_dir), "operator", "add", "ann", "--role", "risk"]
    said, shown = type_twice([sys.executable, "-P", "-m", "venue", *arguments], PASSWORD)
    assert said == b"operator ann is added: risk\n"
    assert PASSWORD.encode() not in shown


def test_login_and_operators_outlive_a_crash_of_trading(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with RunningTrading(tmp_path_factory.mktemp("crash")) as running:
        desk = Desk(running.data_dir)
        add(desk, "ann", "operator")
        venue(desk, "operator", "login", "ann")
        running.kill()
        running.start()
        assert you(desk) == ("ann", "operator")


# Two real accounts


@needs_second_account
def test_second_account_is_itself_and_its_login_is_its_own(desk: Desk, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, UID, UID)
    place = ("--data-dir", str(desk.data_dir))
    unknown = run_as_second(*place, "session", "list", home=home)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert f"uid {UID} is no operator of this venue" in unknown.stderr
    add(desk, "ann", "risk")
    done = run_as_second(*place, "operator", "login", "ann", home=home, typed=f"{PASSWORD}\n")
    assert done.stdout.startswith("you are ann until "), done.stderr
    (file,) = (home / "state" / "venue" / "logins").iterdir()
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (UID, 0o600)
    assert run_as_second(*place, "risk", "show", home=home).returncode == 0
    mine = login_file(desk.data_dir)
    mine.parent.mkdir(parents=True)
    mine.write_bytes(file.read_bytes())  # a token that was taken from another account
    assert "this login is over" in desk.refused("halt", "ACME")


@needs_second_account
def test_one_person_under_two_names_is_refused_and_two_persons_are_not(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", UID, UID)
    add(desk, "ann", "admin")
    desk.done("operator", "add", "bob", "--role", "admin", "--account", str(UID))
    submit = ("config", "apply", "--config", str(_with_four_eyes(tmp_path)))
    desk.done(*submit)
    held = desk.run("kill", "member", "ALPHA")
    assert held.exit_code == 3, held.output
    action_id = held.stdout.split()[2].removesuffix(":")
    venue(desk, "operator", "login", "ann")
    assert you(desk) == ("ann", "admin")
    refused = desk.refused("approve", action_id)
    assert refused == (
        f"{action_id} was asked for from the same Unix account, uid {os.geteuid()}: "
        "it needs another person"
    )
    assert desk.run("approve", action_id, "--dry-run").stderr == f"{refused}\n"
    desk.done("operator", "logout")
    home, place = tmp_path / "home", ("--data-dir", str(desk.data_dir))
    done = run_as_second(*place, "approve", action_id, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{action_id} is approved and done")
    desk.done("revive", "member", "ALPHA")


def _with_four_eyes(directory: Path) -> Path:
    from venue.settings.settings import shipped

    toml = shipped("venue.toml").read_text()
    (directory / "venue.toml").write_text(toml.replace("four_eyes = [] ", 'four_eyes = ["Kill"] '))
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    return directory / "venue.toml"
