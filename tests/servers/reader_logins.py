"""A real server with the venue's accounts, streams and readers, for tests of who may do what."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nats.aio.client import Client
from nats.js.api import ConsumerConfig, StreamConfig

from venue.bus.permissions import OPERATOR, SERVICES
from venue.data_directory import DataDirectory
from venue.journal.files import replace
from venue.readers_file import new_reader, write_readers
from venue.servers.nats import NatsServer

EVENTS, LAST_VALUES, TRADES = "VENUE_EVENTS", "KV_md_last", "MD_TRADES"
STREAMS = {
    EVENTS: "venue.events.>",
    LAST_VALUES: "$KV.md_last.>",
    TRADES: "md.*.trade",
    "DROP_ALPHA": "drop.ALPHA.>",
    "DROP_BRAVO": "drop.BRAVO.>",
    "LEDGER": "ledger.>",
    "ALERTS": "alert.>",
}


class Logins(NamedTuple):
    """A server that runs, and every login's URL."""

    server: NatsServer
    urls: dict[str, str]


class InOneAccount(NatsServer):
    """The same logins with the same permissions, all in one account: as it was before."""

    def write_config(self) -> Path:
        path = super().write_config()
        config = json.loads(path.read_text())
        accounts = config.pop("accounts")
        users = [user for account in accounts.values() for user in account["users"]]
        replace(path, json.dumps({**config, "authorization": {"users": users}}).encode())
        return path


@contextmanager
def logins_in(
    data_dir: Path, readers: Mapping[str, str], kind: type[NatsServer] = NatsServer
) -> Iterator[Logins]:
    """A server with these readers, of a member or (empty) of market data, and with streams."""
    data_dir.chmod(0o700)
    made = {name: new_reader(member, 1) for name, member in readers.items()}
    write_readers(DataDirectory(data_dir).readers, {name: made[name].reader for name in made})
    server = kind(data_dir)
    server.prepare()
    server.launch()
    try:
        server.wait_ready()
        urls = {user: server.url_of(user) for user in (OPERATOR, *SERVICES)}
        for name, each in made.items():
            urls[name] = f"nats://{name}:{each.password}@{server.host}:{server.port}"
        asyncio.run(_make_streams(server.url, readers))
        yield Logins(server, urls)
    finally:
        server.stop()


async def _make_streams(url: str, readers: Mapping[str, str]) -> None:
    client = Client()
    await client.connect(url)
    jetstream = client.jetstream()
    for stream, subject in STREAMS.items():
        direct = stream in (LAST_VALUES, TRADES)
        kept = 1 if stream == LAST_VALUES else -1
        config = StreamConfig(
            name=stream, subjects=[subject], allow_direct=direct, max_msgs_per_subject=kept
        )
        await jetstream.add_stream(config)
    for name, member in readers.items():
        if member:
            await jetstream.add_consumer(f"DROP_{member}", ConsumerConfig(durable_name=name))
            own = ConsumerConfig(durable_name=name, filter_subject=f"ledger.{member}.>")
            await jetstream.add_consumer("LEDGER", own)
    await client.close()
