"""Limits put upon a state from outside, for a what-if: no command, no event, no check against use.

Only for a state that is nobody's.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from venue.domain.instruments import Instrument
from venue.engine.members import scopes_of
from venue.engine.state import EngineState
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, LIMIT_NAMES

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


def impose(state: EngineState, overrides: Iterable[Override]) -> None:
    """Put all of them into force. Raises ValueError with words for the operator."""
    for override in overrides:
        if override.name in INSTRUMENT_LIMITS:
            _on_instruments(state, override)
        elif override.name in SESSION_LIMITS:
            _on_sessions(state, override)
        else:
            _on_members(state, override)


def _on_members(state: EngineState, override: Override) -> None:
    whose, _, account = override.whose.partition("/")
    names = ACCOUNT_LIMIT_NAMES if account else LIMIT_NAMES
    if override.name not in names:
        every = ", ".join((*names, *(() if account else (*INSTRUMENT_LIMITS, *SESSION_LIMITS))))
        raise ValueError(f"{override.name} is no limit here; there are {every}")
    for member in _chosen(state.members, whose, "member"):
        scope = member.scope_of(account) if account else member
        scope.limits.set(override.name, override.value)


def _on_sessions(state: EngineState, override: Override) -> None:
    least = 1 if override.name == "messages_per_second" else 0
    text = override.value or ""
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(f"{override.name} = {text or 'none'} is no whole number from {least} on")
    for session in _chosen(state.sessions, override.whose, "session"):
        setattr(session, override.name, int(text))


def _on_instruments(state: EngineState, override: Override) -> None:
    value = override.value
    if value is None and override.name != "dynamic_collar_percent":
        raise ValueError(f"{override.name} cannot be none")
    for market in _chosen(state.markets, override.whose, "symbol"):
        change = {INSTRUMENT_LIMITS[override.name]: value or ""}
        instrument = Instrument(msgspec.structs.replace(market.instrument.definition, **change))
        market.instrument = instrument
        for scope in (each for one in state.members.values() for each in scopes_of(one)):
            if instrument.symbol in scope.uses:
                scope.uses[instrument.symbol].instrument = instrument


def _chosen(every: dict[str, Named], name: str, kind: str) -> list[Named]:
    if name and name not in every:
        raise ValueError(f"{kind} {name} is unknown; there are {', '.join(sorted(every))}")
    return [every[name]] if name else list(every.values())
