"""What of a short sale reaches the engine."""

import pytest

from tests.fix_message import Message, frame, new_order
from venue.domain.commands import EnterOrder
from venue.fix.decode import decode
from venue.fix.fields import field_map


def decoded(*extra: tuple[int, str]) -> EnterOrder:
    """Command of a NewOrderSingle."""
    text = Message(frame([(35, "D"), *new_order("x", "5", "10", "100", extra=extra)]))
    raw = text.raw.decode()
    command = decode("ALPHA", raw, field_map(raw))
    assert isinstance(command, EnterOrder)
    return command


@pytest.mark.parametrize(
    ("extra", "locate"), [([(114, "N")], "N"), ([(114, "Y")], "Y"), ([], None)]
)
def test_locate_is_passed_on_as_it_was_said(
    extra: list[tuple[int, str]], locate: str | None
) -> None:
    command = decoded(*extra)
    assert (command.side, command.locate_reqd, command.unsupported) == ("5", locate, None)
