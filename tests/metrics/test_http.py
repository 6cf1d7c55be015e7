"""A port answers GET for its paths; whatever else comes costs nobody but its sender."""

import asyncio
from http import HTTPStatus

import pytest

from venue.metrics.http import MOST_BYTES, Port, Reply
from venue.servers.ports import free_port


async def _answer(path: str, host: str) -> Reply | None:
    return Reply(HTTPStatus.OK, f"{path} at {host}".encode()) if path == "/metrics" else None


def asked(*requests: bytes) -> list[bytes]:
    """What each of these requests is answered, one after the other; empty: it is cut off."""

    async def ask() -> list[bytes]:
        port = Port(_answer)
        number = free_port()
        await port.open("127.0.0.1", number)
        answers = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(request)
            writer.write_eof()
            try:
                answers.append(await reader.read())
            except ConnectionError:  # it had not read all that we have sent
                answers.append(b"")
            writer.close()
        await port.close()
        return answers

    return asyncio.run(ask())


def test_path_is_answered_with_its_length_and_then_closed() -> None:
    (answer,) = asked(b"GET /metrics?x=1 HTTP/1.1\r\nHost: venue-1:9950\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (b"Content-Length: 19" in head, body) == (True, b"/metrics at venue-1")
    assert b"Connection: close" in head


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /else HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"8=FIX.4.4\x019=5\x01\r\n\r\n", b"400"),
        (b"\r\n\r\n", b"400"),
        (b"GET /metrics\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_get_of_a_path_is_refused(request_: bytes, status: bytes) -> None:
    assert asked(request_)[0].split(b" ")[1] == status


def test_client_that_sends_too_much_or_half_of_it_is_cut_off_and_the_next_is_served() -> None:
    much = b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 3 * MOST_BYTES + b"\r\n\r\n"
    answers = asked(much, b"GET /metr", b"GET /metrics HTTP/1.1\r\n\r\n")
    assert answers[:2] == [b"", b""]
    assert answers[2].startswith(b"HTTP/1.1 200")


def test_host_that_is_none_is_not_repeated() -> None:
    (answer,) = asked(b'GET /metrics HTTP/1.1\r\nHost: a"b<c>\r\n\r\n')
    assert answer.endswith(b"/metrics at ")
