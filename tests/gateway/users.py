"""Users of the gateway, as tests add them and log them in."""

import subprocess
import sys
import time
from typing import Any

import httpx

from tests.running_venue import RunningVenue
from venue.admin.client import call
from venue.data_directory import DataDirectory
from venue.gateway.operator.operating import VENUE
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import Users

PASSWORD = "a long enough password"


def add_user(venue: RunningVenue, name: str, scopes: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.data_dir)),
            *("user", "add", name, "--member", "ALPHA", "--scopes", scopes),
        ],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
    )


def log_in(http: httpx.Client, name: str = "dana", **more: str) -> dict[str, Any]:
    form = {"grant_type": "password", "username": name, "password": PASSWORD, **more}
    found = http.post("/oauth/token", data=form)
    assert found.status_code == 200, found.text
    assert found.headers["cache-control"] == "no-store"
    told: dict[str, Any] = found.json()
    return told


def add_operator(venue: RunningVenue, name: str, role: str) -> None:
    """A user of the venue itself, and an operator of that name."""
    add_venue_user(venue, name)
    told = call(venue.data_dir, {"add_operator": name, "role": role, "password": PASSWORD})
    assert told["ok"], told


def add_venue_user(venue: RunningVenue, name: str) -> None:
    """A user of the venue itself, who need not be an operator."""
    store = Store(DataDirectory(venue.data_dir).gateway)
    Users(store).add(name, VENUE, frozenset(Scope), PASSWORD, time.time_ns())
    store.close()
