"""Who listens to what: news of the gateway's parts handed on, in the loop, to who asked for them.

Knows topics, not news. A listener that fails costs itself: it is said, and hears no more.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import structlog

EVERYBODY = "*"
"""Listens to a topic of all symbols or members."""

Listener = Callable[[str, Any], None]
"""Hears the symbol, member or user that news are of, and the news; in the loop; must not block."""
_log = structlog.get_logger("gateway")


class Topic(StrEnum):
    """What news are about, with whom they are of and what they are.

    MARKET: of a symbol, `venue.marketdata.followed_book.Update`. BARS: of a symbol,
    `venue.marketdata.messages.Bar`. TRADES: of a symbol, `AnyTrade` of there, each once and in its
    order. ORDERS: of a member, `venue.gateway.order.OrderNews`. WALLET:
    of a member, one of `venue.clearing`'s wallet events. ALERTS: of a member, an alert of
    `venue.notify`. LOGINS: of a user, the family of tokens that has ended; empty: all of them.
    LINES: of a member, its FIX session's trouble; empty: it is on.
    """

    MARKET = "market"
    BARS = "bars"
    TRADES = "trades"
    ORDERS = "orders"
    WALLET = "wallet"
    ALERTS = "alerts"
    LOGINS = "logins"
    LINES = "lines"


class Hub:
    """Listeners by topic and of whom."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[Topic, str], dict[int, Listener]] = {}
        self._next = 0

    def listen(self, topic: Topic, of: str, listener: Listener) -> Callable[[], None]:
        """Hear news of `of`, or of EVERYBODY. Returns what ends it; twice is as once."""
        self._next += 1
        key, number = (topic, of), self._next
        self._listeners.setdefault(key, {})[number] = listener

        def end() -> None:
            listening = self._listeners.get(key, {})
            listening.pop(number, None)
            if not listening:
                self._listeners.pop(key, None)

        return end

    def tell(self, topic: Topic, of: str, news: Any) -> None:
        """Hand news on, in the order in which listeners came."""
        for key in ((topic, of), (topic, EVERYBODY)):
            for number, listener in [*self._listeners.get(key, {}).items()]:
                try:
                    listener(of, news)
                except Exception:  # one listener's mistake is not the others'
                    _log.exception("listener_failed", topic=topic, of=of)
                    self._listeners.get(key, {}).pop(number, None)
