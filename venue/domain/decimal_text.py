"""Exact decimal text to scaled integers and back: the only arithmetic on written numbers.

Commands and events state prices, quantities and amounts as decimal text; the core computes with
integers. Nothing here may round silently or touch a float.
"""

MONEY_DECIMALS = 8
MONEY_SCALE = 10**MONEY_DECIMALS
MAX_DIGITS = 40


def parse_scaled(text: str, decimals: int) -> int | None:
    """Integer count of 10^-decimals that `text` states, or None when it is no exact multiple.

    Accepts FIX float syntax only: an optional minus, digits, at most one point. Exponents, signs
    in front of positive numbers, blanks, NaN and texts of more than MAX_DIGITS give None.
    """
    if len(text) > MAX_DIGITS or not text.isascii():
        return None
    negative = text.startswith("-")
    whole, _, fraction = (text[1:] if negative else text).partition(".")
    digits = whole + fraction
    if not digits.isdigit():
        return None
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        return None
    value = int((whole or "0") + fraction.ljust(decimals, "0"))
    return -value if negative else value


def is_decimal(text: str) -> bool:
    """Whether `text` is a number in FIX float syntax (FIX 4.4 volume 1, data types)."""
    return parse_scaled(text, MAX_DIGITS) is not None


def format_scaled(value: int, decimals: int) -> str:
    """Shortest decimal text of `value` x 10^-decimals: 10050 with 2 decimals is `100.5`."""
    if decimals == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    whole, fraction = digits[:-decimals], digits[-decimals:].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def parse_money(text: str) -> int | None:
    """Count of 10^-8 units of a currency, or None (see `parse_scaled`)."""
    return parse_scaled(text, MONEY_DECIMALS)


def format_money(amount: int) -> str:
    """Decimal text of an amount counted in 10^-8 units."""
    return format_scaled(amount, MONEY_DECIMALS)


def divide_half_away(numerator: int, denominator: int) -> int:
    """Quotient rounded to the nearest integer, halves away from zero; denominator positive."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def divide_towards_zero(numerator: int, denominator: int) -> int:
    """Quotient without its fraction; denominator positive."""
    whole = abs(numerator) // denominator
    return whole if numerator >= 0 else -whole


def decimals_of(text: str) -> int:
    """Number of digits behind the point that `text` needs: `0.0100` needs 2."""
    return len(text.partition(".")[2].rstrip("0"))
