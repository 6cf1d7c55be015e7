"""The local sanctions list: comparing names without case, marks and order of words."""

import re
from collections.abc import Iterable

from venue.engine.state.engine_state import EngineState

_WORD = re.compile(r"\w+")


def sanctioned(state: EngineState, legal_names: Iterable[str]) -> set[str]:
    """Those of the names for which the list has one of the same words."""
    listed = {_words(name) for name in state.sanctions} - {()}
    return {name for name in legal_names if _words(name) in listed}


def is_sanctioned(state: EngineState, legal_name: str) -> bool:
    """Whether the list has a name of the same words."""
    return bool(sanctioned(state, [legal_name]))


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(_WORD.findall(name.casefold())))
