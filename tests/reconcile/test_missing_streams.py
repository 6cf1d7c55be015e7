"""A member's stream that is not there: the sink's lag, until the sink has numbered a copy of it."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.js.errors import NotFoundError

from tests.dropcopy.events import numbered_events, write_journal
from venue.bus.connection import Connection
from venue.bus.subjects import drop_stream
from venue.data_directory import DataDirectory
from venue.dropcopy.copies import copies_of
from venue.dropcopy.numbering import Numbers, keep_numbers
from venue.reconcile.drop_copies import SINK, compare_drop_copies

LAST = 30


class NoStreams:
    """A JetStream that has none."""

    async def stream_info(self, name: str) -> Any:
        raise NotFoundError(description=name)


@pytest.fixture
def place(tmp_path: Path) -> DataDirectory:
    """A journal with events of members, none of them copied."""
    found = DataDirectory(tmp_path)
    write_journal(found.journal, numbered_events(LAST))
    return found


def members() -> list[str]:
    return sorted({copy.member for event in numbered_events(LAST) for copy in copies_of(event)})


def missing(place: DataDirectory, *, made_here: bool = True) -> list[str]:
    """Keys of what is found."""
    bus = cast("Connection", SimpleNamespace(client=SimpleNamespace(jetstream=NoStreams)))
    compared = asyncio.run(compare_drop_copies(bus, "test", place, LAST, made_here=made_here))
    return [each.key for each in compared.differences]


def test_stream_that_the_sink_has_not_made_yet_is_its_lag(place: DataDirectory) -> None:
    assert members()
    assert missing(place) == []


def test_stream_of_a_member_with_a_numbered_copy_is_gone(place: DataDirectory) -> None:
    first = members()[0]
    keep_numbers(place.position(SINK), Numbers(LAST, {first: 1}))
    assert missing(place) == [f"stream {drop_stream(first)}"]


def test_where_the_sink_is_elsewhere_every_stream_has_to_be_there(place: DataDirectory) -> None:
    assert missing(place, made_here=False) == [f"stream {drop_stream(each)}" for each in members()]
