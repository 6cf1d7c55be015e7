"""A running venue with a gateway, users of it, and a client of HTTP.

`venue` is of one file, which may kill what it likes. `shared` is of all files that ask for it, in
one run: they leave it running, and trade as members whom no other file of theirs uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.gateway.users import add_user, log_in
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.settings.settings import shipped


@contextmanager
def with_gateway(directory: Path) -> Iterator[RunningVenue]:
    """A venue as shipped, but with the gateway on, at any free port."""
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    dictionary = shipped("spec/FIX44.xml")
    config = directory / "venue.toml"
    text = shipped("venue.toml").read_text()
    text = text.replace('dictionary = "spec/FIX44.xml"', f'dictionary = "{dictionary}"')
    for was, now in (
        ("enabled = false             # true: `venue run`", "enabled = true"),
        ("port = 8080                 # 0:", "port = 0"),
        ("operators = false           # true", "operators = true"),
        ("registration = false  ", "registration = true"),
    ):
        assert was in text
        text = text.replace(was, f"{now} #")
    config.write_text(text)
    with RunningVenue(directory / "data", config) as venue:
        yield venue


@contextmanager
def gateway_venue(directory: Path) -> Iterator[RunningVenue]:
    """The same with two users of ALPHA: dana, who trades, and rita, who reads."""
    with with_gateway(directory) as venue:
        for name, scopes in (("dana", "read trade operate"), ("rita", "read")):
            add_user(venue, name, scopes)
        yield venue


@contextmanager
def client_of(venue: RunningVenue) -> Iterator[httpx.Client]:
    """A client of its gateway, once all is well with that."""
    host, port = venue.address_of("gateway")
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
        wait_for(lambda: client.get("/v1/status").status_code == 200, 90)
        yield client


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with gateway_venue(tmp_path_factory.mktemp("gateway")) as venue:
        yield venue


@pytest.fixture(scope="module")
def http(venue: RunningVenue) -> Iterator[httpx.Client]:
    with client_of(venue) as client:
        yield client


@pytest.fixture(scope="module")
def dana(http: httpx.Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {log_in(http)['access_token']}"}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with with_gateway(tmp_path_factory.mktemp("shared")) as venue:
        for name, member in (("bob", "BRAVO"), ("carl", "CHARLIE"), ("dora", "DELTA")):
            add_user(venue, name, "read trade withdraw operate", member)
        yield venue


@pytest.fixture(scope="session")
def api(shared: RunningVenue) -> Iterator[httpx.Client]:
    with client_of(shared) as client:
        yield client
