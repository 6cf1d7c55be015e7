"""Names of the files in a directory whose files housekeeping compresses meanwhile.

Knows names only. Whoever compresses puts the new file there before the old one goes.
"""

import os
from pathlib import Path


def stored_names(directory: Path) -> set[str]:
    """Of each file its plain name, or its compressed one, or both; empty: no directory.

    It is read twice: a file that is compressed while a directory is read may show itself in neither
    place, but then its compressed one is there before the second reading. Some may be gone by now.
    """
    if not directory.is_dir():
        return set()
    return _names(directory) | _names(directory)


def _names(directory: Path) -> set[str]:
    with os.scandir(directory) as entries:
        return {entry.name for entry in entries}
