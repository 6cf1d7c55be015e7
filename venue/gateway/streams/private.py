"""The members' feeds of orders, fills and alerts: what the hub tells of a member, for his users.

Knows the sessions and the hub. Who may hear a member's feed is asked elsewhere.
"""

from collections import OrderedDict, deque

from venue.bus.alerts import Alert
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.order import Fill, OrderNews
from venue.gateway.orders import Orders
from venue.gateway.sessions import Sessions
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import (
    AlertsSnapshot,
    AlertsUpdate,
    Channel,
    FillsSnapshot,
    FillsUpdate,
    OrdersSnapshot,
    OrdersUpdate,
)

FILLS_KEPT = ALERTS_KEPT = 200
SEEN_MAX = 20_000


class OrdersSource:
    """A member's orders; number: as its session counts their changes."""

    def __init__(self, member: str, epoch: str, orders: Orders) -> None:
        self._orders = orders
        self.feed = Feed(Key(Channel.ORDERS, member), epoch, self._whole, is_kept=True)

    def take(self, news: OrderNews) -> None:
        """Say how an order is now."""
        if news.number != self.feed.number + 1:  # something was not told: who hears gets it whole
            self.feed.begin_again(news.number)
            return
        self.feed.say(OrdersUpdate(epoch=self.feed.epoch, number=news.number, order=news.order))

    def _whole(self) -> OrdersSnapshot:
        return OrdersSnapshot(
            epoch=self.feed.epoch,
            number=self.feed.number,
            is_complete=self._orders.is_known,
            orders=tuple(self._orders.open_orders()),
        )


class FillsSource:
    """A member's executions, each once: a report that comes again after a logon tells none."""

    def __init__(self, member: str, epoch: str) -> None:
        self._fills: deque[Fill] = deque(maxlen=FILLS_KEPT)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.feed = Feed(Key(Channel.FILLS, member), epoch, self._whole, is_kept=True)

    def take(self, fill: Fill) -> None:
        """Say an execution."""
        if fill.exec_id in self._seen:
            return
        self._seen[fill.exec_id] = None
        while len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        self._fills.append(fill)
        number = self.feed.number + 1
        self.feed.say(FillsUpdate(epoch=self.feed.epoch, number=number, fill=fill))

    def _whole(self) -> FillsSnapshot:
        return FillsSnapshot(
            epoch=self.feed.epoch, number=self.feed.number, fills=tuple(self._fills)
        )


class AlertsSource:
    """Alerts of a member, or of the operator."""

    def __init__(self, member: str, epoch: str) -> None:
        self._alerts: deque[Alert] = deque(maxlen=ALERTS_KEPT)
        self.feed = Feed(Key(Channel.ALERTS, member), epoch, self._whole, is_kept=True)

    def take(self, alert: Alert) -> None:
        """Say an alert."""
        self._alerts.append(alert)
        number = self.feed.number + 1
        self.feed.say(AlertsUpdate(epoch=self.feed.epoch, number=number, alert=alert))

    def _whole(self) -> AlertsSnapshot:
        return AlertsSnapshot(
            epoch=self.feed.epoch, number=self.feed.number, alerts=tuple(self._alerts)
        )


class MemberFeeds:
    """The feeds by member."""

    def __init__(self, hub: Hub, sessions: Sessions, epoch: str) -> None:
        self._sessions = sessions
        self._epoch = epoch
        self._orders = {
            member: OrdersSource(member, epoch, sessions.of(member))
            for member in sessions.members()
        }
        self._fills = {member: FillsSource(member, epoch) for member in self._orders}
        self._alerts: dict[str, AlertsSource] = {}
        hub.listen(Topic.ORDERS, EVERYBODY, self._take_order)
        hub.listen(Topic.ALERTS, EVERYBODY, self._take_alert)

    def feed(self, channel: Channel, member: str) -> Feed:
        """A member's feed. Raises Problem FORBIDDEN where it has no session here."""
        if channel is Channel.ALERTS:
            return self._alerts_of(member).feed
        self._sessions.of(member)
        sources = self._orders if channel is Channel.ORDERS else self._fills
        return sources[member].feed

    def _alerts_of(self, member: str) -> AlertsSource:
        found = self._alerts.get(member)
        if found is None:
            found = self._alerts[member] = AlertsSource(member, self._epoch)
        return found

    def _take_order(self, member: str, news: OrderNews) -> None:
        self._orders[member].take(news)
        if news.fill is not None:
            self._fills[member].take(news.fill)

    def _take_alert(self, member: str, alert: Alert) -> None:
        self._alerts_of(member).take(alert)
