"""Puts the shipped configuration and the FIX dictionary into the wheel, as venue/defaults.

With VENUE_COMPILE=1 the wheel holds the core compiled by mypyc beside its source (compiling.py).
"""

import os
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext
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


class BuildCompiled(build_ext):
    """build_ext for wheels alone: in a checkout a compiled module would hide its edited source."""

    def run(self) -> None:
        """Compile, unless it would be into the checkout."""
        if self.extensions and (self.inplace or self.editable_mode):
            raise SystemExit("VENUE_COMPILE=1 makes wheels; it does not compile into a checkout")
        super().run()


def compiled() -> dict[str, object]:
    """What a compiled wheel adds; built in a folder of its own, empty at first."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from mypyc.build import mypycify

    from compiling import compiled_modules

    base = Path("build", "compiled")
    shutil.rmtree(base, ignore_errors=True)
    options = ["--config-file", "pyproject.toml", *compiled_modules()]
    extensions = mypycify(options, opt_level="3", target_dir=str(base / "c"), group_name="venue")
    return {"ext_modules": extensions, "options": {"build": {"build_base": str(base)}}}


WANTED = os.environ.get("VENUE_COMPILE") == "1" and not {"egg_info", "dist_info"} & set(sys.argv)
setup(
    cmdclass={"build_py": BuildWithDefaults, "build_ext": BuildCompiled},
    **(compiled() if WANTED else {}),
)
