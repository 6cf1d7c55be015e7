"""Bodies of the requests that tests send most; what a message is, is the FIX client's to know.

Names of `venue.fixclient` that tests use with them can be had from here.
"""

from collections.abc import Iterable

from venue.fixclient.message import SOH, Field, Message, frame, sending_time
from venue.fixclient.wire import FixClientError, end_of_message

__all__ = [
    "SOH",
    "Field",
    "FixClientError",
    "Message",
    "cancel",
    "frame",
    "new_order",
    "replace",
    "sending_time",
    "unframe",
]


def unframe(buffer: bytes) -> tuple[bytes, bytes]:
    """First whole message of a buffer and the rest; (b"", buffer) when it is not whole yet.

    Raises FixClientError when what is there is no FIX message, or its CheckSum is wrong.
    """
    end = end_of_message(buffer)
    return (b"", buffer) if end is None else (buffer[:end], buffer[end:])


def new_order(
    cl_ord_id: str,
    side: str,
    qty: str,
    price: str | None = None,
    symbol: str = "ACME",
    *,
    tif: str = "0",
    extra: Iterable[Field] = (),
) -> list[Field]:
    """Body of a NewOrderSingle(D): a limit order when it has a price, else a market order."""
    fields: list[Field] = [(11, cl_ord_id), (55, symbol), (54, side), (60, sending_time())]
    fields += [(38, qty), (40, "1" if price is None else "2")]
    if price is not None:
        fields.append((44, price))
    return [*fields, (59, tif), *extra]


def cancel(
    cl_ord_id: str,
    orig_cl_ord_id: str,
    side: str,
    symbol: str = "ACME",
    *,
    extra: Iterable[Field] = (),
) -> list[Field]:
    """Body of an OrderCancelRequest(F)."""
    fields = [(41, orig_cl_ord_id), (11, cl_ord_id), (55, symbol), (54, side)]
    return [*fields, (60, sending_time()), *extra]


def replace(
    cl_ord_id: str,
    orig_cl_ord_id: str,
    side: str,
    qty: str,
    price: str,
    symbol: str = "ACME",
    *,
    extra: Iterable[Field] = (),
) -> list[Field]:
    """Body of an OrderCancelReplaceRequest(G) of a limit order."""
    fields = [(41, orig_cl_ord_id), (11, cl_ord_id), (55, symbol), (54, side)]
    return [*fields, (60, sending_time()), (38, qty), (40, "2"), (44, price), *extra]
