"""Frames for tests of the reader: built, damaged, and read once more by a slow parser.

Knows FIX 4.4's rules of form only: a data field ends where its length says (volume 1).
"""

from collections.abc import Iterable

from hypothesis import strategies as st

from venue.fix.bounds import MESSAGE_BYTES
from venue.fix.frame import Frame
from venue.fix.reader import Reader

SOH = b"\x01"
LENGTHS = dict(
    pair.split(b":")
    for pair in (
        b"90:91 93:89 95:96 212:213 348:349 350:351 352:353 354:355 356:357 358:359 360:361 "
        b"362:363 364:365 445:446 618:619 621:622"
    ).split()
)
"""Every length field of FIX 4.4 and its data field (volume 6)."""

Field = tuple[bytes, bytes]
HEADER: tuple[Field, ...] = (
    (b"35", b"D"),
    (b"49", b"ALPHA"),
    (b"56", b"VENUE"),
    (b"34", b"7"),
    (b"52", b"20261128-10:00:00.000"),
)
BODY: tuple[Field, ...] = ((b"11", b"a"), (b"55", b"ACME"), (b"54", b"1"), (b"38", b"10"))


def joined(fields: Iterable[Field]) -> bytes:
    """Fields as bytes."""
    return b"".join(tag + b"=" + value + SOH for tag, value in fields)


def framed(content: bytes, *, length: bytes | None = None, begin: bytes = b"FIX.4.4") -> bytes:
    """A frame around what follows BodyLength; length: in place of the right one."""
    length = b"%d" % len(content) if length is None else length
    data = b"8=" + begin + b"\x019=" + length + SOH + content
    return data + b"10=%03d\x01" % (sum(data) % 256)


def message(*body: Field, header: Iterable[Field] = HEADER) -> bytes:
    """A frame of these fields with a right length and checksum."""
    return framed(joined((*header, *body)))


def slowly_read(raw: bytes) -> list[Field]:
    """Fields of a frame without fault, in order."""
    fields: list[Field] = []
    while raw:
        tag, _, rest = raw.partition(b"=")
        last, said = fields[-1] if fields else (b"", b"")
        if LENGTHS.get(last) == tag:
            value, raw = rest[: int(said)], rest[int(said) + 1 :]
        else:
            value, _, raw = rest.partition(SOH)
        fields.append((tag, value))
    return fields


def read(raw: bytes) -> list[Frame]:
    """Frames that the one reader lets out."""
    return Reader(MESSAGE_BYTES).take(raw)


def fault(raw: bytes) -> tuple[int, int | None] | None:
    """SessionRejectReason and RefTagID of a whole message; None: there is none."""
    (found,) = read(raw)
    return found.fault and (found.fault.reason, found.fault.tag)


_tags = st.one_of(
    st.sampled_from([*LENGTHS, *LENGTHS.values()]),
    st.sampled_from(b"8 9 10 35 34 49 52 56 43 97 122 115 50 57 58 11 1 44 453 448 554".split()),
    st.integers(1, 99_999).map(lambda tag: b"%d" % tag),
    st.sampled_from([b"035", b"+35", b" 58", b"0", b"", b"-1", b"x", b"100000", b"5\xc2\xb2"]),
)
_values = st.one_of(
    st.text("abcACME019. -=", min_size=1, max_size=12).map(str.encode),
    st.integers(-2, 20).map(lambda number: b"%d" % number),
    st.binary(max_size=20),
    st.text(max_size=20).map(lambda text: text.encode(errors="replace")),
    st.sampled_from([b"1" * 64, b"1" * 65, b"x" * 512, b"x" * 513, b"9" * 15, b"0" * 40 + b"7"]),
)
_data = st.one_of(st.binary(min_size=1, max_size=30), st.text(min_size=1).map(str.encode))


@st.composite
def data_pairs(draw: st.DrawFn) -> bytes:
    """A length field and its data; now and then the length is a lie."""
    length, value = draw(st.sampled_from(sorted(LENGTHS))), draw(_data)
    said = len(value) + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 1000]))
    return joined([(length, b"%d" % said), (LENGTHS[length], value)])


_fields = st.one_of(
    st.tuples(_tags, _values).map(lambda field: joined([field])),
    st.text("abc 019", min_size=1, max_size=8).map(lambda text: joined([(b"58", text.encode())])),
    data_pairs(),
)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Frames of right length and checksum, with fields of every kind; many are without fault."""
    more = draw(st.lists(_fields, max_size=4))
    place = draw(st.integers(1, len(HEADER)))
    header = [joined([field]) for field in HEADER]
    if draw(st.booleans()):
        return framed(b"".join([*header, joined(BODY), *more]))
    return framed(b"".join([*header[:place], *more, *header[place:], joined(BODY)]))


@st.composite
def damaged_frames(draw: st.DrawFn) -> bytes:
    """Frames with bytes changed, cut, doubled or put in; length and checksum right or not."""
    raw = bytearray(draw(frames()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw) - 1))
        until = min(len(raw), at + draw(st.integers(0, 9)))
        kinds = (draw(st.binary(max_size=5)), b"", bytes(raw[at:until]) * 2)
        raw[at:until] = draw(st.sampled_from(kinds))
        if not raw:
            return b""
    body = bytes(raw).partition(b"\x0135=")[2].rpartition(b"10=")[0]
    return framed(b"35=" + body) if draw(st.booleans()) else bytes(raw)
