"""Values that pass from one thing to another under the same name, so that none is spelled out.

Settings, commands, events, state and what the operator is told have the names of fields in common:
a field that is only copied is said where it is declared, and nowhere between. Pure.
"""

from collections.abc import Collection
from typing import Any, TypeVar

import msgspec

_Made = TypeVar("_Made", bound=msgspec.Struct)


def made_of(kind: type[_Made], source: object, **others: Any) -> _Made:
    """A `kind` of `others` and, under the names of its other fields, of what `source` has."""
    return kind(**others, **rest_of(kind, source, others))


def rest_of(kind: type[msgspec.Struct], source: object, said: Collection[str]) -> dict[str, Any]:
    """What `source` has under those names of a `kind` that are not `said` yet."""
    names = [name for name in kind.__struct_fields__ if name not in said and hasattr(source, name)]
    return {name: getattr(source, name) for name in names}


def take_over(thing: object, source: msgspec.Struct, besides: Collection[str]) -> None:
    """Give `thing` what `source` has under names that both have, but for those of `besides`."""
    for name in source.__struct_fields__:
        if name not in besides and hasattr(thing, name):
            setattr(thing, name, getattr(source, name))
