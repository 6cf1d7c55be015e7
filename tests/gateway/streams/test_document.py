"""docs/asyncapi.json is what the types say; requests are what the paths of HTTP take."""

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from venue.gateway.streams.answers import AnySaid
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.requests import AnyRequest, request_in

ROOT = Path(__file__).resolve().parents[3]
GATEWAY = (ROOT / "docs" / "GATEWAY.md").read_text()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "docs" / "asyncapi.json").read_text())
    return found


def test_every_message_is_described_and_every_reference_leads_somewhere(
    document: dict[str, Any],
) -> None:
    kinds = {kind.__struct_config__.tag for kind in (*get_args(AnyRequest), *get_args(AnySaid))}
    assert set(document["components"]["messages"]) == kinds
    operations = document["operations"].values()
    assert {each["action"] for each in operations} == {"send", "receive"}
    assert sum(len(each["messages"]) for each in operations) == len(kinds)
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    for message in document["components"]["messages"].values():
        schema = {**message["payload"]["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator.check_schema(schema)


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [each for part in node for each in references(part)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [each for part in node.values() for each in references(part)]


def test_each_channel_begins_with_a_snapshot_and_has_updates() -> None:
    kinds = {kind.__struct_config__.tag for kind in get_args(AnySaid)}
    assert {f"{channel}.{what}" for channel in Channel for what in ("snapshot", "update")} <= kinds


def test_document_of_the_gateway_names_channels_requests_and_close_codes() -> None:
    for channel in Channel:
        assert f"| `{channel}` |" in GATEWAY
    for kind in get_args(AnyRequest):
        assert f"`{kind.__struct_config__.tag}`" in GATEWAY
    for code in (1003, 1008, 1009, 1013, 3000):
        assert f"| {code} |" in GATEWAY


@pytest.mark.parametrize("text", ["95.00\n", "1e3", "-1", "", " 1", "1.123456789", "\u0661"])
def test_number_that_is_none_is_refused(text: str) -> None:
    order = {"symbol": "ACME", "side": "buy", "quantity": text}
    with pytest.raises(Exception, match="regex") as refused:
        request_in(json.dumps({"op": "enter", "order": order}))
    assert refused.value.field == "order.quantity"  # type: ignore[attr-defined]
