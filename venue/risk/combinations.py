"""Which order types, times in force and conditions go together: one table, checked as data.

A combination that is not in the table is refused with COMBINATION_NOT_OFFERED (103=11). Pure.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from venue.domain.commands import EnterOrder
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import PEGS, ExecInst, OrdType, SelfMatchMode, TimeInForce

_T = TimeInForce
_STAYING = (_T.DAY, _T.GOOD_TILL_CANCEL, _T.GOOD_TILL_DATE)
_AUCTION = (_T.AT_THE_OPENING, _T.AT_THE_CLOSE)

TIMES_IN_FORCE: dict[str, tuple[str, ...]] = {
    OrdType.MARKET: (_T.DAY, _T.IMMEDIATE_OR_CANCEL, _T.FILL_OR_KILL, *_AUCTION),
    OrdType.LIMIT: tuple(_T),
    OrdType.STOP: _STAYING,
    OrdType.STOP_LIMIT: _STAYING,
    OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT: (*_STAYING, _T.IMMEDIATE_OR_CANCEL),
    OrdType.PEGGED: _STAYING,
}
"""OrdType(40) -> the TimeInForce(59) codes that it is offered with."""


class Condition(NamedTuple):
    """A condition of an order: the OrdTypes and TimesInForce it is offered with.

    An order has it by one of these codes in ExecInst(18), or by this field of its command.
    """

    name: str
    ord_types: tuple[str, ...]
    times_in_force: tuple[str, ...]
    codes: tuple[str, ...] = ()
    field: str = ""


_LIMIT_OR_MARKET = (OrdType.LIMIT, OrdType.MARKET)
POST_ONLY = Condition("18=6", (OrdType.LIMIT,), _STAYING, codes=(ExecInst.POST_ONLY,))
ALL_OR_NONE = Condition(
    "18=G",
    _LIMIT_OR_MARKET,
    (*_STAYING, _T.IMMEDIATE_OR_CANCEL, _T.FILL_OR_KILL),
    codes=(ExecInst.ALL_OR_NONE,),
)
MIN_QTY = Condition("110", _LIMIT_OR_MARKET, (_T.IMMEDIATE_OR_CANCEL,), field="min_qty")
MAX_FLOOR = Condition(
    "111", (OrdType.LIMIT, OrdType.STOP_LIMIT, OrdType.PEGGED), _STAYING, field="max_floor"
)
PEG = Condition("18=M, P or R", (OrdType.PEGGED,), _STAYING, codes=PEGS)
CONDITIONS = (POST_ONLY, ALL_OR_NONE, MIN_QTY, MAX_FLOOR, PEG)
_FIELDS = tuple(condition.field for condition in CONDITIONS if condition.field)

EXCLUSIVE = (
    (ALL_OR_NONE.name, POST_ONLY.name),
    (ALL_OR_NONE.name, MIN_QTY.name),
    (ALL_OR_NONE.name, MAX_FLOOR.name),
    (POST_ONLY.name, PEG.name),
    ("18=J", "18=K"),
)
"""Conditions that exclude each other."""


class Combination(msgspec.Struct, frozen=True, gc=False):
    """What an order asks for, as far as it decides whether the combination is offered.

    given: names of the fields that are conditions and that the order has.
    """

    ord_type: str
    time_in_force: str
    exec_inst: frozenset[str]
    given: frozenset[str]
    has_self_match_id: bool
    self_match_mode: str | None


@lru_cache(maxsize=4096)
def check_combination(asked: Combination) -> Refusal | None:
    """Refusal that names the two things that do not go together, or None. Answers are cached."""
    if asked.time_in_force not in TIMES_IN_FORCE[asked.ord_type]:
        return _refuse(f"40={asked.ord_type}", f"59={asked.time_in_force}")
    present = [condition for condition in CONDITIONS if _has(asked, condition)]
    for condition in present:
        if asked.ord_type not in condition.ord_types:
            return _refuse(condition.name, f"40={asked.ord_type}")
        if asked.time_in_force not in condition.times_in_force:
            return _refuse(condition.name, f"59={asked.time_in_force}")
    names = {condition.name for condition in present}
    names |= {f"18={code}" for code in asked.exec_inst}
    for one, other in EXCLUSIVE:
        if one in names and other in names:
            return _refuse(one, other)
    return _check_self_match(asked)


def given_by(command: EnterOrder) -> frozenset[str]:
    """Names of the fields that are conditions and that the command has."""
    return frozenset([name for name in _FIELDS if getattr(command, name) is not None])


def _has(asked: Combination, condition: Condition) -> bool:
    by_code = any(code in asked.exec_inst for code in condition.codes)
    return by_code or condition.field in asked.given


def _check_self_match(asked: Combination) -> Refusal | None:
    mode = asked.self_match_mode
    if mode is not None and not asked.has_self_match_id:
        return _refuse(f"8000={mode}", "no SelfMatchPreventionID(7928)")
    whole = (
        MIN_QTY.field in asked.given
        or ExecInst.ALL_OR_NONE in asked.exec_inst
        or asked.time_in_force == TimeInForce.FILL_OR_KILL
    )
    if mode == SelfMatchMode.DECREMENT and whole:
        return _refuse("8000=D", "59=4, 110 or 18=G")
    return None


def _refuse(one: str, other: str) -> Refusal:
    return Refusal(
        RejectReason.COMBINATION_NOT_OFFERED, f"{one} and {other} are not offered together"
    )
