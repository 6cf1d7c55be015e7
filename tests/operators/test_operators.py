"""The store of operators: what it keeps, what it refuses, how logins end."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from venue.accounts import account_name
from venue.admin.caller import Caller
from venue.data_directory import DataDirectory
from venue.domain.role import Role
from venue.operators.operators import LOGIN_NS, MOST_LOGINS, Identity, NotChanged, Operators
from venue.settings.configuration_error import ConfigurationError

OWNER, OTHER = 4_711, 4_712
PASSWORD = "correct-horse"
NOW_NS = 1_800_000_000_000_000_000


class Time:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_ns = NOW_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def operators(tmp_path: Path, clock: Time) -> Operators:
    return Operators(tmp_path, OWNER, clock)


def add(operators: Operators, name: str, role: Role = Role.RISK, uid: int | None = None) -> None:
    operators.add(name, role, uid, "" if uid is not None else PASSWORD, dry_run=False)


@pytest.mark.parametrize("uid", [OWNER, 0])
def test_owner_and_root_are_admins_while_nothing_else_is_said(
    operators: Operators, uid: int
) -> None:
    name = account_name(uid)
    assert operators.identify(Caller(uid)) == Identity(name, Role.ADMIN, uid)
    operators.add(name, Role.VIEWER, uid, "", dry_run=False)
    assert operators.identify(Caller(uid)) == Identity(name, Role.VIEWER, uid)
    operators.remove(name, dry_run=False)
    assert operators.identify(Caller(uid)) == Identity(name, Role.ADMIN, uid)


def test_everybody_else_is_nobody(operators: Operators) -> None:
    assert "no operator of this venue" in str(operators.identify(Caller(OTHER)))
    add(operators, "ann", uid=OTHER)
    assert operators.identify(Caller(OTHER)) == Identity("ann", Role.RISK, OTHER)


def test_what_was_changed_is_there_after_a_new_start(operators: Operators, tmp_path: Path) -> None:
    add(operators, "ann")
    add(operators, "bob", Role.VIEWER, OTHER)
    operators.set_role("bob", Role.OPERATOR, dry_run=False)
    token, _ = operators.log_in("ann", PASSWORD, OWNER)
    again = Operators(tmp_path, OWNER, lambda: NOW_NS)
    assert again.rows() == operators.rows()
    assert again.identify(Caller(OTHER)) == Identity("bob", Role.OPERATOR, OTHER)
    assert again.identify(Caller(OWNER, token)) == Identity("ann", Role.RISK, OWNER)


def test_file_is_its_owners_and_has_no_password_and_no_token(
    operators: Operators, tmp_path: Path
) -> None:
    add(operators, "ann")
    token, _ = operators.log_in("ann", PASSWORD, OWNER)
    file = DataDirectory(tmp_path).operators
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in file.read_text() and token not in file.read_text()
    file.chmod(0o644)
    Operators(tmp_path, OWNER)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", '{"version": 2, "operators": {}}', '{"version": 1}'])
def test_file_that_cannot_be_read_stops_the_start(tmp_path: Path, content: str) -> None:
    DataDirectory(tmp_path).operators.write_text(content)
    with pytest.raises(ConfigurationError, match=r"operators\.json"):
        Operators(tmp_path, OWNER)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda all_: add(all_, "ann"), "there is an operator ann already"),
        (lambda all_: add(all_, "a b"), "is no name"),
        (lambda all_: add(all_, ""), "is no name"),
        (lambda all_: add(all_, "x" * 33), "is no name"),
        (lambda all_: add(all_, "eve", uid=OTHER), f"uid {OTHER} is bob's"),
        (lambda all_: add(all_, "root"), "root is the account of uid 0"),
        (lambda all_: add(all_, "root", uid=5), "root is the account of uid 0"),
        (lambda all_: all_.add("eve", Role.RISK, None, "", dry_run=False), "needs a Unix account"),
        (lambda all_: all_.add("eve", Role.RISK, None, "short", dry_run=False), "PASSWORD_LENGTH"),
        (lambda all_: all_.set_password("ann", "abababab", dry_run=False), "PASSWORD_TOO_SIMPLE"),
        (lambda all_: all_.set_password("bartholomew", "bartholomew-1", dry_run=False),
         "half of it or more is the operator's name"),
        (lambda all_: all_.set_password("eve", PASSWORD, dry_run=False), "eve is unknown"),
        (lambda all_: all_.remove("eve", dry_run=False), "operator eve is unknown"),
        (lambda all_: all_.remove("root", dry_run=False), "root is built in"),
        (lambda all_: all_.set_role("eve", Role.RISK, dry_run=False), "operator eve is unknown"),
    ],
)  # fmt: skip
def test_change_that_is_refused_changes_nothing(
    operators: Operators, change: Callable[[Operators], object], why: str
) -> None:
    add(operators, "ann")
    add(operators, "bartholomew")
    add(operators, "bob", uid=OTHER)
    before = operators.rows()
    with pytest.raises(NotChanged, match=why):
        change(operators)
    assert operators.rows() == before


def test_dry_run_refuses_the_same_and_changes_nothing(operators: Operators) -> None:
    before = operators.rows()
    operators.add("ann", Role.RISK, OTHER, "", dry_run=True)
    with pytest.raises(NotChanged, match="unknown"):
        operators.remove("ann", dry_run=True)
    assert operators.rows() == before


def test_the_last_admin_stays(operators: Operators) -> None:
    operators.add("ann", Role.ADMIN, None, PASSWORD, dry_run=False)
    for uid in (OWNER, 0):
        operators.add(account_name(uid), Role.VIEWER, uid, "", dry_run=False)
    with pytest.raises(NotChanged, match="nobody would be admin"):
        operators.remove("ann", dry_run=False)
    with pytest.raises(NotChanged, match="nobody would be admin"):
        operators.set_role("ann", Role.RISK, dry_run=False)
    operators.set_role("root", Role.ADMIN, dry_run=False)
    operators.remove("ann", dry_run=False)


def test_full_disk_keeps_what_was_there(
    operators: Operators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(operators, "ann")
    content, before = DataDirectory(tmp_path).operators.read_bytes(), operators.rows()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotChanged, match="it was not kept: No space left on device"):
        operators.set_role("ann", Role.ADMIN, dry_run=False)
    assert (DataDirectory(tmp_path).operators.read_bytes(), operators.rows()) == (content, before)


# Logins


def test_login_is_good_for_the_account_that_began_it_until_its_end(
    operators: Operators, clock: Time
) -> None:
    add(operators, "ann")
    token, until_ns = operators.log_in("ann", PASSWORD, OTHER)
    assert until_ns == NOW_NS + LOGIN_NS
    assert operators.identify(Caller(OTHER, token)) == Identity("ann", Role.RISK, OTHER)
    for caller in (Caller(OWNER, token), Caller(OTHER, token + "x"), Caller(OTHER, "")):
        assert "this login is over" in str(operators.identify(caller))
    clock.now_ns = until_ns
    assert "this login is over" in str(operators.identify(Caller(OTHER, token)))


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong-horse"), ("eve", PASSWORD)])
def test_wrong_name_and_wrong_password_look_the_same(
    operators: Operators, name: str, password: str
) -> None:
    add(operators, "ann")
    with pytest.raises(NotChanged, match=r"^name or password is wrong$"):
        operators.log_in(name, password, OTHER)


def test_operator_without_a_password_cannot_log_in(operators: Operators) -> None:
    add(operators, "bob", uid=OTHER)
    with pytest.raises(NotChanged, match=r"^name or password is wrong$"):
        operators.log_in("bob", "", OTHER)


@pytest.mark.parametrize(
    "end",
    [
        lambda all_, token: all_.log_out(token),
        lambda all_, token: all_.remove("ann", dry_run=False),
        lambda all_, token: all_.set_password("ann", "another-horse", dry_run=False),
    ],
)
def test_login_ends_with_what_ends_it(
    operators: Operators, end: Callable[[Operators, str], object]
) -> None:
    add(operators, "ann")
    token, _ = operators.log_in("ann", PASSWORD, OTHER)
    end(operators, token)
    assert "this login is over" in str(operators.identify(Caller(OTHER, token)))


def test_role_counts_at_once_in_a_login_that_goes_on(operators: Operators) -> None:
    add(operators, "ann")
    token, _ = operators.log_in("ann", PASSWORD, OTHER)
    operators.set_role("ann", Role.VIEWER, dry_run=False)
    assert operators.identify(Caller(OTHER, token)) == Identity("ann", Role.VIEWER, OTHER)


def test_number_of_logins_is_bounded_and_those_that_are_over_go(
    operators: Operators, clock: Time
) -> None:
    add(operators, "ann")
    tokens = [operators.log_in("ann", PASSWORD, OTHER)[0] for _ in range(MOST_LOGINS + 1)]
    known = [isinstance(operators.identify(Caller(OTHER, each)), Identity) for each in tokens]
    assert known == [False] + [True] * MOST_LOGINS
    clock.now_ns += LOGIN_NS
    operators.log_in("ann", PASSWORD, OTHER)
    (row,) = [row for row in operators.rows() if row.name == "ann"]
    assert row.logins == 1
