"""Scenarios without a venue: the file, what stands for what, and how differences are told."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fix_message import Field, Message, frame
from venue.fix.names import Names
from venue.scenarios.comparing import Difference, differences
from venue.scenarios.junit import junit_xml
from venue.scenarios.placeholders import Played, Recorded
from venue.scenarios.playing import Checked
from venue.scenarios.scenario import Said, ScenarioError, read_scenario, written

NAMES = Names.read(Path(__file__).resolve().parents[2] / "spec" / "FIX44.xml")
AT = datetime(2026, 12, 1, 10, 0, 0, tzinfo=UTC)
REPORT: list[Field] = [(37, "{OrderID.1}"), (11, "{ClOrdID.1}"), (150, "0"), (60, "*")]


def told(*fields: Field) -> Message:
    """An ExecutionReport of the venue's."""
    return Message(frame([(35, "8"), (34, "7"), (49, "VENUE"), (56, "ALPHA"), (52, "x"), *fields]))


def compared(fields: list[Field], *came: Field, played: Played | None = None) -> list[str]:
    """The differences, as told."""
    said = Said("ALPHA", False, "8", fields)
    return [each.text for each in differences(said, told(*came), played or Played("p"), NAMES)]


def test_file_is_read_as_it_was_written() -> None:
    messages = [
        Said("ALPHA", True, "D", [(11, "{ClOrdID.1}"), (54, "1"), (58, "a = b # c"), (9001, "N")]),
        Said("B-2", False, "8", REPORT),
        Said("ALPHA", True, "5", []),
    ]
    text = "\n".join(written(messages, NAMES))
    assert (
        "ALPHA > NewOrderSingle(D)\n    ClOrdID(11) = {ClOrdID.1}\n    Side(54) = 1\t# BUY" in text
    )
    assert [each._replace(line=0) for each in read_scenario(text)] == messages
    assert [each.line for each in read_scenario(text)] == [3, 9, 15]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not begin"),
        ("# venue scenario 1\n", "has no message"),
        ("# venue scenario 1\nALPHA > NewOrderSingle(D)\n    ClOrdID = 1", "line 3 is neither"),
        ("# venue scenario 1\n    ClOrdID(11) = 1", "line 2 is neither"),
    ],
)
def test_file_that_is_none_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        read_scenario(text)


def test_what_differs_from_run_to_run_is_replaced() -> None:
    recorded = Recorded(NAMES)
    assert recorded.sent(11, "a", AT) == "{ClOrdID.1}"
    assert recorded.sent(41, "a", AT) == "{ClOrdID.1}"
    assert recorded.sent(37, "5", AT) == "5", "the venue has not said it"
    assert recorded.answered(37, "1") == "{OrderID.1}"
    assert recorded.answered(17, "1") == "{ExecID.1}", "another kind of id"
    assert recorded.sent(37, "1", AT) == "{OrderID.1}"
    assert [recorded.answered(tag, "NONE") for tag in (37, 17)] == ["NONE", "NONE"]
    assert recorded.answered(17, "0") == "0"
    assert recorded.answered(60, "20261201-10:00:00.000") == "*"
    assert recorded.answered(45, "7") == "*"
    assert recorded.answered(58, "11=a, 41=zz of 37=1") == "11={ClOrdID.1}, 41=zz of 37={OrderID.1}"
    assert recorded.answered(31, "99.5") == "99.5"


@pytest.mark.parametrize(
    ("tag", "value", "stands"),
    [
        (60, "20261201-10:00:00.123", "{now}"),
        (126, "20261201-11:00:00", "{now+3600}"),
        (126, "20261201-09:00:00", "20261201-09:00:00"),
        (432, "20261201", "{today}"),
        (432, "20261203", "{today+2}"),
        (432, "never", "never"),
    ],
)
def test_time_that_a_client_sends_is_told_by_the_clock(tag: int, value: str, stands: str) -> None:
    assert Recorded(NAMES).sent(tag, value, AT) == stands


def test_placeholders_are_filled_in() -> None:
    played = Played("run")
    assert played.to_send(11, "{ClOrdID.1}", AT) == "run-1"
    assert played.to_send(11, "{ClOrdID.2}", AT) == "run-2"
    assert played.to_send(41, "{ClOrdID.1}", AT) == "run-1"
    assert played.to_send(60, "{now}", AT) == "20261201-10:00:00.000"
    assert played.to_send(126, "{now+3600}", AT) == "20261201-11:00:00.000"
    assert played.to_send(432, "{today+31}", AT) == "20270101"
    with pytest.raises(KeyError, match=r"OrderID\.1"):
        played.to_send(37, "{OrderID.1}", AT)
    assert played.expected("{OrderID.1}", "5") is None
    assert played.to_send(37, "{OrderID.1}", AT) == "5"


def test_answer_that_is_as_expected_has_no_difference() -> None:
    came: list[Field] = [(37, "5"), (11, "x"), (150, "0"), (60, "now")]
    assert compared(REPORT, *came) == []


@pytest.mark.parametrize(
    ("came", "says"),
    [
        ([(37, "5"), (11, "x"), (150, "8"), (60, "t")],
         ["ExecType(150): 0 NEW was expected, 8 REJECTED came"]),
        ([(37, "5"), (11, "x"), (150, "0")], ["TransactTime(60): * was expected, it is not there"]),
        ([(37, "5"), (11, "x"), (150, "0"), (60, "t"), (58, "no"), (58, "no")],
         ["Text(58): came with no and was not expected"] * 2),
    ],
)  # fmt: skip
def test_each_tag_that_differs_is_told(came: list[Field], says: list[str]) -> None:
    assert compared(REPORT, *came) == says


def test_id_has_to_be_the_same_wherever_it_stands_and_no_other_s() -> None:
    played = Played("p")
    assert compared([(37, "{OrderID.1}")], (37, "5"), played=played) == []
    assert compared([(37, "{OrderID.1}")], (37, "6"), played=played) == [
        "OrderID(37): 5 {OrderID.1} was expected, 6 came"
    ]
    assert compared([(37, "{OrderID.2}")], (37, "5"), played=played) == [
        "OrderID(37): another than {OrderID.1} {OrderID.2} was expected, 5 came"
    ]
    assert compared([(58, "37={OrderID.1} ends")], (58, "37=5 ends"), played=played) == []


def test_other_message_is_one_difference_with_its_reason() -> None:
    said = Said("ALPHA", False, "9", REPORT)
    assert differences(said, told((58, "why")), Played("p"), NAMES) == [
        Difference(35, "OrderCancelReject(9) was expected, ExecutionReport(8) came: why")
    ]


def test_junit_counts_what_differs_and_what_was_not_looked_at() -> None:
    checked = [
        Checked("ALPHA", "Logon(A)", 2),
        Checked("ALPHA", "ExecutionReport(8)", 5, [Difference(58, "a\x01b"), Difference(6, "c<")]),
        Checked("ALPHA", "nothing more", 0, is_skipped=True),
    ]
    suites = ElementTree.fromstring(junit_xml("s", checked, 1.5))
    suite = suites[0]
    counts = [suite.attrib[name] for name in ("tests", "failures", "errors", "skipped", "time")]
    assert counts == ["3", "1", "0", "1", "1.500"]
    assert [case.attrib["name"] for case in suite] == [
        "001 ALPHA Logon(A)", "002 ALPHA ExecutionReport(8)", "003 ALPHA nothing more"
    ]  # fmt: skip
    failure = suite[1][0]
    assert failure.attrib["message"] == "a|b"
    assert failure.text == "line 5\na|b\nc<"
    assert suite[2][0].tag == "skipped"
