"""Where everything stands in a data directory, or a backup of one: only this knows its names.

Knows names only: it makes, reads and changes nothing. What stands inside of `journal`, `audit` and
the servers' own directories is named by those who write there.
"""

from dataclasses import dataclass
from pathlib import Path

TRADING_LOCK = "venue.lock"
SUPERVISOR_LOCK = "run.lock"


def log_name(name: str) -> str:
    """Name of the log of a process or a FIX session."""
    return f"{name}.log"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """A data directory; whether it is there, or any file in it, is not asked."""

    path: Path

    # The record, and who follows it

    @property
    def journal(self) -> Path:
        """Segments, snapshots and identity of the journal."""
        return self.path / "journal"

    def position(self, sink: str) -> Path:
        """How far a sink is. The publisher's is a witness of what was given away."""
        return self._positions / f"{sink}.json"

    def positions(self) -> list[Path]:
        """The positions that there are, by name of the sink."""
        return sorted(self._positions.glob("*.json"))

    @property
    def books(self) -> Path:
        """Market data's books, beside the positions, for a position is in them."""
        return self.position("marketdata-books")

    @property
    def marketdata_key(self) -> Path:
        """The key from which market data makes the public ids of orders."""
        return self.path / "marketdata.key"

    @property
    def notices(self) -> Path:
        """What the notifier has to deliver, and how far it is: an SQLite file."""
        return self.path / "notifier.db"

    @property
    def breaks(self) -> Path:
        """What reconciliation has found, and what became of it."""
        return self.path / "reconciliation" / "breaks.jsonl"

    @property
    def last_round(self) -> Path:
        """What the last round of reconciliation was."""
        return self.path / "reconciliation" / "last-round.json"

    def parked(self, consumer: str) -> Path:
        """What a consumer halts in front of."""
        return self._parked / f"{consumer}.json"

    def all_parked(self) -> list[Path]:
        """What is parked now, by name of the consumer."""
        return sorted(self._parked.glob("*.json"))

    @property
    def trail(self) -> Path:
        """The audit trail."""
        return self.path / "audit"

    @property
    def heads(self) -> Path:
        """The second place of the signed heads, with their key; better on another disk."""
        return self.path / "audit-heads"

    # FIX sessions

    @property
    def credentials(self) -> Path:
        """Hashes of passwords and public keys."""
        return self.path / "credentials.json"

    @property
    def operators(self) -> Path:
        """Who may operate the venue, with hashes of passwords."""
        return self.path / "operators.json"

    def session_numbers(self, process: str) -> Path:
        """MsgSeqNums of the sessions of a process beside trading."""
        return self.path / f"{process}.numbers.json"

    @property
    def drop_copies(self) -> Path:
        """Where each listener to drop copies over FIX is, and which numbers its copies had."""
        return self.path / "drop-copies"

    @property
    def listeners(self) -> Path:
        """Where each listener to drop copies over FIX is."""
        return self.drop_copies / "places.json"

    def edge_status(self, process: str) -> Path:
        """Who is on at the port of a process beside trading."""
        return self.path / f"{process}.status.json"

    def edge_socket(self, process: str) -> Path:
        """Where a process beside trading is asked about its sessions, by trading."""
        return self.path / f"{process}.sock"

    @property
    def disabled_sessions(self) -> Path:
        """Sessions of processes beside trading of which no logon is taken."""
        return self.path / "disabled-sessions.json"

    @property
    def incidents(self) -> Path:
        """Messages over which the venue broke."""
        return self.path / "incidents"

    @property
    def simulator_socket(self) -> Path:
        """Where a simulator that stands before the venue is told what to do."""
        return self.path / "simulator.sock"

    @property
    def session_logs(self) -> Path:
        """A file for each session, with its messages."""
        return self.path / "logs" / "fix"

    def session_log(self, session: str) -> Path:
        """Messages of a session."""
        return self.session_logs / log_name(session)

    # The gateway

    @property
    def gateway(self) -> Path:
        """Users, keys, tokens and security events of the gateway: an SQLite file."""
        return self.path / "gateway" / "gateway.db"

    def gateway_secret(self, session: str) -> Path:
        """The password with which the gateway logs a session on."""
        return self.path / "gateway" / f"{session}.password"

    # Configuration

    @property
    def configuration(self) -> Path:
        """The configuration as it was backed up, in a restored directory."""
        return self.path / "configuration"

    @property
    def checked_configuration(self) -> Path:
        """The checked copy of the configuration that the processes of a running venue read."""
        return self.path / "checked-configuration"

    # Processes

    @property
    def runtime(self) -> Path:
        """Where the running venue can be reached."""
        return self.path / "runtime.json"

    @property
    def admin_socket(self) -> Path:
        """Where trading takes operators' requests."""
        return self.path / "admin.sock"

    def gate_socket(self, kind: str = "trading") -> Path:
        """Where connections of gates come in, for the sessions of that kind."""
        return self.path / ("gate.sock" if kind == "trading" else f"gate-{kind}.sock")

    def lock(self, name: str) -> Path:
        """TRADING_LOCK or SUPERVISOR_LOCK."""
        return self.path / name

    def log(self, process: str) -> Path:
        """The log of a process or an embedded server."""
        return self.path / "logs" / log_name(process)

    @property
    def disk_use(self) -> Path:
        """What the stores had on disk when the day began, and have now."""
        return self.path / "disk.json"

    # Embedded servers

    def server(self, name: str) -> Path:
        """Data of an embedded server."""
        return self.path / name

    @property
    def publisher_key(self) -> Path:
        """The private key with which the publisher seals what it publishes."""
        return self.path / "publisher.key"

    @property
    def readers(self) -> Path:
        """Who reads on NATS from outside, with the hashes of their passwords."""
        return self.path / "readers.json"

    @property
    def notifications(self) -> Path:
        """Where members are told of what; with the secrets of these places."""
        return self.path / "notifications.json"

    def password(self, server: str, role: str = "") -> Path:
        """The password with which an embedded server is used; role: in this role of it."""
        return self.path / f"{server}{role and f'-{role}'}.password"

    @property
    def _positions(self) -> Path:
        return self.path / "positions"

    @property
    def _parked(self) -> Path:
        return self.path / "parked"
