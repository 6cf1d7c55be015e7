"""Where the time of trading goes at full closed-loop load: py-spy's samples, summed by stage.

Wall-clock time of its main thread, waiting included, so that the disk and idle moments show. What
is compiled is seen by its names in C, which are told back as its source; other C and C++ is charged
to who called it.
"""

import re
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.closed import IN_FLIGHT
from bench.load import Measured, run_load
from bench.machine import ROOT
from bench.options import Options
from bench.peers import PeersMissing, peer_environment
from bench.running import Running, trading_alone
from compiling import PATTERNS

SESSIONS = 4
_SAMPLES_PER_SECOND = 200
_SPARE_SECONDS = 60
_LEAST_SECONDS = 12.0
_MOST_LINES = 15

STAGES: Sequence[tuple[str, Sequence[str]]] = (
    ("FIX message log, masked", ("venue/fix/message_log.py", "venue/masking.py")),
    ("risk checks", ("venue/risk/",)),
    ("book", ("venue/book/",)),
    ("orders' view for events", ("Order.state", "Order___state")),
    ("engine, the rest", ("venue/engine/",)),
    ("journal: JSON of the batch", ("encode_batch",)),
    ("journal: frame, write, fdatasync", ("JournalWriter.append",)),
    ("report text", ("venue/fix/encode.py", "venue/fix/report_text.py")),
    ("QuickFIX: report text into a Message", ("Message.setString",)),
    ("QuickFIX: number, keep, send", ("Session.send",)),
    ("reports out: numbers, stored, sent", ("venue/fix/sender.py:", "venue/fix/stream.py:")),
    ("session state: marks and stored reports", ("session_state.py", "Sequencer._marks")),
    ("QuickFIX: order out as text", ("Message.toString",)),
    ("decode", ("venue/fix/decode.py", "venue/fix/fields.py", "venue/fix/order_fields.py")),
    (
        "bytes in: framed, checked",
        (
            "venue/fix/reader.py",
            "venue/fix/frame.py",
            "venue/fix/surely_valid.py",
            "venue/fix/bounds.py",
        ),
    ),
    (
        "taken in, the rest",
        (
            "venue/fix/intake.py",
            "venue/fix/arrivals.py",
            "venue/fix/stage.py",
            "venue/fix/door.py",
            "venue/fix/connection.py",
        ),
    ),
    ("callback, the rest", ("VenueApplication.",)),
    ("QuickFIX: poll, read, parse, validate", ("Acceptor.poll",)),
    ("sequencer, the rest", ("sequencer.py:", "inbox.py:")),
    ("admin socket, log files, timers", ("Trading._aside", "Loop._advance_time")),
    ("resting and going round", ("loop.py:",)),
)
"""A sample belongs to the first stage of which any word is in its stack."""
_NATIVE = re.compile(r"CPyDef_(?P<first>[a-z0-9_]+?)___(?P<second>\w+?)(?P<rest>___\w+)?\b")
_INTERPRETED = re.compile(r"\.py:\d+\)$")


def text(options: Options) -> str:
    """Markdown: share and time a message by stage, and the dearest single lines."""
    with options.scratch("profile") as scratch:
        try:
            sampler = _sampler(scratch)
        except PeersMissing as error:
            return f"No profile: py-spy cannot be had: {error}\n"
        with trading_alone(scratch, SESSIONS) as running:
            measured, stacks = _sampled(options, running, scratch, sampler)
    return "\n".join(
        (
            f"Trading alone, closed loop, {IN_FLIGHT} in flight each of {SESSIONS} sessions: "
            f"{measured.per_second:,} acknowledged/s while it was sampled, which stops it often; "
            f"{measured.beside()}.",
            "",
            *_stage_table(stacks, measured.trading_us),
            "",
            "The dearest single lines:",
            "",
            *_dearest_lines(stacks),
            "",
        )
    )


def _sampler(scratch: Path) -> str:
    found = shutil.which("py-spy")
    return found or str(peer_environment(scratch).parent / "py-spy")


def _sampled(
    options: Options, running: Running, scratch: Path, sampler: str
) -> tuple[Measured, Counter[str]]:
    """Stacks with their samples, taken in the middle of a run."""
    file = scratch / "stacks"
    seconds = max(options.closed_seconds, _LEAST_SECONDS)
    warm_up = options.warm_up_seconds
    argv = [sampler, "record", "--pid", str(running.pid), "--idle", "--native", "--threads"]
    argv += ["--format", "raw"]
    argv += ["--rate", str(_SAMPLES_PER_SECOND), "--output", str(file)]
    argv += ["--duration", str(int(seconds) - 2)]
    failures: list[str] = []

    def sample() -> None:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=seconds + _SPARE_SECONDS, check=False
        )
        if done.returncode != 0:
            failures.append(done.stderr.strip())

    timer = threading.Timer(warm_up + 1, sample)
    timer.start()
    try:
        measured = run_load(running, scratch, SESSIONS, seconds, warm_up, "--closed", IN_FLIGHT)
    finally:
        timer.join()
    if failures:
        raise RuntimeError(f"py-spy failed: {failures[0]}")
    return measured, _counted(file.read_text().splitlines())


def _counted(lines: Iterable[str]) -> Counter[str]:
    """Samples of the main thread by stack, of frames with a source that is known."""
    sources = compiled_sources()
    stacks: Counter[str] = Counter()
    for line in lines:
        stack, _, samples = line.rpartition(" ")
        thread, *frames = stack.split(";")
        if "MainThread" in thread:
            told = [found for frame in frames if (found := told_frame(frame, sources))]
            stacks[";".join(told)] += int(samples)
    return stacks


def compiled_sources() -> dict[str, str]:
    """Source files of the compiled modules, by the name that C functions have of them.

    Where two files have one name, C functions have that of the directory before it.
    """
    files = [file.relative_to(ROOT) for pattern in PATTERNS for file in ROOT.glob(pattern)]
    short = {file.stem: str(file) for file in files}
    return short | {f"{file.parent.name}___{file.stem}": str(file) for file in files}


def told_frame(frame: str, sources: dict[str, str]) -> str:
    """A frame as py-spy names it, one of compiled code as `function (source:)`; empty: other C."""
    native = _NATIVE.match(frame)
    if native:
        first, second, rest = native["first"], native["second"], native["rest"] or ""
        if two := sources.get(f"{first}___{second}"):
            return f"{rest.removeprefix('___')} ({two}:)"
        return f"{second}{rest} ({sources[first]}:)" if first in sources else ""
    return frame if _INTERPRETED.search(frame) else ""


def stage_of(stack: str) -> str:
    """The first stage that knows a word of the stack."""
    return next(
        (stage for stage, words in STAGES if any(word in stack for word in words)), "anything else"
    )


def _stage_table(stacks: Counter[str], message_us: float) -> list[str]:
    """Shares of the samples, and of the processor time of a message."""
    shares: Counter[str] = Counter()
    for stack, samples in stacks.items():
        shares[stage_of(stack)] += samples
    total = stacks.total()
    lines = ["| stage | share | us a message |", "| --- | --- | --- |"]
    for stage, samples in shares.most_common():
        share = samples / total
        lines.append(f"| {stage} | {share:.1%} | {share * message_us:.1f} |")
    return [*lines, f"| all | 100 % | {message_us:.1f} |"]


def _dearest_lines(stacks: Counter[str]) -> list[str]:
    leaves: Counter[str] = Counter()
    for stack, samples in stacks.items():
        leaves[stack.rpartition(";")[2]] += samples
    total = stacks.total()
    return [
        f"- {samples / total:.1%} `{leaf}`" for leaf, samples in leaves.most_common(_MOST_LINES)
    ]
