"""Every block of every document is what it says: what can be checked of it without running it is.

What blocks do is tested where they are run: tests/gateway/test_connect.py, tests/documents/
test_typed.py, tests/test_clearing_week.py and others.
"""

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.documents.blocks import BLOCKS, PAGES, ROOT, Block, blocks_in, prose_of
from tests.documents.shell import commands_in, fault_of, unknown
from venue.gateway.application import application
from venue.gateway.context import Gateway
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings
from venue.simulator.script import read_script

NOT_CHECKED = {
    "cpp", "java", "go", "csharp",  # clients of other languages, for which nothing is here
    "conf",  # of nats-server
    "sql",  # run by tests/documents/test_typed.py
    "text",
}  # fmt: skip
SAID_NOW = [
    page for page in PAGES if page.name != "CHANGELOG.md" and page.parent.name != "decisions"
]
"""The others say what was."""
SHELLS = ("sh", "console")
SHIPPED = (ROOT / "venue.toml").read_text()
_INSTRUMENT = re.compile(r"^\[\[instruments\]\]\n(?:\w.*\n)+", re.MULTILINE)
_COMMAND = re.compile(r"`(venue [^`\n]+)`")
_NOTATION = re.compile(r"[|\[\]<>{}*…]|\.\.\.")


def kind_of(block: Block) -> str:
    """What a block is; where it does not say, by its text."""
    text = block.text
    if block.language:
        return block.language
    if text.lstrip().startswith("{"):
        return "json"
    if "──" in text:
        return "text"
    if re.match(r"\S+://\S+$", text.strip()):
        return "text"
    return "toml" if re.match(r"\[|\w+ = ", text) else "sh"


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if kind_of(block) in kinds]


def test_documents_have_blocks_and_each_is_of_a_kind_that_is_known() -> None:
    assert len(BLOCKS) > 60
    known = {"json", "toml", "python", "ini", *SHELLS} | NOT_CHECKED
    assert [f"{block}: {kind_of(block)}" for block in BLOCKS if kind_of(block) not in known] == []


@pytest.mark.parametrize("block", of_kind(*SHELLS), ids=str)
def test_commands_are_there_and_take_what_they_are_given(block: Block) -> None:
    commands = list(commands_in(block.text))
    assert commands
    faults = [(words, fault) for words in commands if (fault := fault_of(words))]
    assert faults == []


@pytest.mark.parametrize("block", of_kind("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    for line in [block.text] if block.language else block.text.splitlines():
        json.loads(line)


@pytest.mark.parametrize("block", of_kind("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", of_kind("toml"), ids=str)
def test_configuration_is_taken(block: Block, tmp_path: Path) -> None:
    if "step" in tomllib.loads(block.text):
        (tmp_path / "script.toml").write_text(block.text)
        assert read_script(tmp_path / "script.toml")
        return
    (tmp_path / "venue.toml").write_text(completed(block.text))
    sessions = re.findall(r'^comp_id = "(.+?)"', block.text, re.MULTILINE)
    (tmp_path / "sessions.cfg").write_text(sessions_file(sessions))
    load_settings(tmp_path / "venue.toml")


def test_paths_of_the_gateway_are_there() -> None:
    operating = cast(Gateway, SimpleNamespace(operating=True))
    paths = [*application(operating).openapi()["paths"], "/v1/openapi.json", "/0/public/{name}"]
    known = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in paths]
    asked = {
        (str(block), path)
        for block in of_kind(*SHELLS)
        for path in re.findall(r"(?:127\.0\.0\.1:8080|\$VENUE)(/[\w/.-]+)", block.text)
    }
    assert len(asked) > 5
    assert [each for each in asked if not any(path.fullmatch(each[1]) for path in known)] == []


def test_key_that_there_is_none_of_is_found(tmp_path: Path) -> None:
    (tmp_path / "venue.toml").write_text(completed("[metrics]\nenabeld = true\n"))
    (tmp_path / "sessions.cfg").write_text(sessions_file([]))
    with pytest.raises(ConfigurationError, match="enabeld"):
        load_settings(tmp_path / "venue.toml")


def completed(text: str) -> str:
    """A part of a configuration, with the shipped instruments and the members that it names."""
    said = tomllib.loads(text)
    instruments = [] if "instruments" in said else _INSTRUMENT.findall(SHIPPED)
    there = {member["name"] for member in said.get("members", ())}
    named = dict.fromkeys(session["member"] for session in said.get("sessions", ()))
    members = [f'\n[[members]]\nname = "{each}"\n' for each in named if each not in there]
    return "\n".join([text, *instruments, *members])


def sessions_file(comp_ids: list[str]) -> str:
    """sessions.cfg as shipped, but for these sessions."""
    head = (ROOT / "sessions.cfg").read_text().partition("\n[SESSION]")[0]
    return "\n".join([head, *(f"[SESSION]\nTargetCompID={each}" for each in comp_ids), ""])


@pytest.mark.parametrize("block", of_kind("ini"), ids=str)
def test_sections_have_keys_and_values(block: Block) -> None:
    wrong = [
        line for line in block.text.splitlines() if not re.fullmatch(r"\[\w+\]|\w+=.*|(#.*)?", line)
    ]
    assert wrong == []


@pytest.mark.parametrize("page", SAID_NOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_prose_have_commands_and_options_that_there_are(page: Path) -> None:
    said = _COMMAND.findall(prose_of(page.read_text()))
    plain = [each.split()[1:] for each in said if not _NOTATION.search(each)]
    assert [(each, fault) for each in plain if (fault := unknown(each))] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("venue order lst", "there is no command 'lst'"),
        ("venue order list --nope", "No such option: --nope"),
        ("docker compose exec venue venue halt", "Missing parameter"),
        ("docker run --rm venue:0.1.0 demo --second 10", "No such option: --second"),
        ("kubectl exec venue-0 -- sh -c 'venue day ende'", "there is no command 'ende'"),
        ("x=$(venue journal ky) && venue status", "there is no command 'ky'"),
        ("0 12,17 * * mon-fri  venue margin rn", "there is no command 'rn'"),
        ("$ venue halt\nwhat it prints\n", "Missing parameter"),
        ("make tset", "the Makefile has no"),
        ("python examples/nothing.py URL", "there is no examples/nothing.py"),
        ("python -m venue_of_nobody", "there is no module"),
        ("crul http://127.0.0.1", "crul is no program"),
    ],
)
def test_planted_fault_is_found(text: str, fault: str) -> None:
    (block,) = blocks_in("planted", f"```\n{text}\n```\n")
    faults = [found for words in commands_in(block.text) if (found := fault_of(words))]
    assert len(faults) == 1 and faults[0].startswith(fault), faults


def test_planted_fault_in_prose_is_found() -> None:
    assert unknown(["order", "list", "--nope"]) == "--nope"
    assert unknown(["order", "lst"]) == "lst"
    assert unknown(["member", "add", "MEMBER", "--data-dir", "X"]) == ""
