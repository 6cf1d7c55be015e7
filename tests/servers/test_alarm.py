"""A process that keeps ending and a follower that lags raise an alert, once while it lasts."""

import asyncio
import threading
from pathlib import Path

import pytest
from nats.js.errors import NotFoundError

from tests.dropcopy.conftest import nats_server as nats_server
from tests.dropcopy.conftest import nats_url as nats_url
from tests.dropcopy.events import numbered_events, write_journal
from tests.dropcopy.scenario import stored_alerts
from venue.bus.position_file import Position, write_position
from venue.data_directory import DataDirectory
from venue.journal.durable import forget_position
from venue.processes import PROCESSES
from venue.servers.alarm import Alarm
from venue.servers.lag_watch import LAG_SECONDS, LagWatch

from .conditions import wait_for

FOLLOWERS = [process.name for process in PROCESSES if process.follows]


@pytest.mark.parametrize("name", FOLLOWERS)
def test_follower_that_is_not_where_the_journal_was_lags(tmp_path: Path, name: str) -> None:
    place = DataDirectory(tmp_path)
    write_journal(place.journal, numbered_events(30))
    watch = LagWatch(tmp_path)
    for follower in FOLLOWERS:
        write_position(place.position(follower), Position(29 if follower == name else 30))
    assert watch.look(1_000.0) == {}, "nobody has had the time yet"
    assert watch.look(1_000.0 + LAG_SECONDS - 1) == {}
    lagging = watch.look(1_000.0 + LAG_SECONDS)
    assert lagging == {name: "it lags: it is at event 29, the journal was at event 30 60 s ago"}
    write_position(place.position(name), Position(30))
    assert watch.look(1_001.0 + LAG_SECONDS) == {}
    forget_position(place.journal)


def test_position_in_another_journal_is_none_in_this_one(tmp_path: Path) -> None:
    place = DataDirectory(tmp_path)
    write_journal(place.journal, numbered_events(30))
    watch = LagWatch(tmp_path)
    for follower in FOLLOWERS:
        journal = "another" if follower == "audit" else ""
        write_position(place.position(follower), Position(30, journal=journal))
    watch.look(1_000.0)
    assert set(watch.look(1_000.0 + LAG_SECONDS)) == {"audit"}
    forget_position(place.journal)


def test_process_that_reads_market_data_lags_too_where_it_shows_how_far_it_is(
    tmp_path: Path,
) -> None:
    place = DataDirectory(tmp_path)
    write_journal(place.journal, numbered_events(30))
    watch = LagWatch(tmp_path)
    for follower in FOLLOWERS:
        write_position(place.position(follower), Position(30))
    watch.look(1_000.0)
    assert watch.look(1_000.0 + LAG_SECONDS) == {}, "it does not run"
    status = place.edge_status("fix-marketdata")
    status.write_bytes(b'{"address":"","position":29}')
    (told,) = watch.look(1_001.0 + LAG_SECONDS).items()
    assert told[0] == "fix-marketdata" and told[1].startswith("it lags: it is at event 29,")
    status.write_bytes(b'{"address":"","position":30}')
    assert watch.look(1_002.0 + LAG_SECONDS) == {}
    status.write_bytes(b'{"address":""}')
    assert watch.look(1_003.0 + LAG_SECONDS) == {}, "it has just begun"
    assert watch.look(1_002.0 + 2 * LAG_SECONDS) == {}
    (told,) = watch.look(1_003.0 + 2 * LAG_SECONDS).items()
    assert told[1].startswith("it lags: it is at event 0,")
    status.unlink()
    assert watch.look(1_004.0 + 2 * LAG_SECONDS) == {}
    forget_position(place.journal)


def test_each_trouble_has_one_alert_while_it_lasts(nats_url: str) -> None:
    alarm = Alarm(nats_url)
    trouble = {"audit": "it lags"}
    assert alarm.hear("consumer_lags", trouble)
    assert not alarm.hear("consumer_lags", {"audit": "it lags more"})
    assert alarm.hear("process_failing", {"audit": "ended 5 times"}), "another kind of trouble"
    assert alarm.hear("consumer_lags", {}) and alarm.hear("consumer_lags", trouble)

    def told() -> list[tuple[str, str, str]]:
        try:
            alerts = asyncio.run(stored_alerts(nats_url))
        except NotFoundError:
            return []  # no alert has come yet, so there is no stream
        return sorted((each["type"], each["consumer"], each["error"]) for each in alerts)

    wait_for(lambda: len(told()) == 3, 30)
    assert told() == [
        ("consumer_lags", "audit", "it lags"),
        ("consumer_lags", "audit", "it lags"),
        ("process_failing", "audit", "ended 5 times"),
    ]


def test_alarm_that_is_closed_tries_no_more() -> None:
    before = threading.active_count()
    alarm = Alarm("nats://127.0.0.1:1")
    alarm.hear("process_failing", {"audit": "ended", "clearing": "ended"})
    alarm.close()
    wait_for(lambda: threading.active_count() <= before, 30)
    alarm.hear("process_failing", {"replica": "ended"})
    wait_for(lambda: threading.active_count() <= before, 30)
