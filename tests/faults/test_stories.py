"""What a client log tells, message by message, and how kills are shared out and tabled."""

import random
from collections import Counter

import pytest

from tests.faults.client_log import NOTE, SEEN, SENT, Line
from tests.faults.figures import Row, done_rows, table
from tests.faults.kills import AT_RANDOM, NATS, POINTS, TRADING, Kill, Killed, shares
from tests.faults.load_orders import OrderFlow
from tests.faults.stories import ClientStory, client_story, fields_of

REPORT = "35=8|37=1|17=10|150=0|39=0|11=A1|55=ACME|54=1|38=5|14=0|151=5|44=99|"


def seen(number: int, body: str = REPORT, dup: str = "") -> Line:
    """A message from the venue."""
    return Line(1, SEEN, number, f"8=FIX.4.4|9=1|34={number}|{dup}49=VENUE|56=ALPHA|{body}10=000|")


def told(*lines: Line) -> ClientStory:
    """Story of a log."""
    return client_story(lines)


def numbers(story: ClientStory) -> list[int]:
    """MsgSeqNums of what was delivered."""
    return [report.number for report in story.delivered]


def test_reports_are_delivered_once_and_in_order() -> None:
    other = REPORT.replace("17=10", "17=20")
    story = told(seen(1), seen(2, other), seen(1, dup="43=Y|122=x|"))
    assert numbers(story) == [1, 2]
    assert (story.faults, story.caught_up) == ([], 0)


def test_report_beyond_a_gap_counts_when_it_comes_by_resend() -> None:
    story = told(seen(3), seen(1, dup="43=Y|"), seen(2, dup="43=Y|"), seen(3, dup="43=Y|"))
    assert numbers(story) == [1, 2, 3]
    assert (story.faults, story.caught_up) == ([], 3)


def test_gap_fill_takes_the_place_of_what_was_no_report() -> None:
    fill = "35=4|123=Y|36=5|"
    story = told(seen(1), seen(9, "35=A|"), seen(2, fill, "43=Y|"), seen(5, dup="43=Y|"))
    assert numbers(story) == [1, 5]
    assert story.faults == []
    assert story.logons_ns == [1]


def test_numbers_that_go_back_to_1_begin_an_era() -> None:
    anew = seen(2, REPORT.replace("17=10", "17=20"), "97=Y|")
    story = told(seen(1), seen(1, "35=A|141=Y|"), anew)
    assert [(each.era, each.number, each.resent) for each in story.delivered] == [
        (0, 1, False),
        (1, 2, True),
    ]
    assert [each.identity for each in story.delivered] == [("8", "10"), ("8", "20")]
    assert (story.faults, story.resets) == ([], 1)


def test_refusal_of_a_logon_is_counted_as_quickfix_does() -> None:
    """Whatever number it has: the venue must not use that number again for anything else."""
    asked = Line(1, SENT, 9, "8=FIX.4.4|35=A|34=9|10=000|")
    for number in (1, 2):
        story = told(seen(1), asked, seen(number, "35=5|58=no|"), asked, seen(3, "35=A|"))
        assert story.faults == []
    again = told(seen(1), asked, seen(2, "35=5|58=no|"), asked, seen(2, "35=A|"))
    assert again.faults == ["MsgSeqNum 2 came again without PossDupFlag(43)=Y"]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((seen(1), seen(3), seen(2)), "2 left behind 3"),
        ((seen(1), seen(1)), "came again without PossDupFlag"),
        ((seen(1), seen(1, REPORT.replace("38=5", "38=6"), "43=Y|")), "with other content"),
        ((seen(1, "35=4|123=Y|36=4|", "43=Y|"), seen(2, dup="43=Y|")), "filled as a gap before"),
        ((seen(1, "35=4|36=9|"),), "SequenceReset without gap fill"),
        ((seen(1), seen(2, "35=4|123=Y|36=2|", "43=Y|")), "gap fill 2 to 2, expected 2"),
        ((seen(1, "35=j|45=2|"),), "is no report"),
        ((Line(1, NOTE, 0, "MsgSeqNum 3 is too low, expected 9"),), "too low"),
        ((Line(1, NOTE, 0, "lost: the Logon was not answered"),), "not answered"),
        ((Line(1, NOTE, 0, "logout: LOGON_REFUSED the logon"),), "LOGON_REFUSED"),
    ],
)
def test_what_a_session_may_not_do_is_told(lines: tuple[Line, ...], fault: str) -> None:
    (only,) = told(*lines).faults
    assert fault in only


def test_loss_of_the_connection_and_the_venue_s_stop_are_in_order() -> None:
    notes = ("connected, next_out 1", "lost: closed by the venue", "logout: the venue stops")
    assert told(*(Line(1, NOTE, 0, note) for note in notes)).faults == []


def test_requests_are_known_by_their_first_sending() -> None:
    order = "8=FIX.4.4|35=D|34=2|11=A1|55=ACME|54=1|38=5|10=000|"
    again = order.replace("34=2|", "34=2|43=Y|122=x|")
    story = told(Line(1, SENT, 2, order), Line(2, SENT, 2, again))
    assert list(story.requests) == ["A1"]
    assert story.faults == []


def test_load_is_mixed_as_it_should_be_and_repeats_by_its_seed() -> None:
    flow, twin = OrderFlow("ALPHA", "1"), OrderFlow("ALPHA", "1")
    kinds: Counter[str] = Counter()
    orders: Counter[tuple[str, str]] = Counter()
    for _ in range(4000):
        kind, body = flow.request()
        assert twin.request() == (kind, body)
        kinds[kind] += 1
        fields = fields_of(body, "\x01")
        if kind == "D":
            orders[fields["40"], fields.get("59", "0")] += 1
        done = "0" if kind == "D" else "4" if kind == "F" else "5"
        report = {**fields, "35": "8", "150": done, "39": "0" if done != "4" else "4"}
        report["35"] = "r" if kind == "q" else "8"
        report.setdefault("40", "2")
        assert flow.take(report) and twin.take(report)
    assert 0.27 < kinds["F"] / 4000 < 0.34
    assert 0.03 < kinds["G"] / 4000 < 0.07
    assert kinds["q"] > 0
    assert {kind for kind, _ in orders} == set("1234KP")
    assert {until for _, until in orders} == set("01346")


def test_no_kill_is_lost_when_they_are_shared_out() -> None:
    parts = shares({TRADING: 17, NATS: 2}, 5, 4, 3)
    assert len(parts) == 3
    draw = random.Random(1)
    kills = [kill for part in parts for kill in part.kills_of(TRADING, draw)]
    points: dict[str | None, int] = dict.fromkeys(POINTS[TRADING], 5)
    points[None] = 17 + 4
    assert Counter(kill.point for kill in kills) == points
    assert sum(kill.clean for kill in kills) == 4
    assert sum(kill.torn for kill in kills) >= 1
    assert sum(part.at_random[NATS] for part in parts) == 2


def test_table_has_a_row_for_each_kind_and_counts_violations_of_its_rounds() -> None:
    at_point = Kill("after-apply", 3)
    rows = done_rows(
        [
            ([Killed(TRADING, AT_RANDOM, 1.0), Killed(TRADING, AT_RANDOM, None)], 0),
            ([Killed(TRADING, AT_RANDOM, 4.0), Killed(TRADING, at_point, 2.0)], 2),
        ]
    )
    assert rows == [
        Row("trading, at after-apply", 1, 2, [2.0]),
        Row("trading, random", 3, 2, [1.0, 4.0]),
    ]
    assert table(rows).splitlines()[-1].split("|")[1:-1] == [
        " trading, random         ",
        "     3 ",
        "          2 ",
        "              2.5 s ",
        "   4.0 s ",
    ]
