"""What would stop or change the next start: ports, servers, the journal, the clock, who halts.

Asks as a start does, and starts nothing. A venue that runs has its own ports and locks.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from venue.bus.parking import read_parked
from venue.clock import duration
from venue.data_directory import SUPERVISOR_LOCK, DataDirectory
from venue.doctor.finding import Finding, error, warning
from venue.journal.files import NotPrivate, ensure_private
from venue.journal.identity import is_at_home
from venue.journal.origin import RestoreUnfinished, read_origin
from venue.journal.segment import JournalDamage, list_segments
from venue.processes import ENDPOINTS
from venue.replay.snapshot import SnapshotDamage, list_snapshots, load_snapshot
from venue.servers import ServerError, nats, postgres
from venue.servers.lock import is_held
from venue.servers.ports import ensure_free
from venue.settings.session_kinds import DATA_KINDS
from venue.settings.settings import Settings

_BEHIND_NS = 10_000_000_000
_SERVER_SECONDS = 3.0


class Embedded(NamedTuple):
    """An embedded server: name, its name in words, the setting of one's own instead of it, the file
    in its directory with its version, and how the installed version is asked for."""

    name: str
    title: str
    setting: str
    file: str
    installed: Callable[[], str]

    def version_file(self, place: DataDirectory) -> Path:
        """The file with the version that wrote its data."""
        return place.server(self.name) / self.file


EMBEDDED = (
    Embedded("nats", "nats-server", "nats_url", "NATS_VERSION", nats.major_version),
    Embedded("postgres", "PostgreSQL", "database_url", "PG_VERSION", postgres.major_version),
)


def configured_ports(settings: Settings) -> dict[str, tuple[str, int]]:
    """Host and port by setting, of all that `venue run` would listen on; free ones left out."""
    found = {"fix.port": (settings.fix.host, settings.fix.port)}
    for kind in DATA_KINDS:
        if settings.enabled_sessions(kind):
            section = settings.listens(kind)
            found[f"fix_{kind}.port"] = section.host, section.port
    if not settings.nats_url:
        found["nats.port"] = settings.nats.host, settings.nats.port
    if not settings.database_url:
        found["postgres.port"] = "127.0.0.1", settings.postgres.port
    if settings.gateway.enabled:
        found["gateway.port"] = settings.gateway.host, settings.gateway.port
    if settings.gate is not None:
        for served, port in settings.gate.ports().items():
            name = "gate.port" if served == "trading" else f"gate.{served}_port"
            found[name] = settings.gate.host, port
    if settings.metrics.enabled and settings.metrics.port:
        for place in range(len(ENDPOINTS)):
            name = f"metrics.port + {place}" if place else "metrics.port"
            found[name] = settings.metrics.host, settings.metrics.port + place
    return {setting: where for setting, where in found.items() if where[1]}


def findings(settings: Settings) -> Iterator[Finding]:
    """Judge what there is."""
    place = DataDirectory(settings.data_dir)
    is_running = place.path.exists() and (
        is_held(place.path) or is_held(place.path, SUPERVISOR_LOCK)
    )
    if not is_running:
        yield from _ports(settings)
    yield from _servers(settings, place)
    if not place.path.exists():
        return
    try:
        ensure_private(place.path)
    except NotPrivate as shared:
        yield error("DIRECTORY_NOT_PRIVATE", str(shared), "chmod go-w and chown as it says")
    if place.journal.exists():
        yield from _journal(place.journal)
    for parked in read_parked(place.path):
        where = f" in front of event {parked.event_seq}" if parked.event_seq else ""
        yield error(
            "CONSUMER_HALTED",
            f"{parked.consumer} halts{where}: {parked.error}",
            "mend the cause, then end the process that `venue status` names: it begins there again",
        )


def _ports(settings: Settings) -> Iterator[Finding]:
    for setting, (host, port) in configured_ports(settings).items():
        try:
            ensure_free(host, port)
        except ServerError as taken:
            yield error("PORT_TAKEN", f"{setting}: {taken}", f"end that process, or set {setting}")


def _servers(settings: Settings, place: DataDirectory) -> Iterator[Finding]:
    given: dict[str, Callable[[], Any]] = {
        "nats_url": lambda: nats.check_reachable(settings.nats_url, _SERVER_SECONDS),
        "database_url": lambda: postgres.check_reachable(settings.database_url, _SERVER_SECONDS),
    }
    for server in EMBEDDED:
        if getattr(settings, server.setting):
            try:
                given[server.setting]()
            except ServerError as away:
                yield error(
                    "SERVER_AWAY",
                    str(away),
                    f"start that server, or correct {server.setting}: the venue does not start "
                    "without",
                )
        elif (found := other_version(server, place)) is not None:
            yield found


def other_version(server: Embedded, place: DataDirectory) -> Finding | None:
    """What is wrong with the installed server beside the data that there are; None: nothing."""
    try:
        version = server.installed()
    except ServerError as missing:
        return error("SERVER_MISSING", str(missing), "make setup, or give the URL of your own")
    written = server.version_file(place)
    if written.exists() and (by := written.read_text().strip()) != version:
        return error(
            "SERVER_OF_OTHER_VERSION",
            f"{written.parent} was written by version {by}, and {version} is installed",
            f"install version {by}, or move {written.parent} away: it is filled again from "
            "the journal",
        )
    return None


def _journal(journal: Path) -> Iterator[Finding]:
    try:
        read_origin(journal)
    except RestoreUnfinished as unfinished:
        yield error("RESTORE_UNFINISHED", str(unfinished), "remove that directory, restore again")
        return
    try:
        segments = list_segments(journal)
    except (JournalDamage, ValueError) as damage:
        yield error(
            "JOURNAL_DAMAGED",
            str(damage),
            "restore the missing files or a backup (docs/OPERATING.md); venue journal verify",
        )
        return
    try:
        if segments and not is_at_home(journal):
            yield error(
                "JOURNAL_IS_COPY",
                f"{journal} was made in another directory: a start refuses it",
                "if the original will not run again: venue journal adopt",
            )
    except FileNotFoundError as missing:
        yield error("JOURNAL_DAMAGED", str(missing), "restore that file from a backup")
    yield from _snapshots(journal)


def _snapshots(journal: Path) -> Iterator[Finding]:
    """The newest snapshot: whether it can be read, and whether the clock is behind it."""
    for file in list_snapshots(journal)[:1]:
        try:
            snapshot = load_snapshot(file.path)
        except (SnapshotDamage, OSError) as damage:
            yield warning(
                "SNAPSHOT_DAMAGED",
                str(damage),
                "remove it; a start passes it over and executes more of the journal",
            )
            continue
        behind_ns = snapshot.timestamp_ns - time.time_ns()
        if behind_ns > _BEHIND_NS:
            yield error(
                "CLOCK_BEHIND_JOURNAL",
                f"the machine's clock is {duration(behind_ns)} behind the journal's time",
                "set the clock right before the venue starts: its time never goes back",
            )
