"""All that a member's stream of drop copies carries: its executions, and movements of its funds.

Pure. Whoever numbers, stores or reads copies takes them from here.
"""

import msgspec

from venue.bus.subjects import drop_subject, funds_subject
from venue.domain.events import AnyEvent
from venue.dropcopy.drop_copy import DropCopy, drop_copies
from venue.dropcopy.funds_copy import OF_FUNDS, FundsCopy, funds_copies

AnyCopy = DropCopy | FundsCopy
_OF_FUNDS = frozenset(kind.__name__ for kind in OF_FUNDS)


class _Type(msgspec.Struct):
    type: str


def copies_of(event: AnyEvent) -> tuple[AnyCopy, ...]:
    """The copies of an event, with member_seq 0: they are not numbered yet."""
    return drop_copies(event) or funds_copies(event)


def subject_of(copy: AnyCopy) -> str:
    """Subject that carries the copy."""
    if isinstance(copy, FundsCopy):
        return funds_subject(copy.member)
    return drop_subject(copy.member, copy.symbol)


def decode_copy(payload: bytes) -> AnyCopy:
    """A copy from its JSON. Raises msgspec.DecodeError or ValidationError."""
    of_funds = msgspec.json.decode(payload, type=_Type).type in _OF_FUNDS
    kind: type[AnyCopy] = FundsCopy if of_funds else DropCopy
    return msgspec.json.decode(payload, type=kind)
