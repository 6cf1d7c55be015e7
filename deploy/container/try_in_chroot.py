"""Executes the Dockerfile's steps in a clean root, then runs what it has made, where no engine is.

`python -m deploy.container.try_in_chroot [--core pure] [--seconds 10]`, as root. The
base image is played by Debian's debootstrap with Debian's own Python, of the same versions. Ends
with status 0 only if every step, `venue demo`, the default command and its health check succeed.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from deploy.container.chroot import Root, end
from deploy.container.dockerfile import Instruction, Stage, filled, health_command, read_stages
from deploy.container.scratch import StepFailed, say, tried

SOURCE = Path(__file__).resolve().parents[2]
BASE = re.compile(r"python:(\d+\.\d+)-slim-(\w+)")
_PACKAGES = ("ca-certificates", "python3", "python3-dev", "python3-venv")
_READY_SECONDS = 180.0
_STOP_SECONDS = 60.0


class Builder:
    """Builds the stages of a Dockerfile below a directory, each a root of its own."""

    def __init__(self, work: Path, arguments: dict[str, str], context: Path) -> None:
        self._work = work
        self._arguments = arguments
        self._context = context
        self._roots: dict[str, Root] = {}

    def build(self, stage: Stage, root: Root) -> tuple[dict[str, str], str, str]:
        """Execute a stage; its environment, working directory and user in the end."""
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        known, directory, user = dict(variables), "/", "0:0"
        for step in stage.instructions:
            say(f"{step.name} {step.text[:100]}")
            text = step.text if step.name == "RUN" else filled(step.text, known)
            match step.name:
                case "ARG":
                    name, _, default = text.partition("=")
                    known[name] = self._arguments.get(name, default)
                case "ENV":
                    given = dict(
                        word.partition("=")[::2] for word in step._replace(text=text).words()
                    )
                    variables |= given
                    known |= given
                case "WORKDIR":
                    directory = text
                    (root.path / text.lstrip("/")).mkdir(parents=True, exist_ok=True)
                case "USER":
                    user = text
                case "COPY":
                    self._copy(step, root, directory)
                case "RUN":
                    self._run(step, root, {**known, **passed_on()}, directory, user)
        if stage.name:
            self._roots[stage.name] = root
        return variables, directory, user

    def _copy(self, step: Instruction, root: Root, directory: str) -> None:
        *sources, target = step.words()
        origin = self._roots[step.options["from"]].path if "from" in step.options else self._context
        place = root.path / str(PurePosixPath(directory, target)).lstrip("/")
        for source in sources:
            found = origin / source.lstrip("/")
            if found.is_dir():
                shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True)
            else:
                into = place / found.name if target.endswith("/") else place
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, into)

    def _run(
        self, step: Instruction, root: Root, environment: dict[str, str], directory: str, user: str
    ) -> None:
        if "mount" in step.options:
            mount = dict(part.partition("=")[::2] for part in step.options["mount"].split(","))
            cache = Path.home() / ".cache" / PurePosixPath(mount["target"]).name
            cache.mkdir(parents=True, exist_ok=True)
            root.bind(cache, mount["target"])
        if root.run(["/bin/sh", "-c", step.text], environment, directory, user) != 0:
            raise StepFailed(f"RUN {step.text}")


def passed_on() -> dict[str, str]:
    """What says how to reach packages; an engine passes on the same."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_CERT")
    return {name: value for name, value in os.environ.items() if name.upper() in names} | {
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
    }


def clean_root(path: Path, base: str, packages: Sequence[str] = ()) -> Root:
    """What the base image is: a new Debian with Python under the names that the image has.

    packages: of Debian's, what else is wanted in it.
    """
    found = BASE.fullmatch(base)
    if found is None:
        raise StepFailed(f"the base {base} is not known here")
    python, release = found.groups()
    say(f"making a clean {release}, which takes a minute or two")
    variant = ["--variant=minbase", f"--include={','.join((*_PACKAGES, *packages))}"]
    subprocess.run(
        ["debootstrap", *variant, release, str(path), mirror(release)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    root = Root(path)
    root.adopt_machine()
    own = path / "usr" / "bin" / f"python{python}"
    if not own.exists():
        raise StepFailed(f"{release} has no Python {python}")
    for name in ("python", "python3"):
        (path / "usr" / "local" / "bin" / name).symlink_to(f"/usr/bin/python{python}")
    return root


def mirror(release: str) -> str:
    """Where this machine takes Debian's packages from. Raises StepFailed."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for file in files:
        for block in (file.read_text() if file.is_file() else "").split("\n\n"):
            if re.search(rf"\b{release}\b", block) and "security" not in block:
                found = re.search(r"(?:^URIs:|^deb(?: \[.*?\])?)\s+(\S+/debian)/?\s", block, re.M)
                if found:
                    return found[1]
    raise StepFailed(f"this machine's package sources do not name {release}")


def context_of(source: Path, target: Path) -> None:
    """What .dockerignore lets an engine see of the checkout."""
    lines = (source / ".dockerignore").read_text().splitlines()
    for name in (line[1:] for line in lines if line.startswith("!")):
        found, place = source / name, target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if found.is_symlink() or not found.is_dir():
            shutil.copyfile(found, place, follow_symlinks=False)
        else:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, place, symlinks=True, ignore=ignored)


def try_out(
    stage: Stage, root: Root, environment: dict[str, str], directory: str, user: str, seconds: int
) -> None:
    """Run the demo, then the default command with its health check. Raises StepFailed."""
    entry = stage.last("ENTRYPOINT").words()
    environment = {**environment, "HOME": directory, "LC_ALL": "C.UTF-8"}
    if root.run([*entry, "demo", "--seconds", str(seconds)], environment, directory, user) != 0:
        raise StepFailed("venue demo has failed")
    command = [*entry, *stage.last("CMD").words()]
    process = root.start(command, environment, directory, user, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        say(line)
        if f"core={environment['VENUE_CORE']}" not in line.split():
            raise StepFailed("the default command was not ready on the core that was asked for")
        if root.run(health_command(stage), environment, directory, user, _READY_SECONDS) != 0:
            raise StepFailed("the health check has failed")
        process.send_signal(signal.SIGTERM)
        if process.wait(_STOP_SECONDS) != 0:
            raise StepFailed("the default command did not stop cleanly")
    finally:
        end(process)


def main() -> int:
    """Do all of it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", choices=("compiled", "pure"), default="compiled")
    parser.add_argument("--seconds", type=int, default=10, help="how long the demo trades")
    parser.add_argument("--work", type=Path, help="kept; else a scratch directory, removed")
    options = parser.parse_args()
    return tried(
        "try_in_chroot",
        ["debootstrap"],
        options.work,
        lambda work: build_and_try(work, options.core, options.seconds),
        "every step, the demo and the health check succeeded",
    )


def build_and_try(work: Path, core: str, seconds: int) -> None:
    """All stages, then what the last one has made. Raises StepFailed."""
    stages = read_stages(SOURCE / "Dockerfile")
    context = work / "context"
    context_of(SOURCE, context)
    base = clean_root(work / "base", stages[0].base)
    builder = Builder(work, {"CORE": core}, context)
    for number, stage in enumerate(stages):
        if stage.base != stages[0].base:
            raise StepFailed("the stages have different bases")
        root = Root(work / f"stage-{number}")
        subprocess.run(["cp", "--archive", str(base.path), str(root.path)], check=True)
        root.mount()
        began = time.monotonic()
        environment, directory, user = builder.build(stage, root)
        size = subprocess.run(
            ["du", "--summarize", "--one-file-system", "--block-size=M", str(root.path)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()[0]
        say(f"stage {number} took {time.monotonic() - began:.0f} s, its root has {size}")
    try_out(stages[-1], root, environment, directory, user, seconds)


if __name__ == "__main__":
    sys.exit(main())
