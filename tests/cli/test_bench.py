"""`venue bench load` against a real trading process: figures, picture, refusals."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from tests.fix_message import Message
from tests.load.counterparty import Counterparty, accept
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.cli.broker.bench import app
from venue.journal.durable import read_position
from venue.journal.reader import JournalReader


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The C client is built for these tests, and not into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running


def load(trading: RunningTrading, *arguments: str) -> Result:
    host, port = trading.address
    return CliRunner().invoke(app, ["load", *arguments, "--host", host, "--port", str(port)])


def runs(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["runs"]
    return found


@pytest.mark.parametrize(("client", "name"), [("c", "C"), ("python", "Python")])
def test_open_loop_is_answered_with_trades_and_no_reject_of_a_new_order(
    trading: RunningTrading, tmp_path: Path, client: str, name: str
) -> None:
    picture = tmp_path / "latency.svg"
    [run] = runs(
        load(trading, "--rate", "200", "--seconds", "2", "--json", "--picture", str(picture),
             "--client", client)
    )  # fmt: skip
    assert (run["client"], run["unanswered"], run["resend_requests"]) == (name, 0, 0)
    assert run["sessions"] == 4
    assert run["sent"] > 300
    assert run["answered_in_all"] == 480
    assert run["fills"] > 50
    assert 0 < run["latency_us"]["p50"] <= run["latency_us"]["p99"] <= run["latency_us"]["max"]
    assert set(run["rejects"]) <= {"ORDER_FINISHED 102=0", "ORDER_FINISHED 102=1"}
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_closed_loop_answers_in_a_table(trading: RunningTrading) -> None:
    result = load(trading, "--closed", "4", "--sessions", "2", "--seconds", "0.5")
    assert result.exit_code == 0, result.stderr
    assert "acknowledged a second" in result.stdout
    assert "C client's CPU a message" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("client", ["c", "python"])
def test_both_clients_count_what_the_venue_has_done(tmp_path: Path, client: str) -> None:
    """Reports of every request came: the venue's own events are as many as were counted."""
    with RunningTrading(tmp_path / "venue") as trading:
        [run] = runs(load(trading, "--closed", "8", "--seconds", "1", "--warm-up", "0", "--json",
                          "--client", client, "--symbols", "GLOBEX"))  # fmt: skip
        with closing(JournalReader(trading.data_dir / "journal")) as reader:
            events = iter(partial(reader.read, 1000), [])
            trades = sum(e.type == "TradeExecuted" for batch in events for e in batch)
    assert trades > 0
    assert run["unanswered"] == 0
    # those whose answers were still waited for when the second was over are not counted
    assert 2 * trades - 64 <= run["fills"] <= 2 * trades


def test_without_a_compiler_the_python_client_measures_and_it_is_said(
    trading: RunningTrading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    asked = ["--rate", "100", "--seconds", "0.5", "--json"]
    result = load(trading, *asked)
    assert runs(result)[0]["client"] == "Python"
    why = "no C compiler is there (cc, gcc, clang)"
    assert result.stderr == f"{why}; the Python client is used, which takes more processor\n"
    refused = load(trading, *asked, "--client", "c")
    assert (refused.exit_code, refused.stderr) == (1, f"{why}\n")


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """`venue bench load` as a process, ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(address: tuple[str, int], *arguments: str) -> "subprocess.Popen[str]":
        argv = [sys.executable, "-P", "-m", "venue", "bench", "load", *arguments]
        argv += ["--host", address[0], "--port", str(address[1])]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("client", ["c", "python"])
def test_venue_that_dies_in_the_middle_is_one_line(
    tmp_path: Path, start: Start, client: str
) -> None:
    with RunningTrading(tmp_path / "venue") as trading:
        arguments = ["--rate", "500", "--seconds", "120", "--client", client]
        process = start(trading.address, *arguments)
        journal = trading.data_dir / "journal"
        before = read_position(journal).event_seq
        wait_for(lambda: read_position(journal).event_seq > before + 200, 60)
        assert process.poll() is None, "the load has ended before"
        trading.kill()
        said, why = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert why.count("\n") == 1
    assert "the venue closed the connection" in why or "the connection broke" in why


def ended_by(
    start: Start, number: signal.Signals, *options: str
) -> tuple[Counterparty, int, str, str]:
    """A load that gets a signal at its 40th message: its counterparty, status, and what it said."""
    process: list[subprocess.Popen[str]] = []

    def answer(message: Message) -> list[list[tuple[int, str]]]:
        if message[11].endswith("-40"):
            process[0].send_signal(number)
        return accept(message)

    counterparty = Counterparty(answer)
    try:
        arguments = ["--rate", "200", "--seconds", "120", "--json", *options]
        arguments += ["--user-prefix", "LOAD", "--sessions", "1"]
        process.append(start(counterparty.address, *arguments))
        said, why = process[0].communicate(timeout=60)
    finally:
        counterparty.close()
    assert counterparty.messages[-1].msg_type == "5"
    return counterparty, process[0].returncode, said, why


@pytest.mark.parametrize("client", ["c", "python"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_tells_what_was_measured_and_logs_out(
    start: Start, client: str, number: signal.Signals
) -> None:
    counterparty, status, said, why = ended_by(start, number, "--warm-up", "0", "--client", client)
    assert (status, why) == (1, "ended early, with 0 messages unanswered\n")
    told = json.loads(said)
    assert not told["ok"]
    [run] = told["runs"]
    assert run["ended_early"]
    assert run["answered_in_all"] == len(counterparty.bodies()) >= 40


@pytest.mark.parametrize("client", ["c", "python"])
def test_ctrl_c_in_the_warm_up_has_nothing_to_tell(start: Start, client: str) -> None:
    _, status, said, why = ended_by(start, signal.SIGINT, "--warm-up", "60", "--client", client)
    assert (status, why) == (1, "ended before anything was measured\n")
    assert not json.loads(said)["ok"]


def test_several_rates_run_one_after_the_other(trading: RunningTrading) -> None:
    found = runs(
        load(trading, "--rate", "50,100", "--seconds", "0.5", "--sessions", "1", "--json",
             "--symbols", "GLOBEX", "--mix", "new=100", "--cross", "0")
    )  # fmt: skip
    assert [(run["offered_per_second"], run["fills"], run["rejects"]) for run in found] == [
        (50, 0, {}),
        (100, 0, {}),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        ([], 2, "give either --rate or --closed"),
        (["--rate", "10", "--closed", "1"], 2, "give either --rate or --closed"),
        (["--rate", "ten"], 2, "--rate ten: not whole numbers of 1 or more"),
        (["--closed", "1", "--mix", "new=1"], 2, "--mix: new=1 adds up to 1, not to 100"),
        (["--closed", "1", "--picture", "x.svg"], 2, "--picture shows latency against --rate"),
        (["--closed", "1", "--sessions", "9"], 1, "the configuration has 8 sessions, not 9"),
        (["--closed", "1", "--symbols", "XYZ"], 1, "symbol XYZ is not configured"),
        (["--closed", "1", "--password", "wrong"], 1, "logon as ALPHA was refused"),
        (["--closed", "1", "--user-prefix", "NOBODY"], 1, "logon as NOBODY1 was refused"),
        (
            ["--closed", "1", "--password", "wrong", "--client", "python"],
            1,
            "logon as ALPHA was refused",
        ),
        (["--closed", "1", "--client", "c", "--ca", "x.pem"], 2, "--client c speaks no TLS"),
    ],
)
def test_wrong_use_is_one_line(
    trading: RunningTrading, arguments: list[str], status: int, why: str
) -> None:
    result = load(trading, *arguments)
    assert result.exit_code == status
    assert result.stderr.startswith(why)
    assert result.stderr.count("\n") == 1


def test_no_venue_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["load", "--rate", "10", "--data-dir", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"no venue is running in {tmp_path}")
