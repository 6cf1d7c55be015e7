"""`venue order --fix` against a real trading process: rows, refusals in one line, exit statuses."""

import json
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.running import RunningTrading
from tests.said_to_run import say_it_runs
from venue.cli.broker.order import app

_numbers = count(1)


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A trading process that runtime.json says is a whole venue."""
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        host, port = running.address
        say_it_runs(running.data_dir, fix=f"{host}:{port}", started_ns=time.time_ns())
        yield running


@pytest.fixture
def cl_ord_id() -> str:
    return f"hand{next(_numbers)}"


def order(trading: RunningTrading, *arguments: str) -> Result:
    command = [*arguments, "--fix", "--data-dir", str(trading.data_dir)]
    return CliRunner().invoke(app, command, env={"FIX_PASSWORD": None})


def reports(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["reports"]
    return found


def test_order_rests_after_logout_and_can_be_replaced_and_canceled(
    trading: RunningTrading, cl_ord_id: str
) -> None:
    new = order(trading, "new", "ACME", "buy", "10", "--price", "95", "--cl-ord-id", cl_ord_id)
    assert new.exit_code == 0, new.stderr
    lines = new.stdout.splitlines()
    assert lines[0] == f"ClOrdID {cl_ord_id}"
    assert lines[1].split()[:3] == ["ExecType", "OrdStatus", "OrderID"]
    assert lines[2].split()[:2] == ["New", "New"]
    named = ("--symbol", "ACME", "--side", "buy", "--json", "--cl-ord-id")
    replaced = order(
        trading, "replace", "--qty", "20", "--price", "96", "--request-id", "r" + cl_ord_id,
        *named, cl_ord_id,
    )  # fmt: skip
    [row] = reports(replaced)
    assert (row["exec_type_name"], row["order_qty"], row["price"]) == ("REPLACED", "20", "96")
    [row] = reports(order(trading, "cancel", *named, "r" + cl_ord_id))
    assert (row["exec_type"], row["leaves_qty"]) == ("4", "0")


def test_market_order_trades_and_the_other_side_hears_of_it_later(
    trading: RunningTrading, cl_ord_id: str
) -> None:
    resting = ("new", "GLOBEX", "buy", "10", "--price", "95.5", "--cl-ord-id", cl_ord_id)
    assert order(trading, *resting).exit_code == 0
    taken = reports(order(trading, "new", "GLOBEX", "sell", "4", "--session", "BRAVO", "--json"))
    assert [row["exec_type_name"] for row in taken] == ["NEW", "TRADE"]
    assert (taken[1]["last_px"], taken[1]["last_qty"]) == ("95.5", "4")
    named = ("--symbol", "GLOBEX", "--side", "buy", "--cl-ord-id", cl_ord_id)
    canceled = order(trading, "cancel", *named)
    rows = [line.split() for line in canceled.stdout.splitlines()]
    assert rows[2][:4] == ["earlier", "Trade", "Partially", "filled"]
    assert rows[3][:2] == ["Canceled", "Canceled"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("new", "ACME", "buy", "10", "--price", "95.001"), "PRICE_NOT_ON_TICK"),
        (("new", "NOSUCH", "buy", "10", "--price", "95"), "UNKNOWN_SYMBOL"),
        (("cancel", "--cl-ord-id", "none", "--symbol", "ACME", "--side", "buy"), "UNKNOWN_ORDER"),
    ],
)
def test_refusal_is_status_1_with_the_venues_text(
    trading: RunningTrading, arguments: tuple[str, ...], why: str
) -> None:
    result = order(trading, *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(why)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--password", "wrong"), "logon as ALPHA was refused: LOGON_REFUSED"),
        (
            ("--session", "ZULU", "--password", "wrong"),
            "logon as ZULU was refused: LOGON_REFUSED",
        ),
    ],
)
def test_refused_logon_says_so(
    trading: RunningTrading, arguments: tuple[str, ...], why: str
) -> None:
    result = order(trading, "new", "ACME", "buy", "1", "--price", "95", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(why)
    assert "wrong" not in result.stderr


def test_session_in_use_elsewhere_is_left_alone(trading: RunningTrading) -> None:
    with trading.client("DELTA") as delta:
        delta.logon()
        result = order(trading, "new", "ACME", "buy", "1", "--price", "95", "--session", "DELTA")
        assert result.exit_code == 1
        assert "ALREADY_LOGGED_ON" in result.stderr
        delta.send("1", [(112, "still here")])
        assert delta.expect("0")[112] == "still here"


def test_wrong_port_says_where_the_venue_is(trading: RunningTrading) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = order(trading, "new", "ACME", "buy", "1", "--price", "95", "--port", str(port))
    says = f"the venue in {trading.data_dir} says {trading.address[1]}"
    assert result.exit_code == 1
    assert result.stderr == f"nothing listens on 127.0.0.1:{port}; {says}\n"


def test_no_venue_is_one_line(tmp_path: Path) -> None:
    arguments = ["new", "ACME", "buy", "1", "--price", "95", "--fix", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"no venue is running in {tmp_path}")


def test_password_comes_from_the_environment(trading: RunningTrading) -> None:
    arguments = [
        "new",
        "ACME",
        "buy",
        "1",
        "--price",
        "95",
        "--fix",
        "--data-dir",
        str(trading.data_dir),
    ]
    result = CliRunner().invoke(app, arguments, env={"FIX_PASSWORD": "another"})
    assert result.exit_code == 1
    assert "LOGON_REFUSED" in result.stderr and "another" not in result.output


def test_without_terminal_and_password_it_does_not_guess(trading: RunningTrading) -> None:
    result = order(trading, "new", "ACME", "buy", "1", "--price", "95", "--session", "ZULU")
    assert result.exit_code == 1
    assert result.stderr == "no password for ZULU: give --password or set FIX_PASSWORD\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--type", "limit"), "a limit order needs --price\n"),
        (("--type", "market", "--price", "95"), "a market order has no --price\n"),
    ],
)
def test_contradiction_is_wrong_use(arguments: tuple[str, ...], why: str) -> None:
    result = CliRunner().invoke(app, ["new", "ACME", "buy", "1", *arguments])
    assert (result.exit_code, result.stderr) == (2, why)
