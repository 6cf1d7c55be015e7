"""Leaves out of libraries what they bring in for features that the venue does not use.

Importing `venue` installs it: standard library only. It knows which libraries do without, and how
they ask; it must never change what they do otherwise. Each of them takes the venue's processes and
commands 0.1 to 0.3 s of processor, at every start.
"""

import builtins
import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from venue import lean_quickfix

WITHOUT = {
    "structlog.dev": ("rich",),  # for tracebacks in colour: ours are plain (venue/logs.py)
    "structlog.tracebacks": ("rich",),
}
"""By module, what it does without, as if that were not installed."""
LATER = {"nats.aio.transport": ("aiohttp", "multidict")}  # for URLs that begin with ws:// only
"""By module, what it gets when it first uses it."""


class Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


class LeanLoader(SourceFileLoader):
    """Runs a module whose own import statements do without some libraries."""

    def exec_module(self, module: ModuleType) -> None:
        """As SourceFileLoader's."""
        without, later = WITHOUT.get(module.__name__, ()), LATER.get(module.__name__, ())

        def import_for_it(
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            library = "" if level else name.partition(".")[0]
            if library in without:
                raise ImportError(f"{module.__name__} does without {library}", name=name)
            if name in later and find_spec(name) is not None:
                return Later(name)
            return builtins.__import__(name, globals, locals, fromlist or (), level)

        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": import_for_it}
        super().exec_module(module)


_LOADERS: Mapping[str, type[SourceFileLoader]] = {
    **dict.fromkeys((*WITHOUT, *LATER), LeanLoader),
    lean_quickfix.NAME: lean_quickfix.QuickFixLoader,
}


class LeanFinder(MetaPathFinder):
    """Finds these modules where they are, and lets loaders of ours run them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As MetaPathFinder's."""
        loader = _LOADERS.get(fullname)
        if loader is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = loader(spec.loader.name, spec.loader.path)
        return spec


def use() -> None:
    """Let this process import these modules so. What it has imported before stays as it is."""
    if not any(isinstance(finder, LeanFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, LeanFinder())
