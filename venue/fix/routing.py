"""Routing fields of a request, turned round for the headers of its answers.

Pure. By FIX 4.4 volume 1 (OnBehalfOfCompID) the answer to a third party's request goes back to that
party. Never refuses: values that cannot stand in a header are left out.
"""

import re
from collections.abc import Mapping

_TURNED = {
    "50": "57",
    "57": "50",
    "115": "128",
    "116": "129",
    "128": "115",
    "129": "116",
    "142": "143",
    "143": "142",
    "144": "145",
    "145": "144",
}
"""Tag of the answer -> tag of the request with its value, in the order in which they are sent."""

ROUTING = frozenset(_TURNED)
"""Sub ids and locations of both sides, OnBehalfOf... and DeliverTo..."""

_may_stand = re.compile("[ -~]{1,64}").fullmatch


def route_of(fields: Mapping[str, str]) -> str:
    """Header fields of the answers to a message with these fields, each `tag=value` and SOH."""
    if ROUTING.isdisjoint(fields):
        return ""
    return "".join(
        f"{tag}={fields[asked]}\x01"
        for tag, asked in _TURNED.items()
        if asked in fields and _may_stand(fields[asked])
    )
