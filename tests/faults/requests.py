"""What a request on the wire should have become in the journal, field by field.

Written anew from docs/RULES_OF_ENGAGEMENT.md: shares no line with the venue's own decoder.
"""

from typing import Any

from tests.faults.stories import Fields

_NAMES = {"D": "EnterOrder", "F": "CancelOrder", "G": "ReplaceOrder", "q": "MassCancel"}
_TAGS = {
    "11": "cl_ord_id",
    "41": "orig_cl_ord_id",
    "55": "symbol",
    "54": "side",
    "40": "ord_type",
    "59": "time_in_force",
    "38": "order_qty",
    "44": "price",
    "99": "stop_px",
    "110": "min_qty",
    "111": "max_floor",
    "18": "exec_inst",
    "211": "peg_offset",
    "530": "request_type",
}
_NOT_OF_THE_REQUEST = frozenset(("8", "9", "10", "34", "35", "49", "52", "56", "60", "432"))


def journaled(session: str, fields: Fields) -> dict[str, Any]:
    """The command that the request is, as its JSON has it. Raises KeyError for a tag not known."""
    command: dict[str, Any] = {"type": _NAMES[fields["35"]], "session": session}
    for tag, value in fields.items():
        if tag not in _NOT_OF_THE_REQUEST:
            command[_TAGS[tag]] = value
    if "432" in fields:
        day = fields["432"]
        command["expire_date"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return command


def same_request(command: dict[str, Any], session: str, fields: Fields) -> bool:
    """Whether the journal's command is this request, and says nothing that was not asked."""
    asked = journaled(session, fields)
    default = {"time_in_force": "0"} if asked["type"] == "EnterOrder" else {}
    said = {name: value for name, value in command.items() if value not in (None, "", [], False)}
    return {**default, **said} == {**default, **asked}
