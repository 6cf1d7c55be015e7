"""Readers of drop copies and market data: a key for each, live, and the examples that use it."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.bus.connection import connected
from venue.bus.stream import wipe_stream
from venue.bus.subjects import drop_stream

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A whole venue; every test has readers of its own."""
    with RunningVenue(tmp_path_factory.mktemp("readers") / "data") as running:
        yield running


def trade(venue: RunningVenue, name: str) -> None:
    """ALPHA buys 1 of BRAVO."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon()
    alpha.send("D", new_order(f"{name}a", "1", "1", "100.00"))
    alpha.expect_report(f"{name}a", "0")
    bravo.send("D", new_order(f"{name}b", "2", "1", "100.00"))
    bravo.expect_report(f"{name}b", "F")
    venue.disconnect_clients()


@contextmanager
def example(name: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """An example that runs; killed at the end."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def copies(file: Path) -> list[dict[str, Any]]:
    """Whole lines of the example's file."""
    text = file.read_text() if file.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def stored(venue: RunningVenue, member: str) -> int:
    """How many copies the member's stream has."""

    async def ask() -> int:
        async with connected(venue.runtime()["nats"], "test") as connection:
            info = await connection.client.jetstream().stream_info(drop_stream(member))
            return info.state.messages

    return asyncio.run(ask())


def refused(venue: RunningVenue, *arguments: str) -> str:
    done = venue.command(*arguments)
    assert done.returncode == 1 or done.returncode == 2, done
    return done.stderr.strip()


async def _connects(url: str) -> None:
    async with connected(url, "test"):
        pass


def test_example_has_each_copy_once_through_kills_rotation_and_a_refill(
    venue: RunningVenue, tmp_path: Path
) -> None:
    trade(venue, "r1")
    key = venue.json("reader", "add", "BACK", "--member", "ALPHA")
    file = tmp_path / "copies.jsonl"

    def has_all() -> bool:
        return len(copies(file)) == stored(venue, "ALPHA") > 0

    with example("drop_copies.py", key["url"], key["stream"], key["consumer"], str(file)):
        wait_for(has_all, 30)
    with file.open("a") as torn:
        torn.write('{"member_seq": 9')  # as a kill in the middle of a line leaves it
    trade(venue, "r2")
    key |= venue.json("reader", "rotate", "BACK", "--yes")
    with example("drop_copies.py", key["url"], key["stream"], key["consumer"], str(file)) as run:
        wait_for(has_all, 30)
        asyncio.run(wipe_stream(venue.runtime()["nats"], drop_stream("ALPHA")))
        trade(venue, "r3")
        last = len(copies(file))
        run.send_signal(signal.SIGKILL)
    wait_for(lambda: venue.has_caught_up() and stored(venue, "ALPHA") > last, 60)
    with example("drop_copies.py", key["url"], key["stream"], key["consumer"], str(file)):
        wait_for(has_all, 60)
    numbers = [each["member_seq"] for each in copies(file)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {each["member"] for each in copies(file)} == {"ALPHA"}
    venue.json("reader", "remove", "BACK", "--yes")


def test_wallet_example_has_the_balances_of_the_ledger_through_a_kill_and_a_refill(
    venue: RunningVenue, tmp_path: Path
) -> None:
    trade(venue, "w1")
    key = venue.json("reader", "add", "WALLET", "--member", "ALPHA")
    assert key["ledger_stream"] == "LEDGER"
    file = tmp_path / "wallet.json"
    words = (key["url"], key["ledger_stream"], key["consumer"], str(file))

    def has_all() -> bool:
        if not file.exists() or not venue.has_caught_up():
            return False
        kept = json.loads(file.read_text())["balances"]
        settled = {
            (name.split(" ")[0], name.split(" ")[1]): balance
            for name, balance in kept.items()
            if name.endswith(" settled")
        }
        held = venue.asked("ledger", "balances", "ALPHA")["balances"]
        return settled == {(each["account"], each["asset"]): each["amount"] for each in held}

    with example("wallet.py", *words):
        wait_for(has_all, 60)
    trade(venue, "w2")
    venue.json("ledger", "refill", "--yes")
    trade(venue, "w3")
    with example("wallet.py", *words) as run:
        wait_for(has_all, 60)
        assert run.poll() is None, run.communicate()
    venue.json("reader", "remove", "WALLET", "--yes")


def test_market_data_example_prints_what_trades(venue: RunningVenue) -> None:
    key = venue.json("reader", "add", "SCREENS", "--public")
    lines: list[str] = []
    with example("market_data.py", key["url"], "md.*.trade") as run:
        assert run.stdout is not None
        reading = threading.Thread(
            target=lambda out: lines.append(out.readline()), args=[run.stdout]
        )
        reading.start()
        number = 0
        while not lines:  # the first trades may come before it has subscribed
            trade(venue, f"m{number}")
            number += 1
            assert number < 100
        reading.join(10)
    subject, _, payload = lines[0].partition(" ")
    assert subject.startswith("md.") and subject.endswith(".trade")
    assert json.loads(payload)["symbol"] == subject.split(".")[1]
    venue.json("reader", "remove", "SCREENS", "--yes")


def test_readers_come_and_go_and_nobody_else_notices(venue: RunningVenue) -> None:
    before = venue.runtime()
    first = venue.json("reader", "add", "ONE", "--member", "ALPHA")
    assert first["subjects"] == ["drop.ALPHA.>", "ledger.ALPHA.>", "alert.ALPHA"]
    second = venue.json("reader", "add", "TWO", "--public")
    rows = venue.json("reader", "list")["readers"]
    assert [(row["reader"], row["member"]) for row in rows] == [("ONE", "ALPHA"), ("TWO", "")]
    for key in (first, second):
        asyncio.run(_connects(key["url"]))
    changed = venue.json("reader", "rotate", "ONE", "--yes")
    asyncio.run(_connects(changed["url"]))
    venue.json("reader", "remove", "TWO", "--yes")
    assert "there is no reader TWO" in refused(venue, "reader", "rotate", "TWO", "--yes")
    assert "there is a reader ONE" in refused(venue, "reader", "add", "ONE", "--public")
    venue.json("reader", "remove", "ONE", "--yes")
    assert venue.json("reader", "list")["readers"] == []
    after = venue.runtime()
    assert (before["processes"], before["servers"]) == (after["processes"], after["servers"])
    text = (venue.data_dir / "readers.json").read_text()
    assert first["url"].split(":")[2].split("@")[0] not in text


def test_a_reader_goes_on_over_its_connection_while_others_come_and_go(
    venue: RunningVenue,
) -> None:
    trade(venue, "g1")
    key = venue.json("reader", "add", "STAYS", "--member", "ALPHA")

    async def scenario() -> None:
        async with connected(key["url"], "test") as connection:
            jetstream = connection.client.jetstream()
            subscription = await jetstream.pull_subscribe_bind(key["consumer"], key["stream"])
            news = await connection.client.subscribe("drop.ALPHA.>")
            before = await taken(subscription)
            for step in ("add", "rotate", "remove"):
                options = ("--public",) if step == "add" else ("--yes",)
                await asyncio.to_thread(venue.json, "reader", step, "COMES", *options)
                await asyncio.to_thread(trade, venue, f"g-{step}")
                assert (await news.next_msg(timeout=20)).subject.startswith("drop.ALPHA.")
                now = await taken(subscription)
                assert now[0] == before[-1] + 1, "nothing was missed, and all was acknowledged"
                before = now

    asyncio.run(scenario())
    venue.json("reader", "remove", "STAYS", "--yes")


async def taken(subscription: JetStreamContext.PullSubscription) -> list[int]:
    """What there is now, in the stream's numbers, acknowledged."""
    numbers = []
    messages = await subscription.fetch(1000, timeout=20)
    for message in messages:
        await message.ack_sync(timeout=10)
        numbers.append(message.metadata.sequence.stream)
    return numbers


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "X"), "say either --member M or --public"),
        (("add", "X", "--member", "ALPHA", "--public"), "say either --member M or --public"),
        (("add", "X", "--member", "ALHPA"), "there is no member ALHPA"),
        (("add", "clearing", "--public"), "no name of a reader"),
        (("add", "a.b", "--public"), "no name of a reader"),
        (("add", "a>", "--public"), "no name of a reader"),
        (("remove", "NOBODY", "--yes"), "there is no reader NOBODY"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    venue: RunningVenue, arguments: tuple[str, ...], why: str
) -> None:
    told = refused(venue, "reader", *arguments)
    assert why in told and "\n" not in told


def test_permissions_are_printed_for_another_nats(venue: RunningVenue) -> None:
    venue.json("reader", "add", "PRINTED", "--member", "BRAVO")
    accounts = venue.json("reader", "permissions")["accounts"]
    (printed,) = accounts["reader-PRINTED"]["users"]
    assert "drop.BRAVO.>" in printed["permissions"]["subscribe"]["allow"]
    assert printed["password"].startswith("$2a$")
    imported = [each.get("stream") for each in accounts["reader-PRINTED"]["imports"]]
    assert {"account": "VENUE", "subject": "drop.BRAVO.>"} in imported
    own = accounts["VENUE"]["users"]
    assert {each["password"] for each in own if each["user"] == "publisher"} == {"<password>"}
    printed_as_text = venue.command("reader", "permissions").stdout
    assert json.loads(printed_as_text.removeprefix("accounts: ")) == accounts
    venue.json("reader", "remove", "PRINTED", "--yes")


def test_readers_that_cannot_be_read_leave_the_server_as_it_was(venue: RunningVenue) -> None:
    key = venue.json("reader", "add", "KEPT", "--public")
    file = venue.data_dir / "readers.json"
    whole = file.read_text()
    file.write_text(whole[:20])
    assert "readers.json cannot be read" in refused(venue, "reader", "list")
    pid = venue.runtime()["servers"]["nats"]
    subprocess.run(["kill", "-9", str(pid)], check=True)
    wait_for(lambda: venue.runtime()["servers"].get("nats", pid) != pid, 30)

    def connects() -> bool:
        try:
            asyncio.run(_connects(key["url"]))
        except OSError:
            return False
        return True

    wait_for(connects, 30)
    file.write_text(whole)
    venue.json("reader", "remove", "KEPT", "--yes")
