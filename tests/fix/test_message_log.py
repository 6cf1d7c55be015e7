"""Lines of the message log: stamped with the arrival's time, masked wherever a secret stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.clock import Clock, iso
from venue.fix import message_log
from venue.fix.message_log import MessageLog

START_NS = 1_764_000_000_999_999_000


class Times:
    """A clock that goes one microsecond a look."""

    def __init__(self) -> None:
        times = iter(range(START_NS, START_NS + 10**9, 1000))
        self.now_ns = lambda: next(times)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageLog]:
    monkeypatch.setattr(message_log, "Clock", Times)
    log = MessageLog("ALPHA", tmp_path, ignore, ignore, ignore)
    yield log
    log.close()


def ignore(session: str, text: str) -> None:
    """Nobody listens."""


def written(directory: Path) -> list[str]:
    return (directory / "ALPHA.log").read_text().splitlines()


def test_each_line_has_the_time_of_its_message_and_not_of_the_flush(
    log: MessageLog, tmp_path: Path
) -> None:
    log.onIncoming("35=D\x0111=A1\x01")
    log.flush()
    log.onOutgoing("35=8\x01")
    log.onOutgoing("35=8\x01")
    log.flush()
    assert written(tmp_path) == [
        "2025-11-24T16:00:00.999999Z in 35=D|11=A1|",
        "2025-11-24T16:00:01.000000Z out 35=8|",
        "2025-11-24T16:00:01.000001Z out 35=8|",
    ]


def test_messages_on_both_sides_of_a_second_keep_their_own(log: MessageLog, tmp_path: Path) -> None:
    log.onIncoming("35=0\x01")
    log.onOutgoing("35=0\x01")
    log.flush()
    assert [line[:27] for line in written(tmp_path)] == [
        "2025-11-24T16:00:00.999999Z",
        "2025-11-24T16:00:01.000000Z",
    ]


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("35=A\x01554=s3cret\x0198=0\x01", "35=A|554=***|98=0|"),
        ("35=D\x0158=hello|925=s3cret", "35=D|58=hello|925=***"),
        ("35=n\x0195=9\x0196=s3cret\x01rest\x01", "35=n|95=9|96=***"),
    ],
)
def test_secret_is_hidden_in_whatever_message_and_the_others_stay_whole(
    log: MessageLog, tmp_path: Path, secret: str, shown: str
) -> None:
    log.onIncoming("35=D\x0158=1554=5\x01")
    log.onIncoming(secret)
    log.onOutgoing("35=8\x0158=last\x01")
    log.flush()
    assert [line.split(" ", 2)[2] for line in written(tmp_path)] == [
        "35=D|58=1554=5|",
        shown,
        "35=8|58=last|",
    ]


def test_clock_is_the_venue_s(tmp_path: Path) -> None:
    log = MessageLog("ALPHA", tmp_path, ignore, ignore, ignore)
    before = Clock().now_ns()
    log.onIncoming("35=0\x01")
    log.flush()
    log.close()
    assert written(tmp_path)[0] >= iso(before)
