"""The API described: schemas of what is answered, from the types that answer, for OpenAPI 3.1.

Knows FastAPI's `responses` and msgspec's schemas. A path says what it answers by `told(...)`; tests
hold the running gateway against all of it.
"""

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from fastapi import FastAPI

from venue.gateway.idempotency import MOST_CHARACTERS
from venue.gateway.problems import STATUS, Code

_REF = "#/components/schemas/{name}"
_kinds: list[type] = []


class Refused(msgspec.Struct, frozen=True):
    """Any error. code: the gateway's; venue_code: of a refusal by the venue itself; field: what was
    wrong with."""

    code: Code
    message: str
    field: str = ""
    venue_code: str = ""


_EXAMPLES: dict[Code, dict[str, str]] = {
    Code.BAD_REQUEST: {"message": "String should match pattern", "field": "quantity"},
    Code.UNAUTHENTICATED: {"message": "the token, key or signature is not good"},
    Code.FORBIDDEN: {"message": "it needs the scope trade", "field": "scope"},
    Code.NOT_FOUND: {"message": "order 17 is not known here", "field": "order_id"},
    Code.CONFLICT: {"message": "client_order_id my-1 is used already", "field": "client_order_id"},
    Code.REFUSED: {
        "message": "PRICE_OUTSIDE_COLLAR: 44=500 is above 110",
        "venue_code": "PRICE_OUTSIDE_COLLAR",
    },
    Code.TOO_MANY: {"message": "more than 50 per 1 second"},
    Code.AWAY: {"message": "the venue is away: not logged on yet"},
    Code.FATE_UNKNOWN: {"message": "the venue has not answered in time"},
}
PUBLIC = (Code.BAD_REQUEST, Code.TOO_MANY)
"""Errors of every path."""
OF_CALLERS = (*PUBLIC, Code.UNAUTHENTICATED, Code.FORBIDDEN)
"""Errors of paths that need a token."""
OF_LEDGER = (*OF_CALLERS, Code.NOT_FOUND, Code.AWAY)
OF_ORDERS = (*OF_LEDGER, Code.CONFLICT, Code.REFUSED, Code.FATE_UNKNOWN)


def told(
    kind: Any, errors: tuple[Code, ...] = PUBLIC, *, status: int = 200, example: Any = None,
    also: tuple[int, ...] = (), media: tuple[str, ...] = (),
) -> dict[int | str, dict[str, Any]]:  # fmt: skip
    """What a path answers, for `responses`. also: further statuses with the same body; media: other
    forms of it."""
    _kinds.append(kind)
    content: dict[str, Any] = {"schema": {"$ref": _REF.format(name=kind.__name__)}}
    if example is not None:
        content["example"] = example
    bodies = {
        "application/json": content,
        **{each: {"schema": {"type": "string"}} for each in media},
    }
    good = {"description": inspect.cleandoc(kind.__doc__ or kind.__name__), "content": bodies}
    found: dict[int | str, dict[str, Any]] = dict.fromkeys((status, *also), good)
    for code in errors:
        found[STATUS[code]] = _refusal(code)
    return found


def asks(
    *path: str, body: type | None = None, query: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """What a path takes, for `openapi_extra`, where its function reads the request itself.

    path: names of its parameters in the path. body: a type that msgspec reads. query: schemas.
    """
    places = [("path", name, {"type": "string"}) for name in path]
    places += [("query", name, schema) for name, schema in query.items()]
    found: dict[str, Any] = {
        "parameters": [
            {"name": name, "in": place, "required": place == "path", "schema": schema}
            for place, name, schema in places
        ]
    }
    if body is not None:
        _kinds.append(body)
        schema = {"$ref": _REF.format(name=body.__name__)}
        content = {"application/json": {"schema": schema}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _refusal(code: Code) -> dict[str, Any]:
    body = {
        "schema": {"$ref": _REF.format(name=Refused.__name__)},
        "example": {"code": code.value, **_EXAMPLES[code]},
    }
    found: dict[str, Any] = {"description": code.value, "content": {"application/json": body}}
    if code in (Code.TOO_MANY, Code.AWAY):
        seconds = {"description": "Seconds after which it may be tried again.",
                   "schema": {"type": "string"}}  # fmt: skip
        found["headers"] = {"Retry-After": seconds}
    return found


_NOT_ONCE = ("/v1/orders/cancel-all-after",)
"""What may well be asked again and again."""
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request again under it gets the first answer, to the byte, for a day.",
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{MOST_CHARACTERS}}}$"},
}


def describe(app: FastAPI) -> None:
    """Have the application's OpenAPI document made of its paths and the types they answer with."""

    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's way of changing it


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's document with the schemas of the answers, and who may call what."""
    kinds = [Refused, *dict.fromkeys(_kinds)]
    names = [kind.__name__ for kind in kinds]
    assert len(set(names)) == len(names), "two types of one name: references would mean either"
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    components = found.setdefault("components", {})
    components.setdefault("schemas", {}).update(_cleaned(schemas))
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "key": {"type": "apiKey", "in": "header", "name": "Venue-Key"},
    }
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if path.startswith("/v1/orders") and method != "get" and path not in _NOT_ONCE:
                operation["parameters"] = [*operation.get("parameters", ()), _IDEMPOTENCY]
            answers = operation["responses"]
            if "422" in answers and "HTTPValidationError" in str(answers["422"]):
                del answers["422"]  # FastAPI's own: a wrong request is answered 400 here
            if "401" in answers and not path.startswith("/oauth"):
                operation["security"] = [{"token": []}, {"key": []}]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return found


def _cleaned(node: Any) -> Any:
    """Docstrings as every Python version keeps them; patterns as ECMA 262 has them."""
    if isinstance(node, dict):
        found = {key: _cleaned(value) for key, value in node.items()}
        for key, clean in (("description", inspect.cleandoc), ("pattern", _ecma)):
            if isinstance(found.get(key), str):
                found[key] = clean(found[key])
        return found
    return [_cleaned(each) for each in node] if isinstance(node, list) else node


def _ecma(pattern: str) -> str:
    """A pattern whose `$` is the end, which in Python would have to be said."""
    return pattern.removesuffix(r"(?!\n)")
