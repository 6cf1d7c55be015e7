"""What the operator did and what the risk controls noticed, in words.

Pure text from decoded JSON of events; may raise KeyError and the like for another version's.
"""

import json
from collections.abc import Callable

from venue.cli.text.command import command_facts
from venue.cli.text.payload import Payload, by_whom, whose


def _added_instrument(payload: Payload) -> str:
    terms = payload["definition"].items()
    facts = (f"{name} {value}" for name, value in terms if value and name != "symbol")
    return "  ".join(facts) + by_whom(payload)


def _added_member(payload: Payload) -> str:
    accounts = "".join(f" {name}" for name in payload["accounts"])
    return (
        f"{payload['member']} {payload.get('funding', 'credit')}"
        f"  credit_limit {payload['credit_limit']}  max_open_orders {payload['max_open_orders']}"
        f"{'  accounts' + accounts if accounts else ''}{by_whom(payload)}"
    )


def _added_session(payload: Payload) -> str:
    rate = payload.get("messages_per_second")
    return (
        f"{payload['session']} of {payload['member']}"
        f"{f'  {rate} messages a second' if rate else ''}{by_whom(payload)}"
    )


def _limits_set(payload: Payload) -> str:
    limits = "".join(f"  {name} {value}" for name, value in payload["limits"].items())
    return f"{whose(payload)}{limits or '  no limits'}{by_whom(payload)}"


def _kyc_changed(payload: Payload) -> str:
    trader = f" trader {payload['trader']}" if payload["trader"] else ""
    documents = ", ".join(payload["documents"])
    return (
        f"{payload['member']}{trader} is {payload['state']}"
        f"{f'  documents {documents}' if documents else ''}{by_whom(payload)}"
    )


def _sanctions_set(payload: Payload) -> str:
    return f"{len(payload['names'])} names on the sanctions list{by_whom(payload)}"


def _four_eyes_set(payload: Payload) -> str:
    commands = " ".join(payload["commands"])
    return f"{commands or 'no command'} needs a second operator{by_whom(payload)}"


def _entry_blocked(payload: Payload) -> str:
    detail = f" {payload['detail']}" if payload["detail"] else ""
    return f"{_scope(payload)}: no entry  {payload['code']}{detail}{by_whom(payload)}"


def _entry_restored(payload: Payload) -> str:
    return f"{_scope(payload)}: entry again  {payload['code']} lifted{by_whom(payload)}"


def _scope(payload: Payload) -> str:
    return f"{payload['scope']} {payload['name']}".rstrip()


def _halted(payload: Payload) -> str:
    return f"trading has stopped{by_whom(payload)}"


def _resumed(payload: Payload) -> str:
    return f"trading goes on{by_whom(payload)}"


def _disabled(payload: Payload) -> str:
    return f"is out of trading{by_whom(payload)}"


def _session_ended(payload: Payload) -> str:
    disabled = "  no logon is taken" if payload["disabled"] else ""
    return (
        f"{payload['session']} of {payload['member']} is logged out  {payload['text']}"
        f"{disabled}{by_whom(payload)}"
    )


def _session_enabled(payload: Payload) -> str:
    return f"{payload['session']} of {payload['member']} may log on again{by_whom(payload)}"


def _session_reset(payload: Payload) -> str:
    return f"{payload['session']} begins at MsgSeqNum 1 again{by_whom(payload)}"


def _action_held(payload: Payload) -> str:
    action = json.loads(payload["action"])
    quiet = {key: value for key, value in action.items() if key not in ("operator", "reason")}
    return (
        f"{payload['action_id']} {payload['command']} {command_facts(quiet)}"
        f"  waits for a second operator{by_whom(payload)}"
    )


def _action_approved(payload: Payload) -> str:
    return f"{payload['action_id']} is approved{by_whom(payload)}"


def _action_declined(payload: Payload) -> str:
    return f"{payload['action_id']} is declined{by_whom(payload)}"


def _risk_alerted(payload: Payload) -> str:
    return f"{payload['member']} {payload['code']} {payload['detail']}"


def _funds(payload: Payload) -> str:
    return f"{whose(payload)} {payload['amount']} {payload['asset']}{by_whom(payload)}"


def _refused(payload: Payload) -> str:
    return f"{payload['command']}: {payload['detail']}"


CONTROL_FACTS: dict[str, Callable[[Payload], str]] = {
    "InstrumentAdded": _added_instrument,
    "MemberAdded": _added_member,
    "SessionAdded": _added_session,
    "LimitsSet": _limits_set,
    "KycChanged": _kyc_changed,
    "SanctionsSet": _sanctions_set,
    "FourEyesSet": _four_eyes_set,
    "EntryBlocked": _entry_blocked,
    "EntryRestored": _entry_restored,
    "InstrumentHalted": _halted,
    "InstrumentResumed": _resumed,
    "InstrumentDisabled": _disabled,
    "SessionEnded": _session_ended,
    "SessionEnabled": _session_enabled,
    "SessionReset": _session_reset,
    "ActionHeld": _action_held,
    "ActionApproved": _action_approved,
    "ActionDeclined": _action_declined,
    "RiskAlerted": _risk_alerted,
    "FundsDeposited": _funds,
    "FundsWithdrawn": _funds,
    "CommandRefused": _refused,
}
"""Facts of each event in `venue.domain.control_events`, by type."""
