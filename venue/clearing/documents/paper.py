"""The look of documents on A4: a heading, facts, tables that run over pages, a foot on each page.

Knows fpdf2 only. The same content gives the same bytes: a document has the time that it is of, not
the one at which it was made.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

_FONT = "Helvetica"
_MARGIN = 16.0
_INK = (24, 32, 44)
_FAINT = (110, 118, 130)
_ACCENT = (22, 62, 110)
_RULE = (198, 205, 214)
_BAND = (238, 242, 247)
_CODEC = "latin-1"
"""What the fonts that every reader of PDF has can write."""


class Column(NamedTuple):
    """A column of a table. width: its share of the page; numbers stand at the right."""

    name: str
    width: int
    is_number: bool = False


class Paper(FPDF):
    """A document. Texts are plain; what the font does not have is written as a question mark."""

    def __init__(self, title: str, foot: str, of_ns: int) -> None:
        """of_ns: the time that it is of, UTC nanoseconds."""
        super().__init__(orientation="P", unit="mm", format="A4")
        self._title = title
        self._foot = foot
        self.set_creation_date(datetime.fromtimestamp(of_ns // 1_000_000_000, UTC))
        self.set_title(_plain(title))
        self.set_creator("venue")
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=20)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        """The venue's name and the title, on each page."""
        self.set_font(_FONT, "B", 9)
        self.set_text_color(*_ACCENT)
        self.cell(0, 5, "VENUE", new_x=XPos.LMARGIN, new_y=YPos.TOP)
        self.set_font(_FONT, "", 9)
        self.set_text_color(*_FAINT)
        self.cell(0, 5, _plain(self._title), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*_ACCENT)
        self.set_line_width(0.4)
        self.line(_MARGIN, self.get_y() + 1, self.w - _MARGIN, self.get_y() + 1)
        self.ln(7)

    def footer(self) -> None:
        """What the document is of, and the page, on each page."""
        self.set_y(-14)
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.set_font(_FONT, "", 7.5)
        self.set_text_color(*_FAINT)
        self.cell(0, 6, _plain(self._foot), new_x=XPos.LMARGIN, new_y=YPos.TOP)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}}", align="R")

    def heading(self, text: str) -> None:
        """What the document is, large, at its beginning."""
        self.set_font(_FONT, "B", 18)
        self.set_text_color(*_INK)
        self.cell(0, 10, _plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Names and values below each other."""
        for name, value in facts:
            self.set_font(_FONT, "", 9)
            self.set_text_color(*_FAINT)
            self.cell(38, 5.2, _plain(name), new_x=XPos.RIGHT, new_y=YPos.TOP)
            self.set_text_color(*_INK)
            self.multi_cell(0, 5.2, _plain(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)

    def section(self, text: str) -> None:
        """A heading inside of the document, never alone at the end of a page."""
        if self.will_page_break(28):
            self.add_page()
        self.ln(2)
        self.set_font(_FONT, "B", 11)
        self.set_text_color(*_ACCENT)
        self.cell(0, 7, _plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def paragraph(self, text: str) -> None:
        """Words."""
        self.set_font(_FONT, "", 9)
        self.set_text_color(*_INK)
        self.multi_cell(0, 5, _plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def table_of(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], strong: Sequence[int] = ()
    ) -> None:
        """A table; its headings come again on each page. strong: rows that stand out, by number."""
        self.set_font(_FONT, "", 7.5)
        self.set_text_color(*_INK)
        self.set_draw_color(*_RULE)
        self.set_line_width(0.1)
        heading = FontFace(emphasis="BOLD", color=_FAINT, fill_color=_BAND)
        bold = FontFace(emphasis="BOLD", fill_color=_BAND)
        with self.table(
            borders_layout="HORIZONTAL_LINES",
            col_widths=tuple(column.width for column in columns),
            text_align=tuple("RIGHT" if column.is_number else "LEFT" for column in columns),
            headings_style=heading,
            line_height=4.2,
            padding=0.6,
        ) as table:
            table.row([column.name for column in columns])
            for number, row in enumerate(rows):
                style = bold if number in strong else None
                table.row([_plain(cell) for cell in row], style=style)
        self.ln(2)

    def whole(self) -> bytes:
        """The file."""
        return bytes(self.output())


def for_eyes(number: str) -> str:
    """An exact number with commas between thousands: `-1,234.5`."""
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, fraction = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{fraction}"


def clock_time(iso_text: str) -> str:
    """Date and time to the second of an ISO time in UTC, as a table has it."""
    return f"{iso_text[:10]} {iso_text[11:19]}"


def _plain(text: str) -> str:
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown.encode(_CODEC, "replace").decode(_CODEC)
