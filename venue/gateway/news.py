"""News from NATS for the gateway's parts: bars, trades, the members' wallet events, alerts.

Knows NATS and the hub, and tells the hub what it hears. Trades are told each once and in order,
also those of while NATS was away; of alerts the last ones are told first. Wallet events have
numbers: who needs each one looks at them.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from venue.bus.alerts import Alert
from venue.bus.bulk import BulkClient
from venue.bus.connection import Backoff, connected
from venue.bus.subjects import ALERTS
from venue.clearing.wallet.event import WalletEvent
from venue.domain.events import NO_SYMBOL
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.public_trades import PublicTrades
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import BARS, Bar
from venue.marketdata.trade_history import NoHistory

RETRY_SECONDS = 1.0
LOOKS = 3
"""NATS may tell of an alert before its stream has it: so often it is looked for, a second apart."""
ALERTS_FIRST = 500
"""So many of the last alerts, of all members, are told when the gateway begins."""
_BARS: msgspec.json.Decoder[Bar] = msgspec.json.Decoder(Bar)
_WALLET: msgspec.json.Decoder[WalletEvent] = msgspec.json.Decoder(WalletEvent)
_ALERT: msgspec.json.Decoder[Alert] = msgspec.json.Decoder(Alert)
_log = structlog.get_logger("gateway")
T = TypeVar("T")


class News:
    """again: called whenever a connection begins; what was said before it may have been missed."""

    def __init__(self, nats_url: str, hub: Hub) -> None:
        self._nats_url = nats_url
        self._hub = hub
        self.again: Callable[[], None] = lambda: None
        self._wake = asyncio.Event()
        self._trades = PublicTrades(
            lambda symbol, trade: hub.tell(Topic.TRADES, symbol, trade), self._wake.set
        )
        self._alerts_read = 0
        """Sequence of the last alert that was told, in their stream."""
        self._looks = 0
        self.is_connected = False
        hub.listen(Topic.MARKET, EVERYBODY, self._hear_of_a_book)

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop` is set, through every failure of NATS."""
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                try:
                    async with connected(self._nats_url, "gateway-news") as connection:
                        connection.on_lost = self._wake.set
                        await self._follow(connection.client, stop, backoff)
                except (OSError, NatsError) as error:
                    _log.warning("no_news", error=str(error) or repr(error))
                self.is_connected = False
                await backoff.pause(stop)
        finally:
            stopping.cancel()

    async def _follow(self, client: BulkClient, stop: asyncio.Event, backoff: Backoff) -> None:
        await client.take("md.*.trade", self._take_trade)
        await client.take(f"md.*.{BARS}", self._take_bar)
        await client.take("ledger.*.>", self._take_wallet)
        await client.take("alert.*", self._hear_of_an_alert)
        await client.flush()
        self._trades.begin()
        self.is_connected = True
        self.again()
        while client.is_connected and not stop.is_set():
            self._wake.clear()
            seconds = None if await self._fill_trades(client) else RETRY_SECONDS
            await self._read_alerts(client)
            if self._looks:
                self._looks, seconds = self._looks - 1, RETRY_SECONDS
            backoff.reset()
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _fill_trades(self, client: BulkClient) -> bool:
        """Whether no trade is missing now; where the stream does not tell, they wait."""
        try:
            await self._trades.fill(client)
        except NoHistory as error:
            _log.warning("trades_wait", error=str(error))
            return False
        return True

    def _hear_of_a_book(self, symbol: str, update: Update) -> None:
        if update.fresh:  # trades of between may have been missed
            self._trades.ask_for(symbol)

    def _hear_of_an_alert(self, *_: bytes) -> None:
        self._looks = LOOKS
        self._wake.set()

    def _take_trade(self, subject: bytes, _head: bytes, payload: bytes) -> None:
        self._trades.take(subject.decode().split(".")[1], payload)

    def _take_bar(self, _subject: bytes, _head: bytes, payload: bytes) -> None:
        bar = _read(_BARS, payload)
        if bar is not None:
            self._hub.tell(Topic.BARS, bar.symbol, bar)

    def _take_wallet(self, _subject: bytes, _head: bytes, payload: bytes) -> None:
        event = _read(_WALLET, payload)
        if event is not None:
            self._hub.tell(Topic.WALLET, event.member, event)

    async def _read_alerts(self, client: BulkClient) -> None:
        """Tell what has come into the stream of alerts: it keeps what nobody was there to hear."""
        jetstream = client.jetstream()
        try:
            last = (await jetstream.stream_info(ALERTS)).state.last_seq
            if last < self._alerts_read:  # another stream: NATS has lost the one of before
                self._alerts_read = 0
            at = self._alerts_read or max(0, last - ALERTS_FIRST)
            while at < last:
                message = await jetstream.get_msg(ALERTS, at + 1, subject="alert.*", next=True)
                at = message.seq or last
                alert = _read(_ALERT, message.data or b"")
                if alert is not None:
                    self._hub.tell(Topic.ALERTS, alert.member or NO_SYMBOL, alert)
                self._alerts_read = at
        except NotFoundError:  # nothing has alerted yet, or all of it is too old by now
            return


def _read(decoder: msgspec.json.Decoder[T], payload: bytes) -> T | None:
    """What a message says; None, and a line in the log, where it is none of ours."""
    try:
        return decoder.decode(payload)
    except msgspec.MsgspecError as error:
        _log.warning("news_cannot_be_read", error=str(error))
        return None
