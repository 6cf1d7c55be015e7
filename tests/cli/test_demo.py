"""`venue demo` and `venue run --demo` from start to end, with real servers, as a user runs them."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.servers.conditions import wait_for
from venue.clearing.statements import TrialBalance
from venue.cli.run import demo_overrides
from venue.cli.screen.demo import Outcome, judge
from venue.sim.summary import Summary

GUARD_SECONDS = 240
"""It takes some 40; another suite may run beside it on few and slow cores."""
TOLD = Summary(10, 20, 30, 1, 7, {"USD": "123.5"}, 0, 0)
BALANCE: TrialBalance = {
    "assets": {"USD": {"sum": 0, "credits": "1", "debits": "1", "accounts": 2}},
    "trades": 7,
    "busted": 0,
    "position": 100,
}


def venue(*arguments: str, scratch: Path) -> subprocess.Popen[str]:
    """The command, with `scratch` as the place for temporary directories."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "venue", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )


def outcome(told: Summary = TOLD, balance: TrialBalance = BALANCE, value: str = "123.5") -> Outcome:
    return judge(5, told, balance, {"USD": value}, 100)


def test_demo_ends_with_a_summary_that_adds_up_and_leaves_nothing(tmp_path: Path) -> None:
    running = venue("demo", "--seconds", "3", "--rate", "100", "--json", scratch=tmp_path)
    output, errors = running.communicate(timeout=GUARD_SECONDS)
    assert running.returncode == 0, errors
    summary = json.loads(output)
    assert summary["ok"] is True and summary["failures"] == []
    assert summary["requests"] > 1000
    assert summary["unanswered"] == 0
    assert summary["trades"] == summary["ledger_trades"] > 0
    assert summary["traded_value"] == summary["ledger_value"]
    assert summary["ledger_balanced"] is True
    assert list(tmp_path.iterdir()) == []


def test_interrupted_demo_leaves_nothing(tmp_path: Path) -> None:
    running = venue("demo", "--seconds", "60", scratch=tmp_path)
    guard = threading.Timer(GUARD_SECONDS, running.kill)
    guard.start()
    assert running.stderr is not None
    for line in running.stderr:
        if "reports" in line:  # it trades
            break
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=GUARD_SECONDS)
    guard.cancel()
    assert running.returncode == 1
    assert errors.splitlines()[-1] == "interrupted"
    assert list(tmp_path.iterdir()) == []


def test_run_demo_trades_until_it_is_stopped(tmp_path: Path) -> None:
    arguments = ("run", "--demo", "--data-dir", str(tmp_path / "data"), "--set", "fix.port=0")
    running = venue(*arguments, "--set", "journal.segment_mib=4", scratch=tmp_path)
    guard = threading.Timer(GUARD_SECONDS, running.kill)
    guard.start()
    assert running.stderr is not None
    for line in running.stderr:
        if re.search("ledger balanced, [1-9]", line):
            break
    assert running.stdout is not None
    ready = running.stdout.readline()
    told = dict(part.split("=", 1) for part in ready.split()[2:])
    with httpx.Client(base_url=told["gateway"], timeout=20) as http:
        wait_for(lambda: http.get("/v1/status").status_code == 200, 30)
        mine, theirs = log_in(http, "alpha"), log_in(http, "operator")
        order = {"symbol": "ACME", "side": "buy", "quantity": "1", "price": "95.00"}
        assert http.post("/v1/orders", json=order, headers=mine).status_code == 201
        assert http.post("/v1/orders", json=order, headers=theirs).status_code == 403
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate(timeout=GUARD_SECONDS)
    guard.cancel()
    assert running.returncode == 0, errors
    assert ready.startswith("venue ready fix=127.0.0.1:") and output == ""
    assert ", 0 unanswered" in errors


def log_in(http: httpx.Client, user: str) -> dict[str, str]:
    """Headers with the token of a user of the demo."""
    form = {"grant_type": "password", "username": user, "password": "demo"}
    token = http.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_the_demo_sets_what_nobody_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    all_of_them = ["gateway.enabled=true", "gateway.demo_users=true", "gateway.operators=true"]
    assert demo_overrides([]) == demo_overrides(["fix.port=0"]) == all_of_them
    assert demo_overrides(["gateway.enabled=false"]) == all_of_them[1:]
    monkeypatch.setenv("VENUE_GATEWAY__DEMO_USERS", "false")
    assert demo_overrides([]) == all_of_them[::2]


def test_what_adds_up_is_no_failure() -> None:
    assert outcome().failures == []


@pytest.mark.parametrize(
    ("broken", "failure"),
    [
        (outcome(Summary(10, 20, 30, 1, 7, {"USD": "123.5"}, 2, 1)), "2 unanswered, 1 session"),
        (outcome(Summary(10, 20, 30, 1, 8, {"USD": "123.5"}, 0, 0)), "8 trades reported, 7 in"),
        (outcome(value="123.6"), "is not the ledger's {'USD': '123.6'}"),
        (outcome(balance={**BALANCE, "position": 99}), "clearing is at event 99 of 100"),
        (
            outcome(
                balance={
                    **BALANCE,
                    "assets": {"USD": {**BALANCE["assets"]["USD"], "sum": "0.00000001"}},
                }
            ),
            "the ledger does not balance in USD",
        ),
        (
            judge(5, Summary(1, 1, 1, 0, 0, {}, 0, 0), {**BALANCE, "trades": 0}, {}, 100),
            "nothing was traded",
        ),
    ],
)
def test_what_does_not_add_up_is_a_failure(broken: Outcome, failure: str) -> None:
    assert len(broken.failures) == 1
    assert failure in broken.failures[0]
