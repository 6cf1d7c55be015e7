"""Trading at the desk by clicks and by keys, against a FIX session on the other side."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.gateway.desk.browser import Desk
from tests.running_venue import RunningVenue


@pytest.fixture(scope="module")
def bravo(venue: RunningVenue) -> Iterator[FixClient]:
    client = venue.client("BRAVO")
    client.logon()
    yield client
    client.logout()


@pytest.fixture(scope="module")
def logged_in(opened: Desk) -> Desk:
    opened.forget()
    opened.size(1280)
    opened.log_in()
    return opened


@pytest.fixture
def trader(logged_in: Desk) -> Iterator[Desk]:
    """The desk with dana logged in, the middle at 100.00; no open orders before and after."""
    desk = logged_in
    desk.open("/desk?symbol=ACME")
    desk.find(desk.row("100.00"))
    yield desk
    desk.click("#press-all")
    desk.wait(lambda: desk.attribute("open-orders", "data-rows") == "0")
    assert desk.console_errors() == []


def arm(desk: Desk) -> None:
    if not desk.find("#armed").is_selected():
        desk.click("#armed")


def quantity(desk: Desk, text: str) -> None:
    field = desk.find("#ladder-quantity")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text)


def test_a_click_in_the_ladder_trades_and_both_sides_see_it(trader: Desk, bravo: FixClient) -> None:
    bravo.send("D", new_order("c1", "2", "5", "100.00"))
    bravo.expect_report("c1", "0")
    row = trader.row("100.00")
    trader.wait_for_text(f"{row} .ask", "5")
    quantity(trader, "2")
    trader.click(f"{row} .bid")
    trader.wait_for_text("#question-text", "Buy 2 ACME at 100.00")
    trader.click("#question-yes")
    report = bravo.expect_report("c1", "F")
    assert (report.get(31), report.get(32)) == ("100", "2")
    trader.wait_for_text("#fills-table", "taker")
    assert "100" in trader.text('#fills-table [data-key="price"]')
    trader.wait_for_text(f"{row} .ask", "3")
    trader.wait_for_text("#tape tbody", "buy")
    trader.wait(lambda: "last" in str(trader.find(row).get_attribute("class")).split())
    bravo.send("q", [(11, "c2"), (530, "7"), (60, report.get(60))])
    trader.wait(lambda: trader.text(f"{row} .ask").strip() == "")


def test_no_is_no(trader: Desk) -> None:
    trader.click(f"{trader.row('99.95')} .bid")
    trader.find(".desk-question[open]")
    trader.find("#question-yes").send_keys(Keys.ESCAPE)
    trader.wait(lambda: not trader.all(".desk-question[open]"))
    trader.click(f"{trader.row('99.90')} .bid")
    trader.click("#question-yes")
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "1")
    assert trader.text('#open-orders [data-key="price"]') == "99.9"


def test_own_orders_are_moved_and_cancelled_in_the_ladder(trader: Desk) -> None:
    arm(trader)
    trader.click(f"{trader.row('99.95')} .bid")
    own = f"{trader.row('99.95')} .desk-own.buy"
    order = trader.find(own).get_attribute("data-order")
    ActionChains(trader.browser).key_down(Keys.SHIFT).click(trader.find(own)).key_up(
        Keys.SHIFT
    ).perform()
    trader.find("#picked")
    trader.click(f"{trader.row('99.93')} .bid")
    moved = trader.find(f"{trader.row('99.93')} .desk-own.buy")
    assert moved.get_attribute("data-order") == order
    trader.click('#open-orders [data-press="up"]')
    trader.click(f"{trader.row('99.94')} .desk-own.buy")
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "0")
    trader.wait_for_text("#ended-orders", "canceled")


def test_buys_are_cancelled_and_sells_stay(trader: Desk) -> None:
    arm(trader)
    trader.click(f"{trader.row('99.95')} .bid")
    trader.click(f"{trader.row('100.05')} .ask")
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "2")
    trader.click("#press-buys")
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "1")
    assert trader.text('#open-orders [data-key="side"]') == "sell"


def test_an_order_is_entered_by_keys_alone(trader: Desk) -> None:
    body = trader.find("body")
    body.send_keys("s")
    focus = trader.browser.switch_to
    trader.wait(lambda: focus.active_element.get_attribute("id") == "ticket-quantity")
    keys = ActionChains(trader.browser)
    keys.send_keys("3", Keys.TAB, "100.05", Keys.ENTER).perform()
    trader.wait(lambda: focus.active_element.get_attribute("id") == "question-yes")
    assert "Sell 3 ACME at 100.05" in trader.text("#question-text")
    focus.active_element.send_keys(Keys.ENTER)
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "1")
    trader.find(f"{trader.row('100.05')} .desk-own.sell")
    trader.wait(lambda: focus.active_element.get_attribute("id") == "ticket-price")
    focus.active_element.send_keys(Keys.ESCAPE)
    ActionChains(trader.browser).key_down(Keys.SHIFT).send_keys("c").key_up(Keys.SHIFT).perform()
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "0")


def test_the_ladder_takes_keys(trader: Desk) -> None:
    arm(trader)
    trader.find("#keys").click()  # out of the box that was checked
    trader.find("body").send_keys("l")
    box = trader.find(".desk-ladder-scroll")
    trader.wait(lambda: trader.browser.switch_to.active_element == box)
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, "b")
    own = trader.find("#ladder .desk-own.buy")
    price = own.find_element(By.XPATH, "ancestor::tr").get_attribute("data-price")
    box.send_keys("m", Keys.ARROW_DOWN, "m")
    trader.wait(lambda: len(trader.all(f"{trader.row(str(price))} .desk-own")) == 0)
    trader.find("#ladder .desk-own.buy")
    box.send_keys("x")
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "0")


def test_every_term_of_the_ticket_reaches_the_venue(trader: Desk) -> None:
    arm(trader)
    trader.click(".desk-more summary")
    for name, text in (("quantity", "10"), ("price", "99.92"), ("display", "2"), ("id", "t-1")):
        field = trader.find(f"#ticket-{name}")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
    trader.click("#ticket-time option[value='gtc']")
    trader.click("#ticket-post-only")
    trader.click("#ticket-enter")
    trader.wait_for_text('#open-orders [data-key="client_order_id"]', "t-1")
    assert trader.text('#open-orders [data-key="time_in_force"]') == "gtc"
    trader.wait_for_text(f"{trader.row('99.92')} .bid", "2")
    assert trader.text(f"{trader.row('99.92')} .own").strip() == "10"
    trader.click("#ticket-type option[value='stop']")
    trader.find("#ticket-stop-price").send_keys("103.00")
    trader.find("#ticket-id").send_keys("2")
    trader.click("#ticket-display")
    trader.find("#ticket-display").send_keys(Keys.BACKSPACE)
    trader.click("#ticket-post-only")
    trader.click("#ticket-enter")
    trader.wait_for_text('#open-orders [data-key="stop_price"]', "103")


def test_a_refusal_is_explained_with_its_code(trader: Desk) -> None:
    arm(trader)
    for name, text in (("quantity", "1"), ("price", "500")):
        field = trader.find(f"#ticket-{name}")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
    trader.click("#ticket-enter")
    trader.wait_for_text("#story", "PRICE_OUTSIDE_COLLAR")
    assert "around the reference price" in trader.text("#story")
    trader.wait_for_text("#ticket-trouble", "PRICE_OUTSIDE_COLLAR")
    trader.wait_for_text("#ended-orders", "PRICE_OUTSIDE_COLLAR")
    assert trader.all("#messages [data-kind=refused]")


def test_the_place_in_the_queue_is_told(trader: Desk, bravo: FixClient) -> None:
    arm(trader)
    bravo.send("D", new_order("q1", "1", "7", "99.91"))
    report = bravo.expect_report("q1", "0")
    trader.wait_for_text(f"{trader.row('99.91')} .bid", "7")
    trader.click(f"{trader.row('99.91')} .bid")
    trader.click('#open-orders [data-press="choose"]')
    trader.wait_for_text("#story", "Ahead at its price: 1 order with 7.")
    bravo.send("q", [(11, "q2"), (530, "7"), (60, report.get(60))])
    trader.wait_for_text("#story", "It is the first at its price.")


def test_what_the_member_does_elsewhere_shows_at_once(trader: Desk, venue: RunningVenue) -> None:
    made = venue.json(
        "order", "new", "ACME", "buy", "4", "--price", "99.96", "--session", "ALPHA-API"
    )
    trader.wait(lambda: trader.attribute("open-orders", "data-rows") == "1")
    trader.find(f"{trader.row('99.96')} .desk-own.buy")
    assert made
