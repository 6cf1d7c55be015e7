"""What a venue consists of, over tiny programs and both real servers."""

import os
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.servers import programs
from tests.servers.conditions import programs_with
from venue.processes import (
    BY_NAME,
    CONSUMER_NICE,
    ENDPOINTS,
    FIX_DROPCOPY,
    GATE,
    METRICS,
    NAMES,
    SINKS,
)
from venue.servers import ServerError, left_over, nats, plan, postgres
from venue.servers.lock import DataDirLock, LockHeld
from venue.servers.needs import needs_of
from venue.servers.ports import PortTaken
from venue.servers.program import Program
from venue.servers.runtime import RuntimeInfo, remove_runtime, write_runtime
from venue.settings.settings import Settings, load_settings

BUS, DATABASE = "nats://venue:hunter2@127.0.0.1:4222", "postgresql://venue:hunter2@127.0.0.1/venue"
OWNER, READER = DATABASE.replace("//venue", "//owner"), DATABASE.replace("//venue", "//reader")
URLS = {
    "nats_url": BUS,
    "database_url": DATABASE,
    "database_owner_url": OWNER,
    "database_reader_url": READER,
}


def _settings(data_dir: Path, *overrides: str) -> Settings:
    return load_settings(overrides=["fix.port=0", *overrides], data_dir=data_dir)


def _tiny(
    data_dir: Path, config: Path | None, overrides: Sequence[str], urls: Mapping[str, str]
) -> list[Program]:
    return [
        programs.program(data_dir, "trading", programs.READY),
        programs.program(data_dir, "clearing", stop_rank=1),
    ]


class _Run:
    """Stops the venue as soon as it is ready, and remembers where it was."""

    def __init__(self) -> None:
        self.info: RuntimeInfo | None = None
        self.stopped = False

    def on_ready(self, info: RuntimeInfo, request_stop: Callable[[], None]) -> None:
        self.info = info
        nats.check_reachable(info.nats)
        postgres.check_reachable(info.database)
        request_stop()

    def on_stop(self) -> None:
        self.stopped = True

    def supervise(self, settings: Settings) -> int:
        return plan.supervise(
            settings,
            config=None,
            overrides=[],
            on_ready=self.on_ready,
            on_stop=self.on_stop,
            table=_tiny,
        )


def test_secrets_go_by_environment_only_to_who_needs_them(tmp_path: Path) -> None:
    overrides = ["fix.port=1", "data_dir=x", *(f"{name}={url}" for name, url in URLS.items())]
    made = {p.name: p for p in plan.programs(tmp_path, Path("v.toml"), overrides, URLS)}
    assert list(made) == ["trading", "publisher", "followers", "replica"]
    variables = {f"VENUE_{name.upper()}{suffix}" for name in URLS for suffix in ("", "_FILE")}
    for program in made.values():
        assert "hunter2" not in " ".join(program.argv)
        assert list(program.argv[4:]) == [
            *("run", program.name, "--data-dir", str(tmp_path)),
            *("--config", "v.toml", "--set", "fix.port=1"),
        ]
    assert all(program.environment.keys() == variables for program in made.values())
    told = {name: {url for url in p.environment.values() if url} for name, p in made.items()}
    assert told["trading"] == {BUS, READER}
    assert told["followers"] == {BUS, DATABASE, OWNER}
    assert told["publisher"] == told["replica"] == {BUS}


def test_process_that_tells_positions_has_the_reader_of_the_ledger_alone(tmp_path: Path) -> None:
    made = plan.programs(tmp_path, None, [], URLS, beside=(FIX_DROPCOPY,))
    assert {url for url in made[-1].environment.values() if url} == {READER}


def test_apart_only_clearing_is_told_of_its_database(tmp_path: Path) -> None:
    made = {p.name: p for p in plan.programs(tmp_path, None, [], URLS, together=False)}
    assert list(made) == list(NAMES)
    told = {name: {url for url in p.environment.values() if url} for name, p in made.items()}
    assert told["trading"] == {BUS, READER}
    assert told["clearing"] == {BUS, DATABASE, OWNER}
    assert all(told[name] == {BUS} for name in told.keys() - {"trading", "clearing"})


@pytest.mark.parametrize("together", [True, False])
def test_each_part_of_the_venue_has_one_process(tmp_path: Path, *, together: bool) -> None:
    made = plan.programs(tmp_path, None, [], {}, together=together)
    parts = [part for program in made for part in program.hosts or (program.name,)]
    assert parts == list(NAMES)


def test_trading_is_stopped_first_then_the_publisher_then_the_consumers(tmp_path: Path) -> None:
    ranks = [(p.name, p.stop_rank, p.nice) for p in plan.programs(tmp_path, None, [], {})]
    assert ranks == [
        ("trading", 0, 0),
        ("publisher", 1, 10),
        ("followers", 2, CONSUMER_NICE),
        ("replica", 2, 19),
    ]
    apart = plan.programs(tmp_path, None, [], {}, together=False)
    sinks = [(p.name, p.stop_rank, p.nice) for p in apart[2:-1]]
    assert sinks == [(sink.name, 2, CONSUMER_NICE) for sink in SINKS]


def test_gate_runs_beside_the_others_and_is_stopped_behind_trading(tmp_path: Path) -> None:
    made = plan.programs(tmp_path, None, [], URLS, beside=(GATE,))
    assert [program.name for program in made] == [
        *("trading", "publisher", "followers", "replica", "gate")
    ]
    assert (made[-1].stop_rank, made[-1].nice) == (2, 0)
    assert not any(made[-1].environment.values())


def test_venue_runs_on_its_embedded_servers_and_leaves_nothing(tmp_path: Path) -> None:
    run = _Run()
    assert run.supervise(_settings(tmp_path)) == 0
    assert run.info is not None
    assert set(run.info.servers) == {"nats", "postgres"}
    assert run.stopped
    assert programs_with(tmp_path) == []
    assert left_over.find(tmp_path / "postgres", "postgres") == []


def test_given_servers_are_used_instead_and_not_stopped(tmp_path: Path) -> None:
    bus, database = nats.start(tmp_path / "given"), postgres.start(tmp_path / "given")
    try:
        run = _Run()
        settings = _settings(
            tmp_path / "data", f"nats_url={bus.url}", f"database_url={database.url}"
        )
        assert run.supervise(settings) == 0
        assert run.info is not None
        assert (run.info.nats, run.info.database) == (bus.url, database.url)
        assert run.info.servers == {}
        nats.check_reachable(bus.url)
        postgres.check_reachable(database.url)
        database.stop()
        with pytest.raises(ServerError, match=r"database_url .*Connection refused"):
            run.supervise(settings)
        bus.stop()
        with pytest.raises(ServerError, match=r"nats_url .*Connection refused"):
            run.supervise(settings)
    finally:
        bus.stop()
        database.stop()
    assert programs_with(tmp_path) == []


def test_taken_fix_port_and_living_trading_process_are_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "DYING_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = _settings(tmp_path, f"fix.port={server.getsockname()[1]}")
        with pytest.raises(PortTaken, match=rf"is taken by pid {os.getpid()} \("):
            _Run().supervise(settings)
    with DataDirLock(tmp_path), pytest.raises(LockHeld):
        _Run().supervise(_settings(tmp_path))
    assert not (tmp_path / "logs").exists()


def test_more_replicas_than_the_embedded_server_can_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"nats\.replicas = 3 needs as many servers"):
        _Run().supervise(_settings(tmp_path, "nats.replicas=3"))
    assert not (tmp_path / "logs").exists()


def test_process_of_its_own_finds_the_servers_of_the_running_venue(tmp_path: Path) -> None:
    settings, clearing = _settings(tmp_path), BY_NAME["clearing"]
    database_only = clearing._replace(needs=("database_url",))
    with pytest.raises(ServerError, match="nats_url is not set and no venue runs in "):
        needs_of(BY_NAME["audit"], settings)
    with pytest.raises(ServerError, match="database_url is not set and no venue runs in "):
        needs_of(database_only, settings)
    info = RuntimeInfo(
        fix="127.0.0.1:1",
        nats=BUS,
        database=DATABASE,
        data_dir=str(tmp_path),
        pid=os.getpid(),
        pid_start_ticks=left_over.start_ticks(os.getpid()) or 0,
        started_ns=1,
    )
    write_runtime(tmp_path, info)
    assert needs_of(clearing, settings) == [BUS, DATABASE, DATABASE]
    remove_runtime(tmp_path)
    given = _settings(tmp_path, f"nats_url={BUS}", f"database_url={DATABASE}")
    assert needs_of(clearing, given) == [BUS, DATABASE, DATABASE]
    given = _settings(tmp_path, *(f"{name}={url}" for name, url in URLS.items()))
    assert needs_of(clearing, given) == [BUS, DATABASE, OWNER]
    assert needs_of(GATE, settings) == []


def test_files_of_the_working_directory_are_not_run(tmp_path: Path) -> None:
    """A cli.py or venue.py that lies about where somebody starts the venue is nobody's code."""
    for name in ("cli.py", "venue.py", "structlog.py"):
        (tmp_path / name).write_text("print('foreign')")
    for program in plan.programs(tmp_path, None, [], URLS, beside=(GATE,)):
        done = subprocess.run(
            [*program.argv, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert "foreign" not in done.stdout and program.name in done.stdout


def test_metrics_have_ports_in_a_row_which_a_start_finds_free_or_is_refused(tmp_path: Path) -> None:
    _, addresses, found = plan._beside(_settings(tmp_path))
    assert METRICS.name not in addresses
    chosen = _settings(tmp_path, "metrics.enabled=true", "metrics.port=0")
    beside, addresses, found = plan._beside(chosen)
    (override,) = [each for each in found if each.startswith("metrics.port=")]
    port = int(override.partition("=")[2])
    assert METRICS in beside
    assert addresses[METRICS.name] == f"127.0.0.1:{port}"
    with socket.create_server(("127.0.0.1", port + len(ENDPOINTS) - 1)):
        settings = _settings(tmp_path, "metrics.enabled=true", override, "nats.port=0")
        with pytest.raises(PortTaken, match=f"port {port + len(ENDPOINTS) - 1} "):
            _Run().supervise(settings)
