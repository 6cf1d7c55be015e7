"""Orders against the client's, to fill it in parts: over a second session, as anybody would.

Logs on for each order that is to be filled. Waits; belongs on a thread of its own.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from venue.fixclient.client import Client
from venue.fixclient.message import Message, sending_time
from venue.fixclient.session import Session
from venue.fixclient.wire import FixClientError
from venue.simulator.course import Wanted

_BUY, _SELL = "1", "2"
_OVER = ("2", "4", "8", "C")
"""OrdStatus(39) of an order that does not wait any more."""


class Login(NamedTuple):
    """A session of the venue, and its password."""

    comp_id: str
    password: str


class NotFilled(Exception):
    """The order was not filled as asked for; the text says why."""


class Counter:
    """Fills orders at the venue of this address."""

    def __init__(self, venue: tuple[str, int], login: Login) -> None:
        self._venue = venue
        self._login = login
        self._orders = 0

    def fill(self, wanted: Wanted, run_id: str) -> None:
        """Enter an immediate-or-cancel order for each part, at the order's price.

        Raises NotFilled when one was not traded whole: somebody else was better, or it was refused.
        """
        comp_id, password = self._login
        session = Session(comp_id)
        try:
            with Client(self._venue, session, username=comp_id) as client:
                client.logon(password)
                for quantity in parts_of(wanted.quantity, wanted.parts):
                    self._orders += 1
                    self._trade(client, f"SIM-{run_id}-{self._orders}", wanted, quantity)
                client.logout()
        except (FixClientError, OSError) as error:
            raise NotFilled(f"the counter-orders of {comp_id}: {error}") from error

    def _trade(self, client: Client, cl_ord_id: str, wanted: Wanted, quantity: str) -> None:
        side = _SELL if wanted.side == _BUY else _BUY
        order = [(11, cl_ord_id), (55, wanted.symbol), (54, side), (60, sending_time())]
        order += [(38, quantity), (40, "2"), (44, wanted.price), (59, "3")]
        client.send("D", order)

        def is_end(message: Message) -> bool:
            return message.get(11) == cl_ord_id and message.get(39) in _OVER

        last = client.expect(is_end)
        if last[39] != "2":
            raise NotFilled(
                f"a part of {quantity} {wanted.symbol} at {wanted.price} was filled for "
                f"{last.get(14)} only: {last.get(58) or 'nothing more was there'}"
            )


def parts_of(quantity: str, parts: int) -> Iterator[str]:
    """The quantity in so many parts, the larger ones first, in the unit it is written in.

    Fewer parts where it has not that many units: "2" makes two at most, "2.00" two hundred.
    """
    whole = Decimal(quantity)
    exponent = whole.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(min(exponent, 0))
    units = int(whole / unit)
    parts = min(parts, units)
    for number in range(parts):
        yield str((units // parts + (number < units % parts)) * unit)
