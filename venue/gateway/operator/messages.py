"""The latest messages of a session that an operator wants to see, decoded.

Searches what is masked already: nobody finds a secret by trying. Knows the log's files.
"""

from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from venue.fix.names import Names
from venue.fix_text import FoundMessage, as_object
from venue.session_log import found_in, latest_lines

LINES_MAX = 5_000
"""So far back it is looked."""


class MessagesWanted(NamedTuple):
    """most: how many. Empty: any. way: in (from the member) or out. text: TAG=VALUE, or in any
    value."""

    most: int
    msg_type: str = ""
    way: str = ""
    text: str = ""

    def has(self, message: FoundMessage) -> bool:
        """Whether the message is wanted."""
        if self.msg_type and message.value(35) != self.msg_type:
            return False
        if self.way and message.before.rpartition(" ")[2] != self.way:
            return False
        return not self.text or any(
            self.text == f"{tag}={value}" or self.text in value for tag, value in message.fields
        )


def latest_messages(file: Path, wanted: MessagesWanted, names: Names) -> list[dict[str, Any]]:
    """The latest that are wanted, the last one last. Raises CompressionDamage, OSError."""
    lines, _ = latest_lines(file, LINES_MAX)
    newest_first = (message for message in found_in(reversed(lines)) if wanted.has(message))
    found = [as_object(message, names) for message in islice(newest_first, wanted.most)]
    return found[::-1]
