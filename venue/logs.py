"""The operator's log: structlog and the standard library's logging to stderr and a rotated file.

Knows clock and masking. Must never let a secret, or a control character from outside, through, nor
raise because a disk is full.
"""

import logging
import logging.handlers
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from venue.clock import Clock, iso
from venue.colors import wants_colors
from venue.masking import MASK, mask_fix, mask_url
from venue.printable import shown

MAX_FILE_BYTES = 20 * 1024 * 1024
OLD_FILES = 5
LogFormat = Literal["console", "json"]

_SECRET_KEYS = ("password", "token", "secret")
_MULTILINE_KEYS = frozenset({"exception", "stack"})


class _Stderr(logging.StreamHandler[TextIO]):
    """stderr, which may be a file on a full disk: what it does not take is left out."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not isinstance(sys.exc_info()[1], OSError):  # there is no other place to tell it
            super().handleError(record)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file: what the disk does not take is left out, and stderr is told that once."""

    _failed = _is_failing = False

    def emit(self, record: logging.LogRecord) -> None:
        self._failed = False
        super().emit(record)
        self._is_failing = self._failed

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self._failed = True
        if not self._is_failing:
            with suppress(OSError):
                print(f"{self.baseFilename} cannot be written: {error}", file=sys.stderr)


def configure(
    process: str, *, format: LogFormat = "console", level: str = "info", file: Path | None = None
) -> None:
    """Send all log records of this process to stderr, and to `file` (20 MB, 5 old ones) if given.

    `console` is for readers, coloured on a terminal; `json` is one object a line. Call it again
    to change it. Raises ValueError for an unknown level, OSError when the file cannot be made.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"{level!r} is not a log level")
    shared = _shared_processors(process)
    handlers: list[logging.Handler] = [_Stderr(sys.stderr)]
    handlers[0].setFormatter(_formatter(shared, format, colors=wants_colors(sys.stderr)))
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        rotated = _LogFile(
            file,
            maxBytes=MAX_FILE_BYTES,
            backupCount=OLD_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
        rotated.setFormatter(_formatter(shared, format, colors=False))
        handlers.append(rotated)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(threshold)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        cache_logger_on_first_use=False,
    )


def mask_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """structlog processor: hide passwords in keys, FIX text and URLs; nothing unprintable."""
    return {key: _masked_entry(key, value) for key, value in event.items()}


def _shared_processors(process: str) -> list[Processor]:
    clock = Clock()

    def stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["timestamp"] = iso(clock.now_ns())
        event.setdefault("process", process)
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        stamp,
    ]


def _formatter(
    shared: list[Processor], format: LogFormat, *, colors: bool
) -> structlog.stdlib.ProcessorFormatter:
    renderer: Processor
    if format == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            mask_secrets,
            renderer,
        ],
    )


def _masked_entry(key: object, value: object) -> object:
    name = key.lower() if isinstance(key, str) else ""
    if name.endswith(_SECRET_KEYS) and value not in (None, ""):
        return MASK
    return _masked(value, "\t\n" if name in _MULTILINE_KEYS else "")


def _masked(value: object, keep: str) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, bytes | bytearray):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, Mapping):
        return {key: _masked_entry(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner, keep) for inner in value]
    return shown(mask_url(mask_fix(str(value))).replace("\x01", "|"), keep)
