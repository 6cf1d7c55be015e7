"""docs/schemas is what the types say, and what is published is what the schemas say."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.dropcopy.copies import MEMBERS, busy_events, expected
from tests.dropcopy.events import numbered_events
from tests.marketdata.random_venue import RandomVenue
from venue.clearing.wallet.event import WalletLine, wallet_event
from venue.dropcopy.copies import copies_of
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.funds_copy import FundsCopy
from venue.marketdata.feed import Feed
from venue.marketdata.messages import KINDS, AnyAnswer, NoSnapshot, SymbolList

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs" / "schemas"


def test_schemas_are_those_of_the_types() -> None:
    generator = ROOT / "docs" / "generate_schemas.py"
    run = subprocess.run([sys.executable, generator], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_schema_is_the_same_from_docstrings_with_and_without_indentation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    from generate_schemas import schema_text

    class Inner(msgspec.Struct):
        description: str

    class Outer(msgspec.Struct):
        inner: list[Inner]

    texts = set()
    for indent in ("", "        "):  # as Python 3.13 keeps it, and as it stands in the source
        Inner.__doc__ = f"What is inside.\n\n{indent}One.\n{indent}    Two, further in.\n{indent}"
        Outer.__doc__ = f"\n{indent}What is outside.\n{indent}"
        texts.add(schema_text(Outer))
    definitions = msgspec.json.decode(texts.pop())["$defs"]
    assert texts == set()
    assert definitions["Outer"]["description"] == "What is outside."
    assert definitions["Inner"]["description"] == "What is inside.\n\nOne.\n    Two, further in."
    assert definitions["Inner"]["properties"] == {"description": {"type": "string"}}


def test_copies_have_the_fields_of_their_schema() -> None:
    described = {}
    for name, kind in (("drop_copy", DropCopy), ("funds_copy", FundsCopy)):
        schema: dict[str, Any] = msgspec.json.decode((SCHEMAS / f"{name}.json").read_bytes())
        described[kind] = schema["$defs"][kind.__name__]
    moved = [copy for event in numbered_events(9) for copy in copies_of(event)]
    assert {type(copy) for copy in moved} == {FundsCopy}
    for member in MEMBERS:
        for copy in [*moved, *expected(busy_events(), member)]:
            fields = msgspec.json.decode(msgspec.json.encode(copy)).keys()
            assert fields <= described[type(copy)]["properties"].keys()
            assert fields >= set(described[type(copy)]["required"])


def test_wallet_events_have_the_fields_of_their_schema() -> None:
    schema = msgspec.json.decode((SCHEMAS / "wallet_event.json").read_bytes())
    for kind in ("member", "unsettled"):
        line = WalletLine(7, 1, Decimal("-2.50"), Decimal(4), date(2026, 12, 1), 3, kind, "ALPHA",
                          "A1", "USD", 9, "TradeExecuted")  # fmt: skip
        told = msgspec.json.decode(msgspec.json.encode(wallet_event(line)))
        assert conforms(told, {"$ref": schema["$ref"]}, schema["$defs"]) == ""
        assert (told["amount"], told["balance"], told["value_date"]) == ("-2.5", "4", "2026-12-01")


def test_market_data_has_the_fields_of_its_schema() -> None:
    venue, feed = RandomVenue(31), Feed()
    seen = set()
    for events in venue.run(500):
        for event in events:
            feed.apply(event)
        for publication in feed.take():
            seen.add(fits("market_data", publication.payload))
    assert seen == {kind.__name__ for kind in KINDS}


def test_answers_of_snapshots_have_the_fields_of_their_schema() -> None:
    feed = Feed()
    for events in RandomVenue(31).run(200):
        for event in events:
            feed.apply(event)
        feed.take()
    pages = [page for symbol in feed.symbols() for page in feed.snapshot(symbol, page_orders=2)]
    answers: list[AnyAnswer] = [*pages, SymbolList(symbols=("A",)), NoSnapshot(error="none")]
    assert len(pages) > 2
    for answer in answers:
        assert fits("snapshot", msgspec.json.encode(answer)) == type(answer).__name__


def fits(schema: str, payload: bytes) -> str:
    """Check a message, and the messages in it, against its schema; its type."""
    defined = msgspec.json.decode((SCHEMAS / f"{schema}.json").read_bytes())["$defs"]
    message = msgspec.json.decode(payload)
    assert conforms(message, {"$ref": f"#/$defs/{message['type']}"}, defined) == ""
    return str(message["type"])


def conforms(value: Any, schema: dict[str, Any], defined: dict[str, Any]) -> str:
    """Why a value is not what a schema says, of what msgspec writes into schemas; empty: it is."""
    if "$ref" in schema:
        return conforms(value, defined[schema["$ref"].rpartition("/")[2]], defined)
    if "anyOf" in schema:
        whys = [conforms(value, each, defined) for each in schema["anyOf"]]
        return "" if "" in whys else f"none of: {whys}"
    if "enum" in schema:
        return "" if value in schema["enum"] else f"{value!r} is not in {schema['enum']}"
    kinds = {"string": str, "integer": int, "object": dict, "array": list, "boolean": bool,
             "null": type(None)}  # fmt: skip
    if not isinstance(value, kinds[schema["type"]]):
        return f"{value!r} is no {schema['type']}"
    if isinstance(value, dict):
        parts = [
            (each, schema["properties"].get(name, {"enum": []})) for name, each in value.items()
        ]
        missing = set(schema.get("required", ())) - set(value)
        if missing:
            return f"{missing} are missing"
    elif isinstance(value, list):
        prefix = schema.get("prefixItems", [])
        parts = [(each, prefix[at] if at < len(prefix) else schema["items"])
                 for at, each in enumerate(value)]  # fmt: skip
    else:
        parts = []
    return "".join(conforms(each, part, defined) for each, part in parts)
