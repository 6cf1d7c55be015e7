"""What a client does not read is left out at a boundary of messages, and counts as withheld."""

import pytest

from venue.fix.connection import Connection, Range, Step
from venue.peer import Peer

EACH = 100
NUMBERS = (2, 3, 4, 5)
ALL = EACH * len(NUMBERS)


class Machine:
    """A link to a client's machine that takes so many bytes in all. has: how many it confirms."""

    def __init__(self, takes: int) -> None:
        self.peer = Peer("127.0.0.1", 1)
        self.ended: str | None = None
        self.takes = takes
        self.taken = bytearray()
        self.has = 0

    def fileno(self) -> int:
        return 0

    def receive(self, most: int = 0) -> bytes:
        return b""

    def send(self, data: bytearray) -> int:
        count = min(len(data), self.takes - len(self.taken))
        self.taken += data[:count]
        return count

    def confirmed(self) -> int:
        return self.has

    def finish(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def put_all(machine: Machine) -> Connection:
    connection = Connection(machine, 0.0)
    for number in NUMBERS:
        connection.put(str(number).encode() * EACH)
        connection.note_sent(number)
    connection.flush()
    return connection


@pytest.mark.parametrize("takes", [0, 1, EACH - 1, EACH, EACH + 1, ALL - 1, ALL])
def test_message_that_has_begun_goes_on_and_the_next_is_the_last_word(takes: int) -> None:
    machine = Machine(takes)
    connection = put_all(machine)
    whole = -(-takes // EACH)
    assert connection.leave_out_rest() == ALL - whole * EACH
    connection.put(b"bye")
    machine.takes = ALL + 3
    connection.flush()
    sent = "".join(str(number) * EACH for number in NUMBERS[:whole])
    assert bytes(machine.taken) == f"{sent}bye".encode()
    machine.has = len(machine.taken)
    unread = NUMBERS[whole] if whole < len(NUMBERS) else 7
    assert connection.delivered(7).unread_from == unread
    machine.has = 0
    assert connection.delivered(7).unread_from == unread  # what has arrived is forgotten


def test_what_is_sent_again_ends_at_a_boundary_too() -> None:
    machine = Machine(EACH + 1)
    connection = Connection(machine, 0.0)
    for begin in (2, 12):
        connection.put_again(Step(b"r" * EACH, Range(begin, begin + 9)))
    connection.put_again(Step(b"r" * EACH, Range(22, 31)))
    connection.flush()
    assert connection.leave_out_rest() == EACH
    machine.takes = 3 * EACH
    connection.flush()
    machine.has = len(machine.taken)
    assert machine.has == 2 * EACH
    assert connection.delivered(40).read == ((2, 11), (12, 21))


def test_nothing_is_left_out_of_an_empty_queue() -> None:
    connection = put_all(Machine(ALL))
    assert connection.leave_out_rest() == 0
