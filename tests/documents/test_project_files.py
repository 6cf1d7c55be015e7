"""CONTRIBUTING.md, SECURITY.md and the forms for issues: as GitHub reads them, and true."""

from pathlib import Path

import pytest

from tests.deploy.manifests import documents, schema_errors
from tests.documents.blocks import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.name))
def test_form_is_by_the_schema(form: Path) -> None:
    (said,) = documents(form)
    kind = "config" if form.name == "config.yml" else "forms"
    assert schema_errors(said, f"github-issue-{kind}") == []


def test_forms_send_weaknesses_elsewhere() -> None:
    (bug,) = documents(ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml")
    assert "SECURITY.md" in bug["body"][0]["attributes"]["value"]
    assert "docs/SECURITY.md" in (ROOT / "SECURITY.md").read_text()
    assert "SECURITY.md" in (ROOT / "CONTRIBUTING.md").read_text()


def test_generators_are_all_named_to_who_contributes() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    checked = [
        path.name
        for path in (ROOT / "docs").glob("generate_*.py")
        if '"--write"' in path.read_text()
    ]
    assert len(checked) >= 3
    assert [name for name in checked if f"python docs/{name} --write" not in text] == []
