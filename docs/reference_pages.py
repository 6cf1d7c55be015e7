"""OpenAPI and AsyncAPI documents as pages of Markdown: tables, with links to the types. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

Schema = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


def rest(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document: paths by their tags, then the types."""
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in (each for each in _METHODS if each in item):
            operation = item[method]
            lines = [f"### {method.upper()} {path}", "", f"{operation['summary']}.", ""]
            lines += [operation["description"], "", *_callers(operation), *_operation(operation)]
            by_tag.setdefault(operation["tags"][0], []).extend(lines)
    lines = [
        "# REST reference",
        "",
        "Every path of the gateway, rendered from the [OpenAPI document](openapi.json) that it",
        "serves at `/v1/openapi.json`. How they are used: [Gateway](../GATEWAY.md). Operators have",
        "their paths where `[gateway] operators = true`.",
        "",
    ]
    for tag, operations in by_tag.items():
        lines += [f"## {tag.capitalize()}", "", *operations]
    return _page(lines, document["components"]["schemas"])


def websocket(document: dict[str, Any]) -> str:
    """The page of an AsyncAPI document: requests, what is told, then the types."""
    lines = [
        "# WebSocket reference",
        "",
        "Every message of `/v1/stream`, rendered from the [AsyncAPI document](../asyncapi.json)",
        "that the gateway serves at `/v1/asyncapi.json`. How they are used:",
        "[Gateway](../GATEWAY.md#websocket).",
        "",
    ]
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    for title, operation in (("Requests", "ask"), ("What is told", "tell")):
        lines += [f"## {title}", ""]
        for each in document["operations"][operation]["messages"]:
            name = each["$ref"].rpartition("/")[2]
            schema = messages[name]["payload"]["schema"]
            lines += [f"### {name}", "", *_type(_followed(schema, schemas))]
    return _page(lines, schemas)


def _page(lines: list[str], schemas: dict[str, Schema]) -> str:
    types = [line for name in sorted(schemas) for line in _named_type(name, schemas[name])]
    return "\n".join([*lines, "## Types", "", *types]).rstrip() + "\n"


def _callers(operation: dict[str, Any]) -> list[str]:
    kinds = [" and ".join(each) for each in operation.get("security", [])]
    return [f"Called with: {' or '.join(kinds)}.", ""] if kinds else []


def _operation(operation: dict[str, Any]) -> Iterator[str]:
    """Parameters, body and answers."""
    parameters = operation.get("parameters", [])
    if parameters:
        rows = [
            (
                f"`{each['name']}`",
                each["in"],
                _yes(each.get("required")),
                _of(each["schema"]),
                each.get("description", ""),
            )
            for each in parameters
        ]
        yield from _table(("parameter", "in", "required", "type", "what"), rows)
    if "requestBody" in operation:
        bodies = operation["requestBody"]["content"].items()
        kinds = [f"{_of(body.get('schema', {}))} as `{media}`" for media, body in bodies]
        yield from (f"Body: {', or '.join(kinds)}.", "")
    answers = [
        (
            status,
            " or ".join(_of(body.get("schema", {})) for body in _contents(answer)),
            answer.get("description", ""),
        )
        for status, answer in sorted(operation["responses"].items())
    ]
    yield from _table(("answer", "type", "what"), answers)


def _contents(answer: dict[str, Any]) -> Iterable[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = answer.get("content", {})
    return found.values()


def _named_type(name: str, schema: Schema) -> list[str]:
    return [f"### {name}", "", *_type(schema)]


def _type(schema: Schema) -> Iterator[str]:
    """A type: what it is, and its fields."""
    if schema.get("description"):
        yield from (_cell(schema["description"]), "")
    fields, required = schema.get("properties"), schema.get("required", [])
    if not fields:
        yield from (_of({key: schema[key] for key in schema if key != "description"}), "")
        return
    rows = [
        (f"`{name}`", _yes(name in required), _of(field), field.get("description", ""))
        for name, field in fields.items()
    ]
    yield from _table(("field", "required", "type", "what"), rows)


def _followed(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _of(schema: Schema) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower().replace('.', '')})"
    for either in ("anyOf", "oneOf", "allOf"):
        if either in schema:
            return " or ".join(dict.fromkeys(_of(each) for each in schema[either]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_of(schema['items'])}" if schema.get("items") else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_of(schema['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _yes(required: object) -> str:
    return "Y" if required else ""


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield "|" + " --- |" * len(heading)
    for row in rows:
        yield f"| {' | '.join(_cell(each) for each in row)} |"
    yield ""


def _cell(text: str) -> str:
    """Text on one line of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
