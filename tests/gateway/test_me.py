"""A user's own over HTTP: password, logins, keys, application; withdrawals that he asks for."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.in_process import InProcess, in_process
from tests.gateway.users import PASSWORD
from tests.servers.conditions import wait_for
from venue.gateway.standing import Act, NotInThisState, State, after
from venue.gateway.store import Store
from venue.gateway.tokens import Tokens
from venue.gateway.users import Users
from venue.gateway.withdrawals import Wish, WithdrawalRefused

NEW = "quite another word"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[InProcess]:
    with in_process(tmp_path) as running:
        running.add("dana")
        yield running


def status(gateway: InProcess, headers: dict[str, str]) -> int:
    return gateway.http.get("/v1/me", headers=headers).status_code


def test_a_new_password_ends_all_other_logins(gateway: InProcess) -> None:
    other, here = gateway.headers("dana"), gateway.headers("dana")
    wanted = {"current": PASSWORD, "new": NEW}
    found = gateway.http.post("/v1/me/password", json=wanted, headers=here)
    assert (found.status_code, found.json()) == (200, {"ended": 1})
    assert (status(gateway, here), status(gateway, other)) == (200, 401)
    form = {"grant_type": "password", "username": "dana", "password": PASSWORD}
    assert gateway.http.post("/oauth/token", data=form).status_code == 401
    assert gateway.token("dana", NEW)["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "12 to 256"), ("dana is my name", "name"), ("aaaaaaaaaaaaaaaa", "different"),
        ("Password2026!!", "tried first"), (PASSWORD, "has"), ("x" * 257, "at most"),
    ],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(
    gateway: InProcess, new: str, why: str
) -> None:
    wanted = {"current": PASSWORD, "new": new}
    found = gateway.http.post("/v1/me/password", json=wanted, headers=gateway.headers("dana"))
    told = found.json()
    assert (found.status_code, told["field"]) == (400, "new")
    assert why in told["message"]


def test_a_wrong_current_password_counts_like_at_a_login(gateway: InProcess) -> None:
    headers = gateway.headers("dana")
    wanted = {"current": "wrong", "new": NEW}
    tried = [
        gateway.http.post("/v1/me/password", json=wanted, headers=headers).status_code
        for _ in range(6)
    ]
    assert tried == [401] * 5 + [429]


def test_a_user_sees_and_ends_his_logins(gateway: InProcess) -> None:
    first, second, here = (gateway.headers("dana") for _ in range(3))
    logins = gateway.http.get("/v1/me/logins", headers=here).json()["logins"]
    assert [each["is_this"] for each in logins] == [True, False, False]
    assert gateway.http.delete(f"/v1/me/logins/{logins[2]['id']}", headers=here).is_success
    assert (status(gateway, first), status(gateway, second)) == (401, 200)
    assert gateway.logins_told == [("dana", logins[2]["id"])]
    assert gateway.http.delete("/v1/me/logins", headers=here).json() == {"ended": 1}
    assert (status(gateway, second), status(gateway, here)) == (401, 200)


def test_keys_are_listed_without_their_secrets(gateway: InProcess) -> None:
    headers = gateway.headers("dana")
    wanted = {"scopes": ["read"], "label": "robot"}
    made = gateway.http.post("/v1/keys", json=wanted, headers=headers).json()
    found = gateway.http.get("/v1/keys", headers=headers)
    assert made["secret"] not in found.text
    (told,) = found.json()["keys"]
    assert (told["key"], told["scopes"], told["label"]) == (made["key"], ["read"], "robot")


def test_who_applies_logs_in_once_he_is_verified_and_approved(gateway: InProcess) -> None:
    wanted = {"user": "erin", "member": "ALPHA", "password": PASSWORD, "legal_name": "Erin E"}
    applied = gateway.http.post("/v1/registrations", json=wanted)
    assert (applied.status_code, applied.json()["state"]) == (202, "applied")
    assert gateway.http.post("/v1/registrations", json=wanted).status_code == 409
    short = gateway.http.post("/v1/registrations", json={**wanted, "user": "e2", "password": "x"})
    assert (short.status_code, short.json()["field"]) == (400, "password")
    form = {"grant_type": "password", "username": "erin", "password": PASSWORD}
    for act in (Act.VERIFY, Act.APPROVE):
        assert gateway.http.post("/oauth/token", data=form).status_code == 401
        gateway.gateway.users.act("erin", act)
    headers = gateway.headers("erin")
    assert gateway.http.get("/v1/me", headers=headers).json()["scopes"] == ["read", "trade"]
    gateway.gateway.users.act("erin", Act.CLOSE)
    assert status(gateway, headers) == 401
    gateway.gateway.takes_registrations = False
    assert gateway.http.post("/v1/registrations", json=wanted).status_code == 403


@pytest.mark.parametrize("act", Act)
def test_every_act_goes_with_its_states_only(act: Act) -> None:
    allowed = []
    for state in State:
        try:
            after(state, act)
        except NotInThisState:
            continue
        allowed.append(state)
    assert (
        allowed
        == {
            Act.VERIFY: [State.APPLIED],
            Act.APPROVE: [State.VERIFIED, State.SUSPENDED],
            Act.SUSPEND: [State.ACTIVE, State.BLOCKED],
            Act.CLOSE: [each for each in State if each is not State.CLOSED],
            Act.BLOCK: [State.ACTIVE, State.BLOCKED],
            Act.UNBLOCK: [State.ACTIVE, State.BLOCKED],
        }[act]
    )


def test_a_withdrawal_is_asked_for_once_and_taken_back(gateway: InProcess) -> None:
    headers = gateway.headers("dana")
    wanted = {"asset": "USD", "amount": "10.50", "client_reference": "w1"}

    def ask(**changes: str) -> tuple[int, dict[str, object]]:
        body = {**wanted, **changes}
        found = gateway.http.post("/v1/withdrawals", json=body, headers=headers)
        return found.status_code, found.json()

    status, made = ask()
    assert (status, made["state"], made["amount"]) == (202, "requested", "10.50")
    assert ask() == (202, made), "the same request again"
    assert ask(amount="11")[0] == 409
    for wrong in ("0", "0.00", "-1", "1e5", "1.123456789"):
        assert ask(amount=wrong, client_reference="w2")[0] == 400
    path = f"/v1/withdrawals/{made['id']}"
    assert gateway.http.delete(path, headers=headers).json()["state"] == "taken_back"
    assert gateway.http.delete(path, headers=headers).status_code == 409
    narrow = gateway.headers("dana", scope="read trade")
    assert gateway.http.post("/v1/withdrawals", json=wanted, headers=narrow).status_code == 403


def test_what_an_operator_has_begun_to_pay_cannot_be_taken_back(gateway: InProcess) -> None:
    wishes, headers = gateway.gateway.withdrawals, gateway.headers("dana")
    body = {"asset": "USD", "amount": "1"}
    made = gateway.http.post("/v1/withdrawals", json=body, headers=headers).json()
    wishes.decide(made["id"], (Wish.REQUESTED,), Wish.HELD, "H1", time.time_ns())
    found = gateway.http.delete(f"/v1/withdrawals/{made['id']}", headers=headers)
    assert found.status_code == 409
    wishes.decide(made["id"], (Wish.HELD,), Wish.PAID, "", time.time_ns())
    with pytest.raises(WithdrawalRefused, match="paid"):
        wishes.decide(made["id"], (Wish.REQUESTED, Wish.HELD), Wish.REFUSED, "", time.time_ns())
    assert wishes.waiting() == []


def test_who_listens_hears_what_another_process_has_ended(tmp_path: Path) -> None:
    with in_process(tmp_path) as running:
        for name in ("dana", "erin"):
            running.add(name)
        token = running.token("dana")["refresh_token"]
        family = running.gateway.tokens.family_of(token)
        running.headers("erin")
        elsewhere = Store(tmp_path / "gateway.db")
        other = Users(elsewhere)
        stop = asyncio.Event()
        watching = asyncio.run_coroutine_threadsafe(
            running.gateway.logins.watch(stop), running.http.loop
        )
        Tokens(elsewhere, other).end_all_of("dana", time.time_ns())
        other.act("erin", Act.BLOCK)
        wait_for(lambda: {("dana", family), ("erin", "")} <= {*running.logins_told})
        running.http.loop.call_soon_threadsafe(stop.set)
        watching.result(10)
        elsewhere.close()


def test_an_older_store_gets_its_new_columns(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "gateway.db") as old:
        old.execute(
            "CREATE TABLE users (name TEXT PRIMARY KEY, member TEXT NOT NULL, scopes TEXT NOT NULL,"
            " password_hash TEXT NOT NULL, state TEXT NOT NULL, created_ns INTEGER NOT NULL) STRICT"
        )
        old.execute("INSERT INTO users VALUES ('dana', 'ALPHA', 'read', 'x', 'active', 1)")
    old.close()
    with in_process(tmp_path) as running:
        found = running.gateway.users.get("dana")
        assert found is not None and not found.is_demo and not found.is_founder
        running.add("erin")
    store = Store(tmp_path / "gateway.db")
    assert len(store.rows("SELECT * FROM users")) == 2
    store.close()
