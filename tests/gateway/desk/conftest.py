"""One running venue with a gateway, and one browser, for all tests of the desk."""

from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.conftest import gateway_venue
from tests.gateway.desk.browser import Desk, chromium
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for


@pytest.fixture(scope="package")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with gateway_venue(tmp_path_factory.mktemp("desk")) as venue:
        yield venue


@pytest.fixture(scope="package")
def url(venue: RunningVenue) -> str:
    host, port = venue.address_of("gateway")
    found = f"http://{host}:{port}"
    wait_for(lambda: httpx.get(f"{found}/v1/status").status_code == 200, 30)
    return found


@pytest.fixture(scope="package")
def opened(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield Desk(browser, url)


@pytest.fixture
def desk(opened: Desk) -> Desk:
    """The desk as nobody has it open, 1280 wide."""
    opened.browser.get("about:blank")
    opened.forget()
    opened.size(1280)
    opened.console_errors()
    return opened
