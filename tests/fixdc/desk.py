"""A listener that has read all its copies, before the last hundred events, and asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_message import Message
from venue.fixdc import listener
from venue.fixdc.core import DropCopies

from .venue_day import EVENTS, Client, FakeWire, Journal, ask, listening


class Desk:
    """A listener that has read all its copies; `answers` are the messages behind its request."""

    def __init__(self, core: DropCopies, wire: FakeWire, journal: Journal) -> None:
        self.core, self.wire, self.journal, self.client = core, wire, journal, Client()
        self.client.log_on(core, wire)
        self.client.listen(core, wire)

    def ask(self, msg_type: str, *fields: tuple[int, str]) -> list[Message]:
        ask(self.core, msg_type, *fields)
        return self.heard()

    def heard(self) -> list[Message]:
        self.client.read.clear()
        self.client.listen(self.core, self.wire)
        return [sent.fields for sent in self.client.read if sent.fields.msg_type != "1"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(listener, "PROOF_SECONDS", 0.0)
    wire = FakeWire()
    with Journal(tmp_path / "journal") as journal:
        journal.write(len(EVENTS) - 100)
        with listening(tmp_path / "dc", wire, journal) as core:
            yield Desk(core, wire, journal)


KNOWN = EVENTS[:-100]
