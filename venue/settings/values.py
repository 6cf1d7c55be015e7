"""Types of the values of venue.toml: exact numbers, counts, names. Each says what is allowed.

Knows the domain's exact numbers.
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from venue.domain.decimal_text import parse_money
from venue.settings.errors import Written, shown_value
from venue.settings.sessions_file import COMP_ID, COMP_ID_WORDS


def exact_number(value: object) -> str:
    """Decimal text of a quoted or whole number of 0 or more; ValueError says what is allowed."""
    if isinstance(value, Written):
        raise ValueError(f'{value.text} must stand in quotes, "{value.text}": it is kept exact')
    text = str(value)
    units = parse_money(text) if isinstance(value, str | int) else None
    if units is None or units < 0 or isinstance(value, bool):
        shown = shown_value((), value)
        raise ValueError(f"{shown} is not a number of 0 or more with at most 8 decimals")
    return text


def signed_number(value: object) -> str:
    """The same of a number that may be below zero."""
    text = str(value)
    if isinstance(value, str | int) and not isinstance(value, bool) and text.startswith("-"):
        exact_number(text[1:])
        return text
    return exact_number(value)


def whole_number(value: object) -> object:
    """Validator that refuses true and false, which would pass as 1 and 0."""
    return Written(str(value).lower()) if isinstance(value, bool) else value


def text_like(pattern: str, words: str) -> Callable[[str], str]:
    """Validator of texts that match a pattern, which `words` describe."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{shown_value((), text)} is not {words}")
        return text

    return check


DecimalText = Annotated[str, BeforeValidator(exact_number)]
SignedText = Annotated[str, BeforeValidator(signed_number)]
WholeNumber = Annotated[int, BeforeValidator(whole_number), Field(ge=0)]
Count = Annotated[int, BeforeValidator(whole_number), Field(ge=1)]
Port = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=65535)]
Symbol = Annotated[str, AfterValidator(text_like(r"[A-Z0-9-]+", "made of A-Z, 0-9 and -"))]
MemberName = Annotated[
    str, AfterValidator(text_like(r"[A-Za-z0-9_-]+", "made of letters, digits, _ and -"))
]
CompID = Annotated[str, AfterValidator(text_like(COMP_ID, COMP_ID_WORDS))]
Account = Annotated[
    str, AfterValidator(text_like(r"[!-<>-~]+", "printable ASCII without blanks and ="))
]
PublicKey = Annotated[
    str,
    AfterValidator(
        text_like(r"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{59}=", "an Ed25519 public key in base64")
    ),
]
Sha256 = Annotated[
    str, AfterValidator(text_like(r"[0-9a-f]{64}", "a SHA-256 in 64 digits of 0-9 and a-f"))
]
