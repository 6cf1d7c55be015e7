"""The embedded nats-server: a real one."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import nats as nats_client
import pytest
from nats.js.api import StreamConfig

from tests.servers.conditions import command_line, is_running, wait_for
from venue.servers import ServerError, left_over, nats
from venue.servers.nats import NatsServer
from venue.servers.ports import PortTaken, free_port

_PARENT = """
import sys, time
from pathlib import Path
from venue.servers import nats
print(nats.start(Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


async def _publish(url: str, text: str) -> None:
    client = await nats_client.connect(url, allow_reconnect=False)
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name="TEST", subjects=["test.>"]))
    await stream.publish("test.one", text.encode())
    await client.close()


async def _first_message(url: str) -> str:
    client = await nats_client.connect(url, allow_reconnect=False)
    message = await client.jetstream().get_msg("TEST", seq=1)
    await client.close()
    assert message.data is not None
    return message.data.decode()


def test_stream_port_and_password_are_the_same_after_kill_and_restart(tmp_path: Path) -> None:
    server = nats.start(tmp_path)
    try:
        url, first_pid = server.url, server.pid
        asyncio.run(_publish(url, "kept"))
        assert first_pid is not None
        os.kill(first_pid, signal.SIGKILL)
        server.launch()
        server.wait_ready()
        assert server.url == url
        assert server.pid != first_pid
        assert asyncio.run(_first_message(url)) == "kept"
    finally:
        server.stop()
    server.stop()
    assert left_over.find(tmp_path / "nats", "nats-server") == []


def test_password_is_asked_for_and_shown_to_nobody(tmp_path: Path) -> None:
    server = nats.start(tmp_path)
    try:
        password = (tmp_path / "nats.password").read_text().strip()
        assert len(password) > 20
        assert password in server.url
        assert server.pid is not None
        assert password not in command_line(server.pid)
        for name in ("nats.password", "nats/server.conf"):
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        nats.check_reachable(server.url)
        with pytest.raises(ServerError, match=r"(?i)authorization") as refused:
            nats.check_reachable(server.url.replace(password, "guessed-password"))
        assert "guessed-password" not in str(refused.value)
    finally:
        server.stop()


@pytest.mark.parametrize("at_once", [True, False])
def test_server_dies_with_its_killed_parent_and_a_second_start_follows(
    tmp_path: Path, at_once: bool
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        old_pid = int(output.readline())
        parent.kill()
        if not at_once:
            wait_for(lambda: not is_running(old_pid))  # by itself: nobody else ends it
        server = nats.start(tmp_path)
        parent.wait()
    try:
        assert not is_running(old_pid)
        assert left_over.find(tmp_path / "nats", "nats-server") == [server.pid]
    finally:
        server.stop()


def test_server_that_a_killed_run_left_behind_is_stopped_first(tmp_path: Path) -> None:
    old = nats.start(tmp_path)
    new = NatsServer(tmp_path)
    new.prepare()
    new.launch()
    new.wait_ready()
    try:
        assert old.pid is not None
        assert not is_running(old.pid)
    finally:
        new.stop()
        old.stop()


def test_data_of_another_major_version_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats" / "NATS_VERSION").write_text("1\n")
    with pytest.raises(ServerError) as refused:
        nats.start(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}/nats was written by nats-server 1, but 2 is installed: "
        "install version 1 or move the directory away"
    )


def test_configured_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    server = nats.start(tmp_path / "first")
    try:
        with pytest.raises(PortTaken, match=rf"taken by pid {server.pid} \(nats-server\)"):
            nats.start(tmp_path / "second", port=server.port)
    finally:
        server.stop()


def test_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats" / "jetstream").write_text("not a directory")
    with pytest.raises(ServerError, match=r"nats-server ended with status 1 at its start: .+"):
        nats.start(tmp_path)


def test_unreachable_url_is_one_line_without_the_password() -> None:
    url = f"nats://venue:secret@127.0.0.1:{free_port()}"
    with pytest.raises(ServerError) as refused:
        nats.check_reachable(url)
    text = str(refused.value)
    assert text.startswith("nats_url nats://venue:***@127.0.0.1:")
    assert text.endswith(": Connection refused")
    assert "secret" not in text
    assert "\n" not in text


def test_url_that_never_answers_is_given_up(tmp_path: Path) -> None:
    server = nats.start(tmp_path)
    try:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        try:
            wait_for(lambda: not server.is_ready())
            with pytest.raises(ServerError, match=r"no answer in 0\.3 s"):
                nats.check_reachable(server.url, seconds=0.3)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        wait_for(server.is_ready)
    finally:
        server.stop()
