"""docs/SIMULATOR.md: its tables are the behaviours that there are, its examples are understood."""

import re
import shlex
from pathlib import Path

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.simulator import On, read_script
from venue.simulator.behaviours import BEHAVIOURS
from venue.simulator.script import behaviour_of

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "SIMULATOR.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| ([^|]*) \| [^|]* \|$", DOCUMENT, re.MULTILINE)


def test_table_has_every_behaviour_with_its_parameters() -> None:
    told = {name: set(re.findall(r"`(\w+)`", parameters)) for name, parameters in ROWS}
    own = {name: set(kind.__struct_fields__) - {"on"} for name, kind in BEHAVIOURS.items()}
    assert {name: told.get(name) for name in own} == own
    assert [name for name, _ in ROWS if name not in own] == [*On.__struct_fields__]


def test_default_is_the_one_that_the_table_has() -> None:
    for name, parameters in ROWS:
        for parameter, default in re.findall(r"`(\w+)` \((\w+)\)", parameters):
            fields = {"ms": "ms=1", "bytes_per_second": "bytes_per_second=1"}
            needed = [each for field, each in fields.items() if f"`{field}`" in parameters]
            value = getattr(behaviour_of(name, needed), parameter)
            assert str(value).lower() == default, (name, parameter)


def test_examples_are_understood(tmp_path: Path) -> None:
    commands = re.findall(r"^    venue sim do (.*)$", DOCUMENT, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        name, *words = shlex.split(command)
        behaviour_of(name, words)
    (script,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    path = tmp_path / "script.toml"
    path.write_text(script)
    assert [type(step).__name__ for step in read_script(path)] == ["Reject", "Delay", "Drop"]


def test_program_runs_as_it_stands(venue: RunningTrading) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    place = '("127.0.0.1", 9878)'
    assert place in program
    told: list[str] = []

    def run_my_engine(address: tuple[str, int]) -> None:
        with FixClient(address, "CHARLIE") as client:
            client.logon()
            for name in ("A1", "B1", "A2", "A3"):
                client.send("D", new_order(f"{name}-doc", "1", "1", "90"))
                told.append(client.expect("8")[150])
            client.logout()

    exec(program.replace(place, repr(venue.address)), {"run_my_engine": run_my_engine})
    assert told == ["8", "0", "8", "0"], "those that begin with A, twice"
