"""Puts the shipped configuration and the FIX dictionary into the wheel, as venue/defaults.

A wheel holds the core compiled by mypyc beside its source (compiling.py), with VENUE_COMPILE=0 not.
"""

import os
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("venue.toml", "sessions.cfg", "spec/FIX44.xml")


class BuildWithDefaults(build_py):
    """build_py that copies what lies at the checkout's top level."""

    def run(self) -> None:
        """Build the packages, then add the defaults."""
        super().run()
        if self.editable_mode:
            return  # a checkout finds them at its top level
        for name in SHIPPED:
            target = Path(self.build_lib, "venue", "defaults", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, target)


def compiled() -> dict[str, object]:
    """What a wheel adds; a checkout has its compiled modules elsewhere (compiling.py)."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from compiling import WORK, extensions

    return {"ext_modules": extensions(), "options": {"build": {"build_base": str(WORK)}}}


WANTED = "bdist_wheel" in sys.argv and os.environ.get("VENUE_COMPILE") != "0"
setup(cmdclass={"build_py": BuildWithDefaults}, **(compiled() if WANTED else {}))
