"""AsyncAPI 3 of /v1/stream, from the message types. Pure."""

from typing import Any, get_args

import msgspec

import venue
from venue.gateway.streams.answers import AnySaid
from venue.gateway.streams.requests import AnyRequest

_JSON_SCHEMA = "application/schema+json;version=2020-12"
_REF = "#/components/schemas/{name}"


def document() -> dict[str, Any]:
    """The document, the same whenever it is made."""
    requests, said = get_args(AnyRequest), get_args(AnySaid)
    schemas, defined = msgspec.json.schema_components((*requests, *said), ref_template=_REF)
    messages = {
        _name(kind): _message(kind, schema)
        for kind, schema in zip((*requests, *said), schemas, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "venue",
            "version": venue.__version__,
            "description": "Market data, a member's own data, and order entry on one WebSocket. "
            "docs/GATEWAY.md says how they are used.",
        },
        "defaultContentType": "application/json",
        "servers": {"gateway": {"host": "127.0.0.1:8080", "protocol": "ws"}},
        "channels": {
            "stream": {
                "address": "/v1/stream",
                "messages": {name: _ref("components/messages", name) for name in messages},
            }
        },
        "operations": {
            "ask": _operation("receive", requests),
            "tell": _operation("send", said),
        },
        "components": {
            "messages": messages,
            "schemas": dict(sorted(defined.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(action: str, kinds: tuple[Any, ...]) -> dict[str, Any]:
    """What the gateway does: it receives requests, and sends the rest."""
    return {
        "action": action,
        "channel": _ref("channels", "stream"),
        "messages": [_ref("channels/stream/messages", _name(kind)) for kind in kinds],
    }


def _message(kind: Any, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": _name(kind),
        "contentType": "application/json",
        "payload": {"schemaFormat": _JSON_SCHEMA, "schema": schema},
    }


def _name(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}
