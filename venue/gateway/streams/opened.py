"""The streams of a gateway, put together from its parts and its settings."""

from venue.gateway.context import Gateway
from venue.gateway.news import News
from venue.gateway.streams.outbox import Bounds
from venue.gateway.streams.streams import SocketLimits, Streams
from venue.gateway.users import State
from venue.settings.data_sections import GatewaySettings


def open_streams(gateway: Gateway, news: News, section: GatewaySettings) -> Streams:
    """They hear the hub from now on."""

    def is_good(user: str, family: str) -> bool:
        found = gateway.users.get(user)
        is_active = found is not None and found.state is State.ACTIVE
        return is_active and not gateway.tokens.has_ended(family)

    limits = SocketLimits(
        section.sockets_per_address, section.sockets_per_user, frozenset(section.allowed_origins)
    )
    return Streams(
        gateway.hub,
        gateway.markets,
        gateway.sessions,
        gateway.readings,
        news,
        is_good,
        limits,
        Bounds(),
    )
