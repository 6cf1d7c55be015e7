"""A venue that dies and is started again, and what its clients have seen of it, for tests."""

from tests.fix_client import FixClient, FixClientError
from tests.fix_message import Message
from tests.running import RunningTrading

STAYS = [(9001, "N")]
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
