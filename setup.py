"""Puts the shipped configuration and the FIX dictionary into the wheel, as venue/defaults."""

import shutil
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


setup(cmdclass={"build_py": BuildWithDefaults})
