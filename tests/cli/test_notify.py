"""`venue notify` on a whole venue: who is told of what, and that no secret is seen anywhere."""

import asyncio
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fix_message import new_order
from tests.notify.receivers import WebServer, web_server
from tests.notify.scenario import heard, posted_ids
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.bus.alerts import Alert
from venue.servers.ports import free_port

PATIENCE = 60.0
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A whole venue; every test has channels of its own."""
    with RunningVenue(tmp_path_factory.mktemp("notify") / "data") as running:
        yield running


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def typed(venue: RunningVenue, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that reads a line from stdin."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.data_dir), *arguments],
        input=f"{text}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def added(venue: RunningVenue, url: str, *arguments: str) -> dict[str, Any]:
    done = typed(venue, url, "notify", "add", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def trade(venue: RunningVenue, name: str, qty: str) -> None:
    """ALPHA buys of BRAVO at 100."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon()
    alpha.send("D", new_order(f"{name}a", "1", qty, "100.00"))
    alpha.expect_report(f"{name}a", "0")
    bravo.send("D", new_order(f"{name}b", "2", qty, "100.00"))
    bravo.expect_report(f"{name}b", "F")
    venue.disconnect_clients()


def alerts_of(venue: RunningVenue, member: str, type_: str) -> list[Alert]:
    found = asyncio.run(heard(venue.runtime()["nats"], member))
    return [alert for alert in found if alert.type == type_]


def test_fills_of_a_size_arrive_signed_with_the_secret_that_was_shown_once(
    venue: RunningVenue, web: WebServer
) -> None:
    told = added(venue, web.url, "ALPHA", "desk", "--kind", "fill", "--fill-value", "1000")
    assert told["to"] == f"http://127.0.0.1:{web.port}/***"
    wait_for(lambda: venue.json("notify", "list", "ALPHA")["notifications"] != [], PATIENCE)
    trade(venue, "n1", "9")
    trade(venue, "n2", "10")
    wait_for(lambda: len(web.posted) >= 1, PATIENCE)
    (posted,) = web.posted
    alert = json.loads(posted.body)
    assert (alert["member"], alert["facts"]["last_qty"]) == ("ALPHA", "10")
    assert "BRAVO" not in posted.body.decode()
    said = dict(part.split("=") for part in posted.headers["Venue-Signature"].split(","))
    signed = f"{said['t']}.".encode() + posted.body
    digest = hmac.new(told["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert said["v1"] == digest
    file = venue.data_dir / "notifications.json"
    assert told["secret"] in file.read_text() and file.stat().st_mode & 0o077 == 0
    row = venue.command("notify", "list")
    for secret in (told["secret"], "not-for-logs"):
        assert secret not in row.stdout + row.stderr
        for path in venue.data_dir.rglob("*.log"):
            assert secret not in path.read_text(errors="replace"), path
    venue.json("notify", "remove", "ALPHA", "desk")
    assert venue.json("notify", "list")["notifications"] == []


def test_members_hear_on_nats_what_they_have_not_asked_for(venue: RunningVenue) -> None:
    before = len(alerts_of(venue, "ALPHA", "disconnect"))
    trade(venue, "n3", "1")
    wait_for(lambda: len(alerts_of(venue, "ALPHA", "disconnect")) > before, PATIENCE)
    assert alerts_of(venue, "ALPHA", "fill") == []
    done = typed(venue, "a-new-secret", "session", "password", "CHARLIE")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: len(alerts_of(venue, "CHARLIE", "secret")) == 1, PATIENCE)
    (alert,) = alerts_of(venue, "CHARLIE", "secret")
    assert alert.error == "session CHARLIE has another password, set by the venue"
    limit = "max_open_orders=2"
    assert venue.command("risk", "set", "DELTA", limit).returncode == 0
    delta = venue.client("DELTA")
    delta.logon()
    for number in range(2):
        delta.send("D", new_order(f"l{number}", "1", "1", "99.00"))
        delta.expect_report(f"l{number}", "0")
    wait_for(lambda: len(alerts_of(venue, "DELTA", "limit_use")) == 1, PATIENCE)
    venue.disconnect_clients()
    wait_for(lambda: len(alerts_of(venue, "DELTA", "cancel_on_disconnect")) == 1, PATIENCE)
    assert [alert.facts["percent"] for alert in alerts_of(venue, "DELTA", "limit_use")] == ["100"]


def test_nats_tells_of_fills_who_asks_for_them(venue: RunningVenue) -> None:
    told = venue.json("notify", "add", "BRAVO", "nats", "--kind", "fill")
    assert (told["to"], told["secret"]) == ("nats", "")

    def is_told() -> bool:
        trade(venue, f"n4{len(heard_so_far)}", "1")
        heard_so_far.append(1)
        return alerts_of(venue, "BRAVO", "fill") != []

    heard_so_far: list[int] = []
    wait_for(is_told, PATIENCE)
    venue.json("notify", "remove", "BRAVO", "nats")


def test_address_comes_from_a_file_and_can_be_tried(
    venue: RunningVenue, web: WebServer, tmp_path: Path
) -> None:
    file = tmp_path / "address"
    file.write_text(f"{web.url}\n")
    arguments = ("notify", "add", "ALPHA", "tried", "--address-file", str(file))
    told = venue.json(*arguments)
    assert told["kinds"] and "fill" not in told["kinds"]
    answer = venue.json("notify", "test", "ALPHA", "tried")
    assert posted_ids(web.posted) == [answer["id"]]
    web.status = 503
    done = venue.command("notify", "test", "ALPHA", "tried")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"http://127.0.0.1:{web.port}/***: status 503\n"
    venue.json("notify", "remove", "ALPHA", "tried")


def test_example_takes_what_is_signed_once_and_nothing_else(
    venue: RunningVenue, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    secret = tmp_path / "secret"
    secret.write_text(added(venue, url, "ALPHA", "example")["secret"])
    command = [sys.executable, str(EXAMPLES / "webhook.py"), str(port), str(secret)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None

        def is_taken() -> bool:
            return venue.command("notify", "test", "ALPHA", "example").returncode == 0

        wait_for(is_taken, PATIENCE)
        assert process.stdout.readline().startswith("test ALPHA a test of example")
        secret.write_text("another")  # it is read once
        body = {"id": "x", "type": "fill", "member": "ALPHA", "error": "forged"}
        signed = {"Venue-Signature": "t=1,v1=00"}
        forged = requests.post(url, json=body, headers=signed, timeout=10)
        assert forged.status_code == 401
    finally:
        process.kill()
        process.communicate()
        venue.json("notify", "remove", "ALPHA", "example")


@pytest.mark.parametrize(
    ("text", "arguments", "why"),
    [
        ("https://x", ("add", "ALHPA", "desk"), "there is no member ALHPA"),
        ("https://x", ("add", "ALPHA", "a/b"), "no name of a channel"),
        ("http://example.org/", ("add", "ALPHA", "desk"), "in the clear"),
        ("", ("add", "ALPHA", "desk"), "no address came on stdin"),
        ("https://x", ("add", "ALPHA", "desk", "--kind", "fil"), "did you mean fill?"),
        ("https://x", ("add", "ALPHA", "desk", "--fill-value", "-1"), "no number above 0"),
        ("https://x", ("add", "ALPHA", "desk", "--limit-percent", "20"), "limit-percent"),
        ("https://x", ("add", "ALPHA", "desk", "--address-file", "/none"), "No such file"),
        ("https://x", ("add", "_", "ops", "--kind", "fill"), "he is told of every alert"),
        ("https://x", ("add", "_", "nats"), "he is told of every alert"),
        ("", ("remove", "ALPHA", "nobody"), "ALPHA has no channel nobody"),
        ("", ("test", "ALPHA", "nobody"), "ALPHA has no channel nobody"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    venue: RunningVenue, text: str, arguments: tuple[str, ...], why: str
) -> None:
    done = typed(venue, text, "notify", *arguments)
    assert done.returncode in (1, 2) and why in done.stderr, done
    assert venue.json("notify", "list")["notifications"] == []
