"""Long commands say how far they are, on a terminal's stderr and nowhere else."""

import io
import sys
import threading

import pytest

from tests.cli.journaled import run, trade
from tests.sequencer.builders import Trading
from venue.cli import progress as progress_module
from venue.cli.progress import Bar, progress


class Terminal(io.StringIO):
    """A stderr at which a person sits."""

    def isatty(self) -> bool:
        return True


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A person sits there from now on. No fixture: pytest sets its own stderr behind those."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return found


def test_bar_shows_what_how_far_and_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    bar = Bar("verifying", 2_000)
    bar.at(1_234)
    bar.show()
    bar.name("verifying the rest")
    bar.end()
    told = terminal.getvalue()
    assert "verifying" in told and "event 1,234" in told and "verifying the rest" in told


def test_what_is_done_soon_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    with progress("verifying", 10) as bar:
        bar.at(10)
    assert terminal.getvalue() == ""
    bar.show()  # the timer's thread was late
    assert terminal.getvalue() == ""


def test_it_is_shown_by_itself_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress_module, "AFTER_SECONDS", 0.0)
    shown = threading.Event()

    class Shown(Bar):
        def show(self) -> None:
            super().show()
            shown.set()

    monkeypatch.setattr(progress_module, "Bar", Shown)
    with progress("verifying"):
        assert shown.wait(60)
    assert "verifying" in terminal.getvalue()


def test_pipe_is_told_nothing(
    trading: Trading, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_module, "AFTER_SECONDS", 0.0)
    trade(trading, 20)
    result = run(trading.directory.parent, "verify")
    assert result.exit_code == 0 and result.stderr == ""


def test_no_color_takes_colours_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    for name, has_colour in ((None, True), ("1", False)):
        if name is not None:
            monkeypatch.setenv("NO_COLOR", name)
        terminal.truncate(0)
        bar = Bar("verifying", 2)
        bar.show()
        bar.at(1)
        bar.end()
        assert ("\x1b[38;5" in terminal.getvalue() or "\x1b[3" in terminal.getvalue()) == has_colour
