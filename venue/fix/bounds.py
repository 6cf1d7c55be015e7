"""The lengths and alphabets that values may have, in one table for all that comes over FIX.

Pure; knows tags only. Data fields are not here: their length stands in the message.
"""

import re

MESSAGE_BYTES = 1 << 16
"""The longest message, from BeginString to CheckSum."""

LOGON_BYTES = 1 << 12
"""The longest message before the session is logged on."""

FIELDS = 200
"""The most fields of a message: each one takes microseconds in which all other sessions wait."""

DATA_FIELDS = 2_500
"""The same where no orders wait: a request of market data may name hundreds of symbols."""

SEQUENCE_DIGITS = 15
"""MsgSeqNum, BeginSeqNo, EndSeqNo, NewSeqNo: no session sends 10^15 messages."""

_ID, SYMBOL_LENGTH, _TEXT = 64, 32, 512

_IDS = (
    "1",
    "11",
    "17",
    "19",
    "23",
    "26",
    "37",
    "41",
    "49",
    "50",
    "56",
    "57",
    "66",
    "67",
    "109",
    "112",
    "115",
    "116",
    "117",
    "128",
    "129",
    "131",
    "142",
    "143",
    "144",
    "145",
    "198",
    "262",
    "278",
    "320",
    "324",
    "335",
    "448",
    "523",
    "526",
    "527",
    "548",
    "551",
    "553",
    "568",
    "571",
    "583",
    "584",
    "693",
    "710",
    "790",
    "923",
    "7928",
)
_LENGTHS = {
    **dict.fromkeys(_IDS, _ID),
    "55": SYMBOL_LENGTH,
    "48": SYMBOL_LENGTH,
    "65": SYMBOL_LENGTH,
}
"""Ids, accounts and symbols: printable ASCII without `|`. Every other value is text."""

NUMBERS = frozenset(("34", "7", "16", "36", "45", "369", "789"))
_NOT_PLAIN = re.compile("[^ -{}~]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def fault_in(tag: str, value: str) -> str | None:
    """What is wrong with a value of at least one character; None if nothing is."""
    length = _LENGTHS.get(tag)
    if length is not None:
        if len(value) > length:
            return f"is longer than {length} characters"
        if _NOT_PLAIN.search(value):
            return "is not printable ASCII without |"
    elif len(value) > _TEXT:
        return f"is longer than {_TEXT} characters"
    elif _CONTROL.search(value):
        return "has control characters"
    elif tag in NUMBERS and len(value.lstrip("0")) > SEQUENCE_DIGITS:
        return f"has more than {SEQUENCE_DIGITS} digits"
    return None
