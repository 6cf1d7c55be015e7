"""Verbs that stop entry at once and let it go on: kill, suspension, halt, disabling.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.blocks.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Verb
from venue.domain.words import Payload, by_whom


class Kill(ActionCommand, frozen=True, tag=True):
    """Kill switch. scope: "member", "session" or "all"; name: which one, empty for all."""

    least_role = Role.OPERATOR
    scope: str
    name: str = ""
    operator: str = ""
    reason: str = ""


class Revive(ActionCommand, frozen=True, tag=True):
    """Take a kill back, also one by the repeated-execution throttle. Needs an operator's name."""

    least_role = Role.RISK
    scope: str
    name: str = ""
    operator: str = ""
    reason: str = ""


class SuspendMember(ActionCommand, frozen=True, tag=True):
    """Block a member's entry and cancel its open orders, until it is resumed."""

    least_role = Role.RISK
    member: str
    operator: str = ""
    reason: str = ""


class ResumeMember(ActionCommand, frozen=True, tag=True):
    """Lift a suspension."""

    least_role = Role.RISK
    member: str
    operator: str = ""
    reason: str = ""


class HaltInstrument(ActionCommand, frozen=True, tag=True):
    """Stop trading in an instrument: no entry, no matching; cancels go on."""

    least_role = Role.OPERATOR
    symbol: str
    operator: str = ""
    reason: str = ""


class ResumeInstrument(ActionCommand, frozen=True, tag=True):
    """Let trading in a halted instrument go on."""

    least_role = Role.OPERATOR
    symbol: str
    operator: str = ""
    reason: str = ""


class DisableInstrument(ActionCommand, frozen=True, tag=True):
    """Take an instrument out of trading, cancel its open orders; AddInstrument brings it back."""

    least_role = Role.ADMIN
    symbol: str
    operator: str = ""
    reason: str = ""


class EntryBlocked(ControlEvent, frozen=True, tag=True):
    """No entry for a member, a session or all any more; their open orders are being canceled.

    scope and name as in the command Kill. code: KILL_SWITCH, MEMBER_SUSPENDED, KYC_NOT_APPROVED or
    REPEATED_EXECUTIONS; detail: the numbers behind it.
    """

    scope: str
    name: str
    code: str
    detail: str
    operator: str
    reason: str


class EntryRestored(ControlEvent, frozen=True, tag=True):
    """A block is lifted."""

    scope: str
    name: str
    code: str
    operator: str
    reason: str


class InstrumentHalted(ControlEvent, frozen=True, tag=True):
    """Trading in the instrument has stopped."""

    symbol: str
    operator: str
    reason: str


class InstrumentResumed(ControlEvent, frozen=True, tag=True):
    """Trading in the instrument goes on."""

    symbol: str
    operator: str
    reason: str


class InstrumentDisabled(ControlEvent, frozen=True, tag=True):
    """The instrument is out of trading; its open orders are being canceled."""

    symbol: str
    operator: str
    reason: str


def _scope(payload: Payload) -> str:
    return f"{payload['scope']} {payload.get('name', '')}".rstrip()


def _entry_blocked(payload: Payload) -> str:
    detail = f" {payload['detail']}" if payload["detail"] else ""
    return f"{_scope(payload)}: no entry  {payload['code']}{detail}{by_whom(payload)}"


def _entry_restored(payload: Payload) -> str:
    return f"{_scope(payload)}: entry again  {payload['code']} lifted{by_whom(payload)}"


WORDS = {
    Kill: lambda payload: _scope(payload) + by_whom(payload),
    Revive: lambda payload: _scope(payload) + by_whom(payload),
    EntryBlocked: _entry_blocked,
    EntryRestored: _entry_restored,
    InstrumentHalted: lambda payload: f"trading has stopped{by_whom(payload)}",
    InstrumentResumed: lambda payload: f"trading goes on{by_whom(payload)}",
    InstrumentDisabled: lambda payload: f"is out of trading{by_whom(payload)}",
}

GROUPS = {
    "kill": """Stop entry at once and cancel all open orders; who is killed may log on and read.

    The answer comes when the kill is on disk: from then on no order enters. Orders are canceled in
    slices of 256; the first is counted in the answer, the others come right behind it.
    """,
    "revive": """Take a kill back, also one by the repeated-execution throttle; no order comes back.
    """,
}

_SYMBOL = (Argument("symbol", "SYMBOL", "Such as ACME."),)
_MEMBER = (Argument("member", "MEMBER", "For example ALPHA."),)
_A_MEMBER = (Argument("name", "MEMBER", "For example ALPHA."),)
_A_SESSION = (Argument("name", "SESSION", "CompID of the session."),)

VERBS = (
    Verb(
        Kill,
        "kill member",
        "Stop entry of a member, over all its sessions.",
        'venue kill member ALPHA --reason "runaway algorithm"',
        _A_MEMBER,
        done=lambda command: f"member {command.name} is killed",
        asks=lambda command: f"kill member {command.name}",
        stops=True,
        given={"scope": "member"},
    ),
    Verb(
        Kill,
        "kill session",
        "Stop entry of one FIX session.",
        "venue kill session ALPHA --yes",
        _A_SESSION,
        done=lambda command: f"session {command.name} is killed",
        asks=lambda command: f"kill session {command.name}",
        stops=True,
        given={"scope": "session"},
    ),
    Verb(
        Kill,
        "kill all",
        "Stop entry of everybody.",
        'venue kill all --reason "market disorder"',
        (),
        done=lambda command: "all are killed",
        asks=lambda command: "kill ALL members",
        stops=True,
        given={"scope": "all"},
    ),
    Verb(
        Revive,
        "revive member",
        "Let a killed member enter orders again.",
        "venue revive member ALPHA",
        _A_MEMBER,
        done=lambda command: f"member {command.name} may enter orders again",
        given={"scope": "member"},
    ),
    Verb(
        Revive,
        "revive session",
        "Let a killed session, or one stopped for repeated executions, enter orders again.",
        "venue revive session ALPHA",
        _A_SESSION,
        done=lambda command: f"session {command.name} may enter orders again",
        given={"scope": "session"},
    ),
    Verb(
        Revive,
        "revive all",
        "Lift the kill of everybody; members and sessions killed by name stay so.",
        "venue revive all",
        (),
        done=lambda command: "entry is open again",
        given={"scope": "all"},
    ),
    Verb(
        SuspendMember,
        "member suspend",
        "Stop a member's entry and cancel its open orders, until it is resumed.",
        'venue member suspend ALPHA --reason "margin call unanswered"',
        _MEMBER,
        done=lambda command: f"member {command.member} is suspended",
        asks=lambda command: f"suspend member {command.member}",
        stops=True,
    ),
    Verb(
        ResumeMember,
        "member resume",
        "Lift a suspension.",
        "venue member resume ALPHA",
        _MEMBER,
        done=lambda command: f"member {command.member} is not suspended any more",
    ),
    Verb(
        HaltInstrument,
        "halt",
        """Stop trading in an instrument: no entry, no matching; cancels go on.

        Orders with 18=K are canceled, the others stay.""",
        'venue halt ACME --reason "news pending"',
        _SYMBOL,
        done=lambda command: f"{command.symbol} is halted",
    ),
    Verb(
        ResumeInstrument,
        "resume",
        "Let trading in a halted instrument go on.",
        'venue resume ACME --reason "news is out"',
        _SYMBOL,
        done=lambda command: f"{command.symbol} trades again",
    ),
    Verb(
        DisableInstrument,
        "instrument disable",
        "Take an instrument out of trading and cancel its open orders; `add` brings it back.",
        'venue instrument disable ACME --reason "delisted"',
        _SYMBOL,
        done=lambda command: f"{command.symbol} is disabled",
        asks=lambda command: f"disable {command.symbol} and cancel its orders",
        stops=True,
    ),
)
