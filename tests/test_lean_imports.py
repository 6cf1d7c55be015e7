"""Processes pay at their start for what they use only; what is left out is there when asked for."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from venue import lean_imports
from venue.lean_quickfix import halves
from venue.processes import BY_NAME

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("rich", "aiohttp", "quickfix", "psycopg", "sqlalchemy", "alembic", "nats", "uvloop")
USES = {
    "trading": {"quickfix"},
    "publisher": {"nats"},
    "replica": {"nats"},
    "fix-marketdata": {"quickfix", "nats"},
    "fix-dropcopy": {"quickfix", "nats"},
    "gate": {"uvloop"},
}
"""What of these each process brings in; workers.py has the event loop of those that need one."""


def said_by(program: str) -> str:
    """What a Python of its own prints."""
    return subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT).strip()


@pytest.mark.parametrize("process", USES)
def test_process_brings_in_what_it_uses_only(process: str) -> None:
    program = f"import sys, venue.cli.run, {BY_NAME[process].module}\n"
    found = said_by(f"{program}print(*(name for name in {HEAVY} if name in sys.modules))")
    assert set(found.split()) == USES[process]


def test_start_of_trading_makes_no_class_for_each_field_of_fix() -> None:
    assert "ClOrdID" not in said_by("import venue.app, quickfix\nprint(*vars(quickfix))").split()


def test_what_is_left_for_later_is_there_when_it_is_used() -> None:
    assert said_by(
        "import sys, asyncio, venue\n"
        "from nats.aio.transport import WebSocketTransport\n"
        "assert 'aiohttp' not in sys.modules\n"
        "async def main():\n"
        "    await WebSocketTransport()._client.close()\n"
        "    return 'aiohttp' in sys.modules\n"
        "print(asyncio.run(main()))"
    ) == "True"  # fmt: skip


def test_library_without_another_is_as_if_that_were_not_installed() -> None:
    program = "import venue, structlog, sys\nassert 'rich' not in sys.modules\nimport rich.table\n"
    assert said_by(f"{program}print(structlog.dev.rich, structlog.tracebacks.rich)") == "None None"


def test_one_finder_is_enough() -> None:
    lean_imports.use()
    found = [each for each in sys.meta_path if isinstance(each, lean_imports.LeanFinder)]
    assert len(found) == 1


def test_quickfix_has_all_that_it_had_as_soon_as_it_is_asked() -> None:
    spec = find_spec("quickfix")
    assert spec is not None and spec.origin is not None
    text = Path(spec.origin).read_text()
    first, second = halves(text)
    assert len(first) < len(text) / 10
    assert names_in(first) | names_in(second) == names_in(text)
    assert said_by(
        "import venue, quickfix\n"
        "assert not hasattr(quickfix, '__path__') and 'Symbol' not in vars(quickfix)\n"
        "field = quickfix.Symbol('ACME')\n"
        "assert not hasattr(quickfix, 'NoSuchField')\n"
        "print(field.getValue(), quickfix.MsgType_Logout)"
    ) == "ACME 5"  # fmt: skip


def test_venue_never_asks_for_quickfix_s_second_half() -> None:
    spec = find_spec("quickfix")
    assert spec is not None and spec.origin is not None
    used = names_in((ROOT / "stubs" / "quickfix.pyi").read_text())
    assert used - names_in(halves(Path(spec.origin).read_text())[0]) == set()


def test_module_that_looks_otherwise_is_taken_as_it_is() -> None:
    assert halves("A = cvar.A\nclass X(object):\n    pass\n") == (
        "A = cvar.A\nclass X(object):\n    pass\n",
        "",
    )


def names_in(text: str) -> set[str]:
    """Names of the classes, functions and constants that a module's text makes."""
    found = re.findall(r"^(?:class |def )?(\w+)(?: =|[(:])", text, re.MULTILINE)
    return set(found) - {"else", "try", "except"}


def test_finder_leaves_every_other_module_alone() -> None:
    for name in ("json", "rich", "aiohttp", "structlog", "nats.aio.client"):
        assert lean_imports.LeanFinder().find_spec(name, None) is None
