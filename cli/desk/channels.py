"""The channels of a data directory, for `venue notify`: read, changed, and as they are listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from venue.bus.halts import StoreAway
from venue.bus.parking import parked_part
from venue.cli.options import refuse, wrong_use
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.notify.alert_of import CONSUMER
from venue.notify.channels import Channel, Members, masked, read_channels, write_channels
from venue.notify.store import Backlog, Store, StoreDamaged
from venue.servers.lock import DataDirLock
from venue.settings.configuration_error import ConfigurationError

LOCK = "notifications.lock"
LOCK_SECONDS = 5.0


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as it is listed. to: its address without secrets. waiting: alerts that have not
    left; lost: those that were given up. trouble: why it does not take them; empty: it does."""

    member: str
    channel: str
    to: str
    kinds: list[str]
    since: str
    fill_quantity: str
    fill_value: str
    rejects: int
    limit_percent: int
    waiting: int = 0
    lost: int = 0
    trouble: str = ""


def row_of(
    data_dir: Path, member: str, name: str, channel: Channel, backlog: Backlog
) -> ChannelRow:
    """A channel as it is listed."""
    parked = parked_part(data_dir, CONSUMER, member, name)
    return ChannelRow(
        member=member or "_",
        channel=name,
        to=masked(channel.url),
        kinds=[*channel.kinds],
        since=iso(channel.since_ns),
        fill_quantity=channel.fill_quantity,
        fill_value=channel.fill_value,
        rejects=channel.rejects,
        limit_percent=channel.limit_percent,
        waiting=backlog.waiting,
        lost=backlog.lost,
        trouble="" if parked is None else parked.error,
    )


def backlogs_in(data_dir: Path) -> dict[str, Backlog]:
    """What waits; nothing where the notifier has never run."""
    path = DataDirectory(data_dir).notices
    if not path.exists():
        return {}
    store = Store(path)
    try:
        return store.backlogs()
    except (StoreAway, StoreDamaged) as error:
        refuse(str(error))
    finally:
        store.close()


def channel_of(members: Members, member: str, name: str) -> Channel:
    """A channel of a member; ends with status 1 where there is none."""
    channel = members.get(member, {}).get(name)
    return channel or refuse(f"{member or '_'} has no channel {name}; `venue notify list` has all")


def channels_in(data_dir: Path) -> Members:
    """The channels of all members; ends with status 2 where they cannot be read."""
    try:
        return read_channels(DataDirectory(data_dir).notifications)
    except ConfigurationError as error:
        wrong_use(str(error))


@contextmanager
def changing(data_dir: Path) -> Iterator[Members]:
    """The channels, written when the block ends; nobody else changes them meanwhile."""
    lock = DataDirLock(data_dir, LOCK)
    lock.acquire(LOCK_SECONDS)
    try:
        members = channels_in(data_dir)
        yield members
        write_channels(DataDirectory(data_dir).notifications, members)
    except OSError as error:
        refuse(f"the channels are as they were: {error.strerror or error}")
    finally:
        lock.release()
