"""A configuration of one's own: the shipped files with all their comments, for another directory.

Knows the shipped files' layout: what the demo trades, with whom, stands behind all other keys.
Makes texts; writes nothing.
"""

import json
from pathlib import Path

from venue.settings.data_dir import DEFAULT_DATA_DIR, KEY
from venue.settings.files import read_text, shipped

CONFIGURATION, SESSIONS = "venue.toml", "sessions.cfg"
_DATA = "data"
_BEGINS = {CONFIGURATION: "[[instruments]]", SESSIONS: "[SESSION]"}
"""The line with which the demo's entries begin in each file."""


def data_dir_of(directory: Path) -> Path:
    """The data directory of a venue whose configuration stands in `directory`, absolute."""
    return directory.absolute() / _DATA


def own_configuration(directory: Path, *, bare: bool) -> dict[str, str]:
    """Text of each file by its name. bare: the demo's entries stand there as comments only."""
    texts = {name: read_text(shipped(name), name) for name in _BEGINS}
    said = f'{KEY} = "{DEFAULT_DATA_DIR}"'
    assert texts[CONFIGURATION].count(said) == 1, f"the shipped file does not say {said} once"
    own = f"{KEY} = {json.dumps(str(data_dir_of(directory)), ensure_ascii=False)}"
    texts[CONFIGURATION] = texts[CONFIGURATION].replace(said, own)
    if bare:
        texts = {name: without_demo(text, _BEGINS[name]) for name, text in texts.items()}
    return texts


def without_demo(text: str, begins: str) -> str:
    """A text whose lines from `begins` on are comments."""
    lines = text.splitlines(keepends=True)
    first = lines.index(f"{begins}\n")
    behind = (
        line if line.startswith("#") or line.isspace() else f"# {line}" for line in lines[first:]
    )
    return "".join([*lines[:first], *behind])
