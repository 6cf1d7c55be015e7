"""Logins attacked: guessed names, guessed passwords, the demo's password from elsewhere."""

from pathlib import Path

import pytest
from argon2.exceptions import VerificationError

from tests.gateway.in_process import Http, in_process
from tests.gateway.users import PASSWORD
from venue.addresses import address_key
from venue.gateway import passwords
from venue.gateway.callers import OF_LOGINS
from venue.gateway.problems import Problem
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import State, Users


def test_who_is_no_user_costs_as_much_as_a_wrong_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "gateway.db")
    users = Users(store)
    for name in ("dana", "barred"):
        users.add(name, "ALPHA", frozenset({Scope.READ}), PASSWORD, 1)
    users.set_state("barred", State.BLOCKED)
    compared: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            compared.append(kept.split("$")[3])
            raise VerificationError

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in ("dana", "nobody", "", "x" * 5000, "barred"):
        assert users.checked(name, "wrong password") is None
    assert len(compared) == 5 and len(set(compared)) == 1, "one comparison each, of the same cost"
    store.close()


def test_lock_outs_survive_a_restart_and_count_by_name_and_address(tmp_path: Path) -> None:
    form = {"grant_type": "password", "username": "dana", "password": "wrong"}
    with in_process(tmp_path) as before:
        before.add("dana")
        before.add("erin", "BRAVO")
        tried = [before.http.post("/oauth/token", data=form).status_code for _ in range(6)]
        assert tried == [401] * 5 + [429]
    with in_process(tmp_path) as after:
        locked = after.http.post("/oauth/token", data={**form, "password": PASSWORD})
        assert locked.status_code == 429
        assert 0 < int(locked.headers["retry-after"]) <= 600
        assert after.token("erin")["token_type"] == "Bearer"


def test_logins_are_counted_by_the_network_of_a_customer(tmp_path: Path) -> None:
    form = {"grant_type": "password", "username": "dana", "password": PASSWORD}
    with in_process(tmp_path) as running:
        running.add("dana")
        neighbour = Http(running.http.app, running.http.loop, "2001:db8::2")
        count = running.gateway.callers.count
        with pytest.raises(Problem, match="20 per 1 second"):
            for _ in range(OF_LOGINS.amount + 1):
                count(OF_LOGINS, "logins", address_key("2001:db8::1"))
        found = neighbour.post("/oauth/token", data=form)
        assert (found.status_code, found.json()["code"]) == (429, "TOO_MANY")
        assert running.token("dana")["token_type"] == "Bearer", "from elsewhere"


def test_a_demo_user_logs_in_on_this_machine_only(tmp_path: Path) -> None:
    with in_process(tmp_path, takes_demo=True) as running:
        users, name = running.gateway.users, "alpha"
        users.add(name, "ALPHA", frozenset({Scope.READ}), "demo", 1, is_demo=True)
        token = running.token(name, "demo")["access_token"]
        form = {"grant_type": "password", "username": name, "password": "demo"}
        away = Http(running.http.app, running.http.loop, "192.0.2.1")
        assert away.post("/oauth/token", data=form).status_code == 401
    with in_process(tmp_path) as off:
        assert off.http.post("/oauth/token", data=form).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert off.http.get("/v1/me", headers=headers).status_code == 401
