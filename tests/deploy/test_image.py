"""The Dockerfile: linted, small, not root, and every command in it one that the venue has."""

import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.container import build
from deploy.container.dockerfile import UnknownInstruction, filled, health_command, read_stages
from deploy.container.try_in_chroot import context_of, mirror
from tests.deploy.manifests import ROOT, not_settings, parsed
from venue import __version__
from venue.settings.data_sections import GatewaySettings
from venue.settings.gate import GateSettings

HADOLINT = Path(sys.executable).with_name("hadolint")
STAGES = read_stages(ROOT / "Dockerfile")
LAST = STAGES[-1]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="hadolint's wheel is of x86_64 alone")
def test_linter_finds_nothing() -> None:
    done = subprocess.run(
        [str(HADOLINT), "--no-color", str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_image_runs_as_nobody_special_on_what_the_first_stage_has_made() -> None:
    assert [stage.name for stage in STAGES] == ["build", ""]
    uid, gid = map(int, LAST.last("USER").text.split(":"))
    assert min(uid, gid) >= 10_000
    copied = [each for each in LAST.instructions if each.name == "COPY"]
    assert [each.options for each in copied] == [{"from": "build"}], "no source is in the image"
    installed = [each.text for each in LAST.instructions if each.name == "RUN"]
    assert not any("apt-get" in text or "pip" in text for text in installed), "nor a compiler"


def test_every_command_of_it_is_one_of_the_venue() -> None:
    entry, command = LAST.last("ENTRYPOINT").words(), LAST.last("CMD").words()
    assert parsed([*entry, *command])["process"] is None
    parsed(health_command(LAST))
    names = [word.partition("=")[0] for word in LAST.last("ENV").words()]
    assert "VENUE_DATA_DIR" in names
    assert not_settings(name for name in names if name.startswith("VENUE_")) == []


def test_ports_are_those_of_the_gate_and_of_the_gateway() -> None:
    fix = GateSettings().port
    assert LAST.last("EXPOSE").words() == [
        *map(str, (fix, fix + 1, fix + 2, GatewaySettings().port))
    ]


def test_steps_are_those_of_the_script() -> None:
    steps = re.findall(r"deploy\.container\.build (\w+)", (ROOT / "Dockerfile").read_text())
    assert [step for step in steps if step != "dependencies"] == ["venue"]
    core = next(each.text for each in LAST.instructions if each.name == "ARG")
    assert core.partition("=")[2] in build.CORES
    assert core in [each.text for each in STAGES[0].instructions if each.name == "ARG"]


def test_context_has_all_that_the_steps_take_and_no_more(tmp_path: Path) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    assert all((ROOT / name).exists() for name in kept)
    for step in STAGES[0].instructions:
        if step.name == "COPY":
            for source in step.words()[:-1]:
                assert source == "." or any(Path(source).is_relative_to(name) for name in kept)
    context_of(ROOT, tmp_path)
    assert (tmp_path / "venue" / "cli").resolve() == tmp_path / "cli"
    assert (tmp_path / "venue" / "cli" / "main.py").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {Path(name).parts[0] for name in kept}


def test_only_what_running_needs_stays_in_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", build.ONLY_FOR_BUILDING],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    unused = done.stdout.split()
    assert {"mypy", "pip", "setuptools", "pytest", "ruff"} <= set(unused)
    assert not {"venue", "quickfix", "msgspec", "psycopg-binary", "nats-py"} & set(unused)


@pytest.mark.parametrize(
    "line",
    ["SHELL ['/bin/bash']", "ONBUILD RUN true", "RUN true"],
    ids=["shell", "onbuild", "late"],
)
def test_what_the_reader_does_not_know_is_an_error(line: str, tmp_path: Path) -> None:
    first = "" if line == "RUN true" else "FROM scratch\n"
    (tmp_path / "Dockerfile").write_text(f"{first}{line}\n")
    with pytest.raises(UnknownInstruction):
        read_stages(tmp_path / "Dockerfile")


def test_reader_knows_continuations_options_and_variables(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("# a\nFROM one AS first\nRUN --mount=type=cache,target=/c a \\\n  # b\n && c\n")
    file.write_text(file.read_text().replace("  # b\n", ""))
    (stage,) = read_stages(file)
    assert (stage.base, stage.name) == ("one", "first")
    assert stage.instructions[0].options == {"mount": "type=cache,target=/c"}
    assert stage.instructions[0].text == "a && c"
    assert filled("$A/${B}-${C}", {"A": "1", "B": "2"}) == "1/2-"


def test_its_tag_is_this_version() -> None:
    for file in ("compose.yaml", ".env.example", ".github/workflows/container.yml"):
        assert f"venue:{__version__}" in (ROOT / file).read_text(), file


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="a machine without Debian's packages")
def test_clean_root_comes_from_where_this_machine_takes_its_packages() -> None:
    release = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
    assert release is not None
    assert mirror(release[1]).endswith("/debian")
