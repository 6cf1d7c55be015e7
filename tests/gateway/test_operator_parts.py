"""The operators' parts alone: bodies become commands, the admin line fails well, messages."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.admin.serving import serving
from tests.fix_message import frame
from venue.admin.requests import MembersQuery, Submit
from venue.domain.command import OperatorCommand
from venue.domain.verbs import COMMANDS
from venue.domain.verbs.blocks import HaltInstrument, Kill
from venue.fix.names import Names
from venue.gateway.guard import FAILURES_MAX
from venue.gateway.operating.admin_line import AdminLine
from venue.gateway.operator import routes
from venue.gateway.operator.catalog import ACTS
from venue.gateway.operator.messages import MessagesWanted, latest_messages
from venue.gateway.problems import Code, Problem
from venue.settings.settings import shipped

HALT = Submit(HaltInstrument("ACME"))


# Bodies


def test_a_body_becomes_the_command_of_its_path() -> None:
    killed = ACTS["kill member"].made_of(b'{"name": "ALPHA", "reason": "asked for"}')
    assert killed == Kill("member", "ALPHA", reason="asked for")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("halt", b"{}", "symbol"),
        ("halt", b'{"symbol": ""}', "symbol"),
        ("halt", b'{"symbol": 5}', "symbol"),
        ("halt", b'{"symbol": "ACME", "operator": "somebody"}', "operator"),
        ("halt", b'{"symbol": "ACME", "uid": 0}', "uid"),
        ("halt", b'{"symbol": "ACME", "type": "Kill"}', "type"),
        ("kill member", b'{"name": "ALPHA", "scope": "all"}', "scope"),
        ("session logout", b'{"session": "ALPHA", "owner": "BRAVO"}', "owner"),
        ("risk set", b'{"member": "ALPHA", "limits": 5}', "limits"),
        ("halt", b"[]", ""),
        ("halt", b"{", ""),
        ("halt", b'{"symbol": "\xff"}', ""),
        ("halt", b'{"symbol": "ACME", "symbol": "GLOBEX"}', ""),
        ("halt", b'{"\\ud800": 1}', ""),
        ("halt", b"[" * 60_000, ""),
    ],
)
def test_a_body_that_says_more_or_less_is_refused(path: str, body: bytes, field: str) -> None:
    with pytest.raises(Problem) as refused:
        ACTS[path].made_of(body)
    assert (refused.value.code, refused.value.field) == (Code.BAD_REQUEST, field)


OF_FILES = {
    "AddSession", "SetFourEyes", "SetSanctions", "SetSettlementRules", "SetTimetable",
}  # fmt: skip
"""What the configuration's files say, and `venue config apply` brings in."""
RECKONED = {"CallMargin"}
"""What the command line reckons from the ledger first."""


def test_every_command_of_operators_has_a_path() -> None:
    every = {each.__name__ for each in COMMANDS if issubclass(each, OperatorCommand)}
    assert {act.command.__name__ for act in ACTS.values()} == every - OF_FILES - RECKONED


def test_every_command_has_a_schema_without_references() -> None:
    for act in ACTS.values():
        schema = act.schema()
        assert "$ref" not in str(schema)
        assert not {"operator", "uid", "owner", "type"} & schema["properties"].keys()
        assert schema["properties"].keys() >= {"reason"}


def test_every_command_is_described_at_its_path() -> None:
    app = FastAPI()
    app.include_router(routes.router())
    paths = app.openapi()["paths"]
    for act in ACTS.values():
        post = paths[f"/v1/operator/commands/{act.path.replace(' ', '/')}"]["post"]
        schema = post["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"].keys() == act.schema()["properties"].keys(), act.path
    assert schema["additionalProperties"] is False


# The admin line


def on_line(data_dir: Path, *asked: Any) -> list[Any]:
    """What is answered to each in turn, or the problem."""

    async def ask_all() -> list[Any]:
        line, found = AdminLine(data_dir), []
        for each in asked:
            try:
                found.append(await line.ask("olga", each))
            except Problem as problem:
                found.append(problem)
        line.close()
        return [*found, line.guard().breaker]

    return asyncio.run(ask_all())


def refusing(text: str) -> Callable[..., None]:
    def answer(request: dict[str, Any], reply: Callable[..., None], uid: int) -> None:
        assert request["behalf"] == "olga" and "token" not in request
        reply({"ok": False, "error": text})

    return answer


@pytest.mark.parametrize(
    ("request_", "text", "code", "venue_code"),
    [
        (HALT, "HaltInstrument is denied: it needs the role operator", Code.FORBIDDEN, ""),
        (HALT, "UNKNOWN_SYMBOL ACME is not traded", Code.REFUSED, "UNKNOWN_SYMBOL"),
        (MembersQuery(), "there is none", Code.NOT_FOUND, ""),
    ],
)
def test_a_refusal_says_what_it_is(
    tmp_path: Path, request_: Any, text: str, code: Code, venue_code: str
) -> None:
    with serving(tmp_path, refusing(text)):
        problem, state = on_line(tmp_path, request_)
    assert (problem.code, problem.venue_code, problem.message) == (code, venue_code, text)
    assert state == "closed", "a refusal is no failure"


def test_where_trading_is_away_who_asks_is_told_so_at_once(tmp_path: Path) -> None:
    *problems, state = on_line(tmp_path, *[HALT] * (FAILURES_MAX + 1))
    assert {problem.code for problem in problems} == {Code.AWAY}
    assert "nothing was done" in problems[-1].message and state == "open"
    assert problems[-1].retry_after


def test_a_command_without_an_answer_is_of_unknown_fate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venue.gateway.operating.admin_line.ANSWER_SECONDS", 0.2)
    with serving(tmp_path, lambda request, reply, uid: None):
        command, question, _ = on_line(tmp_path, HALT, MembersQuery())
    assert (command.code, question.code) == (Code.FATE_UNKNOWN, Code.AWAY)


# Messages


@pytest.fixture
def session_log(tmp_path: Path) -> Path:
    """A Logon with a password, an order and its report."""
    sent = (
        ("in", [(35, "A"), (49, "ALPHA"), (554, "secret")]),
        ("in", [(35, "D"), (49, "ALPHA"), (11, "c1"), (55, "ACME")]),
        ("out", [(35, "8"), (56, "ALPHA"), (11, "c1"), (55, "ACME")]),
    )
    file = tmp_path / "ALPHA.log"
    file.write_bytes(
        b"".join(
            b"2026-01-31T09:30:00.123456Z %s %s\n" % (way.encode(), frame(fields))
            for way, fields in sent
        )
    )
    return file


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        (MessagesWanted(9), "A D 8"),
        (MessagesWanted(2), "D 8"),
        (MessagesWanted(9, msg_type="D"), "D"),
        (MessagesWanted(9, way="out"), "8"),
        (MessagesWanted(9, way="in", text="11=c1"), "D"),
        (MessagesWanted(9, text="ACM"), "D 8"),
        (MessagesWanted(9, text="secret"), ""),
    ],
)
def test_messages_are_found_and_no_secret_is(
    session_log: Path, wanted: MessagesWanted, kinds: str
) -> None:
    names = Names.read(shipped("spec/FIX44.xml"))
    found = latest_messages(session_log, wanted, names)
    assert " ".join(each["msg_type"] for each in found) == kinds
    assert "secret" not in str(found)
