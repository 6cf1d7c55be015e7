"""Names in a data directory: they stay, for directories of earlier versions are used."""

from pathlib import Path

from venue.data_directory import SUPERVISOR_LOCK, TRADING_LOCK, DataDirectory

PLACE = DataDirectory(Path("data"))


def test_names_are_those_of_every_version_before() -> None:
    named = {
        PLACE.journal: "journal",
        PLACE.position("clearing"): "positions/clearing.json",
        PLACE.books: "positions/marketdata-books.json",
        PLACE.marketdata_key: "marketdata.key",
        PLACE.parked("audit"): "parked/audit.json",
        PLACE.trail: "audit",
        PLACE.heads: "audit-heads",
        PLACE.credentials: "credentials.json",
        PLACE.operators: "operators.json",
        PLACE.session_numbers("fix-marketdata"): "fix-marketdata.numbers.json",
        PLACE.edge_status("fix-marketdata"): "fix-marketdata.status.json",
        PLACE.edge_socket("fix-marketdata"): "fix-marketdata.sock",
        PLACE.disabled_sessions: "disabled-sessions.json",
        PLACE.incidents: "incidents",
        PLACE.session_log("ALPHA"): "logs/fix/ALPHA.log",
        PLACE.log("trading"): "logs/trading.log",
        PLACE.configuration: "configuration",
        PLACE.runtime: "runtime.json",
        PLACE.admin_socket: "admin.sock",
        PLACE.gate_socket(): "gate.sock",
        PLACE.gate_socket("marketdata"): "gate-marketdata.sock",
        PLACE.lock(TRADING_LOCK): "venue.lock",
        PLACE.lock(SUPERVISOR_LOCK): "run.lock",
        PLACE.disk_use: "disk.json",
        PLACE.server("nats"): "nats",
        PLACE.listeners: "drop-copies/places.json",
        PLACE.readers: "readers.json",
        PLACE.publisher_key: "publisher.key",
        PLACE.notifications: "notifications.json",
        PLACE.notices: "notifier.db",
        PLACE.password("nats", "publisher"): "nats-publisher.password",
        PLACE.password("postgres"): "postgres.password",
        PLACE.password("postgres", "owner"): "postgres-owner.password",
        PLACE.password("postgres", "writer"): "postgres-writer.password",
        PLACE.password("postgres", "reader"): "postgres-reader.password",
    }
    assert {path: f"data/{name}" for path, name in named.items()} == {
        path: str(path) for path in named
    }


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    place = DataDirectory(tmp_path / "data")
    assert (place.positions(), place.all_parked()) == ([], [])
    assert not place.path.exists()


def test_what_is_there_is_listed_by_name(tmp_path: Path) -> None:
    place = DataDirectory(tmp_path)
    for path in (place.position("b"), place.position("a"), place.parked("c")):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert place.positions() == [place.position("a"), place.position("b")]
    assert place.all_parked() == [place.parked("c")]
