"""FIX 4.4 messages for tests, as bytes and as fields: written and read without QuickFIX.

Knows tag=value, BodyLength, CheckSum and the bodies that tests send most; knows no session.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

SOH = "\x01"
Field = tuple[int, str]


class FixClientError(Exception):
    """Something on the wire was not as a FIX session has to be."""


class Message:
    """One message as received: its fields in order, repeated tags and all."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.fields: list[Field] = []
        for part in raw.decode("latin-1").rstrip(SOH).split(SOH):
            tag, equals, value = part.partition("=")
            if not equals or not tag.isdigit():
                raise FixClientError(f"no field: {part!r} in {raw!r}")
            self.fields.append((int(tag), value))

    def get(self, tag: int, default: str = "") -> str:
        """Value of the first field with this tag; `default` when there is none."""
        return next((value for own, value in self.fields if own == tag), default)

    def __getitem__(self, tag: int) -> str:
        for own, value in self.fields:
            if own == tag:
                return value
        raise KeyError(f"{tag} is not in {self}")

    def __contains__(self, tag: object) -> bool:
        return any(own == tag for own, _ in self.fields)

    def all(self, tag: int) -> list[str]:
        """Values of all fields with this tag, in order: the entries of a repeating group."""
        return [value for own, value in self.fields if own == tag]

    @property
    def msg_type(self) -> str:
        """MsgType(35)."""
        return self[35]

    @property
    def msg_seq_num(self) -> int:
        """MsgSeqNum(34)."""
        return int(self[34])

    def __repr__(self) -> str:
        return self.raw.decode("latin-1").replace(SOH, "|")


def frame(fields: Iterable[Field], begin_string: str = "FIX.4.4") -> bytes:
    """The message of these fields (from MsgType on) with BodyLength and CheckSum around them."""
    body = "".join(f"{tag}={value}{SOH}" for tag, value in fields).encode("latin-1")
    head = f"8={begin_string}{SOH}9={len(body)}{SOH}".encode("latin-1") + body
    return head + b"10=%03d\x01" % (sum(head) % 256)


def unframe(buffer: bytes) -> tuple[bytes, bytes]:
    """First whole message of a buffer and the rest; (b"", buffer) when it is not whole yet.

    Raises FixClientError when what is there is no FIX message, or its CheckSum is wrong.
    """
    parts = buffer.split(b"\x01", 2)
    if len(parts) < 3:
        return b"", buffer
    if not parts[0].startswith(b"8=") or not parts[1].startswith(b"9="):
        raise FixClientError(f"not FIX: {buffer[:80]!r}")
    end = len(parts[0]) + len(parts[1]) + 2 + int(parts[1][2:]) + len(b"10=000\x01")
    if len(buffer) < end:
        return b"", buffer
    raw = buffer[:end]
    if raw[-7:] != b"10=%03d\x01" % (sum(raw[:-7]) % 256):
        raise FixClientError(f"BodyLength or CheckSum wrong: {raw!r}")
    return raw, buffer[end:]


def sending_time() -> str:
    """UTCTimestamp of now, with milliseconds."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


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
