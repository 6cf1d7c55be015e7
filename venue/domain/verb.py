"""How a verb of the operator is said on the command line: path, arguments, help, what is told.

Declarations only: `venue.cli.desk.verb` builds the commands from them. Knows no command line.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from venue.domain.command import OperatorCommand

NOTHING: Mapping[str, str] = {}


class Argument(NamedTuple):
    """A field that is given by its place. choices: texts that it may be; none: any.

    account: field that has what stands behind the slash of MEMBER/ACCOUNT. behind: field that has
    the number behind the colon of a ratio, as 1 of 2:1.
    """

    field: str
    metavar: str
    help: str
    choices: tuple[str, ...] = ()
    account: str = ""
    behind: str = ""


class Option(NamedTuple):
    """A field that is given by its name; needed where the command has no default for it.

    metavar: empty for a flag. many: it may be repeated. is_needed: although the command has a
    default, which is for older journals.
    """

    field: str
    flag: str
    metavar: str
    help: str
    many: bool = False
    is_needed: bool = False


class Verb(NamedTuple):
    """One command of the command line, which sends one command to the venue.

    path: words it is called by. done: what is told when it is done. asks: what has to be confirmed
    on a terminal, or None for nothing. given: fields that the path says. Fields that are in none
    of these keep the command's own defaults. stops: it only stops somebody, so that it is done
    where nobody can be asked.
    """

    command: type[OperatorCommand]
    path: str
    help: str
    example: str
    takes: tuple[Argument | Option, ...]
    done: Callable[[Any], str]
    asks: Callable[[Any], str | None] | None = None
    given: Mapping[str, str] = NOTHING
    stops: bool = False
    takes_negative: bool = False
    """Whether `-5` may be an argument: a number to be refused for what it is, not an option."""

    @property
    def root(self) -> str:
        """First word of the path."""
        return self.path.partition(" ")[0]

    @property
    def group(self) -> str:
        """First word of a path that has two, else empty."""
        return self.path.rpartition(" ")[0]

    @property
    def name(self) -> str:
        """Last word of the path."""
        return self.path.rpartition(" ")[2]
