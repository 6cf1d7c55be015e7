"""Steps of the image, as the Dockerfile calls them: `dependencies`, then `venue CORE`.

`python -m deploy.container.build STEP`, in the checkout's top level.
Makes a virtual environment with the pinned dependencies, puts the venue's wheel into it, and takes
out what only building needs. Standard library only, and install.py of the checkout.
"""

import compileall
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import install

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("VENUE_PREFIX", "/opt/venue"))
"""Where the environment is made; it cannot be moved afterwards."""
CORES = ("compiled", "pure")
ONLY_FOR_BUILDING = """
from importlib.metadata import distribution, distributions
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
needed, todo = set(), [("venue", frozenset({"gateway", "tracing"}))]
while todo:
    asked = todo.pop()
    if asked in needed:
        continue
    needed.add(asked)
    name, extras = asked
    for text in distribution(name).requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(
            wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            todo.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
there = {canonicalize_name(each.metadata["Name"]) for each in distributions()}
print(*sorted(there - {name for name, _ in needed}))
"""
"""Names of the packages that the venue with its extras does not ask for, directly or not."""

PYTHON = TARGET / "bin" / "python"


def main() -> None:
    """Do the step that is named; ends with status 2 for another."""
    match sys.argv[1:]:
        case ["dependencies"]:
            dependencies()
        case ["venue", core] if core in CORES:
            whole(core)
        case _:
            install.refuse(f"say dependencies, or venue with one of {', '.join(CORES)}")


def dependencies() -> None:
    """Make the environment with everything that the venue needs, QuickFIX compiled."""
    install.check_machine()
    venv.create(TARGET, clear=True, with_pip=True)
    install.PYTHON = PYTHON
    install.install_locked(ROOT / "requirements.lock")


def whole(core: str) -> None:
    """Build the wheel, install it, and leave only what running needs."""
    install.PYTHON = PYTHON
    environment = {**os.environ, "VENUE_COMPILE": "1" if core == "compiled" else "0"}
    install.say(f"building the venue's wheel, its core {core}")
    with tempfile.TemporaryDirectory() as scratch:
        to_wheel = ["--no-deps", "--no-build-isolation", "--wheel-dir", scratch]
        install.run_pip(["wheel", *to_wheel, str(ROOT)], environment)
        (wheel,) = Path(scratch).glob("venue-*.whl")
        install.run_pip(["install", "--no-deps", "--no-index", "--no-compile", str(wheel)])
    unused = said_by(["-c", ONLY_FOR_BUILDING]).split()
    install.say(f"taking out {' '.join(unused)}")
    install.run_pip(["uninstall", "--quiet", "--yes", *unused])
    compileall.compile_dir(TARGET / "lib", quiet=2, workers=0)  # a running image is read only
    install.say(f"{said_by(['-m', 'venue', '--version']).strip()} is in {TARGET}")


def said_by(arguments: list[str]) -> str:
    """What the environment's Python prints; its errors are shown. Raises CalledProcessError."""
    command = [str(PYTHON), "-P", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd="/").stdout


if __name__ == "__main__":
    main()
