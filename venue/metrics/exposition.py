"""Samples as Prometheus reads them, by prometheus-client; each metric with its help and type."""

import math
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from venue.metrics.catalog import BY_NAME, Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Given(Collector):
    """Gives the samples that it was made with."""

    def __init__(self, process: str, samples: Sequence[Sample]) -> None:
        self._process = process
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        """The families, in the order of their first samples."""
        by_name: dict[str, list[Sample]] = {}
        for sample in self._samples:
            by_name.setdefault(sample.name, []).append(sample)
        for name, samples in by_name.items():
            yield _family(name, self._process, samples)


def exposition(process: str, samples: Iterable[Sample]) -> bytes:
    """The text of a scrape. process: a label of every sample."""
    registry = CollectorRegistry()
    registry.register(_Given(process, list(samples)))
    return generate_latest(registry)


def _family(name: str, process: str, samples: Sequence[Sample]) -> Metric:
    metric = BY_NAME[name]
    labels = ("process", *metric.labels)
    if metric.kind == "histogram":
        histogram = HistogramMetricFamily(name, metric.help, labels=labels)
        for each in samples:
            buckets = [(_bound(bound), float(count)) for bound, count in each.buckets]
            histogram.add_metric([process, *each.labels], buckets, each.value)
        return histogram
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(name, metric.help, labels=labels)
    for each in samples:
        family.add_metric([process, *each.labels], each.value)
    return family


def _bound(bound: float) -> str:
    return "+Inf" if math.isinf(bound) else f"{bound:.10g}"
