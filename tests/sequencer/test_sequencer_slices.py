"""Work that takes long goes on in slices; others have their turn between two of them."""

from pathlib import Path

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.answers import OrderMassStatusQuery
from venue.engine.trading.slices import SLICE
from venue.sequencer import sequencer
from venue.sequencer.inbox import STATUSES, Input

from ..engine.builders import buy, sell
from .builders import Trading, last_batch, told


def test_a_slice_of_long_work_shares_its_batch_with_what_waits(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3 * SLICE)))
    trading.log_out("ALPHA")
    batches = []
    for name in ("B1", "B2", "B3"):
        trading.receive(sell(name, "1", "101"))
        assert trading.sequencer.run_batch()
        batches.append([type(record.command) for record in last_batch(trading).records])
    assert batches == [
        [c.LogOut, c.EnterOrder],
        [c.CancelRemaining, c.EnterOrder],
        [c.CancelRemaining, c.EnterOrder],
    ]
    assert not trading.sequencer.run_batch()


def test_long_work_of_many_is_no_more_a_batch_than_that_of_one(directory: Path) -> None:
    sessions = [f"S{number}" for number in range(20)]
    trading = Trading(directory)
    for session in sessions:
        trading.put(c.AddSession(session, "ALPHA"))
        for number in range(2 * SLICE):
            trading.put(buy(f"{session}-{number}", "1", "99", session=session))
    trading.sequencer.drain()
    for session in sessions:
        trading.put(c.MassCancel(session, "q", "7"))
    trading.put(c.Kill("member", "ALPHA"))
    trading.sequencer.catch_up()
    trading.port.take()
    most = 0
    while trading.sequencer.run_batch():
        most = max(most, len(trading.port.take()))
    assert SLICE < most <= 2 * (SLICE + 1)
    assert trading.engine.state.members["ALPHA"].open_orders == 0
    trading.writer.close()


def test_batch_that_causes_very_much_leaves_the_rest_for_the_next(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "_MESSAGES_A_BATCH", 16)
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(40)))
    deep = sell("B1", "10", "99")
    for number in range(4):
        trading.receive(msgspec.structs.replace(deep, cl_ord_id=f"B{number}"))
    sizes = []
    while trading.sequencer.run_batch():
        batch = last_batch(trading)
        sizes.append(len(batch.records))
        assert batch.sessions["BRAVO"].next_in == 2 + sum(sizes)
    assert sizes == [1, 1, 1, 1]
    assert [m.tags["11"] for m in trading.port.take() if m.session == "BRAVO"] == [
        f"B{number}" for number in range(4) for _ in range(11)
    ]


def test_logon_does_not_wait_for_long_work_of_others(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(9 * SLICE)))
    trading.put(c.Kill("member", "ALPHA"))
    trading.log_on("BRAVO")
    assert trading.engine.state.members["ALPHA"].open_orders == 8 * SLICE
    trading.sequencer.drain()
    assert trading.engine.state.members["ALPHA"].open_orders == 0


def ask_for_all(trading: Trading, session: str, request_id: str) -> None:
    query = OrderMassStatusQuery(session, request_id, "7")
    number = trading.port.count_in(session)
    trading.sequencer.inbox.put(Input(session, number, query=query))


def test_mass_status_comes_in_slices_that_share_their_batches_with_what_waits(
    trading: Trading,
) -> None:
    count = 3 * SLICE
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(count)))
    ask_for_all(trading, "ALPHA", "m1")
    sent = []
    for number in range(1, 5):
        trading.receive(sell(f"B{number}", "1", "101"))
        assert trading.sequencer.run_batch()
        sent.append(told(trading.port.take(), "11", "150", "911", "912"))
    assert sent[0] == [("BRAVO", "B1", "0", "-", "-")]
    assert [len(rows) for rows in sent] == [1, SLICE, SLICE + 1, SLICE + 2]
    statuses = [row for rows in sent for row in rows if row[0] == "ALPHA"]
    assert statuses == [
        ("ALPHA", f"A{n}", "I", str(count), "Y" if n == count - 1 else "-") for n in range(count)
    ]
    assert not trading.sequencer.run_batch()
    assert trading.replayed().sessions["ALPHA"].next_out == trading.port.next_out("ALPHA")
    assert trading.replayed().sessions["ALPHA"].next_in == trading.port.next_in("ALPHA")


def test_mass_status_ends_with_the_session(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3 * SLICE)))
    trading.log_on("ALPHA", cancels=False)
    ask_for_all(trading, "ALPHA", "m1")
    ask_for_all(trading, "BRAVO", "m2")
    trading.sequencer.catch_up()
    trading.port.take()
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    assert [(m.session, m.tags["37"]) for m in trading.port.take()] == [
        *(("ALPHA", str(n)) for n in range(1, SLICE)),
        ("BRAVO", "NONE"),
    ]


def test_mass_status_ends_with_a_logon_in_the_middle_of_the_session(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3 * SLICE)))
    trading.log_on("ALPHA", cancels=False)
    ask_for_all(trading, "ALPHA", "m1")
    trading.sequencer.catch_up()
    trading.log_on("ALPHA", reset=True, cancels=False)
    trading.port.take()
    trading.sequencer.drain()
    assert trading.port.take() == []


def test_so_many_mass_status_requests_of_a_session_are_answered_and_no_more(
    trading: Trading,
) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3)))
    for number in range(STATUSES + 1):
        ask_for_all(trading, "ALPHA", f"m{number}")
    trading.sequencer.drain()
    refused, *statuses = trading.port.take()
    assert (refused.tags["584"], refused.tags["103"], refused.tags["912"]) == ("m8", "99", "Y")
    assert refused.tags["58"].startswith("THROTTLED ")
    assert [m.tags["584"] for m in statuses] == [f"m{n // 3}" for n in range(3 * STATUSES)]


def test_mass_status_goes_on_beside_a_mass_cancel_and_both_end(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(6 * SLICE)))
    ask_for_all(trading, "ALPHA", "m1")
    sent = trading.say(c.MassCancel("ALPHA", "q", "7"))
    statuses = [m for m in sent if m.tags.get("150") == "I"]
    assert [m.tags.get("912") for m in statuses] == [None] * (len(statuses) - 1) + ["Y"]
    gone: set[str] = set()
    for message in sent:
        if message.tags.get("150") == "4":
            gone.add(message.tags["37"])
        elif message is not statuses[-1] and message.tags.get("150") == "I":
            assert message.tags["37"] not in gone, "told of as open after its end"
    assert sent[-1].tags["35"] in ("r", "8") and len(gone) == 6 * SLICE


def test_slices_of_both_turns_leave_a_small_batch_room_for_a_message(directory: Path) -> None:
    trading = Trading(directory, max_batch=1)
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(4 * SLICE)))
    trading.say(*(sell(f"B{n}", "1", "101") for n in range(4 * SLICE)))
    ask_for_all(trading, "BRAVO", "m1")
    trading.put(c.Kill("member", "ALPHA"))
    trading.receive(sell("B", "1", "101"))
    numbers = []
    while trading.sequencer.run_batch():
        batch = last_batch(trading)
        if "BRAVO" in batch.sessions:
            numbers.append(batch.sessions["BRAVO"].next_in)
    last = trading.port.next_in("BRAVO")
    assert numbers == [last - 1] * 2 + [last] * 3
    statuses = [m for m in trading.port.take() if m.tags.get("150") == "I"]
    assert [m.tags.get("912") for m in statuses] == [None] * (4 * SLICE - 1) + ["Y"]
    trading.writer.close()


@pytest.mark.parametrize("much", [1, 2])
def test_what_waits_behind_few_that_caused_much_is_sequenced_before_more_is_read(
    trading: Trading, monkeypatch: pytest.MonkeyPatch, much: int
) -> None:
    """Else the dear messages of one would queue up in front of everybody else's."""
    monkeypatch.setattr(sequencer, "_MESSAGES_A_BATCH", 2)
    monkeypatch.setattr(sequencer, "_MUCH", much)
    for number in range(3):
        trading.receive(buy(f"A{number}", "1", "99"))
    assert trading.sequencer.run_batch()
    assert trading.sequencer.is_behind is (much == 1)
    assert trading.sequencer.run_batch()
    assert not trading.sequencer.is_behind


def test_sender_of_a_message_that_causes_many_is_told_to_the_port(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(40)))
    assert trading.port.dear == {}
    trading.say(sell("B1", "5", "99"))
    assert trading.port.dear == {}, "eleven reports are few"
    trading.say(sell("B2", "30", "99"))
    assert trading.port.dear == {"BRAVO": 61}, "an acknowledgement, and two for each trade"
