"""Who listens to drop copies over FIX and how far each is, as `fix-dropcopy` has written it."""

from pathlib import Path

import msgspec

from venue.data_directory import DataDirectory
from venue.fixdc.places import Places, read_places
from venue.journal.durable import shown_position


class ListenerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session that listens. position: last event of which it has surely read all copies.

    lag: events behind; null: not known. unread: copies sent that it may not have read. waits: it
    does not read. lost_through: copies up to this event were removed before they came to it; 0:
    none. levels: trades, orders or both. accounts: empty: all.
    """

    session: str
    members: list[str]
    accounts: list[str]
    levels: str
    logged_on: bool
    position: int
    lag: int | None
    unread: int
    waits: bool
    lost_through: int


def places_of(data_dir: Path) -> Places:
    """What the process has written."""
    return read_places(DataDirectory(data_dir).listeners)


def listener_rows(data_dir: Path) -> list[ListenerRow]:
    """All listeners that the process has known."""
    durable = shown_position(DataDirectory(data_dir).journal)
    return [
        ListenerRow(
            session=name,
            members=list(place.members),
            accounts=list(place.accounts),
            levels=place.levels,
            logged_on=place.logged_on,
            position=place.event_seq,
            lag=None if durable is None else max(0, durable.event_seq - place.event_seq),
            unread=place.unread,
            waits=place.waits,
            lost_through=place.lost_through,
        )
        for name, place in places_of(data_dir).listeners.items()
    ]
