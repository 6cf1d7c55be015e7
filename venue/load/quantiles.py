"""Quantiles of many durations in constant memory: counts in log-linear buckets, as HDR histograms.

Pure. Up to 511 a value has a bucket of its own; above, each power of two is cut into 256 buckets,
so that what is reported is never less than the true quantile and at most 1/256 (0.4 %) more.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Self

_BITS = 8
BUCKETS = (64 - _BITS) << _BITS
RELATIVE_ERROR = 2.0**-_BITS


class Quantiles:
    """Whole numbers of 0 or more (here: nanoseconds), below 2**63."""

    __slots__ = ("_counts", "count", "max")

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self.count = 0
        self.max = 0

    @classmethod
    def of_counts(cls, counts: Sequence[int], count: int, most: int) -> Self:
        """Of values that were counted elsewhere, by the same buckets."""
        assert len(counts) == BUCKETS and sum(counts) == count
        result = cls()
        result._counts, result.count, result.max = list(counts), count, most
        return result

    def record(self, value: int) -> None:
        """Count one value."""
        shift = value.bit_length() - _BITS - 1
        if shift <= 0:
            self._counts[value] += 1
        else:
            self._counts[(shift << _BITS) + (value >> shift)] += 1
        self.count += 1
        if value > self.max:
            self.max = value

    def add(self, other: "Quantiles") -> None:
        """Count what another has counted."""
        self._counts = [a + b for a, b in zip(self._counts, other._counts, strict=True)]
        self.count += other.count
        self.max = max(self.max, other.max)

    def quantile(self, fraction: float) -> int:
        """The value that `fraction` of the recorded ones do not exceed; 0 when there are none."""
        wanted = max(math.ceil(self.count * fraction), 1)
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return min(_highest(bucket), self.max)
        return 0


def quantiles_of(values: Iterable[int]) -> Quantiles:
    """Quantiles that have counted `values`."""
    result = Quantiles()
    for value in values:
        result.record(value)
    return result


def _highest(bucket: int) -> int:
    """The highest value of a bucket."""
    if bucket < 2 << _BITS:
        return bucket
    shift = (bucket >> _BITS) - 1
    return ((bucket - (shift << _BITS) + 1) << shift) - 1
