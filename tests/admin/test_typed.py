"""Requests and answers by their types: the same on both ends, and the JSON that scripts write."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.admin.serving import serving
from tests.domain.samples import bare, full
from venue.admin import answers, requests
from venue.admin.answers import DigestAnswer, Refusal
from venue.admin.caller import Caller
from venue.admin.client import VenueUnreachable, ask, call
from venue.admin.requests import AnyRequest, DigestQuery, NotUnderstood, Submit, read_request
from venue.admin.typed import Reply, typed
from venue.domain.commands import Kill

QUERIES = [kind for kind in get_args(AnyRequest) if kind is not Submit]
DIGEST = DigestAnswer(seq=5, event_seq=9, digest="abc")


@pytest.mark.parametrize("kind", QUERIES)
def test_request_survives_its_json(kind: type[requests.Request[Any]]) -> None:
    for request in (
        (bare(kind), full(kind)) if kind is not requests.ConfigurationQuery else [kind()]
    ):
        assert read_request(msgspec.to_builtins(request)) == request


def test_every_kind_of_request_names_its_answer() -> None:
    kinds = {requests.answer_type(kind) for kind in get_args(AnyRequest)}
    assert all(issubclass(kind, answers.Answer) for kind in kinds)
    assert kinds == set(answers.Answer.__subclasses__())


@pytest.mark.parametrize(
    ("written", "request_"),
    [
        ({"query": "status"}, requests.StatusQuery()),
        ({"query": "book", "symbol": "ACME"}, requests.BookQuery("ACME", 10)),
        ({"query": "risk", "member": "A"}, requests.RiskQuery("A")),
        ({"command": {"type": "Kill", "scope": "all"}}, Submit(Kill("all"))),
        ({"reset_session": "A", "reason": "r"}, requests.ResetNumbers("A", "", "r")),
        ({"set_key": "A", "public_key": "k"}, requests.SetKey("A", "k")),
        ({"configure_sessions": "f"}, requests.ConfigureSessions("f")),
    ],
)
def test_what_scripts_write_is_understood(written: dict[str, Any], request_: AnyRequest) -> None:
    assert read_request(written) == request_


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({}, "a request has a query or a command"),
        ({"query": "nonsense"}, "not understood: Invalid value 'nonsense' - at `$.query`"),
        ({"query": 5}, "not understood: "),
        ({"query": "book"}, "not understood: Object missing required field `symbol`"),
        ({"query": "book", "symbol": "A", "depth": "5"}, "not understood: Expected `int`"),
        ({"command": {"type": "EnterOrder"}}, "not understood: Invalid value 'EnterOrder'"),
        ({"command": None}, "not understood: "),
    ],
)
def test_what_is_no_request_is_refused_in_one_line(written: dict[str, Any], why: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_request(written)
    assert str(refused.value).startswith(why) and "\n" not in str(refused.value)


def answer(request: AnyRequest, reply: Reply, caller: Caller) -> None:
    """Knows the digest only."""
    reply(DIGEST if isinstance(request, DigestQuery) else Refusal(error="not here"))


def test_answer_comes_back_by_its_type(tmp_path: Path) -> None:
    with serving(tmp_path, typed(answer)):
        assert ask(tmp_path, DigestQuery()) == DIGEST
        assert ask(tmp_path, requests.MembersQuery()) == Refusal(error="not here")
        assert call(tmp_path, {"query": "digest"}) == {
            "ok": True, "seq": 5, "event_seq": 9, "digest": "abc",
        }  # fmt: skip
        assert call(tmp_path, {"nothing": 1}) == {
            "ok": False, "error": "a request has a query or a command",
        }  # fmt: skip


def test_answer_of_another_version_is_said_in_one_line(tmp_path: Path) -> None:
    with (
        serving(tmp_path, lambda request, reply, uid: reply({"ok": True, "seq": "five"})),
        pytest.raises(VenueUnreachable, match="is of another version than this command: "),
    ):
        ask(tmp_path, DigestQuery())
