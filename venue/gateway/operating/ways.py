"""What operators over HTTP need, put together once.

Knows the data directory: who is an operator of the venue, and in which role, is in its store.
"""

from pathlib import Path

from sqlalchemy import Engine

from venue.data_directory import DataDirectory
from venue.domain.role import Role
from venue.gateway.guard import GuardTold
from venue.gateway.operating.admin_line import AdminLine
from venue.gateway.operating.aside import Aside
from venue.gateway.operating.command_line import CommandLine
from venue.gateway.problems import Code, Problem
from venue.operators.operators_file import read_operators
from venue.settings.configuration_error import ConfigurationError


class Operating:
    """The ways to a running venue's desk. ledger: engine for who only reads."""

    def __init__(self, data_dir: Path, ledger: Engine) -> None:
        self.place = DataDirectory(data_dir)
        self.ledger = ledger
        self.line = AdminLine(data_dir)
        self.files = Aside("what the venue keeps")
        self.command_line = CommandLine(data_dir)

    def close(self) -> None:
        """Take nothing more."""
        self.line.close()
        self.files.close()

    def guards(self) -> dict[str, GuardTold]:
        """How the ways are."""
        return {
            "trading": self.line.guard(),
            "files": self.files.guard(),
            "journal": self.command_line.guard(),
        }

    def role_of(self, name: str) -> Role | None:
        """The role of a user who is an operator of the venue; None: he is none.

        Read each time, so that a removed operator is nobody at once, also while trading is away.
        Raises Problem AWAY.
        """
        try:
            kept = read_operators(self.place.operators).get(name)
        except ConfigurationError as error:
            raise Problem(Code.AWAY, "who may operate cannot be read now") from error
        return None if kept is None else kept.role
