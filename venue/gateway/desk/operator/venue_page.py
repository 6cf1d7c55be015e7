"""The page /desk/operator: processes with position and lag, what is stopped, what troubles."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.board import Board, Told, rows_of, words
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Row, Table

_PROCESS = (
    Column("process", "Process"),
    Column("runs_in", "In"),
    Column("up", "Up"),
    Column("pid", "Pid", True),
    Column("position", "Position", True),
    Column("lag", "Lag", True),
    Column("restarts", "Restarts", True),
    Column("trouble", "Trouble"),
)
_SERVER = tuple(each for each in _PROCESS if each.key in ("up", "pid", "restarts", "trouble"))
_STORE = (
    Column("store", "Store"),
    Column("bytes", "Bytes", True),
    Column("day_bytes", "A day like this", True),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator", "Venue", Who.OPERATOR)
    def venue(visit: Visit) -> None:
        """How the venue is."""
        board = Board(visit, reasons=False)
        line = tag("p", "", "desk-note", id="venue-line")
        with visit.panel("Troubles", "troubles"):
            troubles = Table(
                "troubles-table",
                "Troubles",
                [Column("what", "What somebody has to look at")],
                empty="Nothing troubles.",
            )
        with visit.panel("What is stopped", "blocks"):
            blocks = Table(
                "blocks-table",
                "What is stopped",
                [Column("kind", "Kind"), Column("names", "Which")],
                empty="Nothing is killed, suspended or halted.",
            )
        with visit.panel("Processes", "processes"):
            processes = Table("processes-table", "Processes", _PROCESS)
        with visit.panel("Servers", "servers"):
            columns = [Column("server", "Server"), *_SERVER]
            servers = Table("servers-table", "Servers", columns)
        with visit.panel("Disk", "disk"):
            disk = Table("disk-table", "Stores on disk", _STORE)

        async def read() -> None:
            told = await board.get("status")
            if told is None:
                return
            set_text(line, _line(told))
            blocks.show(_blocks(told.get("blocks") or {}))
            troubles.show([{"id": each, "what": each} for each in _troubles(told)])
            names = [column.key for column in _PROCESS]
            processes.show(rows_of(told["processes"], "process", *names))
            names = [column.key for column in columns]
            servers.show(rows_of(told["servers"], "server", *names))
            names = [column.key for column in _STORE]
            disk.show(rows_of(told["disk"]["stores"], "store", *names))

        board.look(read)


def _line(told: Told) -> str:
    if "trading_day" not in told:
        return "trading does not answer"
    return (
        f"trading day {told['trading_day']}, {told['phase']}, {told['core']} core, "
        f"event {told['event_seq']}, {told['open_orders']} open orders, "
        f"admin socket {told['guards']['trading']['breaker']}"
    )


def _troubles(told: Told) -> list[str]:
    """What somebody has to look at, each line once."""
    lines = [f"trading: {line}" for line in told.get("troubles", [])]
    lines += [f"unreachable: {line}" for line in told["unreachable"]]
    for kind in ("process", "server"):
        for each in told["processes" if kind == "process" else "servers"]:
            lines += [f"{each[kind]}: {each['trouble']}"] if each["trouble"] else []
    return [*dict.fromkeys(lines)]


def _blocks(blocks: Told) -> list[Row]:
    """What is stopped, a row a kind."""
    return [
        {"id": kind, "kind": kind.replace("_", " "), "names": words(value)}
        for kind, value in blocks.items()
        if value
    ]
