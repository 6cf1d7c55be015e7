"""The lock files are closed: what a locked distribution asks for is locked too, with hashes.

pip installs them without resolving anything, so nobody else would notice what is missing. Read from
the metadata of what is installed here, for each Python and processor that the project promises.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUNNING = [*PROJECT["dependencies"], *EXTRAS["build"]]
SETS = {
    "requirements.lock": RUNNING,
    "requirements-dev.lock": [*RUNNING, *EXTRAS["dev"], *EXTRAS["docs"]],
}
MACHINES = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.0",
        "platform_machine": machine,
    }
    for minor in (11, 12, 13, 14)
    for machine in ("x86_64", "aarch64")
]
_PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.!+-]+)(?: ; (?P<marker>[^\\]+?))? \\\n"
    r"(?P<hashes>    --hash=sha256:[0-9a-f]{64}(?: \\\n    --hash=sha256:[0-9a-f]{64})*)\n"
    r"(?:    #.*\n)*"
)


class Pin(NamedTuple):
    """One locked version and where it is installed."""

    version: str
    marker: Marker | None
    hashes: str

    def is_for(self, machine: Mapping[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate({**machine, "extra": ""})


def pins_of(lock: str) -> dict[str, Pin]:
    """A lock file's pins by name; a line that is no part of a pin with hashes is an error."""
    pins, at = {}, 0
    while at < len(lock):
        found = _PIN.match(lock, at)
        assert found is not None, f"no pin with hashes: {lock[at:].splitlines()[0]}"
        marker = Marker(found["marker"]) if found["marker"] else None
        pins[found["name"]] = Pin(found["version"], marker, found["hashes"])
        at = found.end()
    return pins


def installed_requirements(name: str, version: str) -> list[str] | None:
    """What a distribution asks for, from its metadata; None when it is not installed here."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    assert found.version == version, f"{name} {found.version} is installed, {version} is locked"
    return found.requires or []


def _here() -> dict[str, str]:
    """This machine, as markers ask of it."""
    return {key: str(value) for key, value in default_environment().items()}


def unmet(
    pins: dict[str, Pin],
    wanted: list[str],
    machine: dict[str, str],
    requirements: Callable[[str, str], list[str] | None] = installed_requirements,
) -> Iterator[str]:
    """Requirements that no pin meets: of the project, and of each pin with the extras asked for."""
    environment: dict[str, str] = {**_here(), **machine}
    asked = [("venue", Requirement(text), "") for text in wanted]
    seen: set[tuple[str, str]] = set()
    for name in pins:
        asked.append(("the lock", Requirement(name), ""))
    while asked:
        owner, requirement, extra = asked.pop()
        marker = requirement.marker
        if marker is not None and not marker.evaluate({**environment, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        pin = pins.get(name)
        if pin is None or (owner != "the lock" and not pin.is_for(environment)):
            yield f"{owner} asks for {requirement}, which is not locked"
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            yield f"{owner} asks for {requirement}, {pin.version} is locked"
        elif pin.is_for(environment):
            for asked_extra in {"", *requirement.extras}:
                if (name, asked_extra) in seen:
                    continue
                seen.add((name, asked_extra))
                found = requirements(name, pin.version)
                if found is None:
                    assert not pin.is_for(_here()), f"{name} is not installed"
                    continue
                asked.extend((name, Requirement(text), asked_extra) for text in found)


@pytest.mark.parametrize("file", SETS)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: " ".join(machine.values()))
def test_every_requirement_of_what_is_locked_is_locked(file: str, machine: dict[str, str]) -> None:
    assert list(unmet(pins_of((ROOT / file).read_text()), SETS[file], machine)) == []


def test_what_runs_is_the_same_in_both_files() -> None:
    running, everything = (pins_of((ROOT / file).read_text()) for file in SETS)
    assert running.keys() <= everything.keys()
    for name, pin in running.items():
        assert everything[name]._replace(marker=None) == pin._replace(marker=None)


@pytest.mark.parametrize("file", SETS)
def test_no_line_names_a_registry_or_a_folder(file: str) -> None:
    text = (ROOT / file).read_text()
    assert re.findall(r"(?i)^.*(?:://|index|find-links|file:|@).*$", text, re.MULTILINE) == []


def imported(source: str) -> set[str]:
    """Top-level modules that a source text imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_running_imports_only_what_is_locked_for_it() -> None:
    files = [path for folder in ("venue", "cli") for path in (ROOT / folder).rglob("*.py")]
    modules = set().union(*(imported(path.read_text()) for path in files))
    # _typeshed is the type checker's; what runs never imports it. pytest is of who loads the plugin
    foreign = modules - sys.stdlib_module_names - {"venue", "cli", "_typeshed", "pytest"}
    importing = [path for path in files if "pytest" in imported(path.read_text())]
    assert importing == [ROOT / "venue/testing/plugin.py"]
    assert len(foreign) > 10
    pins = pins_of((ROOT / "requirements.lock").read_text())
    owners = packages_distributions()
    assert {
        module
        for module in foreign
        if not pins.keys() & {canonicalize_name(owner) for owner in owners.get(module, [])}
    } == set()


def metadata(name: str, version: str) -> list[str]:
    """Of three made-up distributions: an extra of an extra, and a marker."""
    return {
        "top": ["middle[fast]>=1"],
        "middle": ['engine[deep]>=2; extra == "fast"', 'never; extra == "slow"'],
        "engine": ['wheels; extra == "deep" and python_version < "3.14"', 'ice; os_name == "nt"'],
    }.get(name, [])


def locked(*names: str) -> dict[str, Pin]:
    return {name: Pin("2.0", None, "") for name in names}


@pytest.mark.parametrize(
    ("left_out", "fault"),
    [
        ("top", "venue asks for top>=1, which is not locked"),
        ("middle", "top asks for middle[fast]>=1, which is not locked"),
        ("engine", 'middle asks for engine[deep]>=2; extra == "fast", which is not locked'),
        (
            "wheels",
            'engine asks for wheels; extra == "deep" and python_version < "3.14", '
            "which is not locked",
        ),
    ],
)
def test_planted_gap_is_found(left_out: str, fault: str) -> None:
    pins = locked("top", "middle", "engine", "wheels")
    assert list(unmet(pins, ["top>=1"], MACHINES[0], metadata)) == []
    del pins[left_out]
    assert list(unmet(pins, ["top>=1"], MACHINES[0], metadata)) == [fault]


def test_planted_old_version_is_found() -> None:
    pins = {**locked("top", "middle", "wheels"), "engine": Pin("1.9", None, "")}
    faults = list(unmet(pins, ["top>=1"], MACHINES[0], metadata))
    assert faults == ['middle asks for engine[deep]>=2; extra == "fast", 1.9 is locked']


def test_pin_for_other_machines_only_meets_nothing() -> None:
    pins = locked("top", "middle", "engine")
    pins["wheels"] = Pin("2.0", Marker('python_version < "3.12"'), "")
    assert list(unmet(pins, ["top>=1"], MACHINES[0], metadata)) == []  # 3.11
    assert len(list(unmet(pins, ["top>=1"], MACHINES[2], metadata))) == 1  # 3.12
    assert list(unmet(pins, ["top>=1"], MACHINES[-1], metadata)) == []  # 3.14 asks for none


def test_pin_without_a_hash_is_found() -> None:
    with pytest.raises(AssertionError, match="no pin with hashes: rich==15"):
        pins_of("rich==15.0.0\n")


@pytest.mark.parametrize("line", ["--index-url somewhere", "rich @ file.whl"])
def test_line_that_is_no_pin_is_found(line: str) -> None:
    with pytest.raises(AssertionError, match="no pin with hashes"):
        pins_of(line + "\n")
