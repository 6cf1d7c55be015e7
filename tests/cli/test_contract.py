"""docs/CLI.md: every command has help, and answers --json with one object of one layout."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.cli.test_command_table import leaves
from tests.running import RunningTrading
from venue.cli.contract import CONTRACT, Failed
from venue.cli.json_output import CODES, JSON_TEXTS, named
from venue.cli.main import app

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "CLI.md").read_text()
COMMANDS = dict(leaves(typer.main.get_command(app)))

DONE = """\
order list|order list --all|order show 1|order new GLOBEX buy 1 --price 90
order replace 1 --qty 9|order cancel 1|order cancel-all --session ALPHA|trade list
trade correct M1 --price 98|trade bust M1|book ACME|explain 1|replay|day status
settle run --date 2026-12-02 --no-wait|settle status|settle fails|settle calendar
day timetable|day end|day reopen --yes|day end|day start --date 2999-01-01 --yes|alerts
approvals
member list|member add ECHO|member kyc ECHO approved|member suspend ECHO|member resume ECHO
instrument list|instrument add NEWCO --tick 1 --lot 1 --reference-price 5|instrument disable NEWCO
session list|session show ALPHA|session reset DELTA|session disable DELTA|session enable DELTA
risk show|risk set ALPHA max_open_orders=50|risk dry-run ACME buy 1 --price 99
risk replay --set max_open_orders=1 --from 1
kill member ALPHA|revive member ALPHA|kill session ALPHA|revive session ALPHA|kill all|revive all
halt ACME|resume ACME|deposit ALPHA USD 5 --reference in|withdraw ALPHA USD 5 --reference out
transfer ALPHA BRAVO/B1 USD 5 --reference move|reverse move --reference back
fees set gold --maker -0.2 --taker 1.5|fees assign ALPHA gold|fees list|fees show ALPHA
operator list|operator add carl --role viewer --account nobody|operator role carl operator
operator remove carl
journal verify|journal show|journal stats|journal snapshot|config show|config apply --dry-run
fix log --session ALPHA|md sessions|ledger roles|dropcopy listeners|reader list
reader permissions|notify list
notify add ALPHA nats --kind fill --fill-quantity 100|notify remove ALPHA nats
upgrade --check|breaks list|user list|user events|user rotate-keys|user withdrawals"""
REFUSED = """\
order show 999|order new ACME buy 1 --price 99.001|order cancel 999|order replace 999 --qty 1
order cancel-all|trade bust M999|trade correct M999 --price 1|trade list --from soon
book NOPE|explain nothing|member suspend NOPE|member resume NOPE|member kyc NOPE approved
instrument disable NOPE|session show NOPE|session reset NOPE|session disable NOPE
session enable NOPE|session logout NOPE|session key ALPHA nofile|risk show NOPE
risk set NOPE max_open_orders=1|kill member NOPE|kill session NOPE|revive all|revive member NOPE
revive session NOPE|halt NOPE|resume NOPE|deposit NOPE USD 5 --reference no
withdraw NOPE USD 5 --reference no|approve H9
transfer NOPE ALPHA USD 5 --reference no|reverse nothing --reference no|fees show NOPE
fees set none --maker 1 --taker 2|fees assign NOPE gold
decline H9|config show nothing|config apply --config nofile|status|tail|ledger trial-balance
ledger verify|backup venue|restore nofile|session open|operator role nobody-here viewer
statement ALPHA|invoice ALPHA|endofday files|ledger refill --yes
ledger balances ALPHA|dropcopy watch ALPHA|dropcopy refill|audit verify|fix log --session NOPE
portfolio ALPHA|dropcopy rewind NOPE first
fix decode nofile|bench load|journal adopt|journal key|order new ACME buy|day start --date never
settle run --date never|settle status --cycle 9|settle status --past 2|settle fails --member NOPE
reader add X --member NOPE|reader rotate X --yes|reader remove X --yes
notify test ALPHA X|notify remove ALPHA X
corporate split ACME 2:1 --id s1|corporate dividend ACME 1 USD --id d1|member default NOPE
margin status|margin run|margin release NOPE
md trades ACME|md bars ACME|order list --csv|nonsense|day reopen|operator logout
upgrade|reconcile|breaks show B1|breaks assign B1 dana|breaks close B1 --reason known
user block nobody|user unblock nobody|user logout nobody|user verify nobody|user approve nobody
user suspend nobody|user close nobody|user pay 1|user refuse 1|top|alive clearing
sim do gap|sim clear|sim status|play nofile"""
NOT_RUN = {
    "demo": "it is a whole venue; tests/cli/test_demo.py",
    "init": "it writes files of a person's; tests/cli/test_init.py",
    "use": "it keeps a path of the account; tests/cli/test_use.py",
    "doctor": "it finds what is wrong with this machine; tests/doctor/test_planted.py",
    "operator login": "it reads a secret from stdin; tests/cli/test_operator.py",
    "operator password": "the same",
    "user add": "it reads a secret from stdin; tests/gateway/test_rest.py",
    "user password": "the same",
    "user apply": "the same; tests/gateway/test_standing.py",
    "session password": "it reads a secret from stdin; tests/cli/test_session_secrets.py",
}


def typed(lines: str) -> list[str]:
    return [each for line in lines.splitlines() for each in line.split("|")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Trading with an order of ALPHA that has traded in part."""
    with RunningTrading(tmp_path_factory.mktemp("contract")) as running:
        for alpha, bravo in logged_on(running, "ALPHA", "BRAVO"):
            enter(alpha, BUY, "10", "99")
            sold = enter(bravo, SELL, "4", "99")
            bravo.expect_report(sold[11], "F")
            yield Desk(running.data_dir)


def object_of(result: Result) -> dict[str, Any]:
    """The one object on stdout."""
    assert result.stdout.count("\n") == 1, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    assert next(iter(told)) == "ok"
    return told


@pytest.mark.parametrize("path", COMMANDS)
def test_command_has_help_that_ends_well(path: str) -> None:
    result = CliRunner().invoke(app, [*path.split(), "--help"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Usage: " in result.stdout and "--help" in result.stdout
    assert "Example" in result.stdout


def test_every_command_with_json_is_run_here() -> None:
    with_json = {path for path, options in COMMANDS.items() if "--json" in options}
    lines = [*typed(DONE), *typed(REFUSED)]
    run = {path for path in with_json if any(f"{each} ".startswith(f"{path} ") for each in lines)}
    assert with_json - run == {*NOT_RUN}


def test_what_is_done_is_one_object_of_its_schema(desk: Desk) -> None:
    for each in typed(DONE):
        result = desk.run(*each.split(), "--json")
        assert result.exit_code == 0, (each, result.output)
        told = object_of(result)
        assert told["ok"] is True, each
        assert named(told) == told, f"{each}: a code has no name beside it"
        path = next((path for path in CONTRACT if f"{each} ".startswith(f"{path} ")), None)
        if path is not None:
            msgspec.convert(told, CONTRACT[path])


def test_what_is_not_done_is_an_object_with_the_line_of_stderr(desk: Desk) -> None:
    for each in typed(REFUSED):
        words = [*each.split(), "--json"]
        result = desk.run(*words)
        assert result.exit_code in (1, 2), (each, result.output)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            continue  # what `main` makes of it is tried below
        told = object_of(result)
        assert told["ok"] is False, each
        failed = msgspec.convert(told, Failed)
        assert failed.exit_status == result.exit_code, each
        assert failed.error.splitlines()[-1] in result.stderr, each


def test_nobody_there_and_wrong_use_are_objects_too(tmp_path: Path) -> None:
    for words, status in ((["member", "list"], 1), (["kill", "al"], 2), (["halt"], 2)):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "venue", "--data-dir", str(tmp_path), *words, "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        failed = msgspec.json.decode(done.stdout, type=Failed)
        assert (done.returncode, failed.exit_status, failed.ok) == (status, status, False)
        assert failed.error in done.stderr


def test_document_names_every_command_of_the_contract_and_every_code() -> None:
    rows = re.findall(r"^\| `([a-z -]+)` \| [^|]*\|$", DOCUMENT, re.MULTILINE)
    assert rows == [*CONTRACT]
    assert all(f"`{name}`" in DOCUMENT for name in CODES)
    assert not set(JSON_TEXTS) & set(CODES)
