"""Requests and answers of Kraken's WebSocket v2, as JSON. Pure but for the clock.

Numbers of requests are read exactly.
"""

import json
import time
from decimal import Decimal
from typing import Any

import msgspec

from venue.clock import iso
from venue.gateway.kraken.errors import Refused

BYTES_MAX = 64 * 1024
MALFORMED = "Malformed request"
_encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct, frozen=True):
    """What a client asks. req_id: his number of it. time_in_ns: when it came."""

    method: str = ""
    params: dict[str, Any] = {}
    req_id: int | None = None
    time_in_ns: int = 0

    def several(self, name: str) -> list[str]:
        """A parameter that is a list of texts; one text stands for itself. Raises Refused."""
        value = self.params.get(name)
        if isinstance(value, str):
            return [value]
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise Refused(MALFORMED, f"{name} is a list of texts")
        return value

    def switch(self, name: str, otherwise: bool) -> bool:
        """A parameter that is true or false. Raises Refused."""
        value = self.params.get(name, otherwise)
        if not isinstance(value, bool):
            raise Refused(MALFORMED, f"{name} is true or false")
        return value

    def count(self, name: str, otherwise: int) -> int:
        """A parameter that is a whole number. Raises Refused."""
        value = self.params.get(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(MALFORMED, f"{name} is a whole number")
        return value


def read_request(text: str) -> Request:
    """A request in a message. Raises Refused."""
    if len(text) > BYTES_MAX:
        raise Refused(MALFORMED, f"at most {BYTES_MAX} characters")
    try:
        said = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(MALFORMED) from error
    if not isinstance(said, dict):
        raise Refused(MALFORMED)
    method, params, req_id = said.get("method"), said.get("params", {}), said.get("req_id")
    is_numbered = req_id is None or (isinstance(req_id, int) and 0 <= req_id < 2**63)
    if not isinstance(method, str) or not isinstance(params, dict) or not is_numbered:
        raise Refused(MALFORMED)
    return Request(method, params, req_id, time.time_ns())


def answer(request: Request, result: object = None, error: str = "", **more: object) -> bytes:
    """The answer to a request: what came of it, or why nothing did."""
    told: dict[str, object] = {"method": request.method, **more}
    if request.req_id is not None:
        told["req_id"] = request.req_id
    if error:
        told["error"] = error
    else:
        told["result"] = result
    told["success"] = not error
    now_ns = time.time_ns()
    told["time_in"], told["time_out"] = iso(request.time_in_ns or now_ns), iso(now_ns)
    return _encode(told)


def pong(request: Request) -> bytes:
    """The answer to a ping."""
    told: dict[str, object] = {"method": "pong"}
    if request.req_id is not None:
        told["req_id"] = request.req_id
    told["time_in"], told["time_out"] = iso(request.time_in_ns), iso(time.time_ns())
    return _encode(told)


def _no_number(text: str) -> None:
    raise ValueError(text)
