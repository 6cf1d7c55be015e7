"""A trade at a real venue kept as a scenario, and played at another one: by the command line."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner, Result

from tests.fix_message import cancel, new_order, replace, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.cli.main import app
from venue.simulator import Simulator

BUY, SELL = "1", "2"
SECRET = "demo"
OWN = """\
# venue scenario 1
# an order that nobody has a name for
DELTA > OrderCancelRequest(F)
    ClOrdID(11) = {ClOrdID.1}
    OrigClOrdID(41) = nothing
    Symbol(55) = ACME
    Side(54) = 1
    TransactTime(60) = {now}
DELTA < (9)
    OrderID(37) = NONE
    ClOrdID(11) = {ClOrdID.1}
    OrigClOrdID(41) = nothing
    OrdStatus(39) = 8
    CxlRejResponseTo(434) = 1
    CxlRejReason(102) = 1
    (60) = *
    Text(58) = UNKNOWN_ORDER 41=nothing names no order
"""


class Kept(NamedTuple):
    """A scenario, and a venue that has not met it yet."""

    scenario: Path
    fresh: RunningTrading

    def play(self, scenario: Path | None = None, *more: str) -> Result:
        """`venue play` of it, or of another one."""
        host, port = self.fresh.address
        words = ["play", str(scenario or self.scenario), "--to", f"{host}:{port}", *more]
        return run(self.fresh, *words)

    def changed(self, old: str, new: str, directory: Path) -> Path:
        """A copy with this text changed once."""
        text = self.scenario.read_text(encoding="latin-1")
        assert old in text
        changed = directory / "changed.scenario"
        changed.write_text(text.replace(old, new, 1), encoding="latin-1")
        return changed


def run(venue: RunningTrading, *words: str) -> Result:
    """A command on this venue's data directory."""
    return CliRunner().invoke(app, ["--data-dir", str(venue.data_dir), *words])


def converse(venue: RunningTrading) -> None:
    """ALPHA and BRAVO trade, and are refused a few things."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=[(9001, "Y")])
    bravo.logon()
    alpha.send("D", new_order("a1", BUY, "10", "99"))
    first = alpha.expect_report("a1", "0")
    bravo.send("D", new_order("b1", SELL, "4", "99"))
    bravo.expect_report("b1", "F")
    alpha.expect_report("a1", "F")
    alpha.send("G", replace("a2", "a1", BUY, "8", "98.5"))
    alpha.expect_report("a2", "5")
    alpha.send("D", new_order("a1", BUY, "10", "99"))
    alpha.expect_report("a1", "8")
    alpha.send("1", [(112, "well?")])
    alpha.expect("0")
    alpha.send("H", [(11, "a2"), (37, first[37]), (55, "ACME"), (54, BUY), (790, "s1")])
    alpha.expect_report("a2", "I")
    alpha.send("F", cancel("a9", "nope", BUY))
    alpha.expect("9")
    alpha.send("D", [(11, "zz"), (55, "ACME")])
    alpha.expect("3")
    alpha.send("V", [(262, "md"), (263, "1"), (264, "0")])
    alpha.expect("j")
    alpha.send("q", [(11, "m1"), (530, "7"), (60, sending_time())])
    alpha.expect("r")
    alpha.logout()
    bravo.logout()


def _logouts(venue: RunningTrading, session: str) -> int:
    """How many Logouts of both sides are in the session's log."""
    log = venue.data_dir / "logs" / "fix" / f"{session}.log"
    return log.read_text().count("|35=5|")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The scenario of `converse`, recorded at a venue that has stopped."""
    place = tmp_path_factory.mktemp("recorded")
    scenario = place / "trade.scenario"
    with RunningTrading(place / "first") as first:
        converse(first)
        assert first.stop() == 0
        words = ["--session", "ALPHA", "--session", "BRAVO", "-o", str(scenario)]
        result = run(first, "record", *words)
        assert (result.exit_code, result.output) == (0, "")
    with RunningTrading(place / "second") as fresh:
        yield Kept(scenario, fresh)


def test_scenario_is_for_people_and_has_nothing_volatile_or_secret(kept: Kept) -> None:
    text = kept.scenario.read_text(encoding="latin-1")
    assert "ALPHA > NewOrderSingle(D)\n    ClOrdID(11) = {ClOrdID.1}\n" in text
    assert "    Side(54) = 1\t# BUY\n" in text
    assert "Text(58) = DUPLICATE_CL_ORD_ID 11={ClOrdID.1} was used before today\n" in text
    assert text.count("{SecondaryExecID.1}") == 2
    for volatile in ("(34)", "(52)", "(10)", "(553)", "(554)", SECRET, "***", "20", "Heartbeat"):
        lines = [line for line in text.splitlines() if volatile in line.replace("20 ", "")]
        assert lines == [], volatile


def test_what_was_recorded_passes_on_a_fresh_venue_and_again(kept: Kept) -> None:
    for _ in range(2):
        result = kept.play()
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        assert result.stdout == "18 answers as expected, 0 different, 0 skipped\n"


def test_planted_change_is_found_and_named(kept: Kept, tmp_path: Path) -> None:
    changed = kept.changed("LastQty(32) = 4", "LastQty(32) = 5", tmp_path)
    report = tmp_path / "junit.xml"
    result = kept.play(changed, "--junit", str(report))
    assert result.exit_code == 1
    assert "LastQty(32): 5 was expected, 4 came" in result.stdout
    assert "17 answers as expected, 1 different, 0 skipped" in result.stdout
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("18", "1")
    (case,) = [each for each in suite if len(each)]
    assert "ExecutionReport(8) TRADE {ClOrdID.1}" in case.attrib["name"]
    assert case[0].attrib["message"] == "LastQty(32): 5 was expected, 4 came"
    line = int(result.stdout.partition(f"{changed}:")[2].partition(":")[0])
    assert changed.read_text(encoding="latin-1").splitlines()[line - 1].startswith("ALPHA < Exec")


def test_behind_another_message_the_rest_is_skipped(kept: Kept, tmp_path: Path) -> None:
    changed = kept.changed("Price(44) = 99\n", "Price(44) = 99.001\n", tmp_path)
    result = kept.play(changed, "--json", "--seconds", "1")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    first = told["different"][0]
    assert first["answer"] == "ExecutionReport(8) NEW {ClOrdID.1}"
    assert "ExecType(150): 0 NEW was expected, 8 REJECTED came" in first["differences"]
    assert told["skipped"] > 0


def test_answer_too_many_is_a_difference(kept: Kept, tmp_path: Path) -> None:
    text = kept.scenario.read_text(encoding="latin-1")
    short = tmp_path / "short.scenario"
    short.write_text(text[: text.index("ALPHA < OrderMassCancelReport")], encoding="latin-1")
    result = kept.play(short)
    assert result.exit_code == 1
    assert f"{short}: ALPHA < nothing more\n    OrderMassCancelReport came too: " in result.stdout


def test_session_may_be_played_as_another_one(kept: Kept) -> None:
    result = kept.play(None, "--session", "ALPHA=CHARLIE", "--session", "BRAVO=DELTA")
    assert result.exit_code == 0, result.output
    result = kept.play(None, "--session", "CHARLIE")
    assert result.exit_code == 2
    assert "the scenario has ALPHA, BRAVO" in result.stderr


def test_session_that_comes_back_is_one_scenario(kept: Kept, tmp_path: Path) -> None:
    with kept.fresh.client("CHARLIE") as client:
        for name in ("back1", "back2"):
            client.logon(extra=[(9001, "Y")])
            client.send("D", new_order(name, BUY, "1", "90"))
            client.expect_report(name, "0")
            client.send("F", cancel(f"{name}-x", name, BUY))
            client.expect_report(f"{name}-x", "4")
            client.logout()
    scenario = tmp_path / "back.scenario"
    words = ["--session", "CHARLIE", "--logons", "2", "-o", str(scenario)]
    wait_for(lambda: _logouts(kept.fresh, "CHARLIE") >= 4)
    assert run(kept.fresh, "record", *words).exit_code == 0
    result = kept.play(scenario, "--session", "DELTA")
    assert (result.exit_code, result.stdout[:2]) == (0, "9 "), result.output


def test_scenario_of_one_s_own_needs_no_logon(kept: Kept, tmp_path: Path) -> None:
    scenario = tmp_path / "own.scenario"
    scenario.write_text(OWN)
    result = kept.play(scenario)
    assert (result.exit_code, result.stdout[:2]) == (0, "2 "), result.output
    scenario.write_text(OWN.replace("Symbol(55)", "OrderID(37) = {OrderID.7}\n    Symbol(55)", 1))
    result = kept.play(scenario)
    assert result.exit_code == 1
    assert result.stderr == f"{scenario}: a client sends OrderID.7 before it has come\n"


def test_wrong_password_is_a_difference_and_nothing_listening_a_refusal(
    kept: Kept, tmp_path: Path
) -> None:
    result = kept.play(None, "--password", "wrong")
    assert result.exit_code == 1
    assert "Logon(A) was expected, Logout(5) came" in result.stdout
    result = run(kept.fresh, "play", str(kept.scenario), "--to", "127.0.0.1:1")
    assert (result.exit_code, result.stderr) == (1, "127.0.0.1:1: Connection refused\n")
    result = run(kept.fresh, "play", str(tmp_path / "none"))
    assert result.exit_code == 1 and "No such file" in result.stderr


def test_session_is_recorded_from_the_log_of_a_simulator_too(kept: Kept, tmp_path: Path) -> None:
    with Simulator(kept.fresh.address, log=tmp_path / "log") as simulator:
        host, port = simulator.address
        result = run(kept.fresh, "play", str(kept.scenario), "--to", f"{host}:{port}")
        assert result.exit_code == 0, result.output
    again = tmp_path / "again.scenario"
    words = ["--log", str(tmp_path / "log"), "--session", "ALPHA", "--session", "BRAVO"]
    result = run(kept.fresh, "record", *words, "--output", str(again))
    assert (result.exit_code, result.output) == (0, "")
    assert again.read_text(encoding="latin-1").count(" > ") == (
        kept.scenario.read_text(encoding="latin-1").count(" > ")
    )
    assert kept.play(again).exit_code == 0


def test_session_that_has_said_nothing_is_refused(kept: Kept) -> None:
    result = run(kept.fresh, "record", "--session", "NOPE")
    assert result.exit_code in (1, 2)
    assert "NOPE" in result.stderr
