"""Tiny programs in the place of the venue's processes: real processes, without a venue in them.

Each makes `ends.NAME.up` when it is up and notes in `ends` that it was asked to end. Run as a
script, this is a supervisor over them and a real nats-server, for tests that kill it.
"""

import sys
from pathlib import Path

from venue import logs
from venue.data_directory import SUPERVISOR_LOCK
from venue.servers import plan
from venue.servers.embedded import EmbeddedServer
from venue.servers.lock import DataDirLock
from venue.servers.nats import NatsServer
from venue.servers.program import Program
from venue.servers.runtime import RuntimeInfo
from venue.servers.supervisor import Supervisor

_WORKER = """
import os, signal, sys, time
def end(number, frame):
    with open(sys.argv[1], "a") as ends:
        ends.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[1] + "." + sys.argv[2] + ".up", "w").close()
"""
_READY = "os.write(int(os.environ['VENUE_READY_FD']), b'%s\\n')\n"
_FOREVER = "while True: time.sleep(600)\n"

READY = _WORKER + _READY % '{"ready": true, "fix": "127.0.0.1:9878"}' + _FOREVER
SLOW = (
    _WORKER
    + _READY % '{"ready": false, "progress": "event 5 of 9"}'
    + "while not os.path.exists(sys.argv[1] + '.go'): time.sleep(0.01)\n"
    + _READY % '{"ready": true, "fix": "127.0.0.1:9878"}'
    + _FOREVER
)
"""Says how far it is, and is ready once `ends.go` is there."""
REFUSED = _WORKER + _READY % '{"ready": false, "error": "journal is damaged", "exit": 3}' + _FOREVER
SILENT = _WORKER + _FOREVER
LISTENS = """
import os, socket, sys, time
while not os.path.exists(sys.argv[1] + ".go"): time.sleep(0.01)
listener = socket.create_server(("127.0.0.1", %d))
while True: listener.accept()[0].close()
"""
"""Accepts connections at a port once `ends.go` is there."""
CRASHED = "import sys; sys.exit('no such journal')"

_HAS_RUN = """
import os, sys
mark = sys.argv[1] + ".has-run"
first = not os.path.exists(mark)
open(mark, "w").close()
exec(%r if first else %r)
"""
REFUSED_AGAIN = _HAS_RUN % (READY, REFUSED)
CRASHED_AGAIN = _HAS_RUN % (READY, CRASHED)
NO_ROOM = _WORKER + _READY % '{"ready": false, "error": "no room", "exit": 2, "needs_bytes": 4096}'
_IN_ROOM = """
import os, sys
exec(%r if os.path.exists(sys.argv[1] + ".room") else %r)
"""
NO_ROOM_AGAIN = _HAS_RUN % (READY, _IN_ROOM % (READY, NO_ROOM))
"""Ready at its first start; later it has no room until `ends.room` is there."""
SILENT_AGAIN = _HAS_RUN % (READY, SILENT)
"""Ready at its first start; refused, ended without a word, or silent at every later one."""


def program(data_dir: Path, name: str, code: str = SILENT, stop_rank: int = 0) -> Program:
    argv = [sys.executable, "-c", code, str(data_dir / "ends"), name]
    setting = "fix.port" if name == "trading" else ""
    return Program(
        name=name, argv=argv, stop_rank=stop_rank, stop_seconds=2.0, port_setting=setting
    )


def supervisor(
    data_dir: Path,
    *,
    trading: str = READY,
    servers: tuple[EmbeddedServer, ...] = (),
    ready_seconds: float = 10.0,
    port: int = 0,
) -> Supervisor:
    """port: where another worker listens, in the end; 0: there is none."""
    workers = [
        program(data_dir, "audit", stop_rank=2),
        program(data_dir, "publisher", stop_rank=1),
    ]
    if port:
        workers.append(program(data_dir, "fix-marketdata", LISTENS % port, stop_rank=1))
    return Supervisor(
        data_dir,
        trading=program(data_dir, "trading", trading),
        workers=workers,
        servers=servers,
        nats_url=servers[0].url if servers else "",
        database_url="",
        ready_seconds=ready_seconds,
        addresses={"fix-marketdata": f"127.0.0.1:{port}"} if port else {},
    )


def all_up(data_dir: Path) -> bool:
    return all((data_dir / f"ends.{name}.up").exists() for name in ("publisher", "audit"))


def _say_ready(info: RuntimeInfo) -> None:
    pids = [*info.processes.values(), *info.servers.values()]
    print("ready", *pids, flush=True)


def main(data_dir: Path) -> int:
    """What `venue run` does, but for settings and PostgreSQL."""
    with DataDirLock(data_dir, SUPERVISOR_LOCK):
        trading_lock = DataDirLock(data_dir)
        trading_lock.acquire(plan.DYING_SECONDS)
        trading_lock.release()
        return supervisor(data_dir, servers=(NatsServer(data_dir),)).run(_say_ready)


if __name__ == "__main__":
    logs.configure("supervisor")
    sys.exit(main(Path(sys.argv[1])))
