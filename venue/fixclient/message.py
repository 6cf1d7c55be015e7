"""A FIX message as fields, in their order, repeated tags and all. Pure but for `sending_time`.

Text is latin-1: every byte is one character, so nothing is lost on the way.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property

from venue.fixclient.wire import FixClientError, framed

SOH = "\x01"
Field = tuple[int, str]


class Message:
    """One message as received. Raises FixClientError for what is no field."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.fields: list[Field] = []
        for part in raw.decode("latin-1").rstrip(SOH).split(SOH):
            tag, equals, value = part.partition("=")
            if not equals or not tag.isdigit():
                raise FixClientError(f"no field: {part!r} in {raw!r}")
            self.fields.append((int(tag), value))

    @cached_property
    def first(self) -> dict[int, str]:
        """The first value of each tag."""
        return dict(reversed(self.fields))

    def get(self, tag: int, default: str = "") -> str:
        """Value of the first field with this tag; `default` when there is none."""
        return self.first.get(tag, default)

    def __getitem__(self, tag: int) -> str:
        try:
            return self.first[tag]
        except KeyError:
            raise KeyError(f"{tag} is not in {self}") from None

    def __contains__(self, tag: object) -> bool:
        return tag in self.first

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


def encoded(fields: Iterable[Field]) -> bytes:
    """Fields as bytes, each ended by SOH."""
    return "".join(f"{tag}={value}{SOH}" for tag, value in fields).encode("latin-1")


def frame(fields: Iterable[Field], begin_string: str = "FIX.4.4") -> bytes:
    """The message of these fields (from MsgType on) with BodyLength and CheckSum around them."""
    return framed(encoded(fields), begin_string.encode("latin-1"))


def sending_time() -> str:
    """UTCTimestamp of now, with milliseconds."""
    iso = datetime.now(UTC).isoformat(timespec="milliseconds")  # strftime takes four times as long
    return f"{iso[:4]}{iso[5:7]}{iso[8:10]}-{iso[11:23]}"
