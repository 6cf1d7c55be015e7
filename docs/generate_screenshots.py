"""Screenshots of the desk's pages, docs/desk-*.png, in a real Chromium on a venue that trades.

`python docs/generate_screenshots.py` starts a venue on a scratch directory, has two FIX sessions
trade on it, and writes them. Each is under 150 kB. Needs chromium and chromium-driver.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fix_client import FixClient  # noqa: E402
from tests.fix_message import new_order  # noqa: E402
from tests.gateway.conftest import gateway_venue  # noqa: E402
from tests.gateway.desk.browser import Desk, chromium  # noqa: E402
from tests.gateway.users import PASSWORD  # noqa: E402
from tests.running_venue import RunningVenue  # noqa: E402
from tests.servers.conditions import wait_for  # noqa: E402

DOCS = ROOT / "docs"
MOST_BYTES = 150_000
COLOURS = 128
"""Of a picture: the pages have few."""
TRADES = 60
WIDE, NARROW = (1280, 1100), (390, 1100)
SYMBOLS = {"ACME": "100", "GLOBEX": "100"}


def price_of(ticks: int) -> str:
    """The price of so many hundredths."""
    return f"{ticks // 100}.{ticks % 100:02}"


def trade(seller: FixClient, buyer: FixClient) -> None:
    """Trades that go up and down by a tick, the same at every run, and a book around the last."""
    random, number = Random(17), 0
    for symbol, middle in SYMBOLS.items():
        ticks = int(middle) * 100
        for _ in range(TRADES):
            ticks += random.choice((-2, -1, 1, 2))
            quantity, price = str(random.randint(1, 30)), price_of(ticks)
            number += 1
            seller.send("D", new_order(f"s{number}", "2", quantity, price, symbol))
            seller.expect_report(f"s{number}", "0")
            buyer.send("D", new_order(f"b{number}", "1", quantity, price, symbol))
            buyer.expect_report(f"b{number}", "F")
        for away in range(1, 16):
            for client, side, sign in ((buyer, "1", -1), (seller, "2", 1)):
                number += 1
                price = price_of(ticks + sign * away)
                quantity = str(random.randint(5, 90))
                client.send("D", new_order(f"q{number}", side, quantity, price, symbol))
                client.expect_report(f"q{number}", "0")


def own_orders(url: str) -> None:
    """Orders of the trader whose desk is shown: some wait, one trades, one is refused."""
    form = {"grant_type": "password", "username": "dana", "password": PASSWORD}
    token = httpx.post(f"{url}/oauth/token", data=form).json()["access_token"]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as http:
        book = http.get("/v1/instruments/ACME/book", params={"depth": 4}).json()
        bids, asks = [level[0] for level in book["bids"]], [level[0] for level in book["asks"]]
        for side, price, quantity in (
            ("buy", asks[0], "4"), ("buy", bids[1], "10"), ("sell", asks[3], "6"),
        ):  # fmt: skip
            order = {"symbol": "ACME", "side": side, "quantity": quantity, "price": price}
            assert http.post("/v1/orders", json=order).status_code == 201


def save(desk: Desk, name: str, size: tuple[int, int]) -> None:
    """Write what is shown."""
    desk.size(*size)
    desk.wait_until_alive()
    path = DOCS / f"desk-{name}.png"
    assert desk.browser.save_screenshot(str(path))
    with Image.open(path) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, f"{path.name} has {path.stat().st_size} bytes"
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def shots(desk: Desk) -> None:
    """All of the screenshots."""
    desk.size(*WIDE)
    desk.open("/login")
    save(desk, "login", (640, 400))
    desk.size(*WIDE)
    desk.open("/market?symbol=ACME")
    desk.wait(lambda: desk.attribute("tape", "data-rows") not in ("", "0"))
    save(desk, "market", WIDE)
    desk.log_in()
    for theme in ("light", "dark"):
        desk.browser.add_cookie({"name": "venue_theme", "value": theme})
        desk.open("/desk?symbol=ACME")
        desk.wait(lambda: desk.attribute("open-orders", "data-rows") == "2")
        desk.click('#open-orders tr:nth-child(1) [data-press="choose"]')
        desk.wait_for_text("#story", "Ahead at its price")
        desk.browser.execute_script("window.scrollTo(0, 0)")
        save(desk, f"trade-{theme}", WIDE)
    save(desk, "trade-phone", NARROW)
    desk.browser.add_cookie({"name": "venue_theme", "value": "light"})
    ready: dict[str, Callable[[], bool]] = {
        "wallet": lambda: desk.attribute("history-table", "data-rows") not in ("", "0"),
        "account": lambda: "dana" in desk.text("#me"),
    }
    for name, is_ready in ready.items():
        desk.size(*WIDE)
        desk.open(f"/desk/{name}")
        desk.wait(is_ready)
        save(desk, name, WIDE)


def run(venue: RunningVenue, profile: Path) -> None:
    """Trade, then look."""
    host, port = venue.address_of("gateway")
    url = f"http://{host}:{port}"
    wait_for(lambda: httpx.get(f"{url}/v1/status").status_code == 200, 60)
    clients = venue.client("BRAVO"), venue.client("CHARLIE")
    for client in clients:
        client.logon()
    trade(*clients)
    wait_for(lambda: bool(httpx.get(f"{url}/v1/instruments/ACME/book").json()["bids"]), 20)
    own_orders(url)
    with chromium(profile) as browser:
        shots(Desk(browser, url))
    venue.disconnect_clients()


def main() -> int:
    """Write the screenshots."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        with gateway_venue(directory) as venue:
            run(venue, directory / "chromium")
    return 0


if __name__ == "__main__":
    sys.exit(main())
