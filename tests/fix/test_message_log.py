"""The record of what came and left: a line a message, with its time, masked, forged by nobody."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.clock import iso
from venue.fix import message_log
from venue.fix.message_log import MessageLog, shown
from venue.rotation import set_aside

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


def test_file_is_set_aside_when_it_is_large_and_each_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "ROTATE_BYTES", 90)
    log = MessageLog(tmp_path)
    day_ns = 86_400 * 1_000_000_000
    for number, now_ns in enumerate([0, 1, 2, 3, day_ns, day_ns + 1, 3 * day_ns]):
        log.note_in("ALPHA", [b"35=0\x0134=%d\x0110=000\x01" % number], SECOND_NS + now_ns)
        log.flush()
    log.close()
    files = [*set_aside(tmp_path / "ALPHA.log"), tmp_path / "ALPHA.log"]
    numbers = [re.findall(r"\|34=(\d)\|", path.read_text()) for path in files]
    assert numbers == [["0", "1"], ["2", "3"], ["4", "5"], ["6"]]
    times = [path.read_text().splitlines()[0][:10] for path in files]
    assert times == ["2026-01-01", "2026-01-01", "2026-01-02", "2026-01-04"]


def test_file_of_an_earlier_day_is_set_aside_by_the_next_process(tmp_path: Path) -> None:
    for day in (0, 1):
        log = MessageLog(tmp_path)
        now_ns = SECOND_NS + day * 86_400 * 1_000_000_000
        log.note_in("ALPHA", [b"35=0\x0110=000\x01"], now_ns)
        log.close()
        os.utime(tmp_path / "ALPHA.log", ns=(now_ns, now_ns))
    assert len(set_aside(tmp_path / "ALPHA.log")) == 1
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
