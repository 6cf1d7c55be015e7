"""Where the compiled core is (`make compiled`), and the environment in which a process uses it."""

import os

from bench.machine import ROOT

_PLACE = ROOT / ".compiled"
IS_COMPILED = _PLACE.is_dir()
ENVIRONMENT = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": f"{_PLACE}:{ROOT}"}
