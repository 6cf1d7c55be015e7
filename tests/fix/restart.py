"""A venue that dies and is started again, and what its clients have seen of it, for tests."""

from tests.fix_client import FixClient, FixClientError
from tests.fix_message import Field, Message
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

    Asserts that the answer leaves out no number and repeats none. What the client had not expected
    yet counts as received from then on.
    """
    client.request_resend(begin, end)
    found: dict[int, str] = {}
    number = begin
    while number <= end:
        message = client.expect(lambda m: m.get(43) == "Y" and m.msg_type in ("4", "8"))
        assert message.msg_seq_num == number, f"{message} for {number}"
        if message.msg_type == "4":
            assert (message[123], message.get(43)) == ("Y", "Y")
            number = int(message[36])
        else:
            found[number] = message[17]
            number += 1
    assert number == end + 1, f"filled up to {number}, asked up to {end}"
    return found
