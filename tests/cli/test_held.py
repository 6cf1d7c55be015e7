"""A command that is held for a second operator is told from one that is done: status and JSON.

Against an admin socket of this process: an engine answers, there is no venue.
"""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from tests.admin.serving import serving
from tests.confirmed import confirmed
from tests.engine.builders import Venue, configured
from tests.settings_example import write_configuration
from venue.admin import answers, requests
from venue.admin.caller import Caller
from venue.admin.requests import AnyRequest
from venue.admin.typed import Reply, typed
from venue.cli.main import app
from venue.domain import commands as c
from venue.domain.events import CommandRefused
from venue.engine.views import overview
from venue.engine.views.configuration import differences

HALT, DEPOSIT = ("halt", "ACME"), ("deposit", "ALPHA", "USD", "5", "--reference", "1")
FOUR_EYES = ("HaltInstrument", "Deposit", "BustTrade", "SetSanctions")


@pytest.fixture
def engine() -> Venue:
    """A configured engine where some commands need a second operator."""
    venue = configured()
    venue.do(c.SetFourEyes(FOUR_EYES, "olga"))
    return venue


@pytest.fixture
def data_dir(engine: Venue, tmp_path: Path) -> Iterator[Path]:
    """A data directory whose admin socket answers as a running venue does."""

    def answer(request: AnyRequest, reply: Reply, caller: Caller) -> None:
        if isinstance(request, requests.Submit):
            asker = next(askers)
            events = engine.do(msgspec.structs.replace(request.command, operator=asker))
            refused = [each.detail for each in events if isinstance(each, CommandRefused)]
            if refused:
                reply(answers.Refusal(error=refused[0]))
                return
            left = overview.still_open(engine.engine.state, events)
            reply(answers.Done(events=list(events), still_open=left))
        elif isinstance(request, requests.ConfigurationQuery):
            found = differences(engine.engine.state, request.wanted or [])
            found = [each for each in found if each.wanted.key()[0] in ("sanctions", "four eyes")]
            reply(answers.ConfigurationAnswer(differences=found))
        else:
            assert isinstance(request, requests.ConfigureSessions)
            reply(answers.SessionChanges(added=[], changed=[], removed=[], waiting=[]))

    askers = cycle(("ann", "bob"))  # each command is asked for by another than the one before
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", typed(answer)):
        yield tmp_path / "data"


def run(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--data-dir", str(data_dir), *confirmed(arguments)])


@pytest.mark.parametrize("typed", [HALT, DEPOSIT], ids=" ".join)
def test_held_is_status_3_and_named_in_the_json(data_dir: Path, typed: tuple[str, ...]) -> None:
    line = run(data_dir, *typed)
    assert (line.exit_code, line.stderr) == (3, "")
    assert line.stdout.startswith("held as H1: another operator has to approve it")
    as_json = run(data_dir, *(HALT if typed is HALT else (*DEPOSIT[:-1], "2")), "--json")
    assert (as_json.exit_code, as_json.stderr) == (3, "")
    told = msgspec.json.decode(as_json.stdout)
    assert told["held"] == ["H2"]
    assert [event["type"] for event in told["events"]] == ["ActionHeld"]


def test_done_is_status_0_and_has_no_held(data_dir: Path) -> None:
    done = run(data_dir, "kill", "member", "ALPHA", "--json")
    assert done.exit_code == 0
    assert "held" not in msgspec.json.decode(done.stdout)
    run(data_dir, *HALT)
    approved = run(data_dir, "approve", "H1", "--json")
    assert approved.exit_code == 0
    assert "held" not in msgspec.json.decode(approved.stdout)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("trade bust M9999", "trade M9999 is unknown, or too old to be changed"),
        ("halt NOPE", "NOPE is not traded here"),
        ("deposit NOPE USD 5 --reference 1", "member NOPE is unknown"),
        ("deposit ALPHA NOPE 5 --reference 1", "asset NOPE is unknown"),
    ],
)
def test_what_does_not_exist_is_refused_when_it_is_asked_for(
    data_dir: Path, engine: Venue, typed: str, line: str
) -> None:
    result = run(data_dir, *typed.split())
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{line}\n")
    assert engine.engine.state.pending == {}


def test_configuration_that_is_held_in_part_says_so(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_configuration(tmp_path, monkeypatch)
    (tmp_path / "names.txt").write_text("Evil Corp\n")
    control = '[control]\nsanctions_file = "names.txt"\nfour_eyes = ["Kill"]\n'
    (tmp_path / "venue.toml").write_text((tmp_path / "venue.toml").read_text() + control)
    result = run(data_dir, "config", "apply", "--json")
    assert result.exit_code == 3, result.output
    told = msgspec.json.decode(result.stdout)
    assert told["held"] == ["H1"]
    assert [each["type"] for each in told["applied"]] == ["SetFourEyes"]
    assert [each["type"] for each in told["differences"]] == ["SetSanctions", "SetFourEyes"]


def test_help_says_the_exit_statuses() -> None:
    text = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert "0 done, 1 refused or not found, 2 wrong use or configuration, 3 not done yet" in text
    assert "status 3" in " ".join(CliRunner().invoke(app, ["approvals", "--help"]).stdout.split())
