"""JSON schemas of what others read, docs/schemas/*.json, from the types that write it.

drop_copy, funds_copy, wallet_event, alert, market_data and snapshot are messages on NATS, cli is
what commands print with --json. docs/asyncapi.json describes the gateway's WebSocket.

`python docs/generate_schemas.py` says whether they differ (exit 1), `--write` brings them in.
"""

import inspect
import sys
from pathlib import Path
from typing import Any

import msgspec

from venue.bus.alerts import Alert
from venue.clearing.wallet.event import WalletEvent
from venue.cli.contract import CONTRACT, DONE, Failed
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.funds_copy import FundsCopy
from venue.gateway.streams.asyncapi import document
from venue.marketdata.messages import AnyAnswer, AnyMarketData

DOCS = Path(__file__).resolve().parent
SCHEMAS = DOCS / "schemas"
PUBLISHED: dict[str, Any] = {
    "drop_copy": DropCopy,
    "funds_copy": FundsCopy,
    "wallet_event": WalletEvent,
    "alert": Alert,
    "market_data": AnyMarketData,
    "snapshot": AnyAnswer,
}


COMPILED = ("RejectReason",)
"""Enumerations of the core: compiled, they have no docstring."""


def schema_text(type_: Any) -> str:
    """JSON Schema 2020-12 of a message, the same from every interpreter."""
    schema = without_indentation(msgspec.json.schema(type_))
    return msgspec.json.format(msgspec.json.encode(schema)).decode() + "\n"


def without_indentation(node: Any) -> Any:
    """A schema with its docstrings as Python 3.13 keeps them; older ones keep the indentation."""
    if isinstance(node, list):
        return [without_indentation(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        key: inspect.cleandoc(value)
        if key == "description" and isinstance(value, str)
        else without_indentation(value)
        for key, value in node.items()
        if not (key == "description" and node.get("title") in COMPILED)
    }


def cli_text() -> str:
    """Schema of what each command prints with --json, by the command; and of the types in them."""
    kinds = {**CONTRACT, "any command of the operator": DONE, "any error": Failed}
    schemas, defined = msgspec.json.schema_components(kinds.values(), ref_template="#/$defs/{name}")
    commands = dict(zip(kinds, schemas, strict=True))
    whole = without_indentation({"commands": commands, "$defs": dict(sorted(defined.items()))})
    return msgspec.json.format(msgspec.json.encode(whole)).decode() + "\n"


def asyncapi_text() -> str:
    """AsyncAPI of /v1/stream."""
    return msgspec.json.format(msgspec.json.encode(without_indentation(document()))).decode() + "\n"


def main() -> int:
    """Compare or write; the exit status."""
    texts = {SCHEMAS / f"{name}.json": schema_text(type_) for name, type_ in PUBLISHED.items()}
    texts[SCHEMAS / "cli.json"] = cli_text()
    texts[DOCS / "asyncapi.json"] = asyncapi_text()
    if sys.argv[1:] == ["--write"]:
        SCHEMAS.mkdir(exist_ok=True)
        for path, text in texts.items():
            path.write_text(text)
        return 0
    different = [
        str(path.relative_to(DOCS.parent))
        for path, text in texts.items()
        if not path.exists() or path.read_text() != text
    ]
    for name in different:
        print(f"{name} is not what the types say")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
