"""Faults of the line as QuickFIX, a stock engine with its own store, gets over them.

What passes between QuickFIX and the simulator is read from the simulator's log.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from tests.clients.quickfix_broker import QuickfixBroker
from tests.fix_message import Message, new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.session_log import found_in
from venue.simulator import (
    AnyBehaviour,
    BadCheckSum,
    Drop,
    Duplicate,
    Gap,
    Login,
    On,
    Reject,
    Reset,
    Simulator,
)

BUY = "1"
NEW, REJECTED = "0", "8"
_numbers = count(1)


class Engine:
    """QuickFIX as ALPHA behind a simulator that keeps a log."""

    def __init__(self, simulator: Simulator, directory: Path) -> None:
        self.simulator = simulator
        self.broker = QuickfixBroker(simulator.address, directory)
        self.name = f"q{next(_numbers)}-"
        """Begins all its ClOrdIDs, and no other engine's."""
        self._log = directory / "log" / "ALPHA.log"

    def enter(self, cl_ord_id: str) -> None:
        """Send an order that will rest."""
        self.broker.send_order(dict(new_order(self.name + cl_ord_id, BUY, "10", "90")))

    def told(self, cl_ord_id: str, exec_type: str = NEW) -> None:
        """Wait until QuickFIX has told its application of that report; it does so once."""
        cl_ord_id = self.name + cl_ord_id
        self.broker.expect(cl_ord_id, exec_type)
        told = [(each[11], each[150]) for each in self.broker.reports]
        assert told.count((cl_ord_id, exec_type)) == 1

    def said(self, way: str) -> list[Message]:
        """Messages that were sent to QuickFIX ("out") or came of it ("in")."""
        lines = [
            line for line in self._log.read_bytes().splitlines() if b" %b 8=" % way.encode() in line
        ]
        return [
            Message("".join(f"{tag}={value}\x01" for tag, value in found.fields).encode())
            for found in found_in(lines)
        ]


@pytest.fixture
def engine(venue: RunningTrading, tmp_path: Path) -> Iterator[Engine]:
    """QuickFIX, logged on for the first time."""
    Desk(venue.data_dir).done("session", "reset", "ALPHA")  # as QuickFIX's store is new, too
    with Simulator(
        venue.address, counter=Login("DELTA", "demo"), log=tmp_path / "log"
    ) as simulator:
        made = Engine(simulator, tmp_path)
        made.broker.log_on()
        made.enter("before")
        made.told("before")
        yield made
        simulator.clear()
        made.broker.log_out()
        made.broker.close()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Gap(on=On(cl_ord_id="*-hit")), id="gap"),
        pytest.param(BadCheckSum(on=On(cl_ord_id="*-hit")), id="bad_checksum"),
    ],
)
def test_report_that_does_not_arrive_is_asked_for_and_sent_again(
    fault: AnyBehaviour, engine: Engine
) -> None:
    engine.simulator.do(fault)
    engine.enter("hit")
    engine.enter("next")
    engine.told("next")
    engine.told("hit")
    assert [m.msg_type for m in engine.said("in")].count("2") == 1
    assert [m.get(43) for m in engine.said("out") if m.get(11).endswith("-hit")][-1] == "Y"


def test_report_that_comes_again_as_possible_duplicate_is_told_once(engine: Engine) -> None:
    engine.simulator.do(Duplicate(on=On(cl_ord_id="*-twice")))
    engine.enter("twice")
    engine.enter("next")
    engine.told("next")
    engine.told("twice")
    first, second = [m for m in engine.said("out") if m.get(11).endswith("-twice")]
    assert first[34] == second[34]
    assert (first.get(43), second[43], second[122]) == ("", "Y", first[52])


def test_same_bytes_again_end_the_session(engine: Engine) -> None:
    engine.simulator.do(Duplicate(poss_dup=False, on=On(cl_ord_id="*-same")))
    engine.enter("same")
    engine.broker.lose()
    engine.told("same")
    first, second = [m for m in engine.said("out") if m.get(11).endswith("-same")]
    assert first.raw == second.raw
    # QuickFIX knows of its logout before the simulator has read it
    wait_for(lambda: "MsgSeqNum too low" in engine.said("in")[-1].get(58))
    engine.broker.log_on()
    engine.enter("after")
    engine.told("after")


@pytest.mark.parametrize("gap_fill", [True, False])
def test_session_goes_on_behind_a_sequence_reset(gap_fill: bool, engine: Engine) -> None:
    engine.simulator.do(Reset(gap_fill=gap_fill, skip=7, on=On(cl_ord_id="*-jump")))
    engine.enter("jump")
    engine.enter("next")
    engine.told("jump")
    engine.told("next")
    reset, jump, following = engine.said("out")[-3:]
    assert (reset.msg_type, reset[123]) == ("4", "Y" if gap_fill else "N")
    assert int(reset[36]) == reset.msg_seq_num + 7 == jump.msg_seq_num == following.msg_seq_num - 1
    engine.simulator.do(
        Gap(on=On(cl_ord_id="*-hole")), Drop(on=On(cl_ord_id="*-end", msg_type="8"))
    )
    for name in ("hole", "filled", "end"):
        engine.enter(name)
    engine.broker.lose()
    engine.broker.log_on()  # with the numbers that QuickFIX has, higher than the venue's
    engine.told("hole")
    engine.told("filled")
    engine.told("end")
    assert "5" not in {m.msg_type for m in engine.said("out")}


@pytest.mark.parametrize("msg_type", ["D", "8"])
def test_line_is_dropped_and_nothing_is_lost(msg_type: str, engine: Engine) -> None:
    engine.simulator.do(Drop(on=On(msg_type=msg_type, cl_ord_id="*-cut")))
    engine.enter("cut")
    engine.broker.lose()
    engine.broker.log_on()
    engine.told("cut")


def test_line_is_dropped_at_once(engine: Engine) -> None:
    engine.simulator.do(Drop(now=True, on=On(session="BRAVO")))
    engine.enter("stays")
    engine.told("stays")
    engine.simulator.do(Drop(now=True))
    engine.broker.lose()
    wait_for(lambda: engine.simulator.status().sessions == [])
    engine.broker.log_on()
    assert engine.simulator.status().sessions == ["ALPHA"]


def test_refusal_is_valid_by_the_dictionary_of_quickfix(engine: Engine) -> None:
    engine.simulator.do(Reject(reason=6, text="twice", on=On(cl_ord_id="*-refused")))
    engine.enter("refused")
    engine.told("refused", REJECTED)
    assert "3" not in {m.msg_type for m in engine.said("in")}
