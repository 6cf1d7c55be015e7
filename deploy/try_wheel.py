"""Builds the venue's wheel, installs it into an empty environment, and runs `venue demo` there.

`.venv/bin/python -m deploy.try_wheel [--core pure] [--keep DIR] [--extra gateway]`. Dependencies
come from the package index, as they do for whoever types `pip install venue`; QuickFIX is compiled
unless pip has kept it. Ends with status 0 only if the demo adds up. Standard library only.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORES = ("compiled", "pure")
STEP_SECONDS = 2400


class StepFailed(Exception):
    """A step has failed; the text says which, and what it said last."""


def build_wheel(into: Path, core: str) -> Path:
    """Build the wheel with the packages of this interpreter's environment. Raises StepFailed."""
    environment = {**os.environ, "VENUE_COMPILE": "1" if core == "compiled" else "0"}
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into)]
    run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], environment)
    (wheel,) = into.glob("venue-*.whl")
    return wheel


def install_wheel(wheel: Path, environment_dir: Path, extra: str) -> None:
    """Make an empty environment and install the wheel with what it asks for. Raises StepFailed."""
    venv.create(environment_dir, with_pip=True)
    paths = [str(ROOT / "native_build"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    python = environment_dir / "bin" / "python"
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    run([str(python), "-m", "pip", "install", "--quiet", "--prefer-binary", wanted], environment)


def try_demo(environment_dir: Path, directory: Path, core: str, seconds: int) -> None:
    """Run the demo on the core that was asked for, far from the checkout. Raises StepFailed."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("VENUE_")}
    run(
        [str(environment_dir / "bin" / "venue"), "demo", "--seconds", str(seconds)],
        {**ours, "VENUE_CORE": core},
        directory,
    )


def run(command: Sequence[str], environment: Mapping[str, str], cwd: Path = ROOT) -> str:
    """Run a command to its end; what it printed. Raises StepFailed."""
    done = subprocess.run(
        command,
        env=dict(environment),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=STEP_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-30:])
        raise StepFailed(f"{last}\n{' '.join(command)} ended with status {done.returncode}")
    return done.stdout


def main() -> int:
    """Do all of it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", choices=CORES, default="compiled")
    parser.add_argument("--extra", default="", help="of the package, such as gateway")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the wheel is copied to")
    parser.add_argument("--seconds", type=int, default=10, help="how long the demo trades")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="venue-wheel-") as scratch:
        place = Path(scratch)
        try:
            wheel = build_wheel(place, options.core)
            say(f"built {wheel.name}, {wheel.stat().st_size >> 10} KiB", began)
            install_wheel(wheel, place / "empty", options.extra)
            say("installed into an empty environment", began)
            (place / "elsewhere").mkdir()
            try_demo(place / "empty", place / "elsewhere", options.core, options.seconds)
        except (StepFailed, subprocess.TimeoutExpired) as error:
            sys.stderr.write(f"try_wheel: {error}\n")
            return 1
        if options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(wheel, options.keep)
    say("its demo adds up", began)
    return 0


def say(text: str, began: float) -> None:
    """One line of progress."""
    print(f"wheel: {text}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
