"""A connection to NATS that ends at the first failure. Its owner then begins anew.

May know nats-py. The client's own reconnecting is off: it would send its buffer again without
asking the stream what it has.
"""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog
from nats.errors import Error as NatsError
from nats.errors import NoServersError

from venue.bus.bulk import BulkClient
from venue.bus.subjects import inbox_prefix

CONNECT_TIMEOUT_SECONDS = 2
FIRST_BACKOFF_SECONDS = 0.05
LONGEST_BACKOFF_SECONDS = 2.0

_USER = re.compile("[A-Za-z0-9_-]+")
_log = structlog.get_logger()


class Connection:
    """A client while it is connected; `on_lost` is called once when it no longer is."""

    def __init__(self) -> None:
        self.client = BulkClient()
        self.on_lost: Callable[[], None] = _nothing


def user_of(nats_url: str) -> str:
    """The user who logs on with a password; empty: with a token, a key or nothing."""
    parts = urlsplit(nats_url.partition(",")[0])
    user = parts.username or ""
    return user if parts.password is not None and _USER.fullmatch(user) else ""


def _nothing() -> None:
    """Nobody waits for anything on this connection."""


@asynccontextmanager
async def connected(nats_url: str, name: str) -> AsyncIterator[Connection]:
    """A connection, closed at the end. Raises OSError, NatsError or TimeoutError when it cannot."""
    connection = Connection()
    troubles: list[Exception] = []

    async def note(error: Exception) -> None:
        troubles[:] = [error]

    async def lost() -> None:
        connection.on_lost()

    try:
        await connection.client.connect(
            nats_url.split(","),
            name=name,
            inbox_prefix=inbox_prefix(user_of(nats_url)),
            allow_reconnect=False,
            # The client would try for two minutes before it says that nobody listens.
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            error_cb=note,
            closed_cb=lost,
        )
    except NoServersError as error:
        raise ConnectionError(f"NATS: {troubles[-1] if troubles else error}") from error
    try:
        yield connection
    finally:
        connection.on_lost = _nothing
        try:
            await connection.client.close()
        except (OSError, NatsError) as error:  # the connection was lost before
            _log.debug("nats_close_failed", name=name, error=repr(error))


class Backoff:
    """Growing pauses between attempts, cut short by a stop."""

    def __init__(self) -> None:
        self._seconds = FIRST_BACKOFF_SECONDS

    def reset(self) -> None:
        """The last attempt has succeeded: begin with the shortest pause again."""
        self._seconds = FIRST_BACKOFF_SECONDS

    async def pause(self, stop: asyncio.Event) -> None:
        """Pause before the next attempt, at most until `stop` is set."""
        seconds, self._seconds = self._seconds, min(self._seconds * 2, LONGEST_BACKOFF_SECONDS)
        await wait_for_stop(stop, seconds)


async def wait_for_stop(stop: asyncio.Event, seconds: float) -> bool:
    """Wait. True as soon as `stop` is set, False when so many seconds have passed."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set. To be called in the running loop of the main thread."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
