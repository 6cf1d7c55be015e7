"""Files, dates and subjects that are none: one line that says it, and status 2. No venue runs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.settings_example import SESSIONS_CFG, VENUE_TOML, errors_of, write_configuration
from venue.admin.client import VenueUnreachable
from venue.cli.main import app
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OF_A_DATA_DIRECTORY = (
    "run", "status", "book ACME", "book ACME --at 09:30", "tail", "explain 1", "replay", "kill all",
    "approvals", "deposit ALPHA USD 5 --reference 1", "day start", "day status", "member list",
    "member add NEW",
    "session reset ALPHA", "instrument list", "risk show", "risk dry-run ACME buy 5 --price 9",
    "order new ACME buy 5 --price 9", "order cancel 5", "config apply", "ledger trial-balance",
    "journal verify", "journal snapshot", "audit verify", "dropcopy watch ALPHA", "dropcopy refill",
    "fix log --session ALPHA", "bench load --rate 5", "kill all --dry-run",
)  # fmt: skip


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def wrong_use(*arguments: str) -> str:
    """The one line of a command that is wrong use."""
    result = typed(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.strip()


@pytest.mark.parametrize("name", ["venue.toml", "sessions.cfg", "names.txt"])
def test_byte_order_mark_is_named(directory: Path, name: str) -> None:
    (directory / "names.txt").write_text("Evil Corp\n")
    (directory / "venue.toml").write_text(f'{VENUE_TOML}[control]\nsanctions_file = "names.txt"\n')
    assert load_settings().control.sanctioned_names() == ("Evil Corp",)
    marked = directory / name
    marked.write_bytes(BYTE_ORDER_MARK + marked.read_bytes())
    with pytest.raises(ConfigurationError) as caught:
        load_settings().seed_commands()
    (line,) = str(caught.value).splitlines()
    assert line.endswith(
        f"{name}: begins with a byte order mark (BOM); save it as UTF-8 without one"
    )


def test_byte_order_mark_of_another_encoding_is_no_utf_8(directory: Path) -> None:
    (directory / "sessions.cfg").write_bytes(SESSIONS_CFG.encode("utf-16"))
    assert errors_of() == ["sessions.cfg: not UTF-8 text at byte 0"]


@pytest.mark.parametrize("command", OF_A_DATA_DIRECTORY)
def test_data_directory_that_is_a_file_is_named(directory: Path, command: str) -> None:
    file = directory / "some.txt"
    file.write_text("x")
    says = f"{file} is a file: a data directory is meant"
    assert wrong_use(*command.split(), "--data-dir", str(file)) == says
    assert wrong_use("--data-dir", str(file), *command.split()) == says
    below = file / "venue"
    says = f"{below} cannot be, for {file} is a file: a data directory is meant"
    assert wrong_use(*command.split(), "--data-dir", str(below)) == says


def test_data_directory_of_the_file_is_looked_at_too(directory: Path) -> None:
    (directory / "venue.toml").write_text(f'data_dir = "sessions.cfg"\n{VENUE_TOML}')
    assert wrong_use("run") == "sessions.cfg is a file: a data directory is meant"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\x00",
        b"<html><body/></html>",
        b"<fix/>",
        b"<fix><fields/><messages/></fix>",
        b"<fix><fields><field number='x' name='A' type='INT'/></fields></fix>",
        b"<?xml version='1.0' encoding='none-such'?><fix/>",
        b"not XML",
    ],
)
def test_dictionary_that_is_none_is_named(directory: Path, content: bytes) -> None:
    file = directory / "odd.xml"
    file.write_bytes(content)
    line = wrong_use("fix", "decode", "--dictionary", str(file))
    assert line.startswith(f"{file} is no FIX dictionary: ")


def test_dictionary_that_cannot_be_read_says_why(directory: Path) -> None:
    line = wrong_use("fix", "decode", "--dictionary", str(directory))
    assert line == f"{directory}: Is a directory"
    missing = directory / "none.xml"
    line = wrong_use("fix", "decode", "--dictionary", str(missing))
    assert line == f"{missing}: No such file or directory"


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "20260131", "2026-1-1", "today", "0"])
def test_day_that_no_calendar_has_is_named(day: str) -> None:
    says = f"{day!r} is no date YYYY-MM-DD"
    assert wrong_use("explain", "1", "--day", day) == says
    assert wrong_use("day", "start", "--date", day) == says


def test_day_that_is_one_is_taken(directory: Path) -> None:
    assert typed("explain", "1", "--day", "2028-02-29").stderr == "no journal in .venue\n"
    asked = typed("day", "start", "--date", "2028-02-29", "--yes")
    assert isinstance(asked.exception, VenueUnreachable)


@pytest.mark.parametrize(
    "subject",
    ["foo.bar", "md", "md.ACME", "md.ACME.trades", "md.ACME.trade.x", "venue.event.>", "drop.ALPHA",
     "venue.events.TradeExecutd.>", "venue.events.TradeExecuted.ACME.>", "alerts.>", "Venue.>"],
)  # fmt: skip
def test_subject_that_nothing_is_published_on_is_named(subject: str) -> None:
    line = wrong_use("tail", subject)
    assert line.startswith(f"nothing is ever published on {subject}; there are venue.events.TYPE.S")


@pytest.mark.parametrize("subject", ["md. ACME", "md..trade", ".", "md.>.trade", "md.AC>", ""])
def test_subject_that_is_none_is_named(subject: str) -> None:
    assert wrong_use("tail", subject) == f"{subject!r} is no NATS subject"


@pytest.mark.parametrize(
    "subject",
    ["venue.events.>", "venue.events.TradeExecuted.>", "venue.events.*.ACME", "venue.>", ">",
     "*.*.*", "md.>", "md.ACME.*", "md.*.trade", "drop.ALPHA.>", "drop.*.ACME", "alert.>",
     "alert._", "$JS.EVENT.>", "venue.events.OrderAccepted._", "venue.events.EntryBlocked.*"],
)  # fmt: skip
def test_subject_that_something_is_published_on_is_taken(subject: str) -> None:
    result = typed("tail", subject)
    assert (result.exit_code, result.stderr) == (1, "no venue is running in .venue\n")


def test_dictionary_of_the_venue_that_is_none_is_named(directory: Path) -> None:
    from venue.edge_parts import _dictionary  # here, for it brings in QuickFIX
    from venue.servers import ServerError

    for content in ("<fix/>", "not XML", ""):
        (directory / "odd.xml").write_text(content)
        with pytest.raises(ServerError, match=r"odd\.xml is no FIX dictionary: "):
            _dictionary(directory / "odd.xml")
