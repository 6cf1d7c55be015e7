"""A real Chromium without a window, and the desk's pages in it as a user has them."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.gateway.users import PASSWORD
from tests.servers.conditions import wait_for

WAIT_SECONDS = 30.0
_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--force-device-scale-factor=1",
)  # fmt: skip
_LADDER = """
    const table = document.getElementById('ladder');
    const rows = [...table.querySelectorAll('tbody tr[data-price]')].map((row) => ({
        price: row.dataset.price,
        bid: row.querySelector('.bid').textContent.trim(),
        ask: row.querySelector('.ask').textContent.trim(),
    }));
    return {...table.dataset, rows};
"""
_STALE = """
    window.staleAt = 0;
    const state = document.getElementById('state');
    new MutationObserver(() => {
        if (state.dataset.state === 'stale' && !window.staleAt) window.staleAt = Date.now();
    }).observe(state, {attributes: true});
"""


@contextmanager
def chromium(directory: Path) -> Iterator[webdriver.Chrome]:
    """Chromium with a profile of its own in a directory; closed at the end."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, (
        "the desk is tested in Chromium: apt-get install chromium chromium-driver"
    )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*_ARGUMENTS, f"--user-data-dir={directory}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, Service(driver))
    browser.set_page_load_timeout(60)
    browser.set_script_timeout(60)
    try:
        yield browser
    finally:
        browser.quit()


class Desk:
    """The desk in one browser."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def size(self, width: int, height: int = 800) -> None:
        """Show pages so wide and high, also narrower than a window can be."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, path: str) -> None:
        """Open a page, and wait until it is alive: the server has said how fresh it is."""
        self.browser.get(f"{self.url}{path}")
        self.wait_until_alive()

    def wait_until_alive(self) -> None:
        """Wait until the page hears of the server, and is not stale."""
        self.wait(lambda: self.attribute("state", "data-beats") not in ("", "0"))
        self.wait(lambda: self.attribute("state", "data-state") == "live")

    def log_in(self, name: str = "dana", password: str = PASSWORD) -> None:
        """Log in as a user does."""
        self.open("/login")
        self.find("#username").send_keys(name)
        self.find("#password").send_keys(password, Keys.ENTER)
        self.wait(lambda: not self.browser.current_url.startswith(f"{self.url}/login"))
        self.wait_until_alive()

    def forget(self) -> None:
        """Be nobody again."""
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def find(self, css: str) -> WebElement:
        """The one element of a selector, once it is there."""
        self.wait(lambda: len(self.all(css)) == 1)
        return self.all(css)[0]

    def all(self, css: str) -> list[WebElement]:
        """All elements of a selector, as they are now."""
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def click(self, css: str) -> None:
        """Click on the one element of a selector, once it is in sight and nothing is before it."""

        def is_clicked() -> bool:
            element = self.find(css)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            try:
                element.click()
            except (ElementNotInteractableException, ElementClickInterceptedException):
                return False  # a dialog opens or closes
            return True

        self.wait(is_clicked)

    def attribute(self, name: str, attribute: str) -> str:
        """An attribute of the element with this id; empty: there is none."""
        found = self.browser.execute_script(
            "return document.getElementById(arguments[0])?.getAttribute(arguments[1]) || ''",
            name,
            attribute,
        )
        return str(found)

    def text(self, css: str) -> str:
        """All that elements of a selector say, whether it is in sight or not."""
        found = self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((element) => element.textContent).join(' ')",
            css,
        )
        return str(found)

    def wait(self, condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        """Wait until something holds of the page, whose elements come and go meanwhile."""

        def holds() -> bool:
            try:
                return condition()
            except StaleElementReferenceException:
                return False

        wait_for(holds, seconds)

    def wait_for_text(self, css: str, text: str) -> None:
        """Wait until the elements of a selector say this among others."""
        self.wait(lambda: text in self.text(css))

    def ladder(self) -> dict[str, Any]:
        """What the ladder shows: sequence, checksum, stale, and its rows, all of one drawing."""
        found: dict[str, Any] = self.browser.execute_script(_LADDER)
        return found

    def row(self, price: str) -> str:
        """The selector of the ladder's row of a price."""
        return f'#ladder tr[data-price="{price}"]'

    def note_when_stale(self) -> None:
        """Have the browser note when its head says STALE; `stale_at` tells."""
        self.browser.execute_script(_STALE)

    def stale_at(self) -> float:
        """When that was, in seconds since 1970; 0: not yet."""
        return float(self.browser.execute_script("return window.staleAt")) / 1000

    def console_errors(self) -> list[str]:
        """What the console has had of errors since it was asked last."""
        entries = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [json.dumps(entry) for entry in entries if entry["level"] == "SEVERE"]
