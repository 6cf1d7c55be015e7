"""Whether to use colours: who logs and who prints ask here. Standard library only."""

import os
from typing import TextIO


def wants_colors(stream: TextIO) -> bool:
    """Whether a stream is shown in colours: a terminal, unless NO_COLOR (no-color.org) is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")
