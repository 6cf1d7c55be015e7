"""The stream LEDGER: wallet events of all members, each stored once, in the order of their lines.

May know JetStream. The number of a message counts all wallet events from 1 on; together with the
expected last sequence it lets no event in twice, and none behind a hole.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from venue.bus.acknowledgements import Acknowledgements, NotStored
from venue.bus.agreement import StreamDisagrees, ensure_owner
from venue.bus.bulk import frame
from venue.bus.connection import Connection
from venue.bus.envelope import first_headers, following_headers
from venue.bus.reader_consumers import make_wallet_consumer
from venue.bus.stream import ensure_stream, stream_end
from venue.bus.subjects import ALL_WALLETS, LEDGER
from venue.clearing.wallet.event import Place, WalletEvent, place_in, subject_of
from venue.fault_points import fault_point

ACKNOWLEDGEMENT_TIMEOUT_SECONDS = 5.0
MEND = "venue ledger refill wipes it and fills it again from the ledger"


class LedgerEnd(NamedTuple):
    """The end of the stream. number: of wallet events that it has had; 0: it is empty.

    payload: the last event's bytes; empty where another version of the venue wrote them.
    """

    sequence: int
    number: int
    place: Place
    payload: bytes


class LedgerStream:
    """The stream over one connection. After a failure make another one."""

    def __init__(self, connection: Connection, journal: str, *, replicas: int = 1) -> None:
        """journal: identity of the ledger's journal; empty: not known. replicas: of a stream that
        has to be made."""
        self._client = connection.client
        self._jetstream = connection.client.jetstream()
        self._journal = journal
        self._replicas = replicas
        self._acknowledgements = Acknowledgements(connection)
        self._sequence = 0
        self._number = 0

    async def open(self, readers: Mapping[str, str]) -> LedgerEnd:
        """Make the stream, and the consumer of each reader, where they are missing; find the end.

        readers: their members by their names. To be called once, before anything is stored.
        Raises Disagreement where the stream is another's or has what is no wallet event; OSError,
        NatsError and NotStored where it cannot be asked now.
        """
        await self._acknowledgements.listen()
        await ensure_stream(
            self._jetstream, LEDGER, ALL_WALLETS, owner=self._journal, replicas=self._replicas
        )
        end = await stream_end(self._jetstream, LEDGER)
        if end is None:
            raise NotStored(f"stream {LEDGER} vanished while it was asked for")
        ensure_owner(end.owner, self._journal, LEDGER)
        for name, member in readers.items():
            await make_wallet_consumer(
                self._jetstream, name, member, self._journal, replicas=self._replicas
            )
        self._sequence, self._number = end.last_sequence, end.event_seq
        if not end.event_seq:
            return LedgerEnd(end.last_sequence, 0, Place(), b"")
        try:
            place, is_comparable = place_in(end.payload)
        except msgspec.MsgspecError as error:
            raise StreamDisagrees(
                f"stream {LEDGER} ends in no wallet event: {error}; {MEND}"
            ) from error
        payload = end.payload if is_comparable else b""
        return LedgerEnd(end.last_sequence, end.event_seq, place, payload)

    async def store(self, events: Sequence[WalletEvent]) -> None:
        """Store these behind what is there; on return each one is stored exactly once.

        Raises NotStored, NatsError when it is not certain what is stored.
        """
        frames: list[bytes] = []
        for at, event in enumerate(events):
            headers_of = following_headers if at else first_headers
            headers = headers_of(self._number + at + 1, self._sequence + at)
            reply = self._acknowledgements.inbox if at == len(events) - 1 else ""
            frames.append(frame(subject_of(event), msgspec.json.encode(event), headers, reply))
        self._acknowledgements.expect({LEDGER: self._sequence + len(events)})
        await self._client.send(frames)
        await self._acknowledgements.wait(ACKNOWLEDGEMENT_TIMEOUT_SECONDS)
        fault_point("after-delivery-before-note")
        self._sequence += len(events)
        self._number += len(events)

    async def check(self) -> None:
        """Raise NotStored if the stream is not where it was left: wiped, or written by another."""
        end = await stream_end(self._jetstream, LEDGER)
        if end is None or (end.last_sequence, end.event_seq) != (self._sequence, self._number):
            raise NotStored(f"stream {LEDGER} is not where it was left")
