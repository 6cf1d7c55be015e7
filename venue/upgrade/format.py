"""A store's format: what lies there, what this program reads and writes, what a start makes of it.

Knows no store. What has to be done stands in a finding of the doctor's form.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from venue.doctor.finding import Finding


class NextStart(StrEnum):
    """What the next start of this program does with a store.

    works: goes on with it. begins: nothing is there yet. migrates: brings it to its own version.
    made again: lets it be and makes it anew from the journal or the configuration. unknown: who has
    it was not asked. refuses: does not start, or the part that needs it does not.
    """

    WORKS = "works"
    BEGINS = "begins"
    MIGRATES = "migrates"
    MADE_AGAIN = "made again"
    UNKNOWN = "unknown"
    REFUSES = "refuses"


class Format(msgspec.Struct, frozen=True):
    """on_disk: versions found, as text; empty where there are none. reads, writes: of this program,
    empty where it has no say. findings: what to know or to do about it."""

    store: str
    on_disk: list[str]
    reads: list[str]
    writes: str
    next_start: NextStart
    findings: list[Finding] = []


_WORST = (
    NextStart.REFUSES, NextStart.UNKNOWN, NextStart.MIGRATES, NextStart.MADE_AGAIN,
    NextStart.WORKS, NextStart.BEGINS,
)  # fmt: skip


def worst(formats: Iterable[Format]) -> NextStart:
    """What the next start comes to in all: refuses before unknown before migrates ..."""
    found = {each.next_start for each in formats}
    return next((each for each in _WORST if each in found), NextStart.BEGINS)
