"""FIX codes with their names beside them, in what operators are told as JSON.

The layout is docs/CLI.md's. Knows the domain's codes only.
"""

import json
from enum import StrEnum
from typing import Any

from venue.domain.types import (
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)

CODES: dict[str, type[StrEnum]] = {
    "side": Side,
    "aggressor": Side,
    "ord_type": OrdType,
    "ord_status": OrdStatus,
    "time_in_force": TimeInForce,
    "exec_type": ExecType,
    "response_to": CxlRejResponseTo,
    "restatement_reason": ExecRestatementReason,
}
"""Fields whose values are FIX codes; each has a neighbour FIELD_name."""
JSON_TEXTS = ("action", "payload")
"""Fields that the record keeps as JSON text: what a second operator approves, what is parked."""


def named(told: Any) -> Any:
    """The same with the name of every FIX code beside it, and without JSON inside of texts."""
    if isinstance(told, list):
        return [named(each) for each in told]
    if not isinstance(told, dict):
        return told
    full: dict[str, Any] = {}
    for key, value in told.items():
        full[key] = _object(value) if key in JSON_TEXTS and isinstance(value, str) else named(value)
        name = _name(key, value)
        if name is not None:
            full[f"{key}_name"] = name
    return full


def _name(key: str, value: Any) -> str | None:
    kind = CODES.get(key)
    if kind is None or not isinstance(value, str):
        return None
    return next((code.name for code in kind if code.value == value), None)


def _object(text: str) -> Any:
    try:
        return named(json.loads(text))
    except ValueError:  # it is what it was written as
        return text
