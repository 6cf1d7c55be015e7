"""docs/CONNECT.md: what it says to type is typed, on a running venue, and does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.gateway.users import PASSWORD, add_user
from tests.running_venue import RunningVenue

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "CONNECT.md").read_text()
SECONDS = 90
CPP_HEADERS = Path("/usr/include/quickfix")


def block(heading: str, language: str) -> str:
    """The first block of a language below a heading."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{heading} has no block of {language}"
    return found[1]


@pytest.fixture(scope="module")
def connected(shared: RunningVenue, api: httpx.Client) -> RunningVenue:
    add_user(shared, "walt", "read trade operate", "DELTA")
    return shared


def run(arguments: list[str], directory: Path) -> str:
    """What a program prints; it has to end well."""
    done = subprocess.run(
        arguments, capture_output=True, text=True, cwd=directory, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def here(text: str, venue: RunningVenue) -> str:
    """A block as it is, but for where the venue is, and who."""
    host, port = venue.address_of("gateway")
    fix_host, fix_port = venue.runtime()["fix"].split(":")
    for was, now in (
        ("127.0.0.1:8080", f"{host}:{port}"),
        (
            "username=alpha -d password=demo",
            f"username=walt --data-urlencode 'password={PASSWORD}'",
        ),
        ('"alpha", "demo"', f'"walt", "{PASSWORD}"'),
        ("SocketConnectPort=9878", f"SocketConnectPort={fix_port}"),
        ("SocketConnectHost=127.0.0.1", f"SocketConnectHost={fix_host}"),
        ("DataDictionary=spec/", f"DataDictionary={Path(__file__).resolve().parents[2]}/spec/"),
    ):
        text = text.replace(was, now)
    return text


def test_curl(connected: RunningVenue, tmp_path: Path) -> None:
    told = run(["bash", "-ec", here(block("HTTP by curl", "sh"), connected)], tmp_path)
    assert told.count('"client_order_id":"curl-1"') == 2, told
    assert '"canceled":' in told and '"positions":' in told


def python(heading: str, venue: RunningVenue, directory: Path) -> str:
    return run([sys.executable, "-c", here(block(heading, "python"), venue)], directory)


def test_python_with_a_key_that_signs(connected: RunningVenue, tmp_path: Path) -> None:
    told = python("HTTP by Python, with a key that signs", connected, tmp_path)
    assert '"state": "new"' in told and told.splitlines()[-1] == "canceled"


def test_websocket(connected: RunningVenue, tmp_path: Path) -> None:
    assert "book.snapshot" in python("WebSocket", connected, tmp_path).splitlines()


def test_ccxt(connected: RunningVenue, tmp_path: Path) -> None:
    assert "95" in python("ccxt", connected, tmp_path)


def test_quickfix(connected: RunningVenue, tmp_path: Path) -> None:
    settings = here(block("FIX 4.4 by QuickFIX", "ini"), connected)
    (tmp_path / "client.cfg").write_text(settings)
    told = python("FIX 4.4 by QuickFIX", connected, tmp_path)
    assert "|35=8|" in told and "|11=quickfix-1|" in told and "|39=0|" in told, told


@pytest.mark.skipif(
    not CPP_HEADERS.is_dir(), reason="QuickFIX for C++ is not installed: Debian's libquickfix-dev"
)
def test_quickfix_in_cpp(connected: RunningVenue, tmp_path: Path) -> None:
    settings = here(block("FIX 4.4 by QuickFIX", "ini"), connected)
    (tmp_path / "client.cfg").write_text(settings)
    (tmp_path / "client.cpp").write_text(block("FIX 4.4 by QuickFIX", "cpp"))
    command = re.search(r"`(g\+\+ [^`]*client\.cpp[^`]*)`", DOCUMENT)
    assert command is not None
    run(command[1].split(), tmp_path)
    told = run(["./a.out"], tmp_path).replace("\x01", "|")
    assert "|35=8|" in told and "|11=cpp-1|" in told and "|39=0|" in told, told


def test_every_block_names_a_user_of_the_demo() -> None:
    for language in ("sh", "python", "cpp", "java", "go", "csharp"):
        for text in re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL):
            if "assword" in text:
                assert re.search(r"\balpha\b", text, re.IGNORECASE) and "demo" in text
