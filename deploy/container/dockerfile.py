"""A Dockerfile as data: its stages, and the instructions of each with their words.

Knows the syntax that the venue's own Dockerfile uses (Dockerfile reference: line continuations,
comments, JSON forms, RUN --mount, COPY --from). What it does not know is an error, never passed
over.
"""

import json
import re
import shlex
from pathlib import Path
from typing import NamedTuple

KNOWN = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "STOPSIGNAL",
    "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


class UnknownInstruction(Exception):
    """The Dockerfile has what is not known here; the text is one line that says what."""


class Instruction(NamedTuple):
    """One instruction. options: --name=value that stand in front of its text."""

    name: str
    options: dict[str, str]
    text: str

    def words(self) -> list[str]:
        """Its text as a list: the JSON form, or words as a shell splits them."""
        if self.text.startswith("["):
            words: list[str] = json.loads(self.text)
            return words
        return shlex.split(self.text)


class Stage(NamedTuple):
    """What one FROM begins. base: its image. name: what COPY --from calls it; may be empty."""

    base: str
    name: str
    instructions: list[Instruction]

    def last(self, name: str) -> Instruction:
        """The instruction of that name that counts. Raises KeyError."""
        found = [each for each in self.instructions if each.name == name]
        if not found:
            raise KeyError(name)
        return found[-1]


def read_stages(path: Path) -> list[Stage]:
    """The stages in their order. Raises UnknownInstruction."""
    stages: list[Stage] = []
    for line in _logical_lines(path.read_text()):
        name, _, rest = line.partition(" ")
        if name not in KNOWN:
            raise UnknownInstruction(f"{name} is not known here: {line}")
        instruction = _instruction(name, rest.strip())
        if name == "FROM":
            base, *named = instruction.words()
            stages.append(Stage(base, named[1] if named else "", []))
        elif not stages:
            raise UnknownInstruction(f"{name} stands before the first FROM")
        else:
            stages[-1].instructions.append(instruction)
    return stages


def health_command(stage: Stage) -> list[str]:
    """What HEALTHCHECK executes."""
    text = stage.last("HEALTHCHECK").text
    assert text.startswith("CMD "), text
    return Instruction("CMD", {}, text.removeprefix("CMD ").strip()).words()


def filled(text: str, variables: dict[str, str]) -> str:
    """A text with ${NAME} and $NAME replaced; those that are not known become empty."""
    return re.sub(
        r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables.get(found[1] or found[2], ""), text
    )


def _instruction(name: str, text: str) -> Instruction:
    options: dict[str, str] = {}
    while name != "CMD" and (found := re.match(r"--([a-z-]+)=(\S+)\s+", text)):
        options[found[1]] = found[2]
        text = text[found.end() :]
    return Instruction(name, options, text)


def _logical_lines(text: str) -> list[str]:
    """Lines with their continuations, without comments and empty ones."""
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [
        re.sub(r"\s+", " ", line).strip()
        for line in re.sub(r"\\\n", " ", "\n".join(kept)).splitlines()
    ]
