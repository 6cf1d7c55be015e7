"""A running venue with a gateway, two users of it, and a client of HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.gateway.users import add_user, log_in
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.settings.settings import shipped

SESSION = """
[[sessions]]
comp_id = "ALPHA-API"
member = "ALPHA"
password = "demo"
cancel_on_disconnect = false
"""


@contextmanager
def gateway_venue(directory: Path) -> Iterator[RunningVenue]:
    """A venue with a gateway, and two users of ALPHA: dana, who trades, and rita, who reads."""
    cfg = shipped("sessions.cfg").read_text() + "\n[SESSION]\nTargetCompID=ALPHA-API\n"
    (directory / "sessions.cfg").write_text(cfg)
    dictionary = shipped("spec/FIX44.xml")
    config = directory / "venue.toml"
    text = shipped("venue.toml").read_text()
    text = text.replace('dictionary = "spec/FIX44.xml"', f'dictionary = "{dictionary}"')
    for was, now in (
        ("enabled = false             # true", "enabled = true"),
        ("port = 8080                 # 0:", "port = 0"),
        ("operators = false           # true", "operators = true"),
    ):
        assert was in text
        text = text.replace(was, f"{now} #")
    config.write_text(text + SESSION)
    with RunningVenue(directory / "data", config) as venue:
        for name, scopes in (("dana", "read trade operate"), ("rita", "read")):
            add_user(venue, name, scopes)
        yield venue


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with gateway_venue(tmp_path_factory.mktemp("gateway")) as venue:
        yield venue


@pytest.fixture(scope="module")
def http(venue: RunningVenue) -> Iterator[httpx.Client]:
    host, port = venue.address_of("gateway")
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
        wait_for(lambda: client.get("/v1/status").status_code == 200, 30)
        yield client


@pytest.fixture(scope="module")
def dana(http: httpx.Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {log_in(http)['access_token']}"}
