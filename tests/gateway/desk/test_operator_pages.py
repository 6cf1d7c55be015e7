"""The operators' pages: a market halted by clicks, every page once, and who is sent away."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from tests.fix_message import new_order
from tests.gateway.desk.browser import Desk
from tests.gateway.desk.test_pages import faults
from tests.gateway.users import add_operator
from tests.running_venue import RunningVenue

AT = "/desk/operator"
PAGES = (
    "", "/markets", "/members", "/sessions", "/messages", "/orders", "/trades", "/approvals",
    "/calendar", "/settlement", "/breaks", "/alerts", "/past", "/commands",
)  # fmt: skip
HALT = '#instruments-table tr[data-id="GLOBEX"] [data-press="halt"]'
RESUME = '#instruments-table tr[data-id="GLOBEX"] [data-press="resume"]'
STATE = '#instruments-table tr[data-id="GLOBEX"] [data-key="state"]'


@pytest.fixture(scope="module")
def logged_in(opened: Desk, venue: RunningVenue) -> Desk:
    add_operator(venue, "olga", "admin")
    opened.forget()
    opened.size(1280)
    opened.log_in("olga")
    return opened


@pytest.fixture
def operator(logged_in: Desk) -> Iterator[Desk]:
    """The desk with olga logged in; whatever was done made no error in the browser."""
    logged_in.console_errors()
    yield logged_in
    assert logged_in.console_errors() == []


def halted(venue: RunningVenue) -> list[str]:
    found: list[str] = venue.json("status")["blocks"]["halted_instruments"]
    return found


def test_a_market_is_halted_and_resumed_by_clicks(operator: Desk, venue: RunningVenue) -> None:
    operator.open(f"{AT}/markets")
    operator.wait_for_text(STATE, "trading")
    operator.find("#reason-reason").send_keys("news are out")
    operator.click(HALT)
    operator.wait_for_text("#question-text", "Halt GLOBEX?")
    operator.click("#question-no")
    assert halted(venue) == []
    operator.click(HALT)
    operator.click("#question-yes")
    operator.wait_for_text(STATE, "halted")
    assert halted(venue) == ["GLOBEX"]
    operator.click(RESUME)
    operator.click("#question-yes")
    operator.wait_for_text(STATE, "trading")
    assert halted(venue) == []
    record = next(
        each["command"]
        for each in reversed(venue.json("journal", "show", "--limit", "10000")["records"])
        if each["command"]["type"] == "HaltInstrument"
    )
    assert (record["operator"], record["reason"]) == ("olga", "news are out")


def test_every_page_is_whole_and_for_everybody(operator: Desk) -> None:
    """On a telephone's width; the parts that they are made of are looked at wide elsewhere."""
    operator.size(390)
    for path in PAGES:
        operator.open(f"{AT}{path}")
        assert operator.text("h1"), path
        operator.wait(lambda: operator.text("#trouble") == "")
        width = operator.browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390, path
        assert faults(operator) == [], path
        assert operator.console_errors() == [], path
    operator.size(1280)


def test_the_venue_s_processes_have_their_lag(operator: Desk) -> None:
    operator.open(AT)
    operator.wait_for_text('#processes-table tr[data-id="clearing"] [data-key="lag"]', "0")
    assert "trading day" in operator.text("#venue-line")


def test_messages_are_decoded_as_they_come_and_the_book_is_shown_as_it_was(
    operator: Desk, venue: RunningVenue
) -> None:
    operator.open(f"{AT}/messages")
    operator.wait(lambda: len(operator.all("#filter-session option")) > 2)
    operator.click('#filter-session option[value="DELTA"]')
    client = venue.client("DELTA")
    client.logon()
    client.send("D", new_order("p1", "1", "6", "98.10", "INITECH"))
    order_id = client.expect_report("p1", "0").get(37)
    operator.wait_for_text("#messages-table", "NewOrderSingle")
    assert "demo" not in operator.text("#messages-table")
    client.logout()
    assert order_id
    entered = next(
        each["seq"]
        for each in venue.json("journal", "show", "--symbol", "INITECH")["records"]
        if "'p1'" in str(each)
    )
    operator.open(f"{AT}/past")
    for name, text in (("symbol", "INITECH"), ("to", str(entered))):
        field = operator.find(f"#when-{name}")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
    operator.click("#when-send")
    operator.wait(lambda: f"after record {entered}" in operator.text("#past-line"), 60)
    assert operator.text('#past-table [data-key="bid"]') == "6"


def test_a_member_s_user_is_sent_away(desk: Desk, logged_in: Desk) -> None:
    desk.log_in("dana")
    desk.browser.get(f"{desk.url}{AT}/markets")
    assert AT not in desk.browser.current_url
    desk.forget()
    desk.browser.get(f"{desk.url}{AT}/markets")
    assert desk.browser.current_url.startswith(f"{desk.url}/login")
