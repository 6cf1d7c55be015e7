"""Pictures as SVG text: boxes with lines of text, and arrows between them. Pure.

The same parts give the same text. White behind everything, so that a dark page shows them too.
"""

from html import escape
from typing import NamedTuple

LINE = 17
"""Pixels from one line of text to the next."""
_PAD = 10
_ARROW = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#5b6b7f"/></marker></defs>'
)


class Box(NamedTuple):
    """A box with a heading and lines of text; x and y of its upper left corner, in pixels."""

    x: float
    y: float
    width: float
    heading: str
    lines: tuple[str, ...] = ()
    fill: str = "#eef3f9"

    @property
    def height(self) -> float:
        """From the number of its lines, in pixels."""
        return LINE * (1 + len(self.lines)) + 2 * _PAD

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def edge_towards(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where the line from its middle to a point leaves it."""
        (mx, my), (px, py) = self.middle, point
        dx, dy = px - mx, py - my
        shares = [
            half / abs(part)
            for half, part in ((self.width / 2 + 2, dx), (self.height / 2 + 2, dy))
            if part
        ]
        share = min(shares)
        return mx + dx * share, my + dy * share

    def svg(self) -> str:
        """Rectangle and text."""
        parts = [
            f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" '
            f'height="{self.height:g}" rx="6" fill="{self.fill}" stroke="#5b6b7f"/>',
            text(self.x + _PAD, self.y + _PAD + 12, self.heading, weight="600"),
        ]
        parts += [
            text(self.x + _PAD, self.y + _PAD + 12 + LINE * number, line)
            for number, line in enumerate(self.lines, 1)
        ]
        return "\n".join(parts)


def text(x: float, y: float, words: str, weight: str = "400", anchor: str = "start") -> str:
    """One line of text, its baseline at y."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def arrow(start: Box, end: Box, words: str = "", *, bend: float = 0, at: float = 0.5) -> str:
    """An arrow from box to box. bend: pixels to its left; at: where on it the words stand."""
    (sx, sy), (ex, ey) = start.middle, end.middle
    length = ((ex - sx) ** 2 + (ey - sy) ** 2) ** 0.5
    cx = (sx + ex) / 2 + bend * 2 * (ey - sy) / length
    cy = (sy + ey) / 2 - bend * 2 * (ex - sx) / length
    (ax, ay), (bx, by) = start.edge_towards((cx, cy)), end.edge_towards((cx, cy))
    path = f"M{ax:.1f} {ay:.1f}Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}"
    drawn = f'<path d="{path}" fill="none" stroke="#5b6b7f" marker-end="url(#tip)"/>'
    if not words:
        return drawn
    x = (1 - at) ** 2 * ax + 2 * at * (1 - at) * cx + at**2 * bx
    y = (1 - at) ** 2 * ay + 2 * at * (1 - at) * cy + at**2 * by
    lines = words.split("\n")
    width = max(map(len, lines)) * 6.6 + 6
    top = y - LINE * len(lines) / 2
    parts = [
        drawn,
        f'<rect x="{x - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{LINE * len(lines)}" fill="#fff"/>',
    ]
    parts += [
        text(round(x, 1), round(top + 13 + LINE * number, 1), line, anchor="middle")
        for number, line in enumerate(lines)
    ]
    return "\n".join(parts)


def across(start: Box, end: Box) -> str:
    """An arrow from the right side of a box to the left side of another."""
    (_, sy), (_, ey) = start.middle, end.middle
    sx, ex = start.x + start.width + 2, end.x - 2
    path = f"M{sx:.1f} {sy:.1f}C{(sx + ex) / 2:.1f} {sy:.1f} {(sx + ex) / 2:.1f} {ey:.1f} "
    return (
        f'<path d="{path}{ex:.1f} {ey:.1f}" fill="none" stroke="#5b6b7f" marker-end="url(#tip)"/>'
    )


def stacked(x: float, y: float, gap: float, boxes: list[Box]) -> list[Box]:
    """The boxes one below the other, `gap` pixels apart, from x and y on."""
    placed = []
    for box in boxes:
        placed.append(box._replace(x=x, y=y))
        y += box.height + gap
    return placed


def picture(width: int, height: int, title: str, parts: list[str]) -> str:
    """The whole file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="system-ui, sans-serif" font-size="12" '
        f'fill="#16202c">\n<title>{escape(title)}</title>\n{_ARROW}\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>'
    )
    return "\n".join([head, *parts, "</svg>", ""])
