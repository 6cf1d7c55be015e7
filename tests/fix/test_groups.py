"""Members of repeating groups are checked like other fields, in every group of every message."""

from pathlib import Path

import pytest

from venue.fix.frame import Frame
from venue.fix.groups import Groups
from venue.fix.sender import framed

GROUPS = Groups(Path("spec/FIX44.xml"))
ORDER = "35=D|34=2|49=ALPHA|52=20261128-14:00:00.000|56=VENUE|11=x|"


def fault_of(body: str, head: str = ORDER) -> tuple[int, int] | None:
    """Reason and tag of what is wrong with an order that has this behind its ClOrdID."""
    frame = Frame(framed((head + body).replace("|", "\x01")))
    assert frame.fault is None
    fault = GROUPS.fault(frame)
    return None if fault is None else (fault.reason, fault.tag)


@pytest.mark.parametrize(
    "body",
    [
        "55=ACME|54=1|",
        "453=1|448=F|447=D|452=1|55=ACME|",
        "453=2|448=F|447=D|452=1|448=G|452=3|55=ACME|",
        "453=1|448=F|802=2|523=a|803=1|523=b|55=ACME|",
        "78=1|79=A|80=10|55=ACME|",
        "78=2|79=A|539=1|524=P|525=D|538=1|80=1.5|79=B|453=1|448=F|",
    ],
)
def test_groups_that_are_whole_pass(body: str) -> None:
    assert fault_of(body) is None


@pytest.mark.parametrize(
    ("body", "reason", "tag"),
    [
        ("453=2|448=F|447=D|452=1|55=ACME|", 16, 453),
        ("453=1|448=F|448=G|55=ACME|", 16, 453),
        ("453=1|55=ACME|", 16, 453),
        ("453=x|448=F|", 6, 453),
        ("453=1|447=D|448=F|", 15, 453),
        ("453=1|448=F|447=D|447=D|", 13, 447),
        ("453=1|448=F|447=D|452=abc|", 6, 452),
        ("453=1|448=F|447=DD|", 6, 447),
        ("453=1|448=F|447=~|", 5, 447),
        ("453=1|448=F|452=999|", 5, 452),
        ("453=1|448=F|802=3|523=a|55=ACME|", 16, 802),
        ("453=1|448=F|802=1|803=1|523=a|", 15, 802),
        ("453=1|448=F|802=1|523=a|803=x|", 6, 803),
        ("78=1|79=A|80=ten|", 6, 80),
        ("78=1|79=A|539=1|524=P|538=x|", 6, 538),
    ],
)
def test_what_is_wrong_inside_a_group_is_named(body: str, reason: int, tag: int) -> None:
    assert fault_of(body) == (reason, tag)


def test_every_group_of_every_message_is_known_with_its_first_field() -> None:
    assert {"453", "78", "711", "555", "146", "267", "382"} <= GROUPS.counts
    for head, groups in GROUPS._by_type.items():
        for count, group in groups.items():
            assert group.first in group.members, (head, count)
