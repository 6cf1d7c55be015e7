"""A cluster of three nats-servers on loopback, with the venue's logins, for tests of replicas."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from nats.errors import Error as NatsError
from nats.js.api import StreamInfo

from venue.bus.connection import connected
from venue.bus.permissions import OPERATOR, SERVICES
from venue.readers_file import new_reader
from venue.servers.nats import binary
from venue.servers.nats_logins import accounts
from venue.servers.ports import free_port

NODES = ("n1", "n2", "n3")
_PASSWORD = "of-a-test"
PATIENCE_SECONDS = 90.0


class Cluster:
    """Its servers have names of their own, ports that stay, and stores that can be removed."""

    def __init__(self, directory: Path, readers: Mapping[str, str]) -> None:
        """readers: members by the names of their readers."""
        self._directory = directory
        made = {name: new_reader(member, 1) for name, member in readers.items()}
        self._readers = {name: made[name].reader for name in made}
        self._passwords = {name: made[name].password for name in made}
        self._ports = {name: free_port() for name in NODES}
        self._routes = {name: free_port() for name in NODES}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def url_of(self, user: str = OPERATOR) -> str:
        """All servers with commas between them, as `nats_url` has them."""
        password = self._passwords.get(user, _PASSWORD)
        at = (f"nats://{user}:{password}@127.0.0.1:{port}" for port in self._ports.values())
        return ",".join(at)

    def start(self, name: str) -> None:
        """Start a node."""
        directory = self._directory / name
        directory.mkdir(exist_ok=True)
        passwords = dict.fromkeys((OPERATOR, *SERVICES), _PASSWORD)
        config = {
            "server_name": name,
            "listen": f"127.0.0.1:{self._ports[name]}",
            "jetstream": {"store_dir": str(directory / "store")},
            "cluster": {
                "name": "venue",
                "listen": f"127.0.0.1:{self._routes[name]}",
                "no_advertise": True,
                "routes": [f"nats://127.0.0.1:{port}" for port in self._routes.values()],
            },
            "max_payload": 8 << 20,
            "feature_flags": {"js_ack_fc_v2": False},
            "accounts": accounts(passwords, self._readers),
        }
        file = directory / "server.conf"
        file.write_text(json.dumps(config))
        with (directory / "server.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(binary()), "--config", str(file)], stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """kill -9, and wait for it."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def remove_store(self, name: str) -> None:
        """Everything that a node that was killed has stored is gone."""
        assert name not in self._processes
        shutil.rmtree(self._directory / name / "store")

    def close(self) -> None:
        """Kill all."""
        for name in [*self._processes]:
            self.kill(name)

    async def info(self, stream: str) -> StreamInfo | None:
        """What the cluster says of a stream now; None: it says nothing."""
        with suppress(OSError, NatsError):
            async with connected(self.url_of(), "cluster-test") as connection:
                return await connection.client.jetstream().stream_info(stream)
        return None

    async def leader(self, stream: str) -> str:
        """The node that leads a stream, once there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            info = await self.info(stream)
            if info is not None and info.cluster is not None and info.cluster.leader:
                return info.cluster.leader
            assert time.monotonic() < deadline, f"{stream} has no leader"
            await asyncio.sleep(0.1)

    async def whole(self, stream: str, replicas: int = len(NODES)) -> None:
        """Wait until each replica of a stream is where its leader is."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        told: object = None
        while True:
            info = await self.info(stream)
            if info is not None and info.cluster is not None and info.cluster.leader:
                others = info.cluster.replicas or []
                told = (info.config.num_replicas, others)
                if info.config.num_replicas == replicas == len(others) + 1 and all(
                    each.current and not each.offline for each in others
                ):
                    return
            assert time.monotonic() < deadline, f"{stream} is not whole: {told}"
            await asyncio.sleep(0.1)

    async def ready(self) -> None:
        """Wait until JetStream answers on the cluster."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(OSError, NatsError):
                async with connected(self.url_of(), "cluster-test") as connection:
                    await connection.client.jetstream().account_info()
                    return
            assert time.monotonic() < deadline, "JetStream does not answer"
            await asyncio.sleep(0.1)


@contextmanager
def cluster_in(directory: Path, readers: Mapping[str, str]) -> Iterator[Cluster]:
    """A cluster that is up; killed at the end. readers: see Cluster."""
    cluster = Cluster(directory, readers)
    try:
        for name in NODES:
            cluster.start(name)
        asyncio.run(cluster.ready())
        yield cluster
    finally:
        cluster.close()
