"""The local sanctions list: comparing names without case, marks and order of words."""

import re

from venue.engine.state import EngineState

_WORD = re.compile(r"\w+")


def is_sanctioned(state: EngineState, legal_name: str) -> bool:
    """Whether the list has a name of the same words."""
    words = _words(legal_name)
    return bool(words) and any(_words(name) == words for name in state.sanctions)


def _words(name: str) -> list[str]:
    return sorted(_WORD.findall(name.casefold()))
