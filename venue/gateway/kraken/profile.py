"""The parts of the Kraken profile, put together once for a gateway.

Knows the gateway and its settings. Decides nothing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from starlette.requests import HTTPConnection

from venue.gateway.callers import Caller
from venue.gateway.context import Gateway
from venue.gateway.kraken.entrance import Entrance
from venue.gateway.kraken.names import Fees, Pairs
from venue.gateway.kraken.nonces import Nonces
from venue.gateway.kraken.shown_books import ShownBooks
from venue.gateway.kraken.tape import Tape
from venue.gateway.orders import Orders
from venue.settings.settings import Settings


class Kraken(NamedTuple):
    """The parts of the profile."""

    gateway: Gateway
    pairs: Pairs
    tape: Tape
    books: ShownBooks
    entrance: Entrance

    def orders(self, caller: Caller) -> Orders:
        """The orders of who calls. Raises Problem FORBIDDEN."""
        return self.gateway.sessions.of(caller.member)

    def close(self) -> None:
        """Stop what runs."""
        self.tape.close()


def kraken_of(connection: HTTPConnection) -> Kraken:
    """The profile of the application that has taken a request or a socket."""
    found: Kraken = connection.app.state.kraken
    return found


def profile_of(gateway: Gateway, nats_url: str, fees: Mapping[str, Fees]) -> Kraken:
    """The profile of a gateway."""
    pairs = Pairs(gateway.markets, gateway.hub, fees)
    return Kraken(
        gateway,
        pairs,
        Tape(nats_url, gateway.hub),
        ShownBooks(gateway.markets, gateway.hub),
        Entrance(gateway.callers, gateway.users, Nonces(gateway.store)),
    )


def fees_of(settings: Settings) -> dict[str, Fees]:
    """What is configured for who has no schedule of his own, by symbol."""
    schedules = {each.name: each for each in settings.fees if not each.valid_from}
    found = {}
    for each in settings.instruments:
        schedule = schedules.get(each.fee_schedule)
        found[each.symbol] = (
            Fees(each.fee_bps, each.fee_bps)
            if schedule is None
            else Fees(schedule.maker_bps, schedule.taker_bps)
        )
    return found


def percent(basis_points: str) -> str:
    """A rate in percent, of 1/100 %."""
    return f"{Decimal(basis_points).scaleb(-2):f}"
