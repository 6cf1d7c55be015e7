"""Values of any domain type made from its annotations: a bare one, and one with every field set."""

import enum
import types
from typing import Any, Union, get_args, get_origin

import msgspec


def bare(struct: type[msgspec.Struct]) -> Any:
    """Instance with defaults wherever there are some."""
    return _struct(struct, full=False)


def full(struct: type[msgspec.Struct]) -> Any:
    """Instance in which no field has its default."""
    return _struct(struct, full=True)


def _struct(struct: type[msgspec.Struct], full: bool) -> Any:
    values = {
        field.name: _value(field.type, field.name, full)
        for field in msgspec.structs.fields(struct)
        if field.required or full
    }
    return struct(**values)


def _value(annotation: Any, name: str, full: bool) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _value(next(a for a in arguments if a is not type(None)), name, full)
    if origin is dict:
        return {f"{name}{number}": _value(arguments[1], name, full) for number in (1, 2)}
    if origin is tuple:
        return tuple(_value(arguments[0], f"{name}{number}", full) for number in (1, 2))
    if issubclass(annotation, msgspec.Struct):
        return _struct(annotation, full)
    if issubclass(annotation, enum.Enum):
        return list(annotation)[-1]
    if annotation is bool:
        return name not in ("cancel_on_disconnect", "partial")  # these are true by default
    if annotation is int:
        return 1_700_000_000_000_000_000 + len(name)
    assert annotation is str
    return f'{name} "ö\\'
