"""The market page, for everybody: it follows the book, and says at once when nothing comes."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order
from tests.gateway.desk.browser import Desk
from tests.running_venue import RunningVenue
from venue.marketdata.followed import FollowedBooks
from venue.marketdata.followed_book import Update

UPDATES_A_SECOND = 50
SECONDS = 5
STALE_SECONDS = 2.0


class Checksums(threading.Thread):
    """The checksum of a book behind each update, as a reader on NATS has it."""

    def __init__(self, nats_url: str, symbol: str) -> None:
        super().__init__(daemon=True)
        self.of: dict[int, int] = {}
        self.begun = threading.Event()
        self._books = FollowedBooks(nats_url, self._changed, symbols=(symbol,), name="gateway")
        self._ending = threading.Event()

    def _changed(self, symbol: str, update: Update) -> None:
        self.of[update.seq] = self._books.books[symbol].checksum
        self.begun.set()

    def run(self) -> None:
        asyncio.run(self._follow())

    async def _follow(self) -> None:
        stop = asyncio.Event()
        following = asyncio.create_task(self._books.run(stop))
        await asyncio.to_thread(self._ending.wait)
        stop.set()
        await following

    def close(self) -> None:
        self._ending.set()
        self.join()


class Quoting(threading.Thread):
    """Orders come and go at prices around 100: an update each, so many a second."""

    def __init__(self, client: FixClient) -> None:
        super().__init__(daemon=True)
        self._client = client
        self.sent = 0

    def run(self) -> None:
        begin, pace = time.monotonic(), threading.Event()
        while self.sent < UPDATES_A_SECOND * SECONDS:
            number, is_new = divmod(self.sent, 2)
            side, price = ("1", f"99.{90 + number % 9}") if number % 4 < 2 else ("2", "100.05")
            if is_new == 0:
                self._client.send("D", new_order(f"u{number}", side, "3", price))
            else:
                self._client.send("F", cancel(f"v{number}", f"u{number}", side))
            self.sent += 1
            pace.wait(max(0.0, begin + self.sent / UPDATES_A_SECOND - time.monotonic()))


def test_the_ladder_follows_fifty_updates_a_second_with_the_venue_s_checksum(
    desk: Desk, venue: RunningVenue, url: str
) -> None:
    checksums = Checksums(venue.urls_of("gateway")["nats_url"], "ACME")
    checksums.start()
    assert checksums.begun.wait(20)
    client = venue.client("CHARLIE")
    client.logon()
    desk.open("/market?symbol=ACME")
    quoting = Quoting(client)
    quoting.start()
    seen = {}
    while quoting.is_alive():
        told = desk.ladder()
        seen[int(told["sequence"])] = int(told["checksum"])
    quoting.join()

    def ends_alike() -> bool:
        book = httpx.get(f"{url}/v1/instruments/ACME/book").json()
        told = desk.ladder()
        return (int(told["sequence"]), int(told["checksum"])) == (
            book["sequence"],
            book["checksum"],
        )

    desk.wait(ends_alike)
    checksums.close()
    client.logout()
    assert len(seen) >= SECONDS * 2, "it was drawn several times a second"
    assert {number: checksums.of.get(number) for number in seen} == seen
    assert desk.console_errors() == []


def test_the_rows_are_the_book_s(desk: Desk, venue: RunningVenue, url: str) -> None:
    client = venue.client("CHARLIE")
    client.logon()
    for number, (side, price) in enumerate((("1", "99.97"), ("1", "99.98"), ("2", "100.03"))):
        client.send("D", new_order(f"r{number}", side, str(number + 2), price))
        client.expect_report(f"r{number}", "0")
    desk.open("/market?symbol=ACME")
    desk.wait_for_text(f"{desk.row('100.03')} .ask", "4")
    shown = {row["price"]: (row["bid"], row["ask"]) for row in desk.ladder()["rows"]}
    assert (shown["99.97"], shown["99.98"]) == (("2", ""), ("3", ""))
    assert desk.text("#spread") == "Bid 99.98, ask 100.03, spread 0.05."
    assert desk.text('#symbols tr[data-symbol="ACME"] [data-key="bid"]') == "99.98"
    assert desk.text('#symbols tr[data-symbol="ACME"] [data-key="state"]') == "Continuous"
    client.logout()
    desk.wait_for_text("#spread", "One side of the book is empty.")


def test_a_symbol_of_eight_decimals_and_one_that_is_none(desk: Desk) -> None:
    desk.open("/market?symbol=BTC-USD")
    assert desk.attribute("ladder", "data-symbol") == "BTC-USD"
    assert desk.attribute("ladder", "data-rows") == "41"
    desk.open("/market?symbol=NONE")
    assert "NONE is not traded here." in desk.text("[role=alert]")


@contextmanager
def stopped(pid: int) -> Iterator[float]:
    """A process that stands still; since when, in seconds since 1970."""
    began = time.time()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield began
    finally:
        os.kill(pid, signal.SIGCONT)


def test_stale_is_shown_within_two_seconds_of_market_data_s_silence(
    desk: Desk, venue: RunningVenue
) -> None:
    desk.open("/market")
    desk.note_when_stale()
    with stopped(venue.runtime()["processes"]["followers"]) as began:
        desk.wait(lambda: desk.stale_at() > 0)
    assert desk.stale_at() - began < STALE_SECONDS
    desk.wait(lambda: desk.attribute("state", "data-state") == "live")


def test_stale_is_shown_within_two_seconds_of_the_gateway_s_silence(
    desk: Desk, venue: RunningVenue
) -> None:
    desk.open("/market")
    desk.note_when_stale()
    with stopped(venue.runtime()["processes"]["gateway"]) as began:
        desk.wait(lambda: desk.stale_at() > 0)
        assert "the gateway does not answer" in desk.text("#state-why")
    assert desk.stale_at() - began < STALE_SECONDS
    desk.wait_until_alive()
