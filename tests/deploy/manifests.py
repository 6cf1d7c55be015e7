"""What manifests say, looked up in the venue itself: commands, settings, configuration files.

Fetches nothing: schemas come from packages, the command line and the settings are the venue's own.
"""

import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import typer
import yaml
from typer.core import TyperGroup

from venue.cli.main import app
from venue.processes import BY_NAME, Process
from venue.settings.settings import Settings
from venue.settings.sources import Layers, scan_environment

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def documents(path: Path) -> list[Any]:
    """The documents of a YAML file, an empty one left out."""
    return [each for each in yaml.safe_load_all(path.read_text()) if each is not None]


def parsed(argv: Sequence[str]) -> dict[str, Any]:
    """A command line as the venue takes it: its parameters. Raises what a mistyped one does."""
    program, *rest = argv
    assert program.rpartition("/")[2] == "venue", argv
    command: Any = typer.main.get_command(app)
    while isinstance(command, TyperGroup) and not (rest and rest[0].startswith("-")):
        command = command.commands[rest.pop(0)]
    parameters: dict[str, Any] = command.make_context("venue", rest).params
    return parameters


def process_of(argv: Sequence[str]) -> Process | None:
    """The process that `venue run` is told to be; None: the whole venue. KeyError for another."""
    name = parsed(argv)["process"]
    return name if name is None or isinstance(name, Process) else BY_NAME[name]


def not_settings(variables: Iterable[str]) -> list[str]:
    """What is wrong with the names of variables that begin like the venue's settings."""
    layers = Layers(Path(), "", {}, {})
    return scan_environment(layers, dict.fromkeys(variables, ""), Settings)


def schema_errors(document: Any, name: str) -> list[str]:
    """What is against a schema that the package check-jsonschema carries."""
    package = importlib.util.find_spec("check_jsonschema")
    assert package is not None and package.submodule_search_locations
    vendored = Path(package.submodule_search_locations[0], "builtin_schemas", "vendor")
    schema = json.loads((vendored / f"{name}.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(document)]


def strings(node: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
