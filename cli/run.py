"""`venue run`: the whole venue, or one of its processes, in the foreground.

Parses, calls, prints: one line on stdout when logons are accepted, one line on stderr when not.
"""

import errno
import os
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer

from venue import compiled_core, logs
from venue.checked_configuration import CheckedConfiguration
from venue.cli.options import DataDirOption, given_data_dir, not_a_directory
from venue.data_directory import DataDirectory
from venue.journal.origin import RestoreUnfinished, read_origin
from venue.masking import mask_url
from venue.processes import BY_NAME, GATEWAY, TRADING, Process
from venue.servers import ServerError
from venue.servers.first_room import ensure_room
from venue.servers.needs import needs_of
from venue.servers.runtime import READY_FD_VARIABLE, RuntimeInfo, report_failure
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings, load_settings

_DEMO_END_SECONDS = 10.0
_NAMES = ", ".join(BY_NAME)
_DEMO_SETTINGS = ("gateway.enabled", "gateway.demo_users", "gateway.operators")
"""What the demo switches on unless --set says otherwise."""
_log = structlog.get_logger()


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


def _process_named(name: str) -> Process:
    if name not in BY_NAME:
        raise typer.BadParameter(f"{name} is none of {_NAMES}")
    return BY_NAME[name]


def run(
    context: typer.Context,
    process: Annotated[
        Process | None,
        typer.Argument(parser=_process_named, metavar="PROCESS", help=f"One: {_NAMES}."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./venue.toml.")
    ] = None,
    data_dir: DataDirOption = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting.")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="With simulated counterparties, a live screen, the gateway."),
    ] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Of the log lines on stderr.")
    ] = None,
) -> None:
    """Run the venue until Ctrl-C or SIGTERM; a second Ctrl-C kills it at once.

    Prints one line when logons are accepted:
    venue ready fix=HOST:PORT nats=URL database=URL data=DIR core=compiled

    With [gate] configured there is gate=HOST:PORT too (and gate-marketdata=, gate-dropcopy=), with
    sessions of market data or drop copies fix-marketdata=HOST:PORT and fix-dropcopy=HOST:PORT, with
    the gateway gateway=http://HOST:PORT, for a browser. core=pure: the core is not compiled.

    Examples:

        venue run

        venue run --demo

        venue run --set fix.port=9900 --data-dir /var/lib/venue

        venue run clearing --data-dir /var/lib/venue
    """
    overrides = list(set_ or [])
    if log_format is not None:
        overrides.append(f"log_format={log_format.value}")
    if demo:
        overrides += demo_overrides(overrides)
    data_dir = given_data_dir(context, data_dir)
    try:
        settings = _load(config, overrides, data_dir)
        if wrong := not_a_directory(settings.data_dir):
            raise ConfigurationError(wrong)
        if process is not None:
            _configure_logs(process.name, settings)
            files = CheckedConfiguration(settings.data_dir, overrides)
            raise typer.Exit(_run_process(process, settings, files))
        status = _run_all(settings, config, overrides, demo=demo)
    except (ConfigurationError, RestoreUnfinished, ServerError, OSError) as error:
        status = getattr(error, "exit_status", 2)
        report_failure(_in_words(error), status)
        typer.echo(_in_words(error), err=True)
    raise typer.Exit(status)


def demo_overrides(given: Sequence[str]) -> list[str]:
    """What the demo sets where --set and the environment do not: the gateway, users to try it."""
    named = {each.partition("=")[0].strip() for each in given}
    return [
        f"{key}=true"
        for key in _DEMO_SETTINGS
        if key not in named and f"VENUE_{key.upper().replace('.', '__')}" not in os.environ
    ]


def _load(config: Path | None, overrides: list[str], data_dir: Path | None) -> Settings:
    """Settings, with the pipe to the supervisor hidden: it is no setting, unknown are errors."""
    ready_fd = os.environ.pop(READY_FD_VARIABLE, None)
    try:
        if data_dir is None:
            return load_settings(config, overrides)
        return CheckedConfiguration(data_dir, overrides).load(config)
    finally:
        if ready_fd is not None:
            os.environ[READY_FD_VARIABLE] = ready_fd


def _configure_logs(process: str, settings: Settings, file: Path | None = None) -> None:
    logs.configure(process, format=settings.log_format, level=settings.log_level, file=file)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {error}; free some space, then start again"
    return str(error)


def _run_all(settings: Settings, config: Path | None, overrides: list[str], *, demo: bool) -> int:
    from venue.servers import plan  # here, for a process does without its supervisor

    ensure_room(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _configure_logs("supervisor", settings, DataDirectory(settings.data_dir).log("supervisor"))
    origin = read_origin(DataDirectory(settings.data_dir).journal)
    if origin is not None and origin.ancestors:
        from venue.backup.original import ensure_not_on_original  # here, for it brings in drivers

        ensure_not_on_original(settings, origin)
    simulation = _Demo(settings) if demo else None

    def on_ready(info: RuntimeInfo, request_stop: Callable[[], None]) -> None:
        nats, database = mask_url(info.nats), mask_url(info.database)
        gates = {} if settings.gate is None else settings.gate.addresses()
        addresses = {**gates, **info.addresses}
        place = f"fix={info.fix}"
        if GATEWAY.name in addresses:
            addresses[GATEWAY.name] = f"http://{addresses[GATEWAY.name]}"
        place += "".join(f" {name}={address}" for name, address in addresses.items())
        print(
            f"venue ready {place} nats={nats} database={database} data={settings.data_dir}"
            f" core={info.core}",
            flush=True,
        )
        if info.core == compiled_core.PURE:
            cure = f"{compiled_core.how_to_compile()}; until then the venue is slower"
            _log.warning("the core is not compiled", why=compiled_core.why_pure(), cure=cure)
        if simulation is not None:
            simulation.start(info, request_stop)

    def on_stop() -> None:
        if simulation is not None:
            simulation.end()

    status = plan.supervise(
        settings, config=config, overrides=overrides, on_ready=on_ready, on_stop=on_stop
    )
    return 1 if simulation is not None and simulation.has_failed else status


def _run_process(process: Process, settings: Settings, files: CheckedConfiguration) -> int:
    """One process in the foreground, until SIGTERM or SIGINT has stopped it; its exit status."""
    try:
        if process is TRADING:
            from venue import app  # here, for it brings in QuickFIX

            return app.run_trading(settings, files)
        from venue import workers  # here, for trading needs no event loop

        needs = needs_of(process, settings)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # away from trading's
        return workers.run_process(process, settings, *needs)
    except (ConfigurationError, ServerError):
        raise
    except Exception as error:
        report_failure(f"{process.name} failed: {type(error).__name__}: {error}")
        _log.exception("failed", name=process.name)
        return 1


class _Demo:
    """The simulated counterparties: in a thread, for the main one has to supervise."""

    def __init__(self, settings: Settings) -> None:
        self.has_failed = False
        self._settings = settings
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, info: RuntimeInfo, request_stop: Callable[[], None]) -> None:
        """Begin trading; the venue is asked to stop when the demo ends."""
        self._thread = threading.Thread(
            target=self._run, args=(info, request_stop), name="demo", daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Log the counterparties out while the venue still answers."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_DEMO_END_SECONDS)

    def _run(self, info: RuntimeInfo, request_stop: Callable[[], None]) -> None:
        from venue.cli.screen import live  # here, for it brings in QuickFIX and the screen
        from venue.cli.screen.demo_operator import add_demo_operator

        try:
            add_demo_operator(self._settings)
            live.run_demo(self._settings, info, self._stop)
        except Exception:
            self.has_failed = True
            _log.exception("the demo failed")
        finally:
            request_stop()
