"""Client and listener over the real socket: questions, bad lines, nobody there, no answer."""

import json
import os
import socket
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.admin.serving import serving
from tests.servers.conditions import wait_for
from venue.admin.address import short_address, stream_socket
from venue.admin.client import VenueUnreachable, call
from venue.admin.listener import MOST_CONNECTIONS, MOST_REQUEST_BYTES, AdminListener, Reply
from venue.data_directory import DataDirectory

from .conftest import echo


def connect(data_dir: Path) -> socket.socket:
    connection = stream_socket()
    connection.settimeout(10)
    with short_address(DataDirectory(data_dir).admin_socket) as address:
        connection.connect(address)
    return connection


def ask_raw(data_dir: Path, *chunks: bytes) -> dict[str, Any]:
    """First answer to bytes sent in these chunks."""
    with connect(data_dir) as connection, connection.makefile("rb") as lines:
        for chunk in chunks:
            connection.sendall(chunk)
        answer: dict[str, Any] = json.loads(lines.readline())
        return answer


def test_request_is_answered(served: Path) -> None:
    request = {"query": "status", "text": "ö", "n": [1, {"a": None}]}
    assert call(served, request) == {"ok": True, "asked": request}


def test_many_clients_are_answered_each_with_its_own(served: Path) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = call(served, {"n": number})["asked"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: {"n": number} for number in range(8)}


def test_request_larger_than_one_read_is_put_together(served: Path) -> None:
    request = {"text": "x" * 300_000}
    assert call(served, request)["asked"] == request


def test_request_in_pieces_is_put_together(served: Path) -> None:
    assert ask_raw(served, b'{"a"', b": 1", b"}\n")["asked"] == {"a": 1}


def test_two_requests_in_one_piece_are_answered_in_order(served: Path) -> None:
    with connect(served) as connection, connection.makefile("rb") as lines:
        connection.sendall(b'{"n": 1}\n{"n": 2}\n')
        assert [json.loads(lines.readline())["asked"]["n"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    "line", [b"", b"{", b"nonsense", b"[1, 2]", b'"text"', b"\xff\xfe", b"5", b"[" * 50_000]
)
def test_bad_line_is_answered_and_the_connection_goes_on(served: Path, line: bytes) -> None:
    with connect(served) as connection, connection.makefile("rb") as lines:
        connection.sendall(line + b'\n{"n": 1}\n')
        answer = json.loads(lines.readline())
        assert answer["ok"] is False
        assert answer["error"].startswith("not understood: ")
        assert json.loads(lines.readline())["asked"] == {"n": 1}


def test_request_without_end_is_dropped(served: Path) -> None:
    with connect(served) as connection:
        with pytest.raises(OSError):
            for _ in range(100):
                connection.sendall(b"x" * (MOST_REQUEST_BYTES // 10))
        assert call(served, {"n": 1})["ok"]


def test_connections_of_an_account_are_bounded(served: Path) -> None:
    with ExitStack() as opened:
        for _ in range(MOST_CONNECTIONS):
            connection = opened.enter_context(connect(served))
            connection.sendall(b"{}\n")
            assert connection.recv(100)  # it was taken
        with pytest.raises(VenueUnreachable):
            call(served, {"n": 1})
        connection.close()
        wait_for(lambda: is_answered(served))


def is_answered(data_dir: Path) -> bool:
    try:
        return bool(call(data_dir, {"n": 1})["ok"])
    except VenueUnreachable:
        return False


def test_client_that_leaves_early_disturbs_nobody(served: Path) -> None:
    for text in (b"", b'{"n"', b'{"n": 1}\n'):
        with connect(served) as connection:
            connection.sendall(text)
    assert call(served, {"n": 1})["ok"]


def test_answer_may_come_later_from_outside_the_request(tmp_path: Path) -> None:
    waiting: list[Reply] = []
    asked = threading.Event()

    def keep(request: dict[str, Any], reply: Reply, uid: int) -> None:
        waiting.append(reply)
        asked.set()

    answers: list[dict[str, Any]] = []
    with serving(tmp_path, keep):
        client = threading.Thread(target=lambda: answers.append(call(tmp_path, {})))
        client.start()
        assert asked.wait(10)
        assert answers == []
        waiting[0]({"ok": True, "late": 1})
        client.join(10)
    assert answers == [{"ok": True, "late": 1}]


def test_answer_to_a_client_that_has_left_is_let_go(tmp_path: Path) -> None:
    waiting: list[Reply] = []
    asked = threading.Event()

    def keep(request: dict[str, Any], reply: Reply, uid: int) -> None:
        waiting.append(reply)
        asked.set()
        if "n" in request:
            reply({"ok": True})

    with serving(tmp_path, keep):
        with connect(tmp_path) as connection:
            connection.sendall(b"{}\n")
            assert asked.wait(10)
        assert call(tmp_path, {"n": 1}) == {"ok": True}
        waiting[0]({"ok": True, "text": "x" * 10_000})
        assert call(tmp_path, {"n": 1}) == {"ok": True}


def test_data_directory_with_a_long_path_works(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-directory-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    assert len(os.fsencode(DataDirectory(deep).admin_socket)) > 200
    with serving(deep, echo):
        assert call(deep, {"n": 1})["ok"]


def test_nobody_listening_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(VenueUnreachable, match=f"^no venue is running in {tmp_path}$"):
        call(tmp_path, {})


def test_missing_data_directory_is_nobody_listening(tmp_path: Path) -> None:
    with pytest.raises(VenueUnreachable, match="no venue is running"):
        call(tmp_path / "nowhere", {})


def test_socket_left_by_a_killed_venue_is_nobody_listening_and_is_taken_over(
    tmp_path: Path,
) -> None:
    with stream_socket() as left, short_address(DataDirectory(tmp_path).admin_socket) as address:
        left.bind(address)
        left.listen()
    with pytest.raises(VenueUnreachable, match="no venue is running"):
        call(tmp_path, {})
    with serving(tmp_path, echo):
        assert call(tmp_path, {})["ok"]


def test_venue_that_does_not_answer_is_unreachable_after_the_timeout(tmp_path: Path) -> None:
    with (
        serving(tmp_path, lambda request, reply, uid: None),
        pytest.raises(VenueUnreachable, match=r"did not answer within 0\.05 s"),
    ):
        call(tmp_path, {}, timeout_s=0.05)


def test_venue_that_stops_before_its_answer_is_unreachable(tmp_path: Path) -> None:
    def stop(request: dict[str, Any], reply: Reply, uid: int) -> None:
        closing.set()

    closing = threading.Event()
    listener = AdminListener(tmp_path, stop)

    def poll_until_asked() -> None:
        while not closing.wait(0.001):
            listener.poll()
        listener.close()

    thread = threading.Thread(target=poll_until_asked)
    thread.start()
    with pytest.raises(VenueUnreachable, match="no venue is running"):
        call(tmp_path, {})
    thread.join()


def test_socket_is_for_the_owner_only_and_goes_with_the_listener(tmp_path: Path) -> None:
    path = DataDirectory(tmp_path).admin_socket
    with serving(tmp_path, echo):
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_request_right_behind_its_connection_needs_one_poll(tmp_path: Path) -> None:
    listener = AdminListener(tmp_path, echo)
    try:
        with connect(tmp_path) as connection, connection.makefile("rb") as lines:
            connection.sendall(b'{"kill": "now"}\n')
            listener.poll()
            assert json.loads(lines.readline()) == {"ok": True, "asked": {"kill": "now"}}
    finally:
        listener.close()
