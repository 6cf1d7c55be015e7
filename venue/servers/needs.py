"""The URLs that a process needs: from the settings, or from the running venue.

Every process asks at its start. Nothing of the servers is imported where the settings have all.
"""

from pathlib import Path
from urllib.parse import urlsplit

from venue.processes import Process
from venue.servers import ServerError
from venue.servers.runtime import RuntimeInfo, find_running
from venue.settings.settings import Settings
from venue.settings.urls import URLS, server_urls


def needs_of(process: Process, settings: Settings) -> list[str]:
    """URLs that a process needs, from the settings or the running venue. Raises ServerError."""
    given = server_urls(settings)
    if not all(given[need] for need in process.needs):
        running = find_running(settings.data_dir)
        theirs = {} if running is None else _urls_of(running, settings.data_dir, process)
        for need in process.needs:
            given[need] = given[need] or theirs.get(need, "")
            if not given[need]:
                raise ServerError(f"{need} is not set and no venue runs in {settings.data_dir}")
    return [given[need] for need in process.needs]


def _urls_of(running: RuntimeInfo, data_dir: Path, process: Process) -> dict[str, str]:
    """URLs of the servers of a running venue, with the process's logins to embedded ones."""
    from venue.bus.permissions import SERVICES
    from venue.servers.nats import NatsServer
    from venue.servers.postgres import PostgresServer

    urls = dict.fromkeys(URLS, running.database) | {"nats_url": running.nats}
    if NatsServer.name in running.restarts and process.name in SERVICES:
        at = urlsplit(running.nats)
        server = NatsServer(data_dir, host=at.hostname or "", port=at.port or 0)
        urls["nats_url"] = server.url_of(process.name)
    if PostgresServer.name in running.restarts:
        port = urlsplit(running.database).port
        urls |= PostgresServer(data_dir, port=port or 0).urls
    return urls
