"""docs/DEPLOY.md says what there is: its files, its commands, its objects."""

import re
import shlex
from pathlib import Path

import pytest

from tests.deploy.manifests import DEPLOY, ROOT, documents, parsed
from venue.processes import BY_NAME

TEXT = (ROOT / "docs" / "DEPLOY.md").read_text()
FENCES = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LINES = [line.partition(" #")[0].strip() for fence in FENCES for line in fence.splitlines()]
WRITTEN = re.compile(
    r"(?:^|-- |exec venue |')(?P<command>(?:/opt/venue/bin/)?venue [a-z][^<>|)']*)"
)


def commands() -> list[str]:
    """Every command of the venue that stands in a fence or, in backticks, in the text."""
    found = [match["command"] for line in LINES for match in WRITTEN.finditer(line)]
    found += re.findall(r"`(venue [a-z][^`]*)`", TEXT)
    return [each for each in found if "=" not in each.split()[1]]


@pytest.mark.parametrize("command", commands())
def test_command_is_one_of_the_venue(command: str) -> None:
    words = [word for word in shlex.split(command) if word not in ("...",)]
    words[0] = "venue"
    if words[1] == "--data-dir":
        del words[1:3]
    parsed(words)


def test_commands_are_found() -> None:
    found = commands()
    assert "venue journal key" in found and "venue status" in found
    assert any(each.startswith("venue session password ALPHA-API") for each in found)
    assert any(each.startswith("/opt/venue/bin/venue init") for each in found)
    assert len(found) >= 15


def test_links_and_files_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", TEXT)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    named = re.findall(r"(?<![\w/])deploy/[\w./-]*\w", TEXT)
    assert [name for name in named if not (ROOT / name).exists()] == ["deploy/compose/secrets"]
    for module in re.findall(r"python -m (deploy[\w.]+)", TEXT):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_units_are_those_there_are() -> None:
    table = TEXT.partition("| unit | is |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([\w@.-]+)`", table, re.MULTILINE)
    files = {re.sub(r"@\w+\.", "@.", name) for name in named}
    there = {path.name for path in (DEPLOY / "systemd").iterdir()}
    assert files == there - {"venue.sysusers", "venue-backup.service"}


def test_every_process_has_its_place() -> None:
    table = TEXT.partition("| process | beside")[2].partition("\n\n")[0]
    first = " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[1:])
    named = set(re.findall(r"[\w-]+", first))
    assert named - {"NATS", "PostgreSQL"} == set(BY_NAME) - {"followers"}


def test_objects_of_the_cluster_are_those_there_are() -> None:
    table = TEXT.partition("| object | is |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(venue(?:-\w+)?)`", table))
    there = {
        each["metadata"]["name"]
        for file in (Path(DEPLOY) / "kubernetes" / "base").glob("*.yaml")
        for each in documents(file)
        if each["kind"] in ("StatefulSet", "Deployment")
    }
    assert named == there | {"venue-fix"}
