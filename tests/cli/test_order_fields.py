"""Fields of `venue order new --tag`: sent as they were given; a reject names tag and reason."""

import json
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import pytest
from typer.testing import CliRunner, Result

from venue.cli.broker import by_fix as module
from venue.cli.broker.order import app
from venue.fixclient.message import Message
from venue.fixclient.session import Session
from venue.sim.broker import Fields, Login

PARTIES = ("453=2", "448=F", "447=D", "452=1", "448=ANN", "447=D", "452=12")
REJECT = {35: "3", 45: "2", 371: "448", 372: "D", 373: "4", 58: "Tag specified without a value"}


class Venue:
    """Stands in for the session with a venue: keeps what is asked, answers with `answer`."""

    asked: ClassVar[list[str]] = []
    answer: ClassVar[Fields] = REJECT

    def __init__(self, address: tuple[str, int], login: Login) -> None:
        self.messages: list[Fields] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def ask(self, text: str) -> list[Fields]:
        self.asked.append(text)
        return [self.answer]


@pytest.fixture(autouse=True)
def venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OneSession", Venue)
    monkeypatch.setenv("FIX_PASSWORD", "demo")
    Venue.asked.clear()
    Venue.answer = REJECT


def new(tmp_path: Path, *arguments: str) -> Result:
    typed = ["new", "ACME", "buy", "10", "--cl-ord-id", "c1", "--data-dir", str(tmp_path)]
    return CliRunner().invoke(app, [*typed, "--port", "1", *arguments])


def tags(*given: str) -> list[str]:
    return [word for field in given for word in ("--tag", field)]


def sent() -> Message:
    """What a session makes of the one request that was asked."""
    (text,) = Venue.asked
    msg_type, _, body = text.removeprefix("35=").partition("\x01")
    session = Session("ALPHA")
    session.send(msg_type.encode(), body.encode())
    return Message(bytes(session.out))


def test_group_keeps_its_order_on_the_wire(tmp_path: Path) -> None:
    new(tmp_path, "--price", "99", *tags(*PARTIES, "58=by hand"))
    fields = [f"{tag}={value}" for tag, value in sent().fields]
    start = fields.index("453=2")
    assert fields[start:-1] == [*PARTIES, "58=by hand"]
    assert {"55=ACME", "54=1", "38=10", "40=2", "44=99"} <= set(fields[:start])


@pytest.mark.parametrize("given", ["40=4", "59=6", "54=5", "55=GLOBEX", "60=20260131-09:30:00"])
def test_tag_that_is_given_is_sent_once(tmp_path: Path, given: str) -> None:
    new(tmp_path, "--price", "99", *tags(given))
    tag, _, value = given.partition("=")
    assert sent().all(int(tag)) == [value]


def test_reject_says_which_tag_which_message_and_why(tmp_path: Path) -> None:
    result = new(tmp_path, "--price", "99", *tags("448=F"))
    assert result.exit_code == 1
    assert result.stderr == "Tag specified without a value (371=448 372=D 373=4)\n"
    result = new(tmp_path, "--json")
    (row,) = json.loads(result.stdout)["reports"]
    found = (row["ref_tag_id"], row["ref_msg_type"], row["session_reject_reason"])
    assert found == ("448", "D", "4")


def test_refusal_without_such_codes_is_its_text_alone(tmp_path: Path) -> None:
    Venue.answer = {35: "8", 150: "8", 39: "8", 11: "c1", 103: "99", 58: "PRICE_NOT_ON_TICK 44"}
    assert new(tmp_path, "--price", "99.001").stderr == "PRICE_NOT_ON_TICK 44\n"
    Venue.answer = {35: "j", 45: "2", 372: "D", 380: "4"}
    assert new(tmp_path).stderr == "the venue gave no reason (372=D 380=4)\n"
