"""The command line as an operator of one data directory types it, and members who trade there."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from tests.confirmed import confirmed, without_notices
from tests.fix_client import FixClient
from tests.fix_message import Field, Message, new_order
from tests.running import RunningTrading
from venue.cli.main import app

BUY, SELL = "1", "2"
_runner = CliRunner()
_numbers = count(1)


class Desk:
    """Commands on one data directory, and what they answer."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def run(self, *arguments: str) -> Result:
        """What a command came to, whatever that is."""
        return _runner.invoke(app, ["--data-dir", str(self.data_dir), *confirmed(arguments)])

    def done(self, *arguments: str) -> str:
        """What a command that ends with status 0 prints."""
        result = self.run(*arguments)
        assert (result.exit_code, without_notices(result.stderr)) == (0, ""), result.output
        return result.stdout.strip()

    def refused(self, *arguments: str) -> str:
        """The one line on stderr of a command that ends with status 1."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        said = without_notices(result.stderr)
        assert said.count("\n") == 1, said
        return said.strip()

    def json(self, *arguments: str) -> dict[str, Any]:
        """What it prints with --json."""
        answer: dict[str, Any] = json.loads(self.done(*arguments, "--json"))
        return answer

    def rows(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """Its list by the first key of each row."""
        ok, rows = self.json(*arguments).values()
        assert ok is True
        return {next(iter(row.values())): row for row in rows}

    def limits(self, whose: str) -> dict[str, dict[str, Any]]:
        """Limits of one scope by name, as `venue risk show` has them."""
        scope = self.json("risk", "show", whose)["risk"][0]
        return {each["limit"]: each for each in scope["limits"]}

    def everything(self) -> dict[str, Any]:
        """All that an operator can see and change, but the position in the journal."""
        facts: dict[str, Any] = {
            "members": self.json("member", "list"),
            "instruments": self.json("instrument", "list"),
            "risk": self.json("risk", "show"),
            "approvals": self.json("approvals"),
            "day": self.json("day", "status"),
        }
        sessions = self.rows("session", "list").values()
        moving = ("next_in", "next_out")
        facts["sessions"] = [
            {key: value for key, value in row.items() if key not in moving} for row in sessions
        ]
        return facts


def a_name() -> str:
    """A ClOrdID that nothing else in this run of the tests has."""
    return f"desk{next(_numbers)}"


def enter(
    client: FixClient,
    side: str,
    qty: str,
    price: str,
    symbol: str = "ACME",
    *,
    extra: tuple[Field, ...] = (),
) -> Message:
    """Enter an order; its first report."""
    name = a_name()
    client.send("D", new_order(name, side, qty, price, symbol, extra=extra))
    return client.expect(lambda m: m.msg_type == "8" and m.get(11) == name)


def logged_on(running: RunningTrading, *names: str) -> Iterator[list[FixClient]]:
    """Clients of these sessions, logged on until the end."""
    clients = [running.client(name) for name in names]
    for client in clients:
        client.logon(heartbeat=3600)  # nobody answers TestRequests meanwhile
    yield clients
    for client in clients:
        if client.is_connected:
            client.logout()
