"""The wheel has all that a venue is, and runs a demo in an environment that has no checkout.

What it depends on is lent by this environment; `python -m deploy.try_wheel` takes that from the
package index too.
"""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.container.try_in_chroot import context_of
from tests.deploy.manifests import ROOT
from venue import __version__

SHIPPED = ("venue.toml", "sessions.cfg", "spec/FIX44.xml")


def run(command: list[str], cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Without any setting of this machine."""
    ours = {k: v for k, v in os.environ.items() if not k.upper().startswith("VENUE_")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**ours, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pure wheel, built of what the image is built of."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    context_of(ROOT, source)
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made)]
    done = run([sys.executable, "-m", "pip", *build, str(source)], source, VENUE_COMPILE="0")
    assert done.returncode == 0, done.stderr
    (found,) = made.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Programs of an environment with the wheel, and with what it depends on."""
    directory = tmp_path_factory.mktemp("empty")
    venv.create(directory, with_pip=False)
    python = directory / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    done = run([sys.executable, "-m", "pip", "--python", str(python), *install], directory)
    assert done.returncode == 0, done.stderr
    (packages,) = directory.glob("lib/python*/site-packages")
    # what such a file adds has its own .pth files not read: the checkout is not seen
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    yield directory / "bin"


def test_wheel_has_every_module_and_all_that_ships(wheel: Path) -> None:
    assert wheel.name == f"venue-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        text = archive.read(f"venue-{__version__}.dist-info/METADATA").decode()
    sources = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "venue").rglob("*.py")
        if "cli" not in path.relative_to(ROOT).parts
    }
    sources |= {f"venue/{path.relative_to(ROOT)}" for path in (ROOT / "cli").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources
    assert {f"venue/defaults/{name}" for name in SHIPPED} | {"venue/py.typed"} <= names
    native = {f"venue/load/native/{path.name}" for path in (ROOT / "venue/load/native").iterdir()}
    assert native <= names
    assert "Requires-Dist: quickfix" in text and "Provides-Extra: gateway" in text


def test_it_is_not_the_checkout_that_runs(empty: Path, tmp_path: Path) -> None:
    where = "import venue, venue.cli.main; print(venue.__file__, venue.cli.main.__file__)"
    done = run([str(empty / "python"), "-c", where], tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(Path(each).is_relative_to(empty.parent) for each in done.stdout.split())


def test_configuration_is_made_of_what_ships(empty: Path, tmp_path: Path) -> None:
    done = run([str(empty / "venue"), "init", "own"], tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["own/venue.toml", "own/sessions.cfg"])


def test_demo_adds_up(empty: Path, tmp_path: Path) -> None:
    done = run([str(empty / "venue"), "demo", "--seconds", "3", "--json"], tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] and told["trades"] == told["ledger_trades"] > 0
    assert list(tmp_path.iterdir()) == [], "nothing is left where it was run"
