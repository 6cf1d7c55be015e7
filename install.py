"""Sets up `.venv` with the pinned dependencies; called by make, does nothing when done.

`install.py run` installs what running needs, without an argument all that testing needs too.
Standard library only. Shows what it does, says one line when something is missing, exits 2 then.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "installed"
LOCKS = {"run": ROOT / "requirements.lock", "all": ROOT / "requirements-dev.lock"}
LOCKED = (
    *("install", "--progress-bar", "off", "--no-compile"),  # write_bytecode does what is imported
    *("--no-deps", "--require-hashes", "--requirement"),
)
"""The lock is complete: pip resolves nothing, so no later release can break the set-up."""
IMPORTS = """
import importlib
from venue.cli.command_table import COMMANDS
from venue.processes import BY_NAME
places = [*BY_NAME.values(), *COMMANDS.values()]
for module in sorted({place.module for place in places}):
    importlib.import_module(module)
"""
"""All that processes and commands of the venue import."""


def main() -> None:
    """Check, create, install."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    if wanted not in LOCKS:
        refuse(f"{wanted} is none of {', '.join(LOCKS)}")
    if is_installed(wanted):
        return
    check_machine()
    begin = time.monotonic()
    if not (ENVIRONMENT / "bin" / "pip").exists():  # comes last: without it the rest is unfinished
        say("making .venv")
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    install_locked(LOCKS[wanted])
    run_pip(["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    write_bytecode()
    STAMP.write_text(stamp(wanted))
    say(f"done in {time.monotonic() - begin:.0f} s")


def is_installed(wanted: str) -> bool:
    """Whether `.venv` holds a set as the files ask for it now; all of it holds what runs too."""
    return STAMP.exists() and STAMP.read_text() in (stamp(wanted), stamp("all"))


def stamp(wanted: str) -> str:
    """What stands in `.venv` after a set was installed."""
    files = (*LOCKS.values(), ROOT / "pyproject.toml", Path(__file__))
    return f"{wanted} {hashlib.sha256(b''.join(file.read_bytes() for file in files)).hexdigest()}"


def check_machine() -> None:
    """Refuse with one line what cannot work."""
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever python3 there is
        refuse(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}")
    compiler = os.environ.get("CXX", "")
    if not any(shutil.which(name) for name in (compiler, "g++", "c++", "clang++") if name):
        refuse("a C++ compiler is needed to build QuickFIX: apt-get install g++, or your system's")
    if importlib.util.find_spec("ensurepip") is None:
        refuse("Python's venv module is needed: apt-get install python3-venv, or your system's")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        refuse(
            "Python.h is needed to build QuickFIX: apt-get install python3-dev, or your system's"
        )


def install_locked(lock: Path) -> None:
    """Install a lock file: first the wheels, setuptools among them, then QuickFIX with its help."""
    say(f"installing the pinned dependencies of {lock.name}")
    entries = re.split(r"\n(?=\S)", lock.read_text())
    with tempfile.TemporaryDirectory(prefix="venue-setup-") as scratch:
        wheels, quickfix = Path(scratch, "wheels.lock"), Path(scratch, "quickfix.lock")
        wheels.write_text("\n".join(e for e in entries if not e.startswith("quickfix==")))
        quickfix.write_text("\n".join(e for e in entries if e.startswith("quickfix==")))
        run_pip([*LOCKED, str(wheels)])
        say("QuickFIX is compiled the first time; a later set-up takes it from pip's cache")
        done = threading.Event()
        watcher = threading.Thread(target=watch_compilation, args=(Path(scratch), done))
        watcher.start()
        try:
            run_pip([*LOCKED, str(quickfix), "--no-build-isolation"], build_environment(scratch))
        finally:
            done.set()
            watcher.join()


def build_environment(scratch: str) -> dict[str, str]:
    """The environment in which QuickFIX is built on all cores (native_build)."""
    paths = [str(ROOT / "native_build"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PIP_USE_PEP517": "1",  # older pips would run setup.py; newer ones no longer ask
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "TMPDIR": scratch,
    }


def watch_compilation(scratch: Path, done: threading.Event) -> None:
    """Say every 20 s how many of QuickFIX's source files are compiled."""
    begin = time.monotonic()
    while not done.wait(20):
        sources = len(list(scratch.glob("*/quickfix_*/C++/*.cpp")))
        compiled = len(list(scratch.glob("*/quickfix_*/build/**/*.o")))
        if sources:
            seconds = time.monotonic() - begin
            say(f"compiling QuickFIX: {compiled} of {sources} files, {seconds:.0f} s so far")


def run_pip(arguments: list[str], environment: dict[str, str] | None = None) -> None:
    """Run pip, passing on what it collects and builds; its whole output only when it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line)
            if line.startswith(("Collecting", "Installing collected")) or "Building wheel" in line:
                say(line.strip()[:100])
    if pip.returncode != 0:
        sys.stderr.write("".join(lines[-30:]))
        refuse(f"pip failed with status {pip.returncode}; what it said last is above", 1)


def write_bytecode() -> None:
    """Let Python keep the bytecode of all that the venue imports.

    Also where PYTHONDONTWRITEBYTECODE is set, as in containers it often is: each process of the
    venue would compile all of it anew, which takes 1 to 2 s of processor at every start.
    """
    say("writing bytecode")
    unset = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([str(PYTHON), "-c", IMPORTS], cwd=ROOT, env=unset)
    if done.returncode != 0:
        refuse("the venue cannot be imported; why stands above", 1)


def say(text: str) -> None:
    """One line of progress."""
    print(f"setup: {text}", flush=True)


def refuse(why: str, status: int = 2) -> None:
    """End with one line on stderr."""
    sys.stderr.write(f"setup: {why}\n")
    raise SystemExit(status)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        refuse("interrupted; the next make setup goes on", 130)
