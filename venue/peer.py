"""The peer at the other end of a connection, and the packets between gate and trading about it.

Knows bytes and JSON only; both sides import it, it imports neither. One packet is one datagram of
the gate's Unix socket (SOCK_SEQPACKET) in the data directory; its first byte is its kind.

    gate -> trading   P  JSON of the Peer; the first packet, once
                      D  64 bits: how many of trading's bytes the client's machine has confirmed;
                         then bytes from the client, none to MOST_TO_TRADING
                      E  JSON of the End; the last packet before the gate closes
    trading -> gate   D  bytes for the client, at most MOST_TO_GATE; a close ends it after these
"""

import struct
from typing import Annotated, TypeVar

import msgspec

PEER, DATA, END = b"P", b"D", b"E"
MOST_TO_TRADING = 2 << 10
MOST_TO_GATE = 64 << 10


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The client's end. certificate: SHA-256 of its public key (SPKI), hex; secure: by TLS."""

    address: str
    port: int
    certificate: str | None = None
    secure: bool = False

    def __str__(self) -> str:
        """Address and port, as logs name it."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a connection ended. confirmed: how many of the venue's bytes the client's machine has."""

    confirmed: Annotated[int, msgspec.Meta(ge=0)]
    why: str


_CONFIRMED = struct.Struct("!Q")
_DATA_AT = 1 + _CONFIRMED.size
_Body = TypeVar("_Body")
_PEER_DECODER = msgspec.json.Decoder(Peer)
_END_DECODER = msgspec.json.Decoder(End)


def peer_packet(peer: Peer) -> bytes:
    """The first packet of a connection."""
    return PEER + msgspec.json.encode(peer)


def data_packet(confirmed: int, data: bytes) -> bytes:
    """A gate's packet with bytes of the client. confirmed: as in End, until now."""
    return DATA + _CONFIRMED.pack(confirmed) + data


def read_data(packet: bytes) -> tuple[int, bytes]:
    """`confirmed` and the bytes in a gate's D packet. Raises ValueError for anything else."""
    if packet[:1] != DATA or len(packet) < _DATA_AT:
        raise ValueError(f"{packet[:10]!r} is no packet of bytes")
    confirmed: int = _CONFIRMED.unpack_from(packet, 1)[0]
    return confirmed, packet[_DATA_AT:]


def end_packet(end: End) -> bytes:
    """The last packet of a connection."""
    return END + msgspec.json.encode(end)


def read_peer(packet: bytes) -> Peer:
    """The Peer of a P packet. Raises ValueError for anything else."""
    return _read(packet, PEER, _PEER_DECODER)


def read_end(packet: bytes) -> End:
    """The End of an E packet. Raises ValueError for anything else."""
    return _read(packet, END, _END_DECODER)


def _read(packet: bytes, kind: bytes, decoder: msgspec.json.Decoder[_Body]) -> _Body:
    if packet[:1] != kind:
        raise ValueError(f"a packet of kind {packet[:1]!r} in place of {kind!r}")
    try:
        return decoder.decode(packet[1:])
    except msgspec.MsgspecError as error:
        raise ValueError(f"a packet of kind {kind!r} that cannot be read: {error}") from error
