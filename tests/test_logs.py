"""Log lines in both formats, from both libraries, without secrets or forged lines."""

import json
import logging
import logging.handlers
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog

from venue import logs

LOGON = "8=FIX.4.4\x0135=A\x01553=ALPHA\x01554=s3cret\x0110=000\x01"


@pytest.fixture(autouse=True)
def _no_handlers() -> None:
    logging.getLogger().handlers = []


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_line_names_process_level_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("trading", format="json")
    structlog.get_logger().info("logon accepted", session="ALPHA", count=3)
    (line,) = json_lines(capsys.readouterr().err)
    timestamp = line.pop("timestamp")
    assert timestamp.startswith("20") and timestamp.endswith("Z")
    assert line == {
        "event": "logon accepted",
        "process": "trading",
        "level": "info",
        "session": "ALPHA",
        "count": 3,
    }


def test_console_line_has_no_colours_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("trading")
    structlog.get_logger().info("logon accepted", session="ALPHA")
    written = capsys.readouterr().err
    assert "logon accepted" in written
    assert "session=ALPHA" in written
    assert "\x1b" not in written


def test_console_line_has_colours_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    logs.configure("trading")
    structlog.get_logger().info("logon accepted")
    written = capsys.readouterr().err
    assert "\x1b[" in written


def test_level_is_kept_by_both_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("trading", format="json", level="warning")
    structlog.get_logger().info("quiet")
    logging.getLogger("other").info("quiet too")
    structlog.get_logger().warning("loud")
    logging.getLogger("other").error("%s too", "loud")
    assert [line["event"] for line in json_lines(capsys.readouterr().err)] == ["loud", "loud too"]


def test_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="'chatty' is not a log level"):
        logs.configure("trading", level="chatty")


@pytest.mark.parametrize("format", ["json", "console"])
def test_secrets_appear_nowhere(capsys: pytest.CaptureFixture[str], format: logs.LogFormat) -> None:
    logs.configure("trading", format=format)
    logger = structlog.get_logger()
    logger.info(f"incoming {LOGON}")
    logger.info("incoming", text=LOGON, raw=LOGON.encode(), many=[{"text": LOGON}])
    logger.info("connect", url="nats://s3cret@127.0.0.1", error=OSError("at db://u:s3cret@h"))
    logger.info("keys", password="s3cret", nats_token="s3cret", inner={"password": "s3cret"})
    logging.getLogger("other").warning("incoming %s", LOGON)
    logging.getLogger("other").warning("extra", extra={"password": "s3cret"})
    try:
        raise ValueError(LOGON)
    except ValueError:
        logger.exception("failed")
        logging.getLogger("other").exception("failed")
    written = capsys.readouterr().err
    assert "s3cret" not in written
    assert written.count("554=***") == 7
    assert "Traceback" in written


def test_stranger_cannot_forge_lines_or_colour_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("trading")
    structlog.get_logger().warning("refused\nERROR forged", text="\x1b[31mred\x9b1m\nforged")
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written
    assert "\x9b" not in written


def test_file_gets_the_same_lines_and_is_rotated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_FILE_BYTES", 2000)
    file = tmp_path / "logs" / "trading.log"
    logs.configure("trading", format="json", file=file)
    for number in range(100):
        structlog.get_logger().info("line", number=number)
    kept = sorted(path.name for path in file.parent.iterdir())
    assert kept == ["trading.log", *(f"trading.log.{n}" for n in range(1, 6))]
    assert all(path.stat().st_size <= 2000 for path in file.parent.iterdir())
    assert json.loads(file.read_text().splitlines()[-1])["number"] == 99
    assert len(json_lines(capsys.readouterr().err)) == 100


def test_configuring_again_replaces_the_handlers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    logs.configure("trading", file=tmp_path / "first.log")
    logs.configure("trading", format="json")
    structlog.get_logger().info("once")
    assert len(json_lines(capsys.readouterr().err)) == 1
    assert (tmp_path / "first.log").read_text() == ""


def close_handlers() -> None:
    """Those of a full disk: closing tries to write once more."""
    for handler in logging.getLogger().handlers:
        with suppress(OSError):
            handler.close()
    logging.getLogger().handlers = []


def test_log_file_on_a_full_disk_is_said_once_and_the_lines_are_still_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "full.log"
    file.symlink_to("/dev/full")
    logs.configure("supervisor", file=file)
    for number in range(3):
        structlog.get_logger().info(f"line {number}")
    told = capsys.readouterr().err
    assert told.count("cannot be written: ") == 1 and "Traceback" not in told
    assert all(f"line {number}" in told for number in range(3))
    close_handlers()


def test_stderr_on_a_full_disk_stops_no_log_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.log"
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", full)
            logs.configure("supervisor", file=file)
            structlog.get_logger().info("kept all the same")
        close_handlers()
    assert "kept all the same" in file.read_text()
