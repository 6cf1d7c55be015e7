"""`venue dropcopy listeners` and `rewind`, on what the process fix-dropcopy has written."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.dropcopy.events import numbered_events, write_journal
from venue.cli.main import app
from venue.cli.text.drop_copy import drop_copy_line
from venue.data_directory import DataDirectory
from venue.dropcopy.copies import copies_of
from venue.fixdc.places import Place, Places, take_rewind, write_places

PLACES = Places(
    journal="J",
    event_seq=30,
    listeners={
        "ALPHA-DC": Place(20, 25, 3, 4, True, True, ("ALPHA", "BRAVO"), ("A1",), "trades"),
        "BRAVO-DC": Place(30, 30, members=("BRAVO",), levels="both"),
    },
)


@pytest.fixture
def place(tmp_path: Path) -> DataDirectory:
    write_journal(tmp_path / "journal", numbered_events(30))
    place = DataDirectory(tmp_path)
    write_places(place.listeners, PLACES)
    return place


def run(place: DataDirectory, *words: str) -> Result:
    arguments = ["--data-dir", str(place.path), "dropcopy", *words]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def test_listeners_are_listed_with_what_they_have_not_read(place: DataDirectory) -> None:
    alpha, bravo = json.loads(run(place, "listeners", "--json").stdout)["listeners"]
    assert alpha == {
        "session": "ALPHA-DC", "members": ["ALPHA", "BRAVO"], "accounts": ["A1"],
        "levels": "trades", "logged_on": True, "position": 20, "lag": 10, "unread": 3,
        "waits": True, "lost_through": 4,
    }  # fmt: skip
    assert (bravo["lag"], bravo["logged_on"], bravo["lost_through"]) == (0, False, 0)
    shown = run(place, "listeners").stdout
    assert "ALPHA, BRAVO, A1" in shown
    assert "logged on, does not read, lost up to event 4" in shown


@pytest.mark.parametrize(("exec_id", "behind"), [("first", 0), ("120", 11), ("202", 19)])
def test_listener_is_set_back_once_the_process_looks(
    place: DataDirectory, exec_id: str, behind: int
) -> None:
    told = json.loads(run(place, "rewind", "ALPHA-DC", exec_id, "--yes", "--json").stdout)
    assert told == {"ok": True, "session": "ALPHA-DC", "behind_event": behind, "taken": False}
    assert take_rewind(place.drop_copies, "ALPHA-DC") == behind
    assert take_rewind(place.drop_copies, "ALPHA-DC") is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["NOPE", "first"], "there is no listener NOPE; there are ALPHA-DC, BRAVO-DC"),
        (["ALPHA-DC", "soon"], "'soon' is no ExecID, nor 'first'"),
        (["ALPHA-DC", "19"], "'19' is no ExecID, nor 'first'"),
        (["ALPHA-DC", "300"], "ALPHA-DC is at event 20, before ExecID 300: it is only set back"),
    ],
)
def test_what_is_no_way_back_is_refused(place: DataDirectory, words: list[str], why: str) -> None:
    refused = run(place, "rewind", *words, "--yes")
    assert (refused.exit_code, refused.stderr.strip()) == (1, why)
    assert take_rewind(place.drop_copies, "ALPHA-DC") is None


def test_rewind_asks_first(place: DataDirectory) -> None:
    refused = run(place, "rewind", "ALPHA-DC", "first")
    assert refused.exit_code == 1 and "--yes does it" in refused.stderr


def test_nobody_listens_yet(tmp_path: Path) -> None:
    place = DataDirectory(tmp_path)
    assert json.loads(run(place, "listeners", "--json").stdout) == {"ok": True, "listeners": []}
    assert "there is none yet" in run(place, "rewind", "ALPHA-DC", "first", "--yes").stderr


def test_movement_of_funds_in_words() -> None:
    (copy,) = copies_of(numbered_events(1)[0])
    assert drop_copy_line(copy).split()[1:] == ["0", "deposit", "USD", "1"]
