"""Sinks that run apart from the venue: it starts none of them, and asks nobody how far they are."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest

from tests.dropcopy.events import numbered_events, write_journal
from tests.running_venue import RunningVenue
from tests.said_to_run import say_it_runs
from tests.servers.conditions import wait_for
from tests.test_whole_venue import log_on, trade
from venue.bus.position_file import Position, write_position
from venue.data_directory import DataDirectory
from venue.health import health
from venue.journal.durable import forget_position
from venue.processes import NAMES, PROCESSES, SINKS
from venue.servers import plan
from venue.servers.lag_watch import LAG_SECONDS, LagWatch
from venue.servers.runtime import find_running
from venue.settings.sections import ProcessesSettings

STOP_SECONDS = 30
APART = ("clearing", "dropcopy")


def test_each_sink_may_be_named_and_nothing_else() -> None:
    (names, _) = get_args(ProcessesSettings.model_fields["elsewhere"].annotation)
    assert list(get_args(names)) == [sink.name for sink in SINKS]


@pytest.mark.parametrize("together", [True, False])
def test_all_others_are_started(tmp_path: Path, *, together: bool) -> None:
    made = plan.programs(tmp_path, None, [], {}, together=together, elsewhere=APART)
    parts = [part for program in made for part in program.hosts or (program.name,)]
    assert parts == [name for name in NAMES if name not in APART]


def test_where_all_are_elsewhere_nothing_hosts_them(tmp_path: Path) -> None:
    everyone = [sink.name for sink in SINKS]
    made = plan.programs(tmp_path, None, [], {}, elsewhere=everyone)
    assert [program.name for program in made] == ["trading", "publisher", "replica"]


def test_nobody_is_alarmed_about_one_that_is_elsewhere(tmp_path: Path) -> None:
    place = DataDirectory(tmp_path)
    write_journal(place.journal, numbered_events(30))
    for process in PROCESSES:
        if process.follows and process.name not in APART:
            write_position(place.position(process.name), Position(30))
    watch, anxious = LagWatch(tmp_path, APART), LagWatch(tmp_path)
    for each in (watch, anxious):
        each.look(1_000.0)
    assert watch.look(1_000.0 + LAG_SECONDS) == {}
    assert set(anxious.look(1_000.0 + LAG_SECONDS)) == set(APART)
    forget_position(place.journal)


@contextmanager
def clearing_apart(venue: RunningVenue, scratch: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`venue run clearing` as on another machine: its own data directory, its URLs in files."""
    key = venue.json("journal", "key")["publisher_key"]
    environment = {**os.environ, "VENUE_NATS__PUBLISHER_KEY": key}
    for name, url in venue.urls_of("clearing").items():
        file = scratch / name
        file.write_text(f"{url}\n")
        environment[f"VENUE_{name.upper()}_FILE"] = str(file)
    argv = [sys.executable, "-P", "-m", "venue", "run", "clearing"]
    with (scratch / "clearing.log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "--data-dir", str(scratch / "data")], env=environment, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_ledger_is_booked_from_afar_by_seals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUE_PROCESSES__ELSEWHERE", '["clearing"]')
    monkeypatch.setenv("VENUE_NATS__SEAL", "true")
    with RunningVenue(tmp_path / "data") as venue:
        status = venue.json("status")
        assert status["elsewhere"] == ["clearing"] and status["healthy"]
        assert "clearing" not in [row["process"] for row in status["processes"]]
        assert "elsewhere, asked where they run: clearing" in venue.command("status").stdout
        alpha, bravo = log_on(venue)
        trade(alpha, bravo, "afar")
        scratch = tmp_path / "afar"
        scratch.mkdir()
        wait_for(lambda: (venue.data_dir / "publisher.key").exists(), STOP_SECONDS)
        with clearing_apart(venue, scratch) as process:
            assert venue.wait_for_trades(1)["trades"] == 1
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, (scratch / "clearing.log").read_text()
        venue.disconnect_clients()
        assert venue.stop() == 0
        venue.start()  # its witnesses know the ledger, though nobody here has booked it
    assert not (scratch / "data" / "journal").exists()


def test_no_row_is_made_up_for_it(tmp_path: Path) -> None:
    say_it_runs(tmp_path, database="postgresql://nobody@127.0.0.1:1/venue")
    file = tmp_path / "runtime.json"
    told = {**json.loads(file.read_text()), "elsewhere": [*APART]}
    file.write_text(json.dumps(told))
    running = find_running(tmp_path)
    assert running is not None
    shown = [row.process for row in health(tmp_path, running).processes]
    assert shown == [name for name in NAMES if name not in APART]
