"""Secrets as deploy/compose/make_secrets.sh makes them, once for all tests here."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import DEPLOY


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all of them."""
    directory = tmp_path_factory.mktemp("deploy") / "secrets"
    script = ["sh", str(DEPLOY / "compose" / "make_secrets.sh"), str(directory)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    return directory


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No VENUE_ variable of this machine is heard."""
    for name in list(os.environ):
        if name.upper().startswith("VENUE_"):
            monkeypatch.delenv(name)
