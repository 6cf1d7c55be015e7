"""An environment of its own for what the benchmarks need beside the venue (requirements.txt)."""

import subprocess
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
_SECONDS_MAX = 300


class PeersMissing(Exception):
    """The packages cannot be had; text is the last thing that pip said."""


def peer_environment(directory: Path) -> Path:
    """Install the requirements below `directory`; the environment's python. Raises PeersMissing."""
    environment = directory / "peers"
    try:
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        install(python, "install", "--quiet", "--disable-pip-version-check")
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise PeersMissing(said.strip().splitlines()[-1]) from error
    return python


def install(python: Path, *arguments: str) -> None:
    """pip with the requirements, by whatever index it is configured for."""
    subprocess.run(
        [str(python), "-m", "pip", *arguments, "-r", str(REQUIREMENTS)],
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS_MAX,
    )
