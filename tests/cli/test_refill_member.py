"""`venue dropcopy refill MEMBER`: one member's stream wiped and filled again."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.dropcopy.copies import assert_told, copying, counts_of
from tests.dropcopy.list_journal import ListJournal
from venue.bus.connection import connected
from venue.servers.nats import NatsServer

from .test_dropcopy import EVENTS, invoke
from .test_dropcopy import copied as copied
from .test_dropcopy import server as server


def run_apart(server: NatsServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["--data-dir", str(server.data_dir), "dropcopy", *arguments]
    return subprocess.run(
        [sys.executable, "-P", "-m", "venue", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_refill_of_a_member_wipes_its_stream_alone(
    server: NatsServer, copied: ListJournal, tmp_path: Path
) -> None:
    positions = server.data_dir / "positions"
    positions.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "positions" / "dropcopy.json", positions)
    count = counts_of(EVENTS[: copied.durable])["CHARLIE"]
    told = {"ok": True, "stream": "DROP_CHARLIE", "copies": count}
    refill = ("refill", "CHARLIE", "--yes", "--force", "--json")  # this journal is not the copier's

    async def publish_foreign_message() -> None:
        async with connected(server.url, "test") as connection:
            await connection.client.jetstream().publish("drop.CHARLIE.ACME", b"anything")

    async def scenario() -> None:
        async with copying(server.url, tmp_path, copied):
            await publish_foreign_message()
            dry = await asyncio.to_thread(run_apart, server, *refill, "--dry-run")
            assert json.loads(dry.stdout) == told | {"dry_run": True}
            watched = await asyncio.to_thread(run_apart, server, "watch", "CHARLIE")
            assert watched.returncode == 1 and watched.stderr.count("\n") == 1
            assert "venue dropcopy refill" in watched.stderr
            done = await asyncio.to_thread(run_apart, server, *refill)
            assert (done.returncode, done.stderr) == (0, "")
            assert json.loads(done.stdout) == told
        await assert_told(server.url, EVENTS[: copied.durable])

    asyncio.run(scenario())
    unknown = invoke(server, "refill", "NOBODY")
    assert (unknown.exit_code, unknown.stderr) == (
        1, "there are no drop copies of a member NOBODY\n"
    )  # fmt: skip
