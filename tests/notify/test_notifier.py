"""The notifier on a real nats-server, with real receivers: each alert arrives, whatever dies."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.dropcopy.processes import run_until_it_dies, start, stop
from tests.dropcopy.scenario import stored_alerts
from tests.marketdata.scenario import publish, running, until
from tests.notify.receivers import WebServer, mail_server
from tests.notify.scenario import NOW_NS, channel, ended, heard, posted_ids, trade, use
from tests.servers.conditions import wait_for
from venue.bus.alerts import Alert, send_alert
from venue.bus.parking import read_parked
from venue.data_directory import DataDirectory
from venue.notify import senders
from venue.notify.kinds import Kind
from venue.notify.store import Store
from venue.notify.worker import Notifier
from venue.servers.nats import NatsServer

MODULE = "venue.notify.worker"
pytestmark = pytest.mark.usefixtures("hurried")

PATIENCE = 60.0
QUIET = channel("")
"""NATS is told of nothing."""


def test_each_member_is_told_of_its_own_where_it_chose(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    folder = tmp_path / "mails"

    async def scenario() -> None:
        with mail_server() as (mail_url, box):
            use(
                tmp_path,
                {
                    "ALPHA": {"desk": channel(web.url, Kind.FILL, fill_quantity="10")},
                    "BRAVO": {
                        "back": channel(mail_url, Kind.ORDER_DONE),
                        "files": channel(f"maildir://{folder}", Kind.FILL),
                        "big": channel(web.url, Kind.FILL, fill_quantity="10.1"),
                    },
                },
            )
            async with running(Notifier(tmp_path, nats_url).run):
                await publish(nats_url, [trade(1), ended(2), trade(3)])
                await until(lambda: len(web.posted) == len(box.mails) == 2)
                await until(lambda: len([*folder.glob("new/*")]) == 2)
                while len(await heard(nats_url, "ALPHA")) < 1:
                    await asyncio.sleep(0.01)
        assert [mail["Venue-Alert-Id"] for mail in box.mails] == [
            f"{trade(seq).timestamp_ns}-{seq}-order_done-BRAVO-S{seq}" for seq in (1, 3)
        ]

    asyncio.run(scenario())
    assert [id.rpartition("-")[0].partition("-")[2] for id in posted_ids(web.posted)] == [
        "1-fill-ALPHA",
        "3-fill-ALPHA",
    ]
    (told,) = asyncio.run(heard(nats_url, "ALPHA"))
    assert (told.type, told.event_seq, told.session) == ("disconnect", 2, "ALPHA")
    assert asyncio.run(heard(nats_url, "BRAVO")) == []
    assert read_parked(tmp_path) == []


def test_place_that_is_away_is_parked_alone_and_gets_all_when_it_is_back(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    async def scenario() -> None:
        with mail_server() as (mail_url, box):
            use(
                tmp_path,
                {
                    "ALPHA": {"desk": channel(web.url, Kind.FILL), "nats": QUIET},
                    "BRAVO": {"back": channel(mail_url, Kind.FILL), "nats": QUIET},
                },
            )
            web.stop()
            async with running(Notifier(tmp_path, nats_url).run):
                await publish(nats_url, [trade(seq) for seq in range(1, 6)])
                await until(lambda: len(box.mails) == 5)
                await until(lambda: bool(read_parked(tmp_path)))
                (parked,) = read_parked(tmp_path)
                assert (parked.consumer, parked.member, parked.event_seq) == (
                    "notifier", "ALPHA", 0,
                )  # fmt: skip
                assert parked.error.startswith(f"member ALPHA, desk: http://127.0.0.1:{web.port}/")
                assert "not-for-logs" not in parked.error
                web.start()
                await until(lambda: len(web.posted) == 5)
                await until(lambda: read_parked(tmp_path) == [])

    asyncio.run(scenario())
    assert len(set(posted_ids(web.posted))) == 5
    assert [int(id.split("-")[1]) for id in posted_ids(web.posted)] == [1, 2, 3, 4, 5]
    (alert,) = asyncio.run(stored_alerts(nats_url))
    assert (alert["type"], alert["consumer"]) == ("consumer_halted", "notifier")


def test_place_that_never_answers_holds_up_neither_others_nor_the_end(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    async def scenario() -> None:
        with mail_server() as (mail_url, box):
            use(
                tmp_path,
                {
                    "ALPHA": {"desk": channel(web.url, Kind.FILL)},
                    "BRAVO": {"back": channel(mail_url, Kind.FILL)},
                },
            )
            web.may_answer.clear()
            async with running(Notifier(tmp_path, nats_url).run):
                await publish(nats_url, [trade(1), trade(2)])
                await until(lambda: len(box.mails) == 2)

    asyncio.run(scenario())
    assert web.posted == [], "it was stopped while that one had not answered"


def test_killed_between_delivery_and_its_note_it_says_the_same_again_under_the_same_id(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    use(tmp_path, {"ALPHA": {"desk": channel(web.url, Kind.FILL), "nats": QUIET},
                   "BRAVO": {"nats": QUIET}})  # fmt: skip
    asyncio.run(publish(nats_url, [trade(seq) for seq in range(1, 7)]))
    for passing in (1, 3):
        fault = f"after-delivery-before-note:{passing}:kill"
        run_until_it_dies(MODULE, tmp_path, nats_url, fault=fault)
    process = start(MODULE, tmp_path, nats_url)
    try:
        wait_for(lambda: len(web.posted) == 8, PATIENCE)
    finally:
        status = stop(process)
    assert status == 0
    numbers = [int(id.split("-")[1]) for id in posted_ids(web.posted)]
    assert numbers == [1, 1, 2, 3, 3, 4, 5, 6]
    assert len(set(posted_ids(web.posted))) == 6


@pytest.mark.parametrize("point", ["before-consumer-commit", "after-consumer-commit"])
def test_killed_around_the_commit_it_loses_and_repeats_nothing(
    point: str, tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    kinds = (Kind.FILL, Kind.ORDER_DONE)
    use(tmp_path, {"ALPHA": {"desk": channel(web.url, *kinds)}, "BRAVO": {"nats": QUIET}})
    asyncio.run(publish(nats_url, [trade(1), ended(2), trade(3)]))
    run_until_it_dies(MODULE, tmp_path, nats_url, fault=f"{point}:1:kill")
    process = start(MODULE, tmp_path, nats_url)
    try:
        wait_for(lambda: len(set(posted_ids(web.posted))) == 4, PATIENCE)
        wait_for(lambda: len(asyncio.run(heard(nats_url, "ALPHA"))) == 1, PATIENCE)
    finally:
        status = stop(process)
    assert status == 0
    assert len(web.posted) == 4 or point == "after-consumer-commit"  # one may have been on its way


def test_events_that_are_no_news_any_more_are_told_to_nobody(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    use(tmp_path, {"ALPHA": {"desk": channel(web.url, Kind.FILL)}})
    later = trade(1).timestamp_ns + senders.KEPT_NS + 2_000_000

    async def scenario() -> None:
        async with running(Notifier(tmp_path, nats_url, now_ns=lambda: later).run):
            fresh = [trade(seq) for seq in range(1, 3)]
            await publish(nats_url, [*fresh])
            place = DataDirectory(tmp_path).position("notifier")
            await until(lambda: place.exists() and b'"event_seq":2' in place.read_bytes())

    asyncio.run(scenario())
    assert web.posted == []


def test_nats_restarted_under_the_notifier(
    tmp_path: Path, nats_url: str, nats_server: NatsServer
) -> None:
    async def scenario() -> None:
        async with running(Notifier(tmp_path, nats_url).run):
            await publish(nats_url, [ended(1)])
            while len(await heard(nats_url, "ALPHA")) < 1:
                await asyncio.sleep(0.01)
            nats_server.stop()
            nats_server.launch()
            nats_server.wait_ready()
            await publish(nats_url, [ended(2), ended(3)])
            while len(await heard(nats_url, "ALPHA")) < 3:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), PATIENCE))


def test_store_that_is_damaged_is_parked_until_it_is_taken_away(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    use(tmp_path, {"ALPHA": {"desk": channel(web.url, Kind.FILL)}})
    store = DataDirectory(tmp_path).notices
    store.write_bytes(b"not a database at all, and long enough to be one" * 50)

    async def damaged() -> None:
        async with running(Notifier(tmp_path, nats_url).run):
            await until(lambda: bool(read_parked(tmp_path)))

    async def mended() -> None:
        async with running(Notifier(tmp_path, nats_url).run):
            await publish(nats_url, [trade(1)])
            await until(lambda: len(web.posted) == 1)
            await until(lambda: read_parked(tmp_path) == [])

    asyncio.run(damaged())
    (parked,) = read_parked(tmp_path)
    assert parked.consumer == "notifier" and "remove it" in parked.error
    store.unlink()
    asyncio.run(mended())


def waiting(data_dir: Path) -> int:
    """How many deliveries are not known to have arrived."""
    store = Store(DataDirectory(data_dir).notices)
    try:
        return sum(each.waiting for each in store.backlogs().values())
    finally:
        store.close()


def test_operator_is_told_of_all_alerts_of_his_once_over_a_restart(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    use(tmp_path, {"": {"ops": channel(web.url)}})

    async def told(*numbers: int) -> None:
        async with running(Notifier(tmp_path, nats_url).run):
            await publish(nats_url, [ended(number) for number in numbers])  # nothing of his
            for number in numbers:
                alert = Alert(
                    type="consumer_halted",
                    timestamp_ns=NOW_NS + number,
                    consumer="audit",
                    event_seq=0,
                    error=f"number {number}",
                )
                await send_alert(nats_url, alert, asyncio.Event())
            await until(lambda: len(web.posted) == max(numbers))
            await until(lambda: not waiting(tmp_path))  # else the last comes again, with its id

    asyncio.run(told(1, 2))
    asyncio.run(told(3))
    assert [json.loads(each.body)["error"] for each in web.posted] == [
        "number 1",
        "number 2",
        "number 3",
    ]
    assert len(set(posted_ids(web.posted))) == 3
