"""What the simulator is made of, without sockets: numbers, streams, plans, words and scripts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fix_message import frame
from venue.simulator import Delay, Drop, Fill, Gap, On, Reject, Reset, ScriptError, read_script
from venue.simulator.behaviours import BEHAVIOURS
from venue.simulator.counter import parts_of
from venue.simulator.cutter import Cut, Cutter
from venue.simulator.numbers import Numbers
from venue.simulator.plan import Facts, Plan
from venue.simulator.script import behaviour_of

SCRIPTS = {
    "day.toml": """
[[step]]
do = "reject"
reason = 3
text = "no"
on = {msg_type = "D", cl_ord_id = "A*", nth = 2, count = 3}

[[step]]
do = "delay"
ms = 500
""",
    "day.json": '{"step": [{"do": "reject", "reason": 3, "text": "no", "on": {"msg_type": "D", '
    '"cl_ord_id": "A*", "nth": 2, "count": 3}}, {"do": "delay", "ms": 500}]}',
}


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 20)), max_size=6))
def test_number_that_went_to_the_client_comes_back_as_it_was(jumps: list[tuple[int, int]]) -> None:
    numbers = Numbers()
    for number, skip in sorted(jumps):
        numbers.jump(number, skip)
    told = [numbers.to_client(number) for number in range(1, 80)]
    assert told == sorted(set(told))
    assert [numbers.to_venue(number) for number in told] == list(range(1, 80))
    assert [numbers.to_venue(number) for number in range(1, told[-1])] == sorted(
        numbers.to_venue(number) for number in range(1, told[-1])
    )


def test_skipped_number_leads_to_the_next_one_that_there_is() -> None:
    numbers = Numbers()
    numbers.jump(5, 10)
    assert [numbers.to_client(number) for number in (4, 5, 6)] == [4, 15, 16]
    assert [numbers.to_venue(number) for number in (4, 5, 14, 15, 16)] == [4, 5, 5, 5, 6]
    numbers.clear()
    assert numbers.to_client(5) == numbers.to_venue(5) == 5


@given(st.lists(st.integers(1, 40), max_size=10), st.integers(0, 3))
def test_stream_is_cut_into_its_messages_wherever_it_was_torn(sizes: list[int], bad: int) -> None:
    first, second = frame([(35, "0"), (34, "1")]), frame([(35, "D"), (34, "2"), (11, "a")])
    garbled = second[:-2] + b"x\x01"
    stream = first + garbled * bad + second
    cutter, at = Cutter(), 0
    cuts: list[Cut] = []
    for size in [*sizes, len(stream)]:
        cuts += cutter.feed(stream[at : at + size])
        at += size
    assert b"".join(cut.data for cut in cuts) == stream
    assert [cut.data for cut in cuts if cut.is_message] == [first, second]


def test_bytes_that_are_no_message_are_handed_on() -> None:
    assert [tuple(cut) for cut in Cutter().feed(b"hello\x01again\x01")] == [
        (b"hello\x01again\x01", False)
    ]


def test_behaviour_is_done_to_the_messages_that_it_names() -> None:
    plan = Plan([Gap(on=On("AL*", "8 9", "a?", nth=2, count=2))])

    def is_due(cl_ord_id: str, session: str = "ALPHA", msg_type: str = "8") -> bool:
        return bool(plan.due(Facts(session, msg_type.encode(), cl_ord_id.encode(), False)))

    assert not any([is_due("a1"), is_due("b1"), is_due("a1", "BRAVO"), is_due("a1", "ALPHA", "j")])
    assert is_due("a2") and is_due("a3", msg_type="9")
    assert plan.armed[0].is_spent and not is_due("a4")


def test_without_a_type_no_message_of_the_session_protocol_is_meant() -> None:
    plan = Plan([Drop(on=On(count=0)), Reject(), Delay(ms=1)])
    assert plan.due(Facts("ALPHA", b"0", b"", True)) == []
    found = plan.due(Facts("ALPHA", b"D", b"a", True))
    assert [type(each).__name__ for each in found] == ["Drop", "Reject"]
    found = plan.due(Facts("ALPHA", b"8", b"a", False))
    assert [type(each).__name__ for each in found] == ["Drop", "Delay"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(SCRIPTS[name])
    on = On(msg_type="D", cl_ord_id="A*", nth=2, count=3)
    assert read_script(path) == [Reject(reason=3, text="no", on=on), Delay(ms=500)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("step = 1", "Expected `array`"),
        ('[[step]]\ndo = "dely"', "Invalid value 'dely'"),
        ('[[step]]\ndo = "delay"', "missing required field `ms`"),
        ('[[step]]\ndo = "delay"\nms = 0', ">= 1"),
        ('[[step]]\ndo = "gap"\nmore = 1', "unknown field `more`"),
        ("[[step", "Expected"),
    ],
)
def test_script_that_says_nothing_is_refused_with_its_place(
    text: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ScriptError, match=says.replace("[", "\\[")) as found:
        read_script(path)
    assert str(path) in str(found.value)
    with pytest.raises(ScriptError, match="No such file"):
        read_script(tmp_path / "none.toml")


def test_words_of_a_command_are_a_behaviour() -> None:
    assert behaviour_of("reset", ["gap_fill=false", "skip=5", "session=ALPHA", "count=0"]) == Reset(
        gap_fill=False, skip=5, on=On(session="ALPHA", count=0)
    )
    for name in BEHAVIOURS:
        words = {"delay": ["ms=1"], "slow_read": ["bytes_per_second=9"]}.get(name, [])
        assert type(behaviour_of(name, words)) is BEHAVIOURS[name]


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("dely", [], "did you mean delay?"),
        ("delay", ["mss=1"], "did you mean ms?"),
        ("delay", ["ms"], "no NAME=VALUE"),
        ("delay", ["ms=soon"], "Expected `int`"),
        ("delay", [], "missing required field `ms`"),
    ],
)
def test_words_that_say_nothing_are_refused(name: str, words: list[str], says: str) -> None:
    with pytest.raises(ScriptError) as found:
        behaviour_of(name, words)
    assert says in str(found.value)


@pytest.mark.parametrize(
    ("quantity", "parts", "each"),
    [
        ("10", 3, ["4", "3", "3"]),
        ("2", 5, ["1", "1"]),
        ("0.5", 2, ["0.3", "0.2"]),
        ("1.00", 2, ["0.50", "0.50"]),
    ],
)
def test_quantity_is_parted_in_its_own_unit(quantity: str, parts: int, each: list[str]) -> None:
    assert list(parts_of(quantity, parts)) == each


def test_fill_is_one_of_the_behaviours_that_have_defaults() -> None:
    assert Fill().parts == 2
