"""Fee schedules: their versions, and which member trades by which. What cannot be is refused.

Orders that are open keep the terms of their entry: what is said here is for those that come later.
"""

from venue.domain.by_name import made_of
from venue.domain.commands import AssignFees, SetFeeSchedule
from venue.domain.events import FeesAssigned, FeeScheduleSet
from venue.domain.fee_versions import NO_SCHEDULE, FeeVersion, name_error, version_error
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.engine.trading.fees import forget_terms


@effect_of(SetFeeSchedule)
def set_fee_schedule(state: EngineState, command: SetFeeSchedule) -> None:
    """FeeScheduleSet. Refused for terms that cannot be, and for others of a day that counts.

    The first version of a schedule may count at once: nobody has traded by it.
    """
    version = made_of(FeeVersion, command)
    wrong = _why_not(state, command.schedule, version)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    kept = [each for each in _versions(state, command.schedule)
            if each.valid_from != version.valid_from]  # fmt: skip
    versions = sorted([*kept, version], key=lambda each: each.valid_from)
    state.fee_schedules = {**state.fee_schedules, command.schedule: tuple(versions)}
    forget_terms(state)
    event_seq, timestamp_ns = state.stamp()
    state.events.append(
        made_of(FeeScheduleSet, command, event_seq=event_seq, timestamp_ns=timestamp_ns)
    )


def _versions(state: EngineState, schedule: str) -> tuple[FeeVersion, ...]:
    return state.fee_schedules.get(schedule, ())


def _why_not(state: EngineState, schedule: str, version: FeeVersion) -> str | None:
    wrong_name = name_error(schedule)
    if wrong_name is not None:
        return wrong_name
    wrong = version_error(version)
    if wrong is not None:
        return f"{wrong[0]} of {schedule}: {wrong[1]}"
    versions = _versions(state, schedule)
    if not versions or version in versions or version.valid_from > state.trading_day:
        return None
    if not state.trading_day:  # no day has been open yet
        return None
    day = version.valid_from or "the beginning"
    return (
        f"what {schedule} says from {day} on counts already and stays: "
        f"new terms are valid from a day after {state.trading_day}"
    )


@effect_of(AssignFees)
def assign_fees(state: EngineState, command: AssignFees) -> None:
    """FeesAssigned. Refused for a member, instrument or schedule that there is not."""
    member, schedule = state.members.get(command.member), command.schedule
    if member is None:
        refuse(state, command, f"member {command.member} is unknown")
        return
    if command.instrument and command.instrument not in state.markets:
        refuse(state, command, f"{command.instrument} is not traded here")
        return
    if schedule != NO_SCHEDULE and schedule not in state.fee_schedules:
        known = ", ".join(sorted(state.fee_schedules)) or "none"
        refuse(state, command, f"fee schedule {schedule!r} is unknown; there are {known}")
        return
    assigned = {**member.fee_schedules, command.instrument: schedule}
    if schedule == NO_SCHEDULE:
        schedule = ""
        del assigned[command.instrument]
    member.fee_schedules = assigned
    member.fee_terms = {}
    event_seq, timestamp_ns = state.stamp()
    state.events.append(
        made_of(
            FeesAssigned,
            command,
            event_seq=event_seq,
            timestamp_ns=timestamp_ns,
            schedule=schedule,
        )
    )
