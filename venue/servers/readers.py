"""Adds, changes and removes readers of a running venue's NATS; nobody else is disconnected.

Knows readers.json, the embedded server and the readers' consumers. The file is the record: a
server that starts later reads it, and the drop-copy sink makes consumers that are missing.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from venue.bus.connection import connected
from venue.bus.permissions import OPERATOR, SERVICES
from venue.bus.reader_consumers import (
    make_consumer,
    make_wallet_consumer,
    remove_consumer,
    remove_wallet_consumer,
)
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.journal.identity import journal_identity
from venue.masking import mask_url
from venue.readers_file import Reader, new_reader, read_readers, write_readers
from venue.servers import ServerError
from venue.servers.lock import DataDirLock
from venue.servers.nats import NatsServer
from venue.servers.runtime import RuntimeInfo

LOCK = "readers.lock"
LOCK_SECONDS = 5.0
RELOAD_SECONDS = 10.0
_RELOADS_OF_A_NEW_ACCOUNT = 2
"""nats-server 2.15 makes an account with the first, and its imports of services with the next."""
_LOOK_SECONDS = 0.02
_NAME = re.compile("[A-Za-z0-9_-]{1,32}")
_RELOADED = b"Reloaded server configuration"
_NOT_RELOADED = b"Failed to reload"

_Question = Callable[[JetStreamContext], Awaitable[None]]


class ReaderRefused(Exception):
    """A reader cannot be added, changed or removed; text says why."""


class Readers:
    """The readers of one venue. Every method raises ReaderRefused, ServerError, ConfigurationError.

    A change that NATS does not take is none: a password that nobody was shown is of no use.

    running: where it runs; its NATS has to be the embedded one.
    """

    def __init__(self, data_dir: Path, running: RuntimeInfo) -> None:
        self._data_dir = data_dir
        self._place = DataDirectory(data_dir)
        self._running = running
        self._nats_url = running.nats
        if NatsServer.name not in running.restarts:
            raise ReaderRefused(
                "this venue's NATS is not its own (nats_url): its logins are made there; "
                "`venue reader permissions` prints what each may do"
            )

    def add(self, name: str, member: str) -> str:
        """Add a reader of a member's drop copies; member empty: of market data. The password."""
        if not _NAME.fullmatch(name) or name in (OPERATOR, *SERVICES):
            raise ReaderRefused(
                f"{name!r} is no name of a reader: letters, digits, - and _, at most 32, and no "
                "process of the venue"
            )
        with self._changing(_RELOADS_OF_A_NEW_ACCOUNT) as readers:
            if name in readers:
                raise ReaderRefused(f"there is a reader {name}; `venue reader rotate` changes it")
            made = new_reader(member, Clock().now_ns())
            readers[name] = made.reader
        try:
            self._look_after(name, made.reader)
        except ServerError:
            with self._changing() as readers:
                readers.pop(name, None)
            raise
        return made.password

    def rotate(self, name: str) -> tuple[Reader, str]:
        """Give a reader another password, and end its connections; its place stays."""
        with self._changing() as readers:
            made = new_reader(_of(readers, name).member, Clock().now_ns())
            readers[name] = made.reader
        return made.reader, made.password

    def remove(self, name: str) -> Reader:
        """Remove a reader, its connections and its place."""
        with self._changing() as readers:
            reader = _of(readers, name)
            del readers[name]
        if reader.member:
            try:
                self._ask_nats(lambda jetstream: _remove_consumers(jetstream, name, reader.member))
            except ServerError as error:
                raise ServerError(
                    f"reader {name} is removed, its consumer is not: {error}"
                ) from error
        return reader

    @contextmanager
    def _changing(self, reloads: int = 1) -> Iterator[dict[str, Reader]]:
        lock = DataDirLock(self._data_dir, LOCK)
        lock.acquire(LOCK_SECONDS)
        try:
            readers = read_readers(self._place.readers)
            before = dict(readers)
            yield readers
            write_readers(self._place.readers, readers)
            try:
                self._reload(reloads)
            except ServerError:
                write_readers(self._place.readers, before)
                raise
        finally:
            lock.release()

    def _look_after(self, name: str, reader: Reader) -> None:
        if reader.member:
            journal = journal_identity(self._place.journal)
            self._ask_nats(
                lambda jetstream: _make_consumers(jetstream, name, reader.member, journal)
            )

    def _ask_nats(self, question: _Question) -> None:
        async def ask() -> None:
            async with connected(self._nats_url, "reader") as connection:
                await question(connection.client.jetstream())

        try:
            asyncio.run(ask())
        except (OSError, NatsError) as error:
            url = mask_url(self._nats_url)
            raise ServerError(f"NATS at {url} failed: {error or repr(error)}") from error

    def _reload(self, times: int) -> None:
        """Let the server read its configuration again; it ends connections that changed."""
        at = urlsplit(self._running.nats)
        server = NatsServer(self._data_dir, host=at.hostname or "", port=at.port or 0)
        server.write_config()
        for _ in range(times):
            self._let_read(server)

    def _let_read(self, server: NatsServer) -> None:
        said = server.log_file.stat().st_size
        try:
            os.kill(self._running.servers[NatsServer.name], signal.SIGHUP)
        except (KeyError, ProcessLookupError) as error:
            raise ServerError("NATS is not up now: nothing was changed; try again") from error
        deadline = time.monotonic() + RELOAD_SECONDS
        while time.monotonic() < deadline:
            with server.log_file.open("rb") as log:
                log.seek(said)
                lines = log.read()
            if _NOT_RELOADED in lines:
                raise ServerError(f"NATS does not take its configuration: see {server.log_file}")
            if _RELOADED in lines:
                return
            time.sleep(_LOOK_SECONDS)
        raise ServerError(f"NATS did not read its configuration in {RELOAD_SECONDS:g} s")


async def _make_consumers(
    jetstream: JetStreamContext, name: str, member: str, journal: str
) -> None:
    await make_consumer(jetstream, name, member, journal)
    await make_wallet_consumer(jetstream, name, member, journal)


async def _remove_consumers(jetstream: JetStreamContext, name: str, member: str) -> None:
    await remove_wallet_consumer(jetstream, name)
    await remove_consumer(jetstream, name, member)


def _of(readers: dict[str, Reader], name: str) -> Reader:
    reader = readers.get(name)
    if reader is None:
        raise ReaderRefused(f"there is no reader {name}; `venue reader list` has all")
    return reader
