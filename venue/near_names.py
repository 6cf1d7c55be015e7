"""What to say of a name that is unknown: the nearest one that is known, or all that are.

Pure text.
"""

import difflib
from collections.abc import Iterable, Mapping

_MOST_CHOICES = 12


def unknown(name: str, known: Iterable[str]) -> str:
    """The error text for an unknown name: it offers the nearest known one, or all of them."""
    return unknown_of(name, {choice: choice for choice in known})


def unknown_of(name: str, written: Mapping[str, str]) -> str:
    """As `unknown`, for names that are written differently in the text."""
    near = near_name(name, written)
    if near is not None:
        return f"unknown; did you mean {written[near]}?"
    if not written:
        return "unknown; there are none"
    shown = [written[choice] for choice in sorted(written)]
    more = ["..."] if len(shown) > _MOST_CHOICES else []
    return f"unknown; known are {', '.join(shown[:_MOST_CHOICES] + more)}"


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, upper case or lower; None: none is near."""
    by_lower = {choice.lower(): choice for choice in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else None
