"""`python -m bench`: runs the sections, prints one table, writes it into docs/PERFORMANCE.md.

Usage: python -m bench [--quick] [--only closed,book] [--write] [--directory DIR]
"""

import argparse
import shlex
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench import (
    beside,
    books,
    closed,
    fix_subscribers,
    flood,
    gate,
    gateway,
    growth,
    kept,
    ledger,
    memory,
    metrics,
    open_loop,
    profile,
    recovery,
    restart,
    settlement,
    sockets,
    steady,
    subscribers,
    tracing,
)
from bench.machine import ROOT, commit, description, load_average
from bench.options import Options, quick
from bench.table import Row, every_run, markdown, not_measured, plain, write_between

DOCUMENT = ROOT / "docs" / "PERFORMANCE.md"
FIGURES = ROOT / "docs" / "performance.json"
"""What the table says, by figure: the next one shows it beside its own."""
SECTIONS: dict[str, Callable[[Options], list[Row]]] = {
    "closed": closed.rows,
    "open": open_loop.rows,
    "steady": steady.rows,
    "beside": beside.rows,
    "bare": closed.bare_rows,
    "pure": closed.pure_rows,
    "gate": gate.rows,
    "gateway": gateway.rows,
    "metrics": metrics.rows,
    "tracing": tracing.rows,
    "flood": flood.rows,
    "book": books.rows,
    "recovery": recovery.rows,
    "restart": restart.rows,
    "memory": memory.rows,
    "growth": growth.rows,
    "ledger": ledger.rows,
    "settlement": settlement.rows,
    "subscribers": subscribers.rows,
    "fix_subscribers": fix_subscribers.rows,
    "sockets": sockets.rows,
    "picture": open_loop.draw_picture,
}
PROFILE = "profile"
ALL = ", ".join([*SECTIONS, PROFILE])


def main() -> int:
    """Measure; 0 even where a figure falls short, 1 where one could not be measured."""
    arguments = _arguments()
    names = arguments.only.split(",") if arguments.only else [*SECTIONS, PROFILE]
    unknown = [name for name in names if name not in (*SECTIONS, PROFILE)]
    if unknown:
        print(f"no section {', '.join(unknown)}; there are {ALL}", file=sys.stderr)
        return 2
    options = quick(arguments.directory) if arguments.quick else Options(arguments.directory)
    write = arguments.write or not (arguments.only or arguments.quick)
    sections = [name for name in names if name in SECTIONS]
    began = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    measured, failed = _measure(sections, options)
    rows = [row for found in measured.values() for row in found]
    if rows:
        print(plain(rows))
    machine = description(options.directory)
    run = f"{began} to {time.strftime('%H:%M', time.gmtime())} UTC, venue {commit()}, {_command()}"
    if rows and write:
        _write(measured, machine, run)
    if PROFILE in names:
        _say(f"{PROFILE}: begins, {load_average()}")
        stages = profile.text(options)
        print(stages)
        if write:
            write_between(DOCUMENT, PROFILE, f"{machine}\n- run: {run}\n\n{stages}")
    if write:
        _say(f"written to {DOCUMENT.relative_to(ROOT)}")
    return 1 if failed else 0


def _write(measured: dict[str, list[Row]], machine: str, run: str) -> None:
    """Put these rows into the table, in the place of what their sections said; others stay."""
    figures = kept.with_new(kept.load(FIGURES), measured, SECTIONS, run)
    shown = [row.row() for row in figures.rows]
    runs = Counter(row.run for row in figures.rows)
    said = "\n".join(f"- {count} rows: {name}" for name, count in runs.most_common())
    write_between(DOCUMENT, "bench", f"{markdown(shown, figures.before)}\n{machine}\n{said}")
    write_between(DOCUMENT, "runs", every_run(shown))
    kept.keep(FIGURES, figures)


def _measure(sections: list[str], options: Options) -> tuple[dict[str, list[Row]], bool]:
    """Rows by section; whether one of them failed."""
    rows: dict[str, list[Row]] = {}
    failed = False
    for name in sections:
        _say(f"{name}: begins, {load_average()}")
        try:
            found = SECTIONS[name](options)
        except Exception as error:  # the others may still be measured; the row says why
            traceback.print_exc()
            failed = True
            found = [not_measured(name, "", f"{type(error).__name__}: {error}")]
        _say(f"{name}: done\n{plain(found)}")
        rows[name] = found
    return rows, failed


def _command() -> str:
    """As it was typed; without an option it is what `make bench` runs."""
    return f"`{shlex.join(['python', '-m', 'bench', *sys.argv[1:]])}`"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short runs: whether it works")
    parser.add_argument("--only", default="", help=f"of {ALL}")
    parser.add_argument(
        "--write", action="store_true", help="write the table even if it is not the whole one"
    )
    parser.add_argument(
        "--directory", type=Path, default=Path("/var/tmp"), help="on the disk to be measured"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
