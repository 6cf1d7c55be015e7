"""The load client's own log: one file a session, one JSON line for everything sent and seen.

Lines are appended by write(2), before what they tell of leaves; so they outlive any kill.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

SENT, SEEN, NOTE = "sent", "seen", "note"


class Line(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One thing that happened. at_ns is CLOCK_MONOTONIC, the same for all processes.

    number is MsgSeqNum(34), of a note 0. text is the whole message, SOH as `|`, or the note.
    """

    at_ns: int
    kind: str
    number: int
    text: str

    def get(self, tag: int) -> str | None:
        """Value of the first field with this tag."""
        begin = self.text.find(f"|{tag}=")
        if begin == -1:
            return None
        begin += len(str(tag)) + 2
        return self.text[begin : self.text.index("|", begin)]

    @property
    def is_poss_dup(self) -> bool:
        """PossDupFlag(43)=Y."""
        return "|43=Y|" in self.text


_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def log_path(directory: Path, session: str) -> Path:
    """File of a session's log."""
    return directory / f"{session}.log"


class ClientLog:
    """Appends to one session's log; `flush` before anything leaves."""

    def __init__(self, directory: Path, session: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        path = log_path(directory, session)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lines: list[bytes] = []

    def add(self, kind: str, number: int, text: str) -> None:
        """Keep a line until the next flush."""
        self._lines.append(_ENCODER.encode(Line(time.monotonic_ns(), kind, number, text)))

    def flush(self) -> None:
        """Append what was kept."""
        if not self._lines:
            return
        data = b"\n".join(self._lines) + b"\n"
        self._lines.clear()
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        os.close(self._descriptor)


def read_log(directory: Path, session: str) -> Iterator[Line]:
    """Lines of a session's log, in order."""
    with log_path(directory, session).open("rb") as file:
        for line in file:
            yield _DECODER.decode(line)
