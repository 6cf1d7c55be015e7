"""docs/DEPLOY.md says what there is: its files, its processes, its objects."""

import re
from pathlib import Path

from tests.deploy.manifests import DEPLOY, ROOT, documents
from venue.processes import BY_NAME

TEXT = (ROOT / "docs" / "DEPLOY.md").read_text()


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
