"""Events of today, the channels of a data directory, and what a member hears on NATS."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
from nats.js.errors import NotFoundError

from tests.clearing.trades import traded
from venue.bus.alerts import ALERTS, Alert
from venue.bus.connection import connected
from venue.bus.subjects import alert_subject
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent, SessionLoggedOut
from venue.notify.channels import Channel, Members, write_channels
from venue.notify.kinds import Kind

NOW_NS = time.time_ns()


def trade(event_seq: int) -> AnyEvent:
    """ALPHA buys 10 of BRAVO; both orders are done."""
    return msgspec.structs.replace(traded(event_seq), timestamp_ns=NOW_NS + event_seq)


def ended(event_seq: int, member: str = "ALPHA") -> AnyEvent:
    """A session of the member's has ended."""
    return SessionLoggedOut(event_seq, NOW_NS + event_seq, member, member)


def channel(url: str, *kinds: Kind, **more: Any) -> Channel:
    """A channel that is told of these kinds, of today and of days before."""
    return Channel(url=url, kinds=kinds, since_ns=0, **more)


def use(data_dir: Path, members: Members) -> None:
    """These channels count from now on."""
    write_channels(DataDirectory(data_dir).notifications, members)


def posted_ids(posted: list[Any]) -> list[str]:
    """The ids of what came to a web server."""
    return [json.loads(each.body)["id"] for each in posted]


async def heard(nats_url: str, member: str) -> list[Alert]:
    """The alerts of a member in the stream; empty: the operator's."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        try:
            state = (await jetstream.stream_info(ALERTS)).state
        except NotFoundError:
            return []
        messages = [
            await jetstream.get_msg(ALERTS, seq=seq)
            for seq in range(max(state.first_seq, 1), state.last_seq + 1)
        ]
    return [
        msgspec.json.decode(each.data or b"", type=Alert)
        for each in messages
        if each.subject == alert_subject(member)
    ]
