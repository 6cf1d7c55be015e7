"""What of a short sale reaches the engine, and that no rare field is passed over."""

from contextlib import suppress
from typing import Any

import pytest

from tests.fix_message import Message, frame, new_order
from venue.domain.commands import EnterOrder
from venue.fix.decode import DecodeError, decode
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


class Noting(dict[str, str]):
    """Fields that note which tags are looked for."""

    def __init__(self, text: str) -> None:
        super().__init__(field_map(text))
        self.noted: set[str] = set()

    def get(self, tag: str, default: Any = None) -> Any:
        self.noted.add(tag)
        return super().get(tag, default)

    def __contains__(self, tag: object) -> bool:
        self.noted.add(str(tag))
        return super().__contains__(tag)


@pytest.mark.parametrize("msg_type", ["D", "G"])
def test_rare_field_is_looked_for_when_it_is_the_only_one(msg_type: str) -> None:
    text = f"35={msg_type}|11=A1|41=A0|55=ACME|54=1|40=2|".replace("|", "\x01")
    plain, with_rare = Noting(text), Noting(f"{text}97=Y\x01")
    decode("ALPHA", "", plain)
    decode("ALPHA", "", with_rare)
    rare = with_rare.noted - plain.noted
    assert len(rare) > 5
    for tag in rare - {"453"}:
        fields = Noting(f"{text}{tag}=20260131\x01")
        with suppress(DecodeError):
            decode("ALPHA", "", fields)
        assert tag in fields.noted
