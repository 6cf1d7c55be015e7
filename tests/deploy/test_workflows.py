""".github/workflows: by their schema, with few rights, and only commands that the checkout has."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import ROOT, documents, parsed, schema_errors

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(file: Path) -> Any:
    """The workflow; YAML 1.1 reads the word on as true."""
    (found,) = documents(file)
    return {"on" if key is True else key: value for key, value in found.items()}


def runs(file: Path) -> list[str]:
    jobs = workflow(file)["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_workflow_is_by_the_schema(file: Path) -> None:
    assert schema_errors(workflow(file), "github-workflows") == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_may_only_read_and_ends(file: Path) -> None:
    found = workflow(file)
    assert found["permissions"] == {"contents": "read"}
    assert not re.search(r"\$\{\{[^}]*secrets", file.read_text())
    for job in found["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v1"))


def test_files_that_are_run_are_there() -> None:
    commands = [command for file in FILES for command in runs(file)]
    for command in commands:
        for word in command.split():
            if word.endswith((".sh", ".py")) or word.startswith((".ci/", "deploy/")):
                assert (ROOT / word).exists(), command
        for module in re.findall(r" -m (deploy[\w.]+)", command):
            assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), command
    assert "bash .ci/run" in commands


def test_commands_of_the_venue_are_its_own() -> None:
    lines = runs(ROOT / ".github" / "workflows" / "container.yml")
    (demo,) = [line for line in lines if line.startswith("docker run")]
    parsed(["venue", *demo.partition("venue:")[2].split()[1:]])
    for line in lines:
        if found := re.match(r"docker compose exec venue (venue .*)", line):
            parsed(found[1].split())
