"""Market data on NATS: md.<symbol>.<kind>, and the last value of each in the KV bucket md_last.

May know NATS and the wire messages; must never decide what is public. If md_last is lost, it is
filled again from memory. Trades are kept in the stream MD_TRADES, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple, TypeVar

import msgspec
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import KeyValueConfig, PubAck
from nats.js.errors import BucketNotFoundError, KeyNotFoundError
from nats.js.kv import KeyValue

from venue.bus.agreement import ensure_owner
from venue.bus.connection import Backoff, connected
from venue.bus.envelope import MESSAGE_ID
from venue.bus.position_file import Position
from venue.bus.stream import ensure_stream, first_event_seq, owner_of
from venue.bus.subjects import LAST_VALUES, PUBLIC_TRADES, STREAM, symbol_token
from venue.marketdata.last_values import Publication
from venue.marketdata.messages import SUBJECT_PREFIX, AnyMarketData, market_data_subject

ALL_TRADES = f"{SUBJECT_PREFIX}.*.trade"

BUCKET = LAST_VALUES
POSITION_KEY = "_position"
ACKNOWLEDGED_WITHIN_SECONDS = 2.0
REPEATS_SECONDS = 120.0
"""So long a trade that is published again is known to the stream of trades."""

_Answer = TypeVar("_Answer")
_DECODER: msgspec.json.Decoder[AnyMarketData] = msgspec.json.Decoder(AnyMarketData)
_log = structlog.get_logger()


class Published(NamedTuple):
    """What an earlier run has published: the last event, and the last values."""

    position: Position
    last_values: list[AnyMarketData]


def last_value_key(symbol: str, kind: str) -> str:
    """Key of a last value in the bucket md_last."""
    return f"{symbol_token(symbol)}.{kind}"


class Broadcast:
    """One connection for publishing, made when needed and dropped at the first trouble."""

    def __init__(
        self,
        nats_url: str,
        name: str,
        journal: Callable[[], str],
        last_values: Callable[[], list[Publication]],
    ) -> None:
        """last_values: gives all last values, for a bucket that was lost. journal: gives our
        journal's identity; nothing is published if the stream of events is of another one."""
        self.replicas = 1
        """Of the bucket, where it has to be made."""
        self._nats_url = nats_url
        self._name = name
        self._journal = journal
        self._last_values = last_values
        self._open = AsyncExitStack()
        self._client: Client | None = None
        self._jetstream: JetStreamContext | None = None
        self._owner = ""

    async def send(self, publications: Sequence[Publication], position: Position) -> None:
        """Publish in order and keep the last values; on return NATS has all up to `position`.

        Raises OSError or NatsError: some may have been published, and all have to be sent again (a
        reader recognises repeats by seq). Raises StreamDisagrees on another venue's NATS.
        """
        try:
            client = await self._connected()
            stored = await self._publish(client, publications)
            try:
                await _keep(client, publications, position)
                if stored is not None:
                    await asyncio.wait_for(stored, ACKNOWLEDGED_WITHIN_SECONDS)
            finally:
                if stored is not None:
                    stored.cancel()
        except (OSError, NatsError):
            await self.close()
            raise

    async def _publish(
        self, client: Client, publications: Sequence[Publication]
    ) -> asyncio.Future[PubAck] | None:
        """Publish in order. Gives what comes once the last trade, and all before, is stored."""
        stored = None
        last_trade = max((publication.trade for publication in publications), default=0)
        for publication in publications:
            subject = market_data_subject(publication.symbol, publication.kind)
            if not publication.trade:
                await client.publish(subject, publication.payload)
                continue
            headers = {MESSAGE_ID: f"{self._owner}-{publication.trade}"}
            if publication.trade < last_trade:
                await client.publish(subject, publication.payload, headers=headers)
            else:
                assert self._jetstream is not None
                stored = await self._jetstream.publish_async(
                    subject, publication.payload, headers=headers
                )
        return stored

    async def fill(self, position: Position) -> None:
        """Put all last values, which are those at `position`, into the bucket; raises as `send`."""
        try:
            await _keep(await self._connected(), self._last_values(), position)
        except (OSError, NatsError):
            await self.close()
            raise

    async def recall(self, stop: asyncio.Event) -> Published | None:
        """What the bucket has, as soon as NATS is there; None when stopped before."""
        return await self._asked(_read, stop)

    async def first_event_in_stream(self, stop: asyncio.Event) -> int | None:
        """The stream's first event, as soon as NATS is there; None: no event, or stopped before."""
        return await self._asked(lambda client: first_event_seq(client.jetstream()), stop)

    async def _asked(
        self, question: Callable[[Client], Awaitable[_Answer]], stop: asyncio.Event
    ) -> _Answer | None:
        backoff = Backoff()
        while not stop.is_set():
            try:
                return await question(await self._connected())
            except (OSError, NatsError) as error:
                _log.warning("nats_unreachable", error=str(error) or repr(error))
                await self.close()
                await backoff.pause(stop)
        return None

    async def close(self) -> None:
        """Close the connection, if there is one."""
        self._client = None
        await self._open.aclose()

    async def _connected(self) -> Client:
        if self._client is None or not self._client.is_connected:
            await self.close()
            connection = await self._open.enter_async_context(
                connected(self._nats_url, f"{self._name}-broadcast")
            )
            client = connection.client
            self._jetstream, self._owner = client.jetstream(), self._journal()
            owner = await owner_of(self._jetstream)
            if owner is None:
                raise ConnectionError(f"there is no stream {STREAM} yet")
            ensure_owner(owner, self._owner)
            await ensure_stream(
                self._jetstream,
                PUBLIC_TRADES,
                ALL_TRADES,
                owner=self._owner,
                direct=True,
                repeats_seconds=REPEATS_SECONDS,
                replicas=self.replicas,
            )
            if await _ensure_bucket(client, self.replicas):
                for publication in self._last_values():
                    await _put(client, publication)
            self._client = client
        return self._client


async def _ensure_bucket(client: Client, replicas: int) -> bool:
    """Make the bucket unless it is there. Returns whether it was made now."""
    jetstream = client.jetstream()
    try:
        await jetstream.key_value(BUCKET)
    except BucketNotFoundError:
        await jetstream.create_key_value(
            KeyValueConfig(bucket=BUCKET, history=1, replicas=replicas)
        )
        return True
    return False


async def _keep(client: Client, publications: Sequence[Publication], position: Position) -> None:
    latest = {(each.symbol, each.kind): each for each in publications}
    for publication in latest.values():
        await _put(client, publication)
    # The server takes one connection's messages in order: with this one acknowledged, the values
    # before it are stored too, without waiting for each.
    await client.jetstream().publish(
        _subject(POSITION_KEY),
        msgspec.json.encode(position),
        timeout=ACKNOWLEDGED_WITHIN_SECONDS,
    )


async def _put(client: Client, publication: Publication) -> None:
    key = last_value_key(publication.symbol, publication.kind)
    await client.publish(_subject(key), publication.payload)


async def last_value_keys(jetstream: JetStreamContext) -> list[str]:
    """All keys in the bucket md_last.

    The client's `keys()` is not used: it can take a bucket for empty that has values.
    """
    subjects = _subject(">")
    state = (await jetstream.stream_info(f"KV_{BUCKET}", subjects_filter=subjects)).state
    prefix = _subject("")
    return [subject.removeprefix(prefix) for subject in state.subjects or {}]


async def _read(client: Client) -> Published:
    jetstream = client.jetstream()
    bucket = await jetstream.key_value(BUCKET)
    keys = [key for key in await last_value_keys(jetstream) if key != POSITION_KEY]
    shown = await _value(bucket, POSITION_KEY)
    position = msgspec.json.decode(shown, type=Position) if shown else Position(0)
    last_values = []
    for key in keys:
        value = await _value(bucket, key)
        if value is not None:
            try:
                last_values.append(_DECODER.decode(value))
            except msgspec.MsgspecError as error:  # another version wrote it: it will be replaced
                _log.warning("last_value_unreadable", key=key, error=str(error))
    return Published(position, last_values)


async def _value(bucket: KeyValue, key: str) -> bytes | None:
    try:
        return (await bucket.get(key)).value
    except KeyNotFoundError:
        return None


def _subject(key: str) -> str:
    return f"$KV.{BUCKET}.{key}"
