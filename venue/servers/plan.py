"""The parts of a venue: its processes, its servers, and the checks before anything starts.

May know the settings. Credentials go to the processes that need them by environment, never argv.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from venue.bus.permissions import SERVICES
from venue.checked_configuration import CheckedConfiguration
from venue.data_directory import SUPERVISOR_LOCK, DataDirectory
from venue.journal.durable import forget_ended_position
from venue.journal.files import NotPrivate, ensure_private
from venue.journal.identity import JournalIsCopy, identify_journal, journal_identity
from venue.journal.origin import RestoreUnfinished, read_origin
from venue.journal.running import HistoryLock, HistoryRuns
from venue.processes import (
    DATA_PROCESSES,
    ENDPOINTS,
    GATE,
    GATEWAY,
    METRICS,
    RECONCILER,
    TRACER,
    TRADING,
    Process,
    started,
)
from venue.servers import ServerError, nats, postgres
from venue.servers.embedded import EmbeddedServer
from venue.servers.lock import DataDirLock
from venue.servers.nats import NatsServer
from venue.servers.ports import ensure_free, free_port, free_ports
from venue.servers.postgres import PostgresServer
from venue.servers.program import Program
from venue.servers.runtime import RuntimeInfo
from venue.servers.supervisor import Supervisor
from venue.settings.session_kinds import SessionKind
from venue.settings.settings import Settings
from venue.settings.url_files import URL_FILES
from venue.settings.urls import URLS, server_urls
from venue.tracing.export import ensure_installed

URL_SECONDS = 3.0
"""How long a server that was given by URL may take to answer, before anything is started."""
DYING_SECONDS = 2.0
"""How long to wait for the trading process and the port of a run that was just killed."""

ProgramTable = Callable[[Path, Path | None, Sequence[str], Mapping[str, str]], list[Program]]
"""Data directory, configuration file, overrides, URLs by setting -> programs."""

_PASSED_OTHERWISE = ("data_dir", *URLS)


def supervise(
    settings: Settings,
    *,
    config: Path | None,
    overrides: Sequence[str],
    on_ready: Callable[[RuntimeInfo, Callable[[], None]], None],
    on_stop: Callable[[], None] = lambda: None,
    table: ProgramTable | None = None,
) -> int:
    """Run the whole venue until it is asked to stop; returns its exit status.

    config, overrides: the sources of the settings. The processes read a copy of the files, which
    is made and checked here (venue/checked_configuration.py). table: makes other programs, for
    tests. on_ready: gets where the venue is, and a function that asks it to stop. Raises
    ConfigurationError, OSError and ServerError (LockHeld, ...) if the venue cannot start.
    """
    data_dir = settings.data_dir
    with DataDirLock(data_dir, SUPERVISOR_LOCK):
        _check(settings)
        files = CheckedConfiguration(data_dir, overrides)
        files.take(config).put_in_force()
        urls = server_urls(settings)
        servers: list[EmbeddedServer] = []
        logins: dict[str, str] = {}
        if not settings.nats_url:
            nats_server = NatsServer(data_dir, host=settings.nats.host, port=settings.nats.port)
            servers.append(nats_server)
            urls["nats_url"] = nats_server.url
            logins = {name: nats_server.url_of(name) for name in SERVICES}
        if not settings.database_url:
            servers.append(postgres_server := PostgresServer(data_dir, port=settings.postgres.port))
            urls |= postgres_server.urls
        beside, addresses, found = _beside(settings)
        overrides = [*overrides, *found]
        together = settings.processes.followers == "together"
        elsewhere = settings.processes.elsewhere
        table = table or partial(
            programs, beside=beside, together=together, elsewhere=elsewhere, logins=logins
        )
        trading, *workers = table(data_dir, files.index, overrides, urls)
        supervisor = Supervisor(
            data_dir,
            trading=trading,
            workers=workers,
            servers=servers,
            nats_url=urls["nats_url"],
            database_url=urls["database_reader_url"],
            config=settings.configuration_files()[0],
            addresses=addresses,
            elsewhere=elsewhere,
        )
        stop = supervisor.signals.request
        try:
            return supervisor.run(lambda info: on_ready(info, stop), on_stop)
        finally:
            forget_ended_position(DataDirectory(data_dir).journal)  # all its readers have stopped


def _beside(settings: Settings) -> tuple[list[Process], dict[str, str], list[str]]:
    """Processes that run where they are configured, addresses of those with a port, settings."""
    served = [each for each in DATA_PROCESSES if settings.enabled_sessions(_kind(each))]
    beside = [*(() if settings.gate is None else (GATE,)), *served]
    addresses, found = data_addresses(settings, served)
    if settings.reconcile.seconds:
        beside.append(RECONCILER)
    if settings.gateway.enabled:
        beside.append(GATEWAY)
        addresses[GATEWAY.name], own = gateway_address(settings)
        found += own
    if settings.tracing.enabled:
        beside.append(TRACER)
    if settings.metrics.enabled:
        beside.append(METRICS)
        host, port = settings.metrics.host, settings.metrics.port
        first = port or free_ports(host, len(ENDPOINTS))
        addresses[METRICS.name] = f"{host}:{first}"
        found += [] if port else [f"metrics.port={first}"]
    return beside, addresses, found


def programs(
    data_dir: Path,
    config: Path | None,
    overrides: Sequence[str],
    urls: Mapping[str, str],
    beside: Sequence[Process] = (),
    *,
    together: bool = True,
    elsewhere: Collection[str] = (),
    logins: Mapping[str, str] = MappingProxyType({}),
) -> list[Program]:
    """The venue's processes, trading first, in the order in which they are stopped.

    urls: with credentials, by setting. Each process is given those that it needs, and none of the
    others, wherever they were configured. beside: further processes, stopped after trading, because
    its logouts go through the gate. together: one process hosts the sinks. elsewhere: sinks that
    are not started here.
    logins: NATS URLs of processes that have one of their own.
    """
    options = ["--data-dir", str(data_dir)]
    options += ["--config", str(config)] if config is not None else []
    for override in overrides:
        if override.partition("=")[0].strip() not in _PASSED_OTHERWISE:
            options += ["--set", override]
    return [
        Program(
            name=process.name,
            argv=[sys.executable, "-P", "-m", "venue", "run", process.name, *options],
            environment={
                **dict.fromkeys(URL_FILES, ""),  # what they name was read; each is told its own
                **{f"VENUE_{name.upper()}": _url(process, name, urls, logins) for name in URLS},
            },
            nice=process.nice,
            stop_rank=process.stop_rank,
            stop_seconds=process.stop_seconds,
            port_setting="fix.port" if process is TRADING else "",
            hosts=process.hosts,
        )
        for process in (*started(together=together, elsewhere=elsewhere), *beside)
    ]


def _url(process: Process, name: str, urls: Mapping[str, str], logins: Mapping[str, str]) -> str:
    if not process.is_told(name):
        return ""
    own = logins.get(process.name, "") if name == "nats_url" else ""
    return own or urls.get(name, "")


def _kind(process: Process) -> SessionKind:
    assert process.serves
    return process.serves


def data_addresses(
    settings: Settings, processes: Sequence[Process]
) -> tuple[dict[str, str], list[str]]:
    """HOST:PORT of each process that serves sessions, by name, and the settings that say so.

    Where any free port is wanted one is chosen here, so that a process that is started again has
    the same.
    """
    addresses: dict[str, str] = {}
    overrides: list[str] = []
    for process in processes:
        section = settings.listens(_kind(process))
        port = section.port or free_port(section.host)
        addresses[process.name] = f"{section.host}:{port}"
        if not section.port:
            overrides.append(f"fix_{process.serves}.port={port}")
    return addresses, overrides


def gateway_address(settings: Settings) -> tuple[str, list[str]]:
    """HOST:PORT of the gateway, and the settings that say so; see `data_addresses`."""
    section = settings.gateway
    port = section.port or free_port(section.host)
    return f"{section.host}:{port}", [] if section.port else [f"gateway.port={port}"]


def _check(settings: Settings) -> None:
    """Raise ServerError for what cannot work, before anything is started; ConfigurationError for
    libraries that are missing."""
    if settings.tracing.enabled:
        ensure_installed()
    try:
        ensure_private(settings.data_dir)
    except NotPrivate as error:
        raise ServerError(str(error)) from error
    if settings.nats_url:
        nats.check_reachable(settings.nats_url, URL_SECONDS)
    elif settings.nats.replicas > 1:
        raise ServerError(
            f"nats.replicas = {settings.nats.replicas} needs as many servers: give nats_url of a "
            "cluster; the embedded one is 1"
        )
    for name in ("database_url", "database_owner_url", "database_reader_url"):
        url = getattr(settings, name)
        if url and not settings.database_url:
            raise ServerError(f"{name} is given without database_url: set that, too")
        if url:
            postgres.check_reachable(url, URL_SECONDS, name)
    trading_lock = DataDirLock(settings.data_dir)
    trading_lock.acquire(DYING_SECONDS)
    trading_lock.release()
    _check_history(DataDirectory(settings.data_dir).journal)
    ensure_free(settings.fix.host, settings.fix.port, DYING_SECONDS)
    for process in DATA_PROCESSES:
        if settings.enabled_sessions(_kind(process)):
            section = settings.listens(_kind(process))
            ensure_free(section.host, section.port, DYING_SECONDS)
    if settings.gateway.enabled:
        ensure_free(settings.gateway.host, settings.gateway.port, DYING_SECONDS)
    if settings.metrics.enabled and settings.metrics.port:
        for place in range(len(ENDPOINTS)):
            ensure_free(settings.metrics.host, settings.metrics.port + place, DYING_SECONDS)
    if settings.gate is not None:
        for port in settings.gate.ports().values():
            ensure_free(settings.gate.host, port, DYING_SECONDS)


def _check_history(journal: Path) -> None:
    """Raise ServerError where trading would refuse the journal because of another venue here.

    Trading looks too, once it has executed the journal: that may take long, and servers start
    meanwhile.
    """
    try:
        origin = read_origin(journal)
        identity = journal_identity(journal)
        if not identity:
            return
        identify_journal(journal)
        lock = HistoryLock()
        lock.acquire(identity, () if origin is None else origin.ancestors, DYING_SECONDS)
        lock.release()
    except (HistoryRuns, JournalIsCopy, RestoreUnfinished) as error:
        raise ServerError(str(error)) from error
