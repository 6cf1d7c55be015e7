"""Commands of one app on a data directory, run in this process, and what they answer."""

import json
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner, Result

_runner = CliRunner()


class CommandLine:
    """Runs what is typed; the data directory goes last."""

    def __init__(self, app: typer.Typer) -> None:
        self._app = app

    def run(self, data_dir: Path, *arguments: str) -> Result:
        """What a command came to, whatever that is."""
        return _runner.invoke(self._app, [*arguments, "--data-dir", str(data_dir)])

    def told(self, data_dir: Path, *arguments: str) -> dict[str, Any]:
        """What a command that ends with status 0 prints with --json."""
        result = self.run(data_dir, *arguments, "--json")
        assert result.exit_code == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def refused(self, data_dir: Path, *arguments: str, status: int = 1) -> str:
        """The one line on stderr of a command that ends with this status."""
        result = self.run(data_dir, *arguments)
        assert (result.exit_code, result.stdout) == (status, "")
        assert result.stderr.count("\n") == 1
        return result.stderr
