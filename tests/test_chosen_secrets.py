"""Each password that a session has chosen itself is journaled once, whenever trading looks."""

from pathlib import Path

import pytest

from venue.chosen_secrets import ChosenSecrets
from venue.data_directory import DataDirectory
from venue.domain.commands import NoteSecret
from venue.domain.events import AnyEvent, SecretChanged
from venue.engine.engine import Engine
from venue.engine.state.engine_state import EngineState
from venue.fix.credentials import Credentials, Password
from venue.fix.credentials_file import MOST_CHOICES, Record
from venue.sequencer.inbox import Inbox

FIRST, SECOND, THIRD = (Password(f"a-{word}-secret") for word in ("first", "second", "third"))
SESSION = "ALPHA-DC"


class Trading:
    """What looks, as after a start of trading. journaled: what has come of it."""

    def __init__(self, data_dir: Path, state: EngineState) -> None:
        self._engine = Engine(state)
        self._inbox = Inbox()
        self.chosen = ChosenSecrets(
            DataDirectory(data_dir), state, self._inbox, lambda session: "ALPHA"
        )

    def journaled(self) -> list[AnyEvent]:
        """Look, and execute what it has found."""
        self.chosen.look()
        return self.executed()

    def executed(self) -> list[AnyEvent]:
        """Execute what was found before."""
        events: list[AnyEvent] = []
        for received in self._inbox.take(100):
            assert isinstance(received.command, NoteSecret)
            events += self._engine.apply(received.command, 1)
        return events


@pytest.fixture
def store(tmp_path: Path) -> Credentials:
    """Of a process beside trading: its session has the first password."""
    credentials = Credentials(tmp_path)
    assert credentials.set_password(SESSION, FIRST).changed
    return credentials


def test_choice_is_noted_with_its_member_and_without_the_secret(
    tmp_path: Path, store: Credentials
) -> None:
    trading = Trading(tmp_path, EngineState())
    assert trading.journaled() == [], "an operator's change is noted otherwise"
    assert store.change_password(SESSION, FIRST, SECOND).changed
    (noted,) = trading.journaled()
    assert noted == SecretChanged(1, 1, SESSION, "ALPHA", "password")
    assert trading.journaled() == []


def test_choices_while_trading_was_away_are_all_noted_at_its_start(
    tmp_path: Path, store: Credentials
) -> None:
    assert store.change_password(SESSION, FIRST, SECOND).changed
    assert store.change_password(SESSION, SECOND, THIRD).changed
    assert store.set_key(SESSION, bytes(32)).changed, "what was chosen stays beside a key"
    assert len(Trading(tmp_path, EngineState()).journaled()) == 2


def test_choice_is_noted_once_over_restarts_of_trading(tmp_path: Path, store: Credentials) -> None:
    state = EngineState()
    assert store.change_password(SESSION, FIRST, SECOND).changed
    first, second = Trading(tmp_path, state), Trading(tmp_path, state)
    first.chosen.look()
    second.chosen.look()  # two notes of it wait: only one counts
    assert len(first.executed()) == 1
    assert second.executed() == []
    assert Trading(tmp_path, state).journaled() == []


def test_refused_change_is_none(tmp_path: Path, store: Credentials) -> None:
    assert not store.change_password(SESSION, SECOND, THIRD).changed
    assert not store.change_password(SESSION, FIRST, Password("short")).changed
    assert Trading(tmp_path, EngineState()).journaled() == []


def test_store_that_cannot_be_read_is_said_and_looked_at_again_when_it_changes(
    tmp_path: Path, store: Credentials
) -> None:
    trading = Trading(tmp_path, EngineState())
    assert store.change_password(SESSION, FIRST, SECOND).changed
    path = DataDirectory(tmp_path).credentials
    whole = path.read_bytes()
    path.write_bytes(b"{")
    assert trading.journaled() == []
    path.write_bytes(whole)
    assert len(trading.journaled()) == 1


def test_times_of_choices_grow_whatever_the_clock_says_and_are_bounded() -> None:
    record = Record(chosen_ns=(5, 9))
    assert record.chosen_at(7) == (5, 9, 10)
    many = Record(chosen_ns=tuple(range(1, MOST_CHOICES + 1)))
    assert many.chosen_at(10_000) == (*range(2, MOST_CHOICES + 1), 10_000)
