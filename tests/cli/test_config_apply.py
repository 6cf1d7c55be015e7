"""`venue config apply`: only what the file states is changed, what was is shown, looser asks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.operator_desk import Desk
from tests.cli.terminal import typed_at_terminal
from tests.running import RunningTrading
from venue.settings.files import shipped

IN_FORCE = "the configuration file says what is in force"
ECHO = '\n[[sessions]]\ncomp_id = "ECHO"\nmember = "ALPHA"\npassword = "demo"\n'


@dataclass
class File:
    """The shipped venue.toml, with lines behind one that it has, and more at its end."""

    path: Path
    behind: dict[str, str] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    more: str = ""

    def write(self) -> Path:
        text = shipped("venue.toml").read_text()
        for line, lines in self.behind.items():
            assert f"{line}\n" in text
            text = text.replace(f"{line}\n", f"{line}\n{lines}\n", 1)
        kept = (line for line in text.splitlines() if not line.startswith(tuple(self.without)))
        self.path.write_text("\n".join(kept if self.without else text.splitlines()) + self.more)
        sessions = shipped("sessions.cfg").read_text()
        if "ECHO" in self.more:
            sessions += "\n[SESSION]\nTargetCompID=ECHO\n"
        (self.path.parent / "sessions.cfg").write_text(sessions)
        return self.path


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    file = File(tmp_path_factory.mktemp("files") / "venue.toml")
    data_dir = tmp_path_factory.mktemp("data")
    with RunningTrading(data_dir, config=file.write()) as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "venue.toml")


def apply(desk: Desk, file: File, *more: str) -> list[str]:
    return desk.done("config", "apply", "--config", str(file.write()), *more).splitlines()


def limit(desk: Desk, name: str, whose: str = "ALPHA") -> Any:
    return desk.limits(whose)[name]["value"]


def test_limits_that_the_file_does_not_state_stay_when_a_session_is_added(
    desk: Desk, file: File
) -> None:
    desk.done("risk", "set", "ALPHA", "credit_limit=5000", "max_open_orders=7")
    desk.done("risk", "set", "BRAVO", "credit_limit=none", "max_open_orders=none")
    desk.done("instrument", "add", "GLOBEX", "--max-quantity", "9", "--collar", "3")
    before = desk.everything()
    file.more = ECHO
    dry = apply(desk, file, "--dry-run")
    assert dry[0].startswith("would change session ECHO member new ALPHA")
    assert not [line for line in dry if "limit" in line or "GLOBEX" in line]
    lines = apply(desk, file)
    assert lines[-1] == "session ECHO is added"
    assert lines[0].startswith("applied session ECHO member new ALPHA;")
    after = desk.everything()
    for what in ("risk", "instruments", "day"):
        assert after[what] == before[what]
    assert apply(desk, file) == [IN_FORCE]
    file.more = ""
    assert apply(desk, file) == ["session ECHO is removed"]


def test_a_field_that_is_stated_changes_alone_and_is_shown_with_what_it_was(
    desk: Desk, file: File
) -> None:
    desk.done("risk", "set", "BRAVO", "credit_limit=none", "max_open_orders=8")
    file.behind = {'name = "BRAVO"': 'accounts = ["B1", "B2"]'}
    assert apply(desk, file) == ["applied member BRAVO accounts any -> B1, B2"]
    assert (limit(desk, "credit_limit", "BRAVO"), limit(desk, "max_open_orders", "BRAVO")) == (
        None,
        "8",
    )
    file.behind = {'name = "BRAVO"': 'credit_limit = "7000"'}
    told = desk.json("config", "apply", "--config", str(file.write()))
    assert told["changes"] == [
        {"thing": "member BRAVO", "field": "credit_limit", "old": "none", "new": "7000",
         "looser": False},
    ]  # fmt: skip
    assert limit(desk, "credit_limit", "BRAVO") == "7000"
    assert limit(desk, "max_open_orders", "BRAVO") == "8"
    assert desk.rows("member", "list")["BRAVO"]["accounts"] == ["B1", "B2"]


def test_instrument_keeps_what_its_entry_does_not_state(desk: Desk, file: File) -> None:
    desk.done("instrument", "add", "INITECH", "--max-quantity", "11", "--fee-bps", "2")
    file.behind = {'symbol = "INITECH"': 'price_collar_percent = "4"'}
    assert apply(desk, file) == ["applied instrument INITECH price_collar_percent 10 -> 4"]
    row = desk.rows("instrument", "list")["INITECH"]
    found = (row["max_order_qty"], row["fee_bps"], row["price_collar_percent"])
    assert found == ("11", "2", "4")


def test_lists_of_control_that_the_file_does_not_have_stay(desk: Desk, file: File) -> None:
    file.more = '\n[control]\nfour_eyes = ["Deposit"]\n'
    file.without = {"[control]", "four_eyes", "operators_group"}
    assert apply(desk, file) == ["applied four eyes commands none -> Deposit"]
    file.more = ""
    assert apply(desk, file) == [IN_FORCE]
    file.without = set()
    assert apply(desk, file) == ["applied four eyes commands Deposit -> none, looser"]


def test_rules_of_settlement_are_shown_and_stay_where_the_file_says_none(
    desk: Desk, file: File
) -> None:
    file.more = '\n[settlement]\npenalty_bps = "2"\nholiday_calendar = "NYSE"\n'
    lines = apply(desk, file, "--dry-run")
    assert lines[0].startswith("would change settlement holidays none -> 2025-01-01, ")
    assert lines[1].startswith("would change settlement penalty_bps 0 -> 2")
    told = desk.json("config", "apply", "--config", str(file.write()))
    assert [each["field"] for each in told["changes"]] == ["holidays", "penalty_bps"]
    rules = desk.json("settle", "status")["rules"]
    assert rules["penalty_bps"] == "2" and "2026-12-25" in rules["holidays"]
    file.more = ""
    assert apply(desk, file) == [IN_FORCE]
    assert desk.json("settle", "status")["rules"] == rules
    file.behind = {'symbol = "GLOBEX"': 'settlement_days = "2"'}
    assert apply(desk, file) == ["applied instrument GLOBEX settlement_days 0 -> 2"]


@pytest.mark.parametrize(("typed", "status"), [("n\n", 1), ("y\n", 0)])
def test_looser_limit_asks_on_a_terminal(desk: Desk, file: File, typed: str, status: int) -> None:
    desk.done("risk", "set", "CHARLIE", "credit_limit=5000", "max_open_orders=7")
    file.behind = {'name = "CHARLIE"': 'credit_limit = "6000"\nmax_open_orders = 5'}
    arguments = ("config", "apply", "--config", str(file.write()))
    done = typed_at_terminal(desk.data_dir, typed, *arguments)
    assert done.returncode == status, done.stderr
    assert "member CHARLIE credit_limit 5000 -> 6000, looser: go on?" in done.stderr
    assert limit(desk, "credit_limit", "CHARLIE") == ("6000" if status == 0 else "5000")


def test_stricter_limit_does_not_ask(desk: Desk, file: File) -> None:
    desk.done("risk", "set", "DELTA", "credit_limit=5000")
    file.behind = {'name = "DELTA"': 'credit_limit = "4000"'}
    arguments = ("config", "apply", "--config", str(file.write()))
    done = typed_at_terminal(desk.data_dir, "", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert limit(desk, "credit_limit", "DELTA") == "4000"


def test_entries_of_a_new_member_in_operating_are_taken_as_they_stand(
    tmp_path: Path, file: File
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "OPERATING.md").read_text()
    found = re.findall(r"```(toml|ini)\n(.*?)```", text, re.DOTALL)
    entries = {kind: "\n".join(body for each, body in found if each == kind) for kind, _ in found}
    config = file.write()
    with RunningTrading(tmp_path / "data", config=config) as running:
        desk = Desk(running.data_dir)
        desk.done("member", "add", "ECHO")
        for edited, more in (
            (config, entries["toml"]),
            (tmp_path / "sessions.cfg", entries["ini"]),
        ):
            edited.write_text(f"{edited.read_text()}\n{more}")
        lines = desk.done("config", "apply", "--config", str(config)).splitlines()
        added = [f"session {name} is added" for name in ("ECHO", "FOXTROT-1", "ECHO-MD")]
        assert lines[-3:] == added
        assert not [line for line in lines if "member ECHO" in line], "it is as it was added"
        assert desk.rows("member", "list")["FOXTROT"]["accounts"] == ["F1", "F2"]
        assert limit(desk, "credit_limit", "FOXTROT") == "500000"


def test_change_that_is_its_own_name_is_said_once(desk: Desk, file: File) -> None:
    file.more = '\n[calendar]\ntime_zone = "UTC"\nstart = "00:00"\nend = "23:59"\n'
    lines = apply(desk, file, "--dry-run")
    assert "would change timetable none -> 00:00 to 23:59 UTC, looser" not in lines
    assert [line for line in lines if line.startswith("would change timetable none -> 00:00 to 23")]
