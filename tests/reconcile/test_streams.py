"""Messages removed from and written into the streams of a running venue: found, named, mended."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.bus.connection import connected
from venue.bus.subjects import STREAM, drop_stream
from venue.reconcile.difference import Difference, Store
from venue.reconcile.round import reconcile
from venue.reconcile.worker import places_of
from venue.settings.settings import load_settings


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A venue with some reports of ALPHA, which has caught up."""
    with RunningVenue(tmp_path_factory.mktemp("streams") / "data") as venue:
        alpha = venue.client("ALPHA")
        alpha.logon(reset=True, extra=[(9001, "N")])
        for number in range(8):
            alpha.send("D", new_order(f"b{number}", "1", "5", "100.00"))
            alpha.expect_report(f"b{number}", "0")
        wait_for(venue.has_caught_up, 30)
        yield venue


def found_in(venue: RunningVenue, store: Store) -> list[Difference]:
    told = venue.runtime()
    places = places_of(load_settings(data_dir=venue.data_dir), told["nats"], told["database"])
    found = asyncio.run(reconcile(places, frozenset({store})))
    assert not found.away and not found.damage, found
    return found.differences


def act(venue: RunningVenue, do: Callable[[JetStreamContext], Awaitable[object]]) -> None:
    async def run() -> None:
        async with connected(venue.runtime()["nats"], "stranger") as connection:
            await do(connection.client.jetstream())

    asyncio.run(run())


def refill(venue: RunningVenue, *arguments: str) -> None:
    done = venue.command("dropcopy", "refill", *arguments, "--yes")
    assert done.returncode == 0, done.stderr
    wait_for(venue.has_caught_up, 30)


def test_an_event_removed_from_the_stream_is_named_until_it_is_filled_again(
    venue: RunningVenue,
) -> None:
    assert found_in(venue, Store.STREAM) == []
    act(venue, lambda jetstream: jetstream.delete_msg(STREAM, 5))
    (found,) = found_in(venue, Store.STREAM)
    assert (found.key, found.found, found.event_seq) == ("event 5", None, 5)
    refill(venue)
    assert found_in(venue, Store.STREAM) == []


def test_a_copy_removed_from_a_member_s_stream_is_named(venue: RunningVenue) -> None:
    assert found_in(venue, Store.DROP_COPIES) == []
    act(venue, lambda jetstream: jetstream.delete_msg(drop_stream("ALPHA"), 3))
    (found,) = found_in(venue, Store.DROP_COPIES)
    assert found.key == "ALPHA: copy 3" and found.found is None
    refill(venue, "ALPHA")
    assert found_in(venue, Store.DROP_COPIES) == []


def test_a_member_s_stream_that_is_gone_is_named(venue: RunningVenue) -> None:
    act(venue, lambda jetstream: jetstream.delete_stream(drop_stream("BRAVO")))
    found = found_in(venue, Store.DROP_COPIES)
    assert [each.key for each in found] in ([], [f"stream {drop_stream('BRAVO')}"])
    wait_for(lambda: found_in(venue, Store.DROP_COPIES) == [], 30)


def test_a_stranger_s_copy_is_named_and_a_break_is_opened_and_goes(
    venue: RunningVenue, tmp_path: Path
) -> None:
    act(venue, lambda jetstream: jetstream.publish("drop.ALPHA.ACME", b"{}"))
    done = venue.command("reconcile", "--json")
    assert done.returncode == 1, done.stdout
    (told,) = [each for store in json.loads(done.stdout)["stores"] for each in store["differences"]]
    assert told["store"] == Store.DROP_COPIES and told["found"] == "a message of somebody else"
    (opened,) = venue.json("breaks", "list")["breaks"]
    assert opened["break_id"] == told["break_id"]
    assert venue.command("breaks", "assign", told["break_id"], "dana").returncode == 0
    assert venue.json("breaks", "show", told["break_id"])["owner"] == "dana"
    refill(venue, "ALPHA")
    assert venue.command("reconcile").returncode == 0
    assert venue.json("breaks", "list")["breaks"] == []
    known = venue.json("breaks", "list", "--all")["breaks"]
    assert [each["break_id"] for each in known] == [told["break_id"]], known
    (gone,) = known
    assert gone["state"] == "gone"
    assert [each["act"] for each in gone["history"]] == ["found", "assigned", "gone"]
