"""A venue that dies and is started again, and what its clients have seen of it, for tests."""

import time
from contextlib import suppress
from functools import partial

from tests.fix_client import FixClient, Timeout
from tests.fix_message import Field, FixClientError, Message
from tests.running import RunningTrading

STAYS: list[Field] = [(9001, "N")]
"""Logon field with which orders outlive their session."""


def crash(venue: RunningTrading, *clients: FixClient) -> None:
    """kill -9, start again; the clients keep their numbers."""
    venue.kill()
    start_again(venue, *clients)


def start_again(venue: RunningTrading, *clients: FixClient, fault: str = "") -> None:
    """Start a venue that ends or has ended, with this VENUE_FAULT; clients keep their numbers."""
    venue.wait()
    for client in clients:
        client.close()
    venue.environment["VENUE_FAULT"] = fault
    venue.start()
    for client in clients:
        client.address = venue.address


def read_to_the_end(client: FixClient) -> list[Message]:
    """All that comes until the venue dies."""
    try:
        client.expect_disconnect()
    except FixClientError as error:
        raise AssertionError("the venue did not die") from error
    messages = list(client.inbox)
    client.inbox.clear()
    return messages


def reports(messages: list[Message]) -> list[tuple[int, str]]:
    """MsgSeqNum and ExecID of the execution reports among the messages, in their order."""
    return [(m.msg_seq_num, m[17]) for m in messages if m.msg_type == "8"]


def resent(client: FixClient, begin: int, end: int) -> dict[int, str]:
    """ExecIDs by number of what a ResendRequest from `begin` to `end` brings.

    Asserts that the answer leaves out no number and repeats none; a gap fill may go beyond `end`.
    """
    client.request_resend(begin, end)
    found: dict[int, str] = {}
    number = begin
    deadline = time.monotonic() + 10
    while number <= end:
        assert time.monotonic() < deadline, f"filled up to {number}, asked up to {end}"
        ask(client)
        number = _take(client, number, found)
    return found


def _take(client: FixClient, number: int, found: dict[int, str]) -> int:
    """Take what has come again; the number that has to come next."""
    for message in list(client.inbox):
        if message.get(43) != "Y":
            continue
        client.inbox.remove(message)
        assert message.msg_seq_num == number, f"{message} for {number}"
        if message.msg_type == "4":
            assert message[123] == "Y"
            number = int(message[36])
        else:
            found[number] = message[17]
            number += 1
    return number


def ask(client: FixClient) -> None:
    """Wait until all that was sent before has been answered.

    A TestRequest that goes out before the client has read a ResendRequest is filled, not answered.
    """
    for _ in range(5):
        name = f"asked {client.next_out}"
        client.send("1", [(112, name)])
        with suppress(Timeout):
            client.expect(partial(_answers, name), timeout=1)
            return
    raise AssertionError("no answer comes")


def _answers(name: str, message: Message) -> bool:
    return message.get(112) == name
