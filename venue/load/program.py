"""The load client in C: built by the machine's own compiler when it is first needed, then kept.

The program lies in the user's cache by a digest of what it is made of, so that a changed source is
built again. Nothing is downloaded, and nothing is written beside the source.
"""

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "native"
FLAGS = ("-std=gnu11", "-O3", "-D_GNU_SOURCE")
COMPILERS = ("cc", "gcc", "clang")
_BUILD_SECONDS = 120.0


class NotBuilt(Exception):
    """There is no program; the text says why in one line."""


def native_program() -> Path:
    """Path of the program, built if it is not in the cache yet. Raises NotBuilt."""
    sources = sorted(SOURCES.glob("*.[ch]"))
    digest = hashlib.sha256(repr((FLAGS, platform.machine())).encode())
    for source in sources:
        digest.update(source.read_bytes())
    try:
        cache = cache_directory()
        program = cache / f"load-client-{digest.hexdigest()[:32]}"
        if not program.exists():
            cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            _build([str(source) for source in sources if source.suffix == ".c"], program)
    except (OSError, RuntimeError) as error:  # RuntimeError: no home directory
        raise NotBuilt(f"the C load client cannot be kept: {error}") from error
    return program


def cache_directory() -> Path:
    """Below XDG_CACHE_HOME, or ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if cache.startswith("/") else Path.home() / ".cache") / "venue"


def _build(sources: list[str], program: Path) -> None:
    """Into a file of another name first: whoever looks meanwhile sees all of it or nothing."""
    compiler = _compiler()
    with tempfile.TemporaryDirectory(prefix="load-client-", dir=program.parent) as scratch:
        built = Path(scratch, "program")
        argv = [*compiler, *FLAGS, "-o", str(built), *sources]
        try:
            done = subprocess.run(
                argv, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NotBuilt(f"{compiler[0]} did not end in {_BUILD_SECONDS:g} s") from error
        if done.returncode != 0:
            raise NotBuilt(f"{compiler[0]} failed: {_first_error(done.stderr)}")
        built.rename(program)


def _compiler() -> list[str]:
    """CC, else the first there is. Raises NotBuilt."""
    wanted = shlex.split(os.environ.get("CC", ""))
    if wanted and shutil.which(wanted[0]):
        return wanted
    if wanted:
        raise NotBuilt(f"CC names {wanted[0]}, which is not there")
    for name in COMPILERS:
        if shutil.which(name):
            return [name]
    raise NotBuilt(f"no C compiler is there ({', '.join(COMPILERS)})")


def _first_error(said: str) -> str:
    lines = said.strip().splitlines() or ["without a word"]
    return next((line for line in lines if "error" in line), lines[0]).strip()
