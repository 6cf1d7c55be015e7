"""Several processes with one store of credentials: each takes what another has changed."""

import threading
from pathlib import Path

from venue.fix.credentials import Credentials, Password

ONE, TWO = Password("Correct-Horse-7-Battery"), Password("Another-Staple-9-Pony")


def test_change_of_another_process_counts_at_the_next_check(tmp_path: Path) -> None:
    first, second = Credentials(tmp_path), Credentials(tmp_path)
    assert not second.has_any("ALPHA-MD")
    assert first.set_password("ALPHA-MD", ONE).changed
    assert second.has_any("ALPHA-MD")
    assert second.check("ALPHA-MD", ONE).accepted
    assert second.set_password("ALPHA-MD", TWO, at_once=True).changed
    assert not first.check("ALPHA-MD", ONE).accepted
    assert first.check("ALPHA-MD", TWO).accepted


def test_changes_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    """Each begins with what the store has, not with what it knew."""
    stores = [Credentials(tmp_path) for _ in range(3)]

    def change(number: int) -> None:
        for place in range(3):
            assert stores[number].set_password(f"S-{number}-{place}", ONE).changed

    threads = [threading.Thread(target=change, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Credentials(tmp_path)
    assert all(kept.has_any(f"S-{number}-{place}") for number in range(3) for place in range(3))


def test_store_that_is_damaged_or_gone_meanwhile_lets_nobody_else_in(tmp_path: Path) -> None:
    store = Credentials(tmp_path, demo=["ALPHA"])
    assert store.set_password("ALPHA", ONE).changed
    file = tmp_path / "credentials.json"
    for spoil in (lambda: file.write_text("{"), file.unlink):
        spoil()
        assert store.check("ALPHA", ONE).accepted
        assert not store.check("ALPHA", Password("demo")).accepted
