"""Commands in words: what was asked, in a few words.

Pure text from decoded JSON.
"""

from collections.abc import Callable

from venue.cli.text.payload import SIDES
from venue.domain.types import OrdType, TimeInForce
from venue.domain.verbs import WORDS
from venue.domain.words import Payload, scalars


def command_facts(payload: Payload) -> str:
    """The main facts of a command, in a few words."""
    return _FACTS.get(str(payload.get("type")), scalars)(payload)


def _enter(payload: Payload) -> str:
    ord_type, time_in_force = payload["ord_type"], payload.get("time_in_force", TimeInForce.DAY)
    kinds = [
        "" if ord_type == OrdType.LIMIT else _word(OrdType, ord_type),
        "" if time_in_force == TimeInForce.DAY else _word(TimeInForce, time_in_force),
    ]
    kind = "".join(f" {each}" for each in kinds if each)
    return f"{_request(payload)} {_side(payload)} {_terms(payload)}{kind}"


def _cancel(payload: Payload) -> str:
    return f"{_request(payload)} cancels {payload['orig_cl_ord_id']} {payload['symbol']}"


def _replace(payload: Payload) -> str:
    return f"{_request(payload)} replaces {payload['orig_cl_ord_id']}: {_terms(payload)}"


def _mass_cancel(payload: Payload) -> str:
    of = " ".join(
        filter(None, (payload.get("symbol") or "all", SIDES.get(payload.get("side", ""))))
    )
    return f"{_request(payload)} mass cancel of {of}"


def _mass_cancel_remaining(payload: Payload) -> str:
    return f"{_mass_cancel(payload['request'])}, {payload['canceled']} canceled so far"


def _request(payload: Payload) -> str:
    resend = " (possible resend)" if payload.get("poss_resend") else ""
    return f"{payload['session']} {payload['cl_ord_id']}{resend}"


def _terms(payload: Payload) -> str:
    """Quantity, symbol and prices as the session wrote them."""
    facts = [payload.get("order_qty", ""), payload["symbol"]]
    facts += [f"@ {payload['price']}"] if payload.get("price") else []
    facts += [f"stop {payload['stop_px']}"] if payload.get("stop_px") else []
    facts += [f"shows {payload['max_floor']}"] if payload.get("max_floor") else []
    return " ".join(fact for fact in facts if fact)


def _side(payload: Payload) -> str:
    return SIDES.get(payload["side"], f"side {payload['side']}")


def _word(kinds: type[OrdType] | type[TimeInForce], code: str) -> str:
    """Name of a code in words; members may write codes that there are not."""
    try:
        return kinds(code).name.lower().replace("_", " ")
    except ValueError:
        return f"{kinds.__name__} {code}"


_FACTS: dict[str, Callable[[Payload], str]] = {
    "EnterOrder": _enter,
    "CancelOrder": _cancel,
    "ReplaceOrder": _replace,
    "MassCancel": _mass_cancel,
    "MassCancelRemaining": _mass_cancel_remaining,
    **WORDS,
}
