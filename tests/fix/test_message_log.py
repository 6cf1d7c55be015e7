"""The record of what came and left: a line a message, with its time, masked, forged by nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.clock import iso
from venue.fix.message_log import MessageLog, shown

SECOND_NS = 1_767_225_600_000_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MessageLog]:
    log = MessageLog(tmp_path)
    yield log
    log.close()


def lines(tmp_path: Path) -> list[str]:
    return (tmp_path / "ALPHA.log").read_text().splitlines()


def test_each_line_has_the_time_of_its_message_and_not_of_the_flush(
    log: MessageLog, tmp_path: Path
) -> None:
    for number in range(3):
        message = b"35=0\x0134=%d\x0110=000\x01" % number
        log.note_in("ALPHA", [message], SECOND_NS + number * 700_000_000)
    log.flush()
    assert [line.split(" ", 1)[0] for line in lines(tmp_path)] == [
        iso(SECOND_NS + number * 700_000_000) for number in range(3)
    ]


def test_messages_that_leave_together_have_a_line_each(log: MessageLog, tmp_path: Path) -> None:
    log.note_all("ALPHA", b"35=0\x0110=001\x0135=8\x0158=x\x0110=002\x01", SECOND_NS)
    log.flush()
    assert [line.split(" out ")[1] for line in lines(tmp_path)] == [
        "35=0|10=001|",
        "35=8|58=x|10=002|",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("35=A\x01554=s3cret\x0198=0\x01", "35=A|554=***|98=0|"),
        ("35=D\x0158=hello|925=s3cret", "***"),
        ("35=n\x0195=9\x0196=s3cret\x01rest\x01", "***"),
    ],
)
def test_secret_is_hidden_in_whatever_message(text: str, written: str) -> None:
    assert written in shown(text) and "s3cret" not in shown(text)


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x0c", "\x1b[2K", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("way", ["in", "out"])
def test_no_value_makes_another_line(log: MessageLog, tmp_path: Path, end: str, way: str) -> None:
    forged = f"{end}2026-01-01T00:00:00.000000Z in 8=FIX.4.4|35=D|49=BRAVO|"
    message = f"35=D\x0158=x{forged}\x0110=000\x01".encode()
    if way == "in":
        log.note_in("ALPHA", [message], SECOND_NS)
    else:
        log.note_out("ALPHA", message, SECOND_NS)
    log.flush()
    (line,) = lines(tmp_path)
    assert line.isprintable() and line.count("|") == 3, "nor another field"


def test_data_with_separators_stays_one_line(log: MessageLog, tmp_path: Path) -> None:
    log.note_in("ALPHA", [b"35=D\x01354=9\x01355=a\x0110=000\x01b\x0110=123\x01"], SECOND_NS)
    log.flush()
    assert len(lines(tmp_path)) == 1


def test_log_that_cannot_be_written_is_said_once_and_goes_on(
    log: MessageLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ALPHA.log").mkdir()
    for _ in range(3):
        log.note_in("ALPHA", [b"35=0\x0110=000\x01"], SECOND_NS)
        log.flush()
    said = capsys.readouterr()
    assert (said.out + said.err).count("cannot be written") == 1
    (tmp_path / "ALPHA.log").rmdir()
    log.note_in("ALPHA", [b"35=0\x0110=000\x01"], SECOND_NS)
    log.flush()
    assert len(lines(tmp_path)) == 1
