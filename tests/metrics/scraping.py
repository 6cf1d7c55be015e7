"""Asking the ports of a running venue as Prometheus and probes do."""

import http.client
import re
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from tests.running_venue import RunningVenue
from venue.metrics.catalog import BY_NAME, series_names

_NAME = re.compile(r"\bvenue_[a-z0-9_]+")
SERIES = {series: metric for metric in BY_NAME.values() for series in series_names(metric)}
"""Metrics by the names under which Prometheus keeps them."""


class Series(NamedTuple):
    """A series by its name and labels; `process` is left out."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


def get(address: str, path: str) -> tuple[int, str]:
    """Status and body of an answer."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=15)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def addresses(venue: RunningVenue) -> dict[str, str]:
    """HOST:PORT of each process's port."""
    found: dict[str, str] = venue.json("status")["metrics"]
    return found


def scrape(address: str) -> dict[Series, float]:
    """All values at a port."""
    status, text = get(address, "/metrics")
    assert status == 200, text
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {key: value for key, value in sample.labels.items() if key != "process"}
            found[Series(sample.name, tuple(sorted(labels.items())))] = sample.value
    return found


def value(address: str, name: str, **labels: str) -> float | None:
    """One value now; None: there is none."""
    return scrape(address).get(Series(name, tuple(sorted(labels.items()))))


def names_in(expression: str) -> set[str]:
    """The venue's series that an expression names."""
    return set(_NAME.findall(expression))
