"""Killed under load, one after the other: gateway, NATS, PostgreSQL, trading. No order's fate stays
unexplained: each that was answered 201 is there, of each other the venue says whether it is."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.gateway.users import headers_of
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for

LOADS = 3
SECONDS = 0.5
"""Of load before and behind each kill."""
DONE, UNKNOWN = 201, 504
NOT_DONE = (429, 503)


class Load:
    """Orders one after the other, each under a client id of its own; what came of each."""

    def __init__(self, url: str, name: str, headers: dict[str, str]) -> None:
        self._url = url
        self._name = name
        self._headers = headers
        self.fates: dict[str, int] = {}
        """HTTP status by client id; UNKNOWN too where the connection broke."""

    def run(self, stop: threading.Event) -> None:
        """Enter orders until it is stopped."""
        with httpx.Client(base_url=self._url, timeout=15) as http:
            number = 0
            while not stop.is_set():
                number += 1
                client_id = f"{self._name}-{number}"
                self.fates[client_id] = self._enter(http, client_id)
                stop.wait(0.03 if self.fates[client_id] == DONE else 0.2)

    def _enter(self, http: httpx.Client, client_id: str) -> int:
        order = {
            "symbol": "UMBRELLA", "side": "buy", "quantity": "1", "price": "91.00",
            "time_in_force": "gtc", "client_order_id": client_id,
        }  # fmt: skip
        try:
            return http.post("/v1/orders", json=order, headers=self._headers).status_code
        except httpx.ConnectError:
            return NOT_DONE[1]
        except httpx.TransportError:
            return UNKNOWN


@pytest.fixture(scope="module")
def carl(api: httpx.Client) -> dict[str, str]:
    return headers_of(api, "carl")


@contextmanager
def under_load(api: httpx.Client, carl: dict[str, str], what: str) -> Iterator[list[Load]]:
    """Load while the block runs, and a while before and behind it."""
    loads = [Load(str(api.base_url), f"{what}{each}", carl) for each in range(LOADS)]
    stop = threading.Event()
    threads = [threading.Thread(target=load.run, args=(stop,)) for load in loads]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: all(len(load.fates) > 5 for load in loads), 60)
        yield loads
        behind = [len(load.fates) for load in loads]
        wait_for(
            lambda: all(
                sum(fate == DONE for fate in [*load.fates.values()][count:]) > 5
                for load, count in zip(loads, behind, strict=True)
            ),
            90,
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def pid_of(venue: RunningVenue, what: str) -> int:
    """0: it is not there now."""
    info = venue.runtime()
    return {**info["processes"], **info["servers"]}.get(what) or 0


@pytest.mark.parametrize("what", ["gateway", "nats", "postgres", "trading"])
def test_no_order_s_fate_stays_unexplained(
    shared: RunningVenue, api: httpx.Client, carl: dict[str, str], what: str
) -> None:
    with under_load(api, carl, what) as loads:
        before = pid_of(shared, what)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: pid_of(shared, what) not in (0, before), 60)

    def is_well() -> bool:
        try:
            return api.get("/v1/orders", headers=carl).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(is_well, 60)
    fates = {client_id: fate for load in loads for client_id, fate in load.fates.items()}
    others = {each for each in fates.values() if each not in (DONE, UNKNOWN, *NOT_DONE)}
    assert not others, "each says what it is"
    for client_id, fate in fates.items():
        if fate in NOT_DONE:
            continue
        found = asked(api, carl, f"/v1/orders/by-client-id/{client_id}")
        assert found.status_code in (200, 404), (client_id, fate, found.text)
        if fate == DONE:
            assert found.status_code == 200, f"{client_id} was acknowledged"
    known = {
        order["client_order_id"]
        for order in asked(api, carl, "/v1/orders").json()["orders"]
        if order["client_order_id"] in fates
    }
    refused = {client_id for client_id, fate in fates.items() if fate in NOT_DONE}
    assert not known & refused, "what was refused was not done"
    assert api.delete("/v1/orders", headers=carl).status_code in (200, 429)


def asked(api: httpx.Client, carl: dict[str, str], path: str) -> httpx.Response:
    """What the gateway answers; slower where it has said enough for this second."""
    while True:
        found = api.get(path, headers=carl)
        if found.status_code != 429:
            return found
        time.sleep(float(found.headers["retry-after"]) / 10)
