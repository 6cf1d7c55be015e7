"""What the channel `status` says: phases of all symbols, and whether it all is current. Pure."""

from typing import Literal

from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import Channel, StatusSnapshot, StatusUpdate, SymbolStatus
from venue.marketdata.messages import Status


class StatusSource:
    """is_current: market data follow the venue's. is_on: trading answers; neither is known yet."""

    def __init__(self, epoch: str) -> None:
        self._symbols: dict[str, SymbolStatus] = {}
        self.is_current = False
        self.is_on = False
        self.feed = Feed(Key(Channel.STATUS), epoch, self._whole, is_kept=False)

    def take(self, status: Status) -> None:
        """Say a symbol's status where it has changed."""
        told = SymbolStatus(
            symbol=status.symbol,
            trading_day=status.trading_day,
            phase=status.phase.value,
            session_phase=(status.session_phase or status.phase).value,
            disabled=status.disabled,
        )
        if self._symbols.get(status.symbol) != told:
            self._symbols[status.symbol] = told
            self._say((told,))

    def set(self, *, is_current: bool, is_on: bool) -> None:
        """Say how market data and trading are where that has changed."""
        if (is_current, is_on) != (self.is_current, self.is_on):
            self.is_current, self.is_on = is_current, is_on
            self._say(())

    @property
    def _market_data(self) -> Literal["current", "stale"]:
        return "current" if self.is_current else "stale"

    @property
    def _trading(self) -> Literal["on", "away"]:
        return "on" if self.is_on else "away"

    def _say(self, symbols: tuple[SymbolStatus, ...]) -> None:
        self.feed.say(
            StatusUpdate(
                epoch=self.feed.epoch,
                number=self.feed.number + 1,
                market_data=self._market_data,
                trading=self._trading,
                symbols=symbols,
            )
        )

    def _whole(self) -> StatusSnapshot:
        return StatusSnapshot(
            epoch=self.feed.epoch,
            number=self.feed.number,
            market_data=self._market_data,
            trading=self._trading,
            symbols=tuple(self._symbols[symbol] for symbol in sorted(self._symbols)),
        )
