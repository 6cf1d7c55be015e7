"""Wipes one member's stream of drop copies; the running dropcopy process then fills it again.

May know the stream, the numbers that are kept, and NATS. Every other member's stream stays as it
is. Copies of events that the journal does not have any more are lost by it.
"""

from pathlib import Path

import msgspec

from venue.bus.agreement import ensure_owner
from venue.bus.connection import connected
from venue.bus.stream import owner_of, wipe_stream
from venue.bus.subjects import drop_stream
from venue.data_directory import DataDirectory
from venue.dropcopy.numbering import read_numbers
from venue.dropcopy.watch import NoDropCopies
from venue.journal.identity import journal_identity


class MemberRefill(msgspec.Struct, frozen=True):
    """The stream to fill again, and the number of the member's last copy that is known."""

    stream: str
    last_member_seq: int


async def refill_of_member(
    nats_url: str, data_dir: Path, member: str, *, force: bool = False
) -> MemberRefill:
    """What a refill fills now. Raises NoDropCopies for a member that there is not.

    Raises StreamDisagrees where the stream is another journal's, unless `force`; OSError,
    NatsError.
    """
    place, stream = DataDirectory(data_dir), drop_stream(member)
    known = read_numbers(place.position("dropcopy")).members
    async with connected(nats_url, "refill") as connection:
        owner = await owner_of(connection.client.jetstream(), stream)
    if owner is None and member not in known:
        raise NoDropCopies(f"there are no drop copies of a member {member}")
    if not force:
        ensure_owner(owner or "", journal_identity(place.journal), stream)
    return MemberRefill(stream, known.get(member, 0))


async def wipe_member(nats_url: str, refill: MemberRefill) -> None:
    """Delete the stream. Raises OSError, NatsError."""
    await wipe_stream(nats_url, refill.stream)
