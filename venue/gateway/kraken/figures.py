"""Numbers and times as Kraken writes them: with all decimals of the pair, never through a float.

Pure. REST has numbers as text; WebSocket has them as JSON numbers, zeros behind the point kept.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from venue.marketdata.day_totals import EXACT

MOST_DIGITS, MOST_DECIMALS = 20, 8
_NS = 10**9
_NULL = msgspec.Raw(b"null")


def fixed(number: str | Decimal, decimals: int) -> str:
    """A number with so many decimals."""
    return f"{Decimal(number):.{decimals}f}"


def json_number(number: str | Decimal, decimals: int) -> msgspec.Raw:
    """The same as a JSON number."""
    return msgspec.Raw(fixed(number, decimals).encode())


def json_number_or_null(number: str | Decimal | None, decimals: int) -> msgspec.Raw:
    """The same; null where there is no number."""
    return _NULL if number is None else json_number(number, decimals)


def product(one: str, other: str) -> Decimal:
    """Both multiplied, exactly."""
    return EXACT.multiply(Decimal(one), Decimal(other))


def seconds_text(ns: int) -> str:
    """Seconds since 1970, to the microsecond, of nanoseconds."""
    return f"{ns // _NS}.{ns % _NS // 1000:06}"


def json_seconds(ns: int) -> msgspec.Raw:
    """The same as a JSON number."""
    return msgspec.Raw(seconds_text(ns).encode())


def ns_of_iso(text: str) -> int:
    """Nanoseconds since 1970 of a time in ISO 8601; 0 where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _NS + since.microseconds * 1000


def ns_of_seconds(text: str) -> int:
    """Nanoseconds of seconds, or of nanoseconds where it can be no seconds.

    Raises ValueError for what is no number of a time.
    """
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or not 0 <= number < 10**19:
        raise ValueError(text)
    return int(number) if number > 10**12 else int(number * _NS)


def number_text(value: object) -> str | None:
    """A number of a request as exact text; None: it is none, or is below zero."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    whole, point, decimals = text.partition(".")
    is_number = text.isascii() and whole.isdigit() and (decimals.isdigit() or not point)
    decimals = decimals.rstrip("0")
    if not is_number or len(whole) > MOST_DIGITS or len(decimals) > MOST_DECIMALS:
        return None
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{decimals}" if decimals else whole
