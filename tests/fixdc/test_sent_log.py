"""The file that says which MsgSeqNum carried which copy: torn, damaged, very long."""

from pathlib import Path

import pytest

from venue.fixdc import sent_log

from .venue_day import LISTENER, Client, FakeWire, Journal, killed, listening, resent


def test_damaged_end_of_the_sent_log_is_cut_off(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        whole = resent(core, 1, 1 << 30)
    path = tmp_path / "dc" / f"{LISTENER}.sent"
    data = path.read_bytes()
    for damaged, left in (
        (data + b"torn", len(whole)),
        (data + bytes(64), len(whole)),
        (data[:-1], len(whole) - 1),
        (data[:-40] + bytes(40), len(whole) - 2),
        (b"", 0),
    ):
        path.write_bytes(damaged)
        with killed(tmp_path / "dc", wire, journal) as core:
            assert list(resent(core, 1, 1 << 30)) == list(whole)[:left]


def test_numbers_of_very_many_copies_are_forgotten_in_the_end(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        whole = list(resent(core, 1, 1 << 30))
        monkeypatch.setattr(sent_log, "MOST_KEPT", 20)
        client.log_out(core, wire)
        client.log_on(core, wire)
        assert list(resent(core, 1, 1 << 30)) == whole[-20:]
    with killed(tmp_path / "dc", wire, journal) as core:
        assert list(resent(core, 1, 1 << 30)) == whole[-20:]
