"""The page /desk/operator/past: a book as it was after a record or at a moment; the records."""

from venue.clock import iso
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, filled, part, words
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Button, Column, Row, Table

_DEPTH, _RECORDS = "20", "50"
_BOOK = (
    Column("bid_orders", "Bid orders", True),
    Column("bid", "Bid quantity", True),
    Column("price", "Price", True),
    Column("ask", "Ask quantity", True),
    Column("ask_orders", "Ask orders", True),
)
_RECORD = (
    Column("seq", "Record", True),
    Column("time", "Time"),
    Column("command", "Command"),
    Column("by", "By"),
    Column("events", "Events"),
)
_WHEN = (
    Input("symbol", "Symbol", "ACME", is_needed=True),
    Input("at", "At (ISO 8601, or 09:30:00 of the day, UTC)"),
    Input("to", "Or after record", kind="number"),
)
_FROM = (Input("from", "From record", "1", kind="number"), Input("symbol", "Symbol"))


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/past", "Time travel", Who.OPERATOR)
    def past(visit: Visit) -> None:
        """What the journal says of then."""
        _Past(visit)


class _Past:
    """One page's. The journal is executed again only when it is asked."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit, reasons=False)
        self._when = ActForm("when", "Which book, and when", _WHEN, "Show the book", self._book)
        self._line = tag("p", "", "desk-note", id="past-line", role="status")
        with visit.panel("Book as it was", "book"):
            self._ladder = Table("past-table", "Book as it was", _BOOK, empty="Empty.")
        with visit.panel("Records", "records"):
            ActForm("records-form", "Which records", _FROM, "Show records", self._records)
            self._shown = Table(
                "records-table",
                "Records of the journal",
                _RECORD,
                buttons=(Button("then", "Book then"),),
                pressed=self._then,
            )

    async def _book(self, values: Values) -> None:
        set_text(self._line, "The journal is executed again ...")
        query = filled(values, "at", "to")
        told = await self._board.get(f"book/{part(values['symbol'])}", depth=_DEPTH, **query)
        if told is None:
            set_text(self._line, "")
            return
        self._ladder.show(_levels(told))
        then = told.get("seq")
        where = f"after record {then}, event {told['event_seq']}, {told['time']}" if then else "now"
        set_text(self._line, f"{told['symbol']} {where}")

    async def _then(self, _: str, seq: str) -> None:
        self._when.fill(to=seq, at="")
        await self._book({**self._when.values, "to": seq, "at": ""})

    async def _records(self, values: Values) -> None:
        told = await self._board.get("journal", limit=_RECORDS, **filled(values))
        if told is not None:
            self._shown.show([_record(each) for each in told["records"]])


def _levels(told: Told) -> list[Row]:
    """Asks above bids, the best prices meeting in the middle."""
    asks = [{"id": f"a{price}", "price": price, "ask": quantity, "ask_orders": str(orders),
             "kind": "sell"} for price, quantity, orders in reversed(told["asks"])]  # fmt: skip
    bids = [{"id": f"b{price}", "price": price, "bid": quantity, "bid_orders": str(orders),
             "kind": "buy"} for price, quantity, orders in told["bids"]]  # fmt: skip
    return [*asks, *bids]


def _record(record: Told) -> Row:
    command = record["command"]
    quiet = {key: value for key, value in command.items() if key not in ("type", "operator")}
    return {
        "id": str(record["seq"]),
        "seq": str(record["seq"]),
        "time": iso(record["timestamp_ns"]),
        "command": f"{command['type']} {words(quiet)}",
        "by": words(command.get("operator") or command.get("session")),
        "events": ", ".join(event["type"] for event in record["events"]),
    }
