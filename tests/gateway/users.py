"""Users of the gateway, as tests add them and log them in."""

import subprocess
import sys
from typing import Any

import httpx

from tests.running_venue import RunningVenue

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
