"""Leaves out of QuickFIX's Python module a class for each FIX field, and its constants.

The module has 6,100 such classes and 6,000 constants, which take 0.3 s of processor at every
import; the venue uses none of them. They are there as soon as somebody asks for one. Standard
library only. Knows the file that SWIG and QuickFIX's build have written; one that looks otherwise
is taken as it is.
"""

import re
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

NAME = "quickfix"
_HALVING = 1
"""Raised whenever `halves` changes, for bytecode of the first half is kept."""
_FIRST_FIELD = re.compile(r"^class \w+\(quickfix\.\w+\):$", re.MULTILINE)
"""It ends what SWIG has written. Only such classes follow."""
_CONSTANT = re.compile(r"^(?!cvar\b)(\w+) = (?:cvar|_quickfix)\.\1\n", re.MULTILINE)


def halves(text: str) -> tuple[str, str]:
    """What the module begins with, and what it does without; the second may be empty."""
    first_field = _FIRST_FIELD.search(text)
    if first_field is None:
        return text, ""
    written, fields = text[: first_field.start()], text[first_field.start() :]
    constants = "".join(found[0] for found in _CONSTANT.finditer(written))
    return _CONSTANT.sub("", written), constants + fields


class QuickFixLoader(SourceFileLoader):
    """Loads the first half. Its bytecode is kept apart from that of the whole."""

    def get_filename(self, name: str | None = None) -> str:
        """The file that the first half would be; it names its bytecode."""
        return f"{self.path.removesuffix('.py')}.lean{_HALVING}.py"

    def path_stats(self, path: Any) -> Any:
        """Of the file that there is: bytecode is as old as that."""
        return super().path_stats(self.path)

    def get_data(self, path: Any) -> bytes:
        """The first half's text, or bytecode."""
        if path == self.get_filename():
            return halves(self._text())[0].encode()
        return super().get_data(path)

    def exec_module(self, module: ModuleType) -> None:
        """As SourceFileLoader's. The module takes the second half in when that is asked for."""
        names = module.__dict__

        def find(name: str) -> Any:
            if not name.startswith("_") and names.get("__getattr__") is find:
                exec(compile(halves(self._text())[1], self.path, "exec"), names)
                names.pop("__getattr__", None)
            if name in names:
                return names[name]
            raise AttributeError(f"module {NAME!r} has no attribute {name!r}", name=name)

        super().exec_module(module)
        names["__getattr__"] = find

    def _text(self) -> str:
        return super().get_data(self.path).decode()
