"""The C load client is built once and kept; where it cannot be built, that is said."""

import subprocess
from pathlib import Path

import pytest

from venue.load import program
from venue.load.program import FLAGS, SOURCES, NotBuilt, native_program


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "venue"


def test_program_is_built_once_and_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = native_program()
    assert list(cache.iterdir()) == [built]
    assert cache.stat().st_mode & 0o077 == 0
    assert subprocess.run([built], input=b"", check=False, capture_output=True).stderr == (
        b"the load client was not told all that it has to do\n"
    )
    monkeypatch.setenv("CC", "no-such-compiler")
    assert native_program() == built, "no compiler is needed any more"


def test_changed_source_is_built_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return 7; }\n")
    monkeypatch.setattr(program, "SOURCES", tmp_path)
    first = native_program()
    (tmp_path / "main.c").write_text("int main(void) { return 8; }\n")
    second = native_program()
    assert [subprocess.run([each], check=False).returncode for each in (first, second)] == [7, 8]


def test_missing_compiler_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotBuilt, match=r"^no C compiler is there \(cc, gcc, clang\)$"):
        native_program()
    monkeypatch.setenv("CC", "my-cc -m64")
    with pytest.raises(NotBuilt, match=r"^CC names my-cc, which is not there$"):
        native_program()


def test_compiler_that_fails_is_said_and_leaves_nothing(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return nothing; }\n")
    monkeypatch.setattr(program, "SOURCES", tmp_path)
    with pytest.raises(NotBuilt, match=r"failed: .*main.c:1.*error"):
        native_program()
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(NotBuilt, match=r"^the C load client cannot be kept: "):
        native_program()


def test_source_compiles_without_a_warning(tmp_path: Path) -> None:
    sources = [str(path) for path in sorted(SOURCES.glob("*.c"))]
    warnings = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
    argv = ["cc", *FLAGS, *warnings, "-o", str(tmp_path / "client"), *sources]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", sorted(SOURCES.iterdir()), ids=lambda path: path.name)
def test_file_of_the_source_is_small_and_says_its_job(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    header = path.with_suffix(".h")
    assert text.startswith("/* ") or header.read_text().startswith("/* ")
