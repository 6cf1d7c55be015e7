"""The picture: well-formed SVG whose curves are where the figures say."""

from xml.etree import ElementTree

import pytest

from venue.load.picture import HEIGHT, WIDTH, latency_picture

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [
    (10_000, {"p50": 900.0, "p99": 40_000.0}),
    (2000, {"p50": 300.0, "p99": 1200.0}),
    (5000, {"p50": 500.0, "p99": 3000.0}),
]


def curves(text: str) -> list[list[tuple[float, float]]]:
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    result = []
    for line in root.iter(f"{SVG}polyline"):
        pairs = (place.split(",") for place in line.attrib["points"].split())
        result.append([(float(x), float(y)) for x, y in pairs])
    return result


def test_a_curve_for_each_quantile_goes_right_with_rate_and_up_with_latency() -> None:
    p50, p99 = curves(latency_picture(POINTS, "a < b"))
    assert len(p50) == len(p99) == 3
    for curve in (p50, p99):
        assert curve == sorted(curve)
        assert [y for _, y in curve] == sorted((y for _, y in curve), reverse=True)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in curve)
    assert all(high < low for (_, low), (_, high) in zip(p50, p99, strict=True))


def test_ten_times_the_latency_is_the_same_step_everywhere() -> None:
    [curve] = curves(
        latency_picture([(1, {"p50": 100.0}), (2, {"p50": 1000.0}), (3, {"p50": 10_000.0})], "t")
    )
    (_, first), (_, second), (_, third) = curve
    assert first - second == pytest.approx(second - third, abs=0.2)


def test_one_rate_alone_can_be_drawn() -> None:
    [curve] = curves(latency_picture([(1000, {"p50": 500.0})], "one"))
    assert len(curve) == 1
    text = latency_picture([(1000, {"p50": 500.0})], "one")
    assert "1,000</text>" in text and "1 ms</text>" in text
