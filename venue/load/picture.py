"""Latency quantiles against offered rate, drawn as SVG text. Pure.

Both axes are simple on purpose: rate linear from 0, latency logarithmic, a line a quantile.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 90, 50, 60
_COLORS = ("#1b7837", "#5aae61", "#e08214", "#c51b7d", "#7f0000")
_TEXT = 'font-family="sans-serif" font-size="12" fill="#333"'

Point = tuple[int, Mapping[str, float]]
"""Offered rate, and latencies in microseconds by the name of their quantile."""


def latency_picture(points: Sequence[Point], title: str) -> str:
    """SVG document; quantiles are drawn in the order in which the first point has them."""
    ordered = sorted(points, key=lambda point: point[0])
    values = [value for _, latencies in ordered for value in latencies.values() if value > 0]
    assert values, "nothing was measured"
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    step = _rate_step(ordered[-1][0])
    most = math.ceil(ordered[-1][0] / step) * step

    def x(rate: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * rate / most

    def y(value: float) -> float:
        share = (math.log10(max(value, 10.0**low)) - low) / (high - low)
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" {_TEXT}>{escape(title)}</text>',
        f'<text x="{_LEFT}" y="{HEIGHT - 14}" {_TEXT}>offered messages a second</text>',
    ]
    for power in range(low, high + 1):
        lines += _grid_line(y(10.0**power), _duration(10.0**power))
    for rate in range(0, most + 1, step):
        lines.append(
            f'<text x="{x(rate):.1f}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle" {_TEXT}>'
            f"{rate:,}</text>"
        )
    for number, name in enumerate(ordered[0][1]):
        places = [(x(rate), y(latencies[name])) for rate, latencies in ordered]
        lines += _curve(places, _COLORS[number % len(_COLORS)], name)
    return "\n".join([*lines, "</svg>", ""])


def _grid_line(at: float, label: str) -> list[str]:
    return [
        f'<line x1="{_LEFT}" y1="{at:.1f}" x2="{WIDTH - _RIGHT}" y2="{at:.1f}" stroke="#ddd"/>',
        f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" {_TEXT}>{label}</text>',
    ]


def _curve(places: Sequence[tuple[float, float]], color: str, name: str) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    last_x, last_y = places[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places),
        f'<text x="{last_x + 8:.1f}" y="{last_y + 4:.1f}" {_TEXT} style="fill:{color}">'
        f"{escape(name)}</text>",
    ]


def _rate_step(most: int) -> int:
    """A round step that cuts the axis into 2 to 5 parts."""
    rough = max(most / 5, 1)
    power: int = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _duration(microseconds: float) -> str:
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:g} s"
    return f"{microseconds / 1e3:g} ms" if microseconds >= 1e3 else f"{microseconds:g} us"
