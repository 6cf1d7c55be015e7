"""Lines of a shell in documents: the simple commands in them, and what is wrong with one."""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import groupby

import typer
from typer.core import TyperGroup

from tests.deploy.manifests import parsed
from tests.documents.blocks import ROOT
from venue.cli.main import app

Words = list[str]
PROGRAMS = {
    "venue", "make", "python", "sh", "pip", "curl", "docker", "kubectl", "systemctl",
    "systemd-sysusers", "chgrp", "chmod", "install", "cp", "export", "umask", "mkdir", "head",
    "base64", "pytest",
}  # fmt: skip
"""What documents call. A word that is none of them is mistyped, or belongs here."""
TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
_OPERATORS = tuple("|&;<>()")
_ASSIGNMENT = re.compile(r"^\w+=")
_CRON = re.compile(r"^(?:[\d*,/-]+ ){3,4}[\w*,/-]+ +[\w*,/-]* *(?=venue)")
_SUBSTITUTION = re.compile(r"\$\((.+?)\)(?!\S*\))", re.DOTALL)


def commands_in(text: str) -> Iterator[Words]:
    """Simple commands in words, those inside of `sh -c`, of containers and of $() too.

    A transcript is of its lines with a prompt. Raises ValueError where a quotation does not end.
    """
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    asked = [line[2:] for line in lines if line.startswith("$ ")]
    for line in asked or lines:
        yield from _simple(_CRON.sub("", line.strip()))


def _simple(line: str) -> Iterator[Words]:
    inside = _SUBSTITUTION.findall(line)
    lexer = shlex.shlex(_SUBSTITUTION.sub("VALUE", line), posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    target = False
    for is_operator, group in groupby(lexer, key=lambda word: word[:1] in _OPERATORS):
        words = list(group)
        if is_operator:
            target = words[-1][-1] in "<>"
        elif not target:
            yield from _unwrapped(words)
    for each in inside:
        yield from _simple(each)


def _unwrapped(words: Words) -> Iterator[Words]:
    """The command behind assignments and paths; and what a container or a shell is given."""
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if not words:
        return
    words = [re.sub(r"^python3$", "python", words[0].rpartition("/")[2]), *words[1:]]
    words[0] = "sh" if words[0] == "bash" else words[0]
    yield words
    if words[0] == "sh" and "-c" in words:
        yield from _simple(words[words.index("-c") + 1])
    elif words[0] == "docker" and "exec" in words:
        yield from _unwrapped(words[words.index("exec") + 2 :])
    elif words[0] == "docker" and "run" in words:
        image = next(at for at, word in enumerate(words) if word.startswith("venue:"))
        yield ["venue", *words[image + 1 :]]
    elif words[0] == "kubectl" and "--" in words:
        yield from _unwrapped(words[words.index("--") + 1 :])


def fault_of(words: Words) -> str:
    """What is wrong with a simple command; empty: nothing."""
    program, *rest = words
    if program == "venue":
        return refusal(rest) if rest else ""
    if program == "make":
        targets = [word for word in rest if "=" not in word]
        return "" if set(targets) <= TARGETS else f"the Makefile has no {targets}"
    if program == "python" and "-m" in rest:
        module = rest[rest.index("-m") + 1]
        return "" if find_spec(module) is not None else f"there is no module {module}"
    if program in ("python", "sh") and rest and "/" in rest[0]:
        return "" if (ROOT / rest[0]).is_file() else f"there is no {rest[0]}"
    return "" if program in PROGRAMS else f"{program} is no program that is known here"


def refusal(words: Words) -> str:
    """Why `venue` would refuse these words before it does anything; empty where it takes them."""
    given = words[2:] if words[0] == "--data-dir" else words
    try:
        parsed(["venue", *given])
    except typer.TyperException as error:
        return str(error) or "wrong use"
    except KeyError as error:
        return f"there is no command {error}"
    except typer.Exit:
        pass  # --help and the like
    return ""


def unknown(words: Words) -> str:
    """The first word of a command in prose that is no command and no option; empty: none.

    In prose a command may lack arguments, or have names in capitals for them.
    """
    command = typer.main.get_command(app)
    options = {"--data-dir", "--help", "--version"}
    if words[:1] == ["--data-dir"]:
        words = words[2:]
    for word in words:
        if word.startswith("-"):
            options |= {option for each in command.params for option in each.opts}
            if word.partition("=")[0] not in options:
                return word
        elif isinstance(command, TyperGroup) and not word.isupper():
            if word not in command.commands:
                return word
            command = command.commands[word]
    return ""
