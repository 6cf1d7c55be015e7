"""Pictures of docs/CONCEPTS.md, docs/life-of-*.svg, from the venue itself.

The steps of an order and the lines of a trade are what the engine and the ledger's postings have
made of the commands in docs/walked.py; the way of a byte is the docstring of `venue` and the table
of processes. `python docs/generate_pictures.py` says whether they differ (exit 1), `--write` brings
them in.
"""

import re
import sys
import textwrap
from itertools import pairwise
from pathlib import Path

import walked
from pictures import Box, across, arrow, picture, stacked, text

import venue
from venue.clearing.postings import Entry, entries_of
from venue.domain.events import ObligationSettled, TradeExecuted
from venue.domain.types import OrdStatus
from venue.processes import FIX_DROPCOPY, GATE, PUBLISHER, REPLICA, SINKS

DOCS = Path(__file__).resolve().parent
BEGUN, ENDED, MONEY, RECORD = "#e3eefb", "#eef0f2", "#e8f5ea", "#fdf3dc"
_STAGE = re.compile(r"^    ([\w/]+\.py) +(\w+): (.+(?:\n {20,}.+)*)$", re.MULTILINE)
_BECOMES = re.compile(r"(\w+)/worker\.py \(([^)]+)\)")
"""In the docstring of `venue`: what events become in a sink."""
_PLACES: dict[OrdStatus | None, tuple[int, int]] = {
    None: (20, 190),
    OrdStatus.NEW: (290, 190),
    OrdStatus.PARTIALLY_FILLED: (610, 190),
    OrdStatus.FILLED: (960, 190),
    OrdStatus.REJECTED: (290, 30),
    OrdStatus.EXPIRED: (290, 460),
    OrdStatus.CANCELED: (900, 460),
}
"""Where each OrdStatus(39) stands, in pixels."""
_BENDS: dict[tuple[OrdStatus | None, OrdStatus], tuple[int, float]] = {
    (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED): (22, 0.5),
    (OrdStatus.PARTIALLY_FILLED, OrdStatus.NEW): (22, 0.5),
    (OrdStatus.NEW, OrdStatus.FILLED): (75, 0.5),
    (OrdStatus.NEW, OrdStatus.CANCELED): (0, 0.7),
    (OrdStatus.PARTIALLY_FILLED, OrdStatus.EXPIRED): (0, 0.65),
}
"""Of an arrow that would lie on another: its bend in pixels, and where on it its words stand."""


def life_of_an_order() -> str:
    """OrdStatus(39), and which events lead from one to another."""
    steps = sorted(set(walked.steps(walked.life_of_orders().events)), key=str)
    stays: dict[OrdStatus | None, list[str]] = {status: [] for status in _PLACES}
    leads: dict[tuple[OrdStatus | None, OrdStatus], list[str]] = {}
    for before, event, after in steps:
        if before == after:
            stays[after].append(event)
        else:
            leads.setdefault((before, after), []).append(event)
    boxes: dict[OrdStatus | None, Box] = {}
    for status, (x, y) in _PLACES.items():
        if status is None:
            boxes[status] = Box(x, y, 130, "NewOrderSingle")
            continue
        is_open = status in (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
        heading = f"{status.name.replace('_', ' ').lower()} (39={status})"
        lines = ("stays so by", *stays[status]) if stays[status] else ()
        boxes[status] = Box(x, y, 185, heading, lines, BEGUN if is_open else ENDED)
    parts = [
        arrow(
            boxes[before],
            boxes[after],
            "\n".join(events),
            bend=_BENDS.get((before, after), (0, 0.5))[0],
            at=_BENDS.get((before, after), (0, 0.5))[1],
        )
        for (before, after), events in leads.items()
    ]
    parts += [box.svg() for box in boxes.values()]
    return picture(1165, 570, "States of an order, and the events between them", parts)


def life_of_a_trade() -> str:
    """What a trade moves in the ledger: at once, or on its settlement date."""
    events = walked.life_of_trades()
    at_once, later = (each for each in events if isinstance(each, TradeExecuted))
    settled = [each for each in events if isinstance(each, ObligationSettled)]
    buyer = next(each for each in settled if each.member == "ALPHA")
    top = Box(
        330, 20, 460, "TradeExecuted",
        (f"{at_once.buy.order.terms.member} buys {at_once.last_qty} {at_once.asset} from "
         f"{at_once.sell.order.terms.member} at {at_once.last_px} {at_once.currency}",
         f"each side pays a fee of {at_once.buy.fee} {at_once.currency}"),
        BEGUN,
    )  # fmt: skip
    first = _entry_box(20, 150, "settles by itself: one entry", entries_of(at_once)[0])
    owed = _entry_box(
        400, 150, f"settles later: what is owed, due {buyer.due}", entries_of(later)[0]
    )
    done = _entry_box(780, 150, "on that day: delivery against payment", entries_of(buyer)[0])
    parts = [top.svg(), first.svg(), owed.svg(), done.svg()]
    parts += [arrow(top, first), arrow(top, owed), arrow(owed, done)]
    parts.append(text(560, 425, "Every entry sums to zero in every asset.", "600", "middle"))
    return picture(1160, 445, "What a trade moves in the ledger", parts)


def _entry_box(x: int, y: int, heading: str, entry: Entry) -> Box:
    """An entry with its lines."""
    lines = tuple(
        f"{posting.amount:+g} {posting.account.asset}: {posting.account.kind} "
        f"{posting.account.owner} {posting.account.sub_account}"
        for posting in entry.postings
    )
    return Box(x, y, 350, heading, lines, MONEY)


def life_of_a_byte() -> str:
    """From a FIX frame to a row of the ledger: files, then processes."""
    told = venue.__doc__ or ""
    becomes = dict(_BECOMES.findall(" ".join(told.split())))
    stages = stacked(20, 50, 18, [
        Box(0, 0, 440, f"{function} - venue/{path}", _wrapped(says, 70), BEGUN)
        for path, function, says in _STAGE.findall(told)
    ])  # fmt: skip
    sinks = stacked(760, 50, 18, [
        Box(0, 0, 330, sink.name, _wrapped(sink.does, 48)) for sink in SINKS
    ])  # fmt: skip
    ends = [
        Box(1140, box.y, 200, becomes[sink.module.split(".")[1]], fill=MONEY)
        for box, sink in zip(sinks, SINKS, strict=True)
    ]
    readers = stacked(760, sinks[-1].y + 110, 18, [
        Box(0, 0, 330, each.name, _wrapped(each.does, 52)) for each in (REPLICA, FIX_DROPCOPY)
    ])  # fmt: skip
    stream = Box(
        520, sinks[2].y - 10, 180, "JetStream", ("each event once,", "by its number"), RECORD
    )
    append = stages[-2]
    journal = Box(520, append.y, 180, "journal", ("on disk: the record",), RECORD)
    publisher = Box(
        520, (stream.y + journal.y) / 2, 180, PUBLISHER.name, _wrapped(PUBLISHER.does, 26)
    )
    begin = f"A FIX frame comes in, at the venue's own port or through the {GATE.name}."
    parts = [text(20, 30, begin, "600"), across(append, journal)]
    parts += [arrow(one, other) for one, other in pairwise(stages)]
    parts += [arrow(journal, publisher), arrow(publisher, stream)]
    parts += [across(stream, sink) for sink in sinks]
    parts += [across(sink, end) for sink, end in zip(sinks, ends, strict=True)]
    parts += [across(journal, reader) for reader in readers]
    parts += [box.svg() for box in (*stages, *sinks, *ends, *readers, stream, journal, publisher)]
    last = stages[-1]
    height = int(last.y + last.height) + 20
    return picture(1360, height, "From a FIX frame to a row of the ledger", parts)


def _wrapped(words: str, width: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(" ".join(words.replace("`", "").split()), width))


PICTURES = {
    "life-of-an-order.svg": life_of_an_order,
    "life-of-a-trade.svg": life_of_a_trade,
    "life-of-a-byte.svg": life_of_a_byte,
}


def main() -> int:
    """Compare or write; the exit status."""
    texts = {DOCS / name: drawn() for name, drawn in PICTURES.items()}
    if sys.argv[1:] == ["--write"]:
        for path, drawing in texts.items():
            path.write_text(drawing)
        return 0
    different = [
        path.name
        for path, drawing in texts.items()
        if not path.exists() or path.read_text() != drawing
    ]
    for name in different:
        print(f"docs/{name} is not what the venue does: python docs/generate_pictures.py --write")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
