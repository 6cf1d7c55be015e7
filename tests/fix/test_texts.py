"""Whatever a command carries, no answer has a field without value, a broken one or a control code.

Trading commands come as bytes through the reader and the decoder, operators' as they are.
"""

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from tests.engine.builders import ACME, buy, sell, trading
from tests.fix.group_cases import BODIES
from tests.fix_message import frame, sending_time
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.answers import OrderMassStatusQuery, OrderStatusQuery
from venue.domain.fee_versions import FeeTier
from venue.domain.outgoing import Outgoing
from venue.domain.timetable import Hours, Timetable
from venue.engine.engine import Engine
from venue.fix.decode import Decoded, DecodeError, decode
from venue.fix.encode import ReportEncoder
from venue.fix.frame import Frame

HOSTILE = (
    "", " ", "\x01", "a\x0139=2\x01b", "a\nb", "\x1b[31mred", "\x7f", "\x00", "\x85", "\u2028",
    "a|b", "=", "58=x", "\x01\x01", "\t", "w" * 600, "caf\u00e9", "\u202e", "\r\n8=FIX",
)  # fmt: skip
_field = re.compile("[1-9][0-9]*=[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+").fullmatch


def check(message: Outgoing) -> None:
    """Every field of the message is a tag and a value, and all of it can be sent."""
    text = message.text + message.route
    assert text.endswith("\x01")
    for part in text[:-1].split("\x01"):
        assert _field(part), (part, text)
    tags = [part.partition("=")[0] for part in message.text.split("\x01")]
    assert all(tags.count(tag) <= 1 for tag in ("11", "37", "39", "150", "55", "58")), text


def venue() -> Engine:
    """Orders and a trade of ALPHA and BRAVO; some name a trader, an account, a halt."""
    made = trading()
    made.do(c.SetKyc("ALPHA", "approved", "T1"))
    party = (c.Party("T1", "D", "11"),)
    for number, order in enumerate((buy("A", "5", "100"), buy("A", "9", "99"))):
        named = msgspec.structs.replace(
            order, cl_ord_id=f"A{number}", parties=party, exec_inst="K", account="ACC"
        )
        made.do(named)
    made.do(sell("B1", "2", "100"))
    return made.engine


def told(engine: Engine, command: c.AnyCommand, now_ns: int) -> Iterator[e.AnyEvent]:
    """Events of the command, of what follows and of what sessions ask then."""
    commands = [
        command,
        msgspec.structs.replace(buy("N1", "1", "98"), parties=(c.Party("T1", "D", "11"),)),
        sell("N2", "1", "100"),
        c.ReplaceOrder("BRAVO", "R1", "B1", "ACME", "2", "2", "3", "101"),
        c.MassCancel("ALPHA", "Q1", "7"),
    ]
    for each in commands:
        yield from engine.apply(each, now_ns)
        while follow_ups := engine.take_follow_ups():
            for follow_up in follow_ups:
                yield from engine.apply(follow_up, now_ns)


TIMETABLE = Timetable("UTC", Hours("08:00", "16:00"), groups=())
OPERATORS: list[c.AnyCommand] = [
    c.CancelByOperator("1", "ann", "why"),
    c.EnterByOperator(
        msgspec.structs.replace(
            buy("A", "5", "100"), cl_ord_id="D1", account="ACC", parties=(c.Party("T1", "D", "11"),)
        ),
        "ann",
        "why",
    ),
    c.ReplaceByOperator("2", "8", "98", "ann", "why"),
    c.MassCancelByOperator("ALPHA", None, None, "ann", "why"),
    c.BustTrade("M1", "ann", "why"),
    c.CorrectTrade("M1", "99", "1", "ann", "why"),
    c.AddInstrument(ACME, "ann", "why"),
    c.AddMember("ALPHA", ("ACC",), "1000000", 100, "credit", "Alpha Ltd", "approved", "ann", "why"),
    c.AddSession("ALPHA3", "ALPHA", operator="ann", reason="why"),
    c.SetSanctions(("Alpha",), "ann", "why"),
    c.SetFourEyes(("Kill",), "ann", "why"),
    c.SetLimits("ALPHA", {"restricted": "ACME:buy"}, "ACC", "ann", "why"),
    c.SetKyc("ALPHA", "suspended", "T1", "Alpha Ltd", ("passport",), "ann", "why"),
    c.SetKyc("ALPHA", "rejected", "", "Alpha Ltd", ("passport",), "ann", "why"),
    c.SuspendMember("ALPHA", "ann", "why"),
    c.ResumeMember("ALPHA", "ann", "why"),
    c.Kill("member", "ALPHA", "ann", "why"),
    c.Kill("session", "ALPHA", "ann", "why"),
    c.Kill("all", "", "ann", "why"),
    c.Revive("all", "", "ann", "why"),
    c.HaltInstrument("ACME", "ann", "why"),
    c.ResumeInstrument("ACME", "ann", "why"),
    c.DisableInstrument("ACME", "ann", "why"),
    c.LogOutSession("ALPHA", "ann", "why"),
    c.DisableSession("ALPHA", "ann", "why"),
    c.EnableSession("ALPHA", "ann", "why"),
    c.Deposit("ALPHA", "USD", "5", "ann", "why", "ACC", "ref"),
    c.Withdraw("ALPHA", "USD", "5", "ann", "why", "ACC", "ref"),
    c.TransferFunds("ALPHA", "BRAVO", "USD", "5", "ann", "why", "ACC", "", "ref"),
    c.ReverseFunds("ref", "ann", "why", "again"),
    c.SetFeeSchedule("gold", "1", "2", "2026-02-01", (FeeTier("9", "1", "2"),), "3", "ann", "why"),
    c.AssignFees("ALPHA", "gold", "ACME", "ann", "why"),
    c.SplitAsset("ACME", 2, 1, "S1", "ann", "why"),
    c.PayDividend("ACME", "0.25", "USD", "D1", "ann", "why"),
    c.DeclareDefault("ALPHA", "BRAVO", "ann", "why"),
    c.CallMargin("ALPHA", "5", "USD", 1 << 62, "ann", "why"),
    c.ReleaseMargin("ALPHA", "ann", "why"),
    c.OpenSessions("ann", "why"),
    c.StartDay("2026-01-06", "ann", "why"),
    c.EndDay("ann", "why"),
    c.ReopenDay("", "ann", "why"),
    c.SetTimetable(TIMETABLE, "ann", "why"),
    c.SetSettlementRules(("mon",), ("2026-12-25",), True, "1", 2, "ann", "why"),
    c.SettleObligations("2026-01-06", "ann", "why"),
    c.Approve("H1", "bob", "why"),
    c.Decline("H1", "bob", "why"),
    c.StopEntry("the disk is full"),
]


def variants(value: Any) -> Iterator[Any]:
    """The value with one of its texts another, each in turn."""
    if isinstance(value, str):
        yield from HOSTILE
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from ((*value[:place], other, *value[place + 1 :]) for other in variants(each))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from ({**value, key: other} for other in variants(each))
            yield from ({other: each} for other in variants(key))
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            for other in variants(getattr(value, name)):
                yield msgspec.structs.replace(value, **{name: other})


def test_all_commands_of_operators_are_tried() -> None:
    tried = {type(command) for command in OPERATORS}
    assert tried == {*get_args(c.AdminCommand), c.StopEntry}


@pytest.mark.parametrize("command", OPERATORS, ids=lambda each: type(each).__name__)
def test_what_operators_write_breaks_no_answer(command: c.AnyCommand) -> None:
    encoder = ReportEncoder()
    count = 0
    for hostile in (command, *variants(command)):
        engine = venue()
        if isinstance(command, c.Approve | c.Decline):
            engine.apply(c.SetFourEyes(("Kill",)), engine.state.timestamp_ns)
            engine.apply(c.Kill("all", "", "ann", hostile.reason), engine.state.timestamp_ns)
        if isinstance(command, c.SplitAsset):
            engine.apply(sell("G1", "4", "104", tif="1"), engine.state.timestamp_ns)
            engine.apply(c.EndDay(), engine.state.timestamp_ns)
        for event in told(engine, hostile, engine.state.timestamp_ns):
            if isinstance(event, e.SessionEnded):
                check(Outgoing(event.session, f"35=5\x0158={event.text}\x01"))
            for message in encoder.reports(event):
                check(message)
                count += 1
    assert count > 5


FIELDS = (
    *(1, 11, 18, 37, 38, 40, 41, 44, 54, 55, 58, 59, 97, 99, 110, 111, 114, 126, 211, 432, 528),
    *(152, 168, 388, 516, 586, 7928, 8000, 530, 584, 585, 790, 50, 115, 116, 142, 144),
)


def as_decoded(msg_type: str, changes: dict[int, str]) -> Decoded | None:
    """What the edge makes of a message with these fields; None where it is refused."""
    fields = {
        int(tag): value for tag, _, value in (f.partition("=") for f in BODIES[msg_type].split("|"))
    }
    header = {35: msg_type, 49: "ALPHA", 56: "VENUE", 34: "2", 52: sending_time()}
    routed = {
        tag: changes[tag].encode().decode("latin-1")
        for tag in (50, 115, 116, 142, 144)
        if tag in changes
    }
    body = fields | {tag: value for tag, value in changes.items() if tag not in routed}
    on_wire = {tag: value.encode().decode("latin-1") for tag, value in body.items()}
    read = Frame(frame([*(header | routed).items(), *on_wire.items()]))
    if read.fault is not None:
        return None
    try:
        return decode("ALPHA", read.text, read.fields)
    except DecodeError:
        return None


@pytest.mark.parametrize("msg_type", BODIES)
@pytest.mark.parametrize("tag", FIELDS)
def test_what_members_write_breaks_no_answer(msg_type: str, tag: int) -> None:
    encoder = ReportEncoder()
    engine = venue()
    now_ns = engine.state.timestamp_ns
    for place, value in enumerate((*HOSTILE, "x" * 64, "5", "2", "A0", "ACME")):
        if "\x01" in value:
            continue  # no field of the wire has it
        unique = {} if tag == 11 else {11: f"{msg_type}{tag}-{place}"}
        decoded = as_decoded(msg_type, {**unique, tag: value})
        if decoded is None:
            continue
        if isinstance(decoded, OrderStatusQuery):
            check(encoder.answer(engine.answer(decoded)))
        elif isinstance(decoded, OrderMassStatusQuery):
            for answer in engine.mass_status(decoded).answers():
                check(encoder.answer(answer))
        else:
            for event in engine.apply(decoded, now_ns):
                for message in encoder.reports(event):
                    check(message)
