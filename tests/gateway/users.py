"""Users of the gateway, as tests add them and log them in."""

import subprocess
import sys
from typing import Any

import httpx

from tests.running_venue import RunningVenue
from venue.admin.client import call

PASSWORD = "a long enough password"
OF_THE_SOCKET = "correct-horse"
"""What operators log in with at the venue's own machine."""


def add_user(venue: RunningVenue, name: str, scopes: str, member: str = "ALPHA") -> None:
    told_password(venue, "user", "add", name, "--member", member, "--scopes", scopes)


def told_password(venue: RunningVenue, *arguments: str) -> None:
    """Run a command that reads a password from stdin."""
    subprocess.run(
        [*(sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.data_dir)), *arguments],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
    )


def headers_of(http: httpx.Client, name: str, **more: str) -> dict[str, str]:
    """Headers with a new access token of this user."""
    return {"Authorization": f"Bearer {log_in(http, name, **more)['access_token']}"}


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
    told = call(venue.data_dir, {"add_operator": name, "role": role, "password": OF_THE_SOCKET})
    assert told["ok"], told


def add_venue_user(venue: RunningVenue, name: str) -> None:
    """A user of the venue itself, who need not be an operator."""
    told_password(venue, "user", "add", name, "--operator")
