"""Every page of the desk: who sees it, what guards it, that all can use it, at both widths."""

import re
from typing import Any

import httpx
import pytest
from axe_selenium_python import Axe  # type: ignore[import-untyped]

from tests.gateway.desk.browser import Desk
from tests.gateway.users import PASSWORD

PUBLIC = ("/market", "/login")
PRIVATE = ("/desk", "/desk/wallet", "/desk/account")
WIDTHS = (1280, 390)
SERIOUS = {"serious", "critical"}


def faults(desk: Desk) -> list[str]:
    """Serious faults that axe finds, with where they are."""
    axe = Axe(desk.browser)
    axe.inject()
    found: dict[str, Any] = axe.run()
    return [
        f"{each['id']}: {node['target']}: {node.get('failureSummary')}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def look_at(desk: Desk, path: str) -> None:
    """Open a page at both widths and in both themes, and find nothing wrong with it."""
    for width in WIDTHS:
        desk.size(width)
        desk.open(path)
        assert desk.browser.execute_script(
            "return document.documentElement.scrollWidth <= window.innerWidth"
        ), f"{path} is wider than {width}"
        assert faults(desk) == []
        desk.click("#theme")
        desk.wait(lambda: "venue_theme" in desk.browser.execute_script("return document.cookie"))
    outside = desk.browser.execute_script(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
        ".filter((name) => !name.startsWith(location.origin) && !name.startsWith('data:'))"
    )
    assert outside == []
    assert desk.console_errors() == []


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_has_no_serious_fault(desk: Desk, path: str) -> None:
    look_at(desk, path)


def test_a_trader_s_pages_have_no_serious_fault(desk: Desk) -> None:
    desk.log_in()
    for path in PRIVATE:
        look_at(desk, path)


def test_the_theme_stays(desk: Desk) -> None:
    desk.open("/market")
    desk.click("#theme")
    desk.wait(lambda: "venue_theme=dark" in desk.browser.execute_script("return document.cookie"))
    desk.open("/login")
    assert "body--dark" in str(desk.find("body").get_attribute("class"))


def test_a_login_leads_to_what_was_wanted_and_ends_with_its_token(desk: Desk, url: str) -> None:
    desk.browser.get(f"{url}/desk/wallet")
    desk.wait_until_alive()
    assert "/login?next=/desk/wallet" in desk.browser.current_url
    desk.find("#username").send_keys("dana")
    desk.find("#password").send_keys("not the password")
    desk.click("#submit")
    desk.wait_for_text("#problem", "The name or the password is not right.")
    desk.find("#username").send_keys("dana")
    desk.find("#password").send_keys(PASSWORD)
    desk.click("#submit")
    desk.wait(lambda: desk.browser.current_url == f"{url}/desk/wallet")
    cookie = desk.browser.get_cookie("venue_desk")
    assert cookie is not None and cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    assert "eyJ" not in desk.browser.page_source, "no token is in the page"
    desk.click("#log-out")
    desk.wait(lambda: desk.browser.current_url == f"{url}/login?problem=ended")
    with httpx.Client(base_url=url, cookies={"venue_desk": str(cookie["value"])}) as again:
        assert again.get("/desk").headers["location"].startswith("/login")


def test_a_page_closes_when_its_login_ends_elsewhere(desk: Desk, url: str) -> None:
    desk.log_in()
    cookie = desk.browser.get_cookie("venue_desk")
    assert cookie is not None
    head = {"Origin": url, "Cookie": f"venue_desk={cookie['value']}"}
    assert httpx.post(f"{url}/logout", headers=head).status_code == 303
    desk.wait_for_text("#problem", "Your login has ended.")


def test_the_wallet_shows_each_change(desk: Desk, url: str) -> None:
    desk.log_in()
    desk.open("/desk/wallet")
    form = {"grant_type": "password", "username": "dana", "password": PASSWORD}
    token = httpx.post(f"{url}/oauth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    told = httpx.get(f"{url}/v1/movements", params={"limit": 50}, headers=headers).json()
    amounts = [each["amount"] for each in told["movements"]]
    assert amounts, "the venue begins with deposits"
    desk.wait(lambda: desk.attribute("history-table", "data-rows") == str(len(amounts)))
    assert desk.text('#history-table [data-key="amount"]').split() == amounts


def test_a_key_is_made_shown_once_and_ended(desk: Desk) -> None:
    desk.log_in()
    desk.open("/desk/account")
    assert "You may: operate, read, trade." in desk.text("#me")
    desk.find("#new-key-label").send_keys("robot")
    desk.click("#new-key-read")
    desk.click("#new-key-enter")
    desk.wait_for_text("#key-secret", "shown only now")
    desk.wait_for_text("#keys-table", "robot")
    desk.click('#keys-table tr[data-id] [data-press="end"]')
    desk.wait(lambda: "robot" not in desk.text("#keys-table"))


def test_what_only_reads_cannot_trade_at_the_desk_either(desk: Desk) -> None:
    desk.log_in("rita")
    desk.click("#armed")
    desk.click(f"{desk.row('100.00')} .bid")
    desk.wait_for_text("#messages", "FORBIDDEN")
    assert desk.attribute("open-orders", "data-rows") == "0"


def test_forms_of_other_sites_are_refused(url: str) -> None:
    form = {"username": "dana", "password": PASSWORD, "next_": "/desk"}
    for origin in ("http://evil.example", "null", None):
        headers = {} if origin is None else {"Origin": origin}
        found = httpx.post(f"{url}/login", data=form, headers=headers)
        assert (found.status_code, found.json()["code"]) == (403, "FORBIDDEN")
        assert "set-cookie" not in found.headers


@pytest.mark.parametrize("wanted", ["//evil.example", "http://evil.example", "/\\evil.example"])
def test_a_login_leads_nowhere_else(url: str, wanted: str) -> None:
    form = {"username": "dana", "password": PASSWORD, "next_": wanted}
    found = httpx.post(f"{url}/login", data=form, headers={"Origin": url})
    assert (found.status_code, found.headers["location"]) == (303, "/")


def test_a_page_runs_only_scripts_of_its_own(url: str) -> None:
    page = httpx.get(f"{url}/market")
    policy = page.headers["content-security-policy"]
    (nonce,) = re.findall(r"'nonce-([^']+)'", policy)
    assert "default-src 'none'" in policy and "http" not in policy
    assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce}"')
    again = httpx.get(f"{url}/market").headers["content-security-policy"]
    assert again != policy, "a nonce is of one page"
    assert page.headers["x-content-type-options"] == "nosniff"


def test_a_socket_of_another_site_s_page_is_refused(url: str) -> None:
    path = f"{url}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    head = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    assert httpx.get(path, headers={**head, "Origin": "http://evil.example"}).status_code == 403


def test_the_api_answers_as_before_beside_the_desk(url: str) -> None:
    for path in ("/nowhere", "/v1/nowhere", "/marketing"):
        found = httpx.get(f"{url}{path}")
        assert found.status_code == 404 and found.json()["code"] == "NOT_FOUND"
    assert httpx.get(f"{url}/v1/time").json()["time_ms"] > 0
    described = httpx.get(f"{url}/v1/openapi.json").json()
    assert not [path for path in described["paths"] if path in ("/login", "/logout", "/desk")]
