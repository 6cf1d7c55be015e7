"""Limits put upon a state from outside, for a what-if: no command, no event, no check against use.

Only for a state that is nobody's.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from venue.domain.instruments import Instrument
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import scopes_of
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, LIMIT_NAMES, Limits

INSTRUMENT_LIMITS = {
    "max_quantity": "max_order_qty",
    "max_value": "max_order_value",
    "price_collar_percent": "price_collar_percent",
    "dynamic_collar_percent": "dynamic_collar_percent",
}
"""Name as in the configuration -> field of the definition."""

Named = TypeVar("Named")
SESSION_LIMITS = ("messages_per_second", "repeated_executions")


class Override(NamedTuple):
    """One limit. whose: a member, MEMBER/ACCOUNT, a symbol or a session by the limit's kind; empty:
    all of that kind. value None: no limit."""

    whose: str
    name: str
    value: str | None


def impose(state: EngineState, overrides: Iterable[Override]) -> list[Override]:
    """Put all of them into force; those that found nobody whose limit they are.

    Raises ValueError with words for the operator.
    """
    return [override for override in overrides if not _impose(state, override)]


def unknown(state: EngineState, override: Override) -> str:
    """Why an override found nobody, for the operator."""
    every: Iterable[str]
    if override.name in INSTRUMENT_LIMITS:
        kind, every = "symbol", state.markets
    elif override.name in SESSION_LIMITS:
        kind, every = "session", state.sessions
    else:
        kind, every = "member", state.members
    whose = override.whose.partition("/")[0]
    return f"{kind} {whose} is unknown; there are {', '.join(sorted(every))}"


def _impose(state: EngineState, override: Override) -> bool:
    if override.name in INSTRUMENT_LIMITS:
        return _on_instruments(state, override)
    if override.name in SESSION_LIMITS:
        return _on_sessions(state, override)
    return _on_members(state, override)


def _on_members(state: EngineState, override: Override) -> bool:
    whose, _, account = override.whose.partition("/")
    names = ACCOUNT_LIMIT_NAMES if account else LIMIT_NAMES
    if override.name not in names:
        every = ", ".join((*names, *(() if account else (*INSTRUMENT_LIMITS, *SESSION_LIMITS))))
        raise ValueError(f"{override.name} is no limit here; there are {every}")
    Limits().set(override.name, override.value)
    chosen = _chosen(state.members, whose)
    for member in chosen:
        scope = member.scope_of(account) if account else member
        scope.limits.set(override.name, override.value)
    return bool(chosen)


def _on_sessions(state: EngineState, override: Override) -> bool:
    least = 1 if override.name == "messages_per_second" else 0
    text = override.value or ""
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(f"{override.name} = {text or 'none'} is no whole number from {least} on")
    chosen = _chosen(state.sessions, override.whose)
    for session in chosen:
        setattr(session, override.name, int(text))
    return bool(chosen)


def _on_instruments(state: EngineState, override: Override) -> bool:
    value = override.value
    if value is None and override.name != "dynamic_collar_percent":
        raise ValueError(f"{override.name} cannot be none")
    chosen = _chosen(state.markets, override.whose)
    for market in chosen:
        change = {INSTRUMENT_LIMITS[override.name]: value or ""}
        instrument = Instrument(msgspec.structs.replace(market.instrument.definition, **change))
        market.instrument = instrument
        for scope in (each for one in state.members.values() for each in scopes_of(one)):
            if instrument.symbol in scope.uses:
                scope.uses[instrument.symbol].instrument = instrument
    return bool(chosen)


def _chosen(every: dict[str, Named], name: str) -> list[Named]:
    if not name:
        return list(every.values())
    return [every[name]] if name in every else []
