"""JSON that means one thing only: a key that comes twice, NaN and Infinity are refused. Pure.

RFC 8259 (4) leaves open which of two keys counts: whoever reads it before could see another one.
"""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from venue.gateway.problems import Code, Problem

T = TypeVar("T")
_NAMED = re.compile(r"field `([^`]*)`$")


def decoded(text: str | bytes) -> Any:
    """What a text in UTF-8 says. Raises ValueError, of which json.JSONDecodeError is one."""
    return _DECODER.decode(text if isinstance(text, str) else text.decode())


def read(kind: type[T], text: str | bytes) -> T:
    """What a text says, as one of this kind. Raises Problem BAD_REQUEST, with the field."""
    try:
        said = decoded(text)
    except (ValueError, RecursionError) as error:
        raise Problem(Code.BAD_REQUEST, f"it is no JSON: {error}") from error
    try:
        return msgspec.convert(said, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        what, _, place = str(error).partition(" - at `")
        named = _NAMED.search(what)  # one that is missing, or that nobody asked for
        path = place.rstrip("`").removeprefix("$") + (f".{named[1]}" if named is not None else "")
        raise Problem(Code.BAD_REQUEST, what, field=path.removeprefix(".")) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise json.JSONDecodeError("a key comes twice", "", 0)
    return found


def _no_number(text: str) -> NoReturn:
    raise json.JSONDecodeError(f"{text} is no number", "", 0)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
