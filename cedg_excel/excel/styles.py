"""One set of cell styles for template, feedback and master: what each kind of cell looks like, and how tall its text is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle

from cedg_excel.ratings import RATING_BY_WORD, RATINGS

FONT = "Arial"
NAVY, MIST, RULE, GREY, INPUT, WHITE, BLACK = "1F3A5F", "E8EDF3", "B1B9C2", "505A5F", "FFFBE0", "FFFFFF", "0B0C0C"
BAD_FILL, BAD_INK, LINK_INK = "FBE3E1", "A3120E", "1D5FA8"
DATE_FORMAT = "dd/mm/yyyy"

MAX_ROW_POINTS = 409.0
"""The tallest a row can be in Excel."""


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What a kind of cell looks like. Size is in points, colours are RRGGBB."""

    size: float = 10
    bold: bool = False
    italic: bool = False
    underline: bool = False
    ink: str = BLACK
    fill: str = ""
    border: bool = False
    wrap: bool = False
    horizontal: str = "left"
    vertical: str = "top"
    number_format: str = "General"
    locked: bool = True
    border_ink: str = ""
    rotated: bool = False

    def apply(self, cell: Any) -> None:
        """Format one openpyxl cell. Slow: `Book.apply_style` does it once for each style and shares the result."""
        cell.font = Font(name=FONT, size=self.size, bold=self.bold, italic=self.italic, color=self.ink,
                         underline="single" if self.underline else None)  # fmt: skip
        cell.alignment = Alignment(self.horizontal, self.vertical, text_rotation=90 if self.rotated else 0, wrap_text=self.wrap)
        cell.number_format = self.number_format
        cell.protection = Protection(locked=self.locked)
        if self.fill:
            cell.fill = PatternFill("solid", fgColor=self.fill)
        if self.border:
            side = Side(style="medium", color=self.border_ink) if self.border_ink else Side(style="thin", color=RULE)
            cell.border = Border(side, side, side, side)

    def text_height(self, text: str, width: float) -> float:
        """The height of a text in a column `width` characters wide, in points."""
        line = self.size * 1.32
        if self.rotated:
            return self.size * 0.56 * len(text) + line
        if not self.wrap:
            return line
        # Column widths are measured in digits, and English text in Arial is narrower than digits; less so in bold.
        characters_per_line = max(4, math.floor(width * 10 / self.size * (1.05 if self.bold else 1.18)) - 1)
        return line * sum(max(1, len(wrap(part, characters_per_line))) for part in text.split("\n"))


_TABLE = CellStyle(border=True, wrap=True)
_INPUT = replace(_TABLE, fill=INPUT, locked=False)

STYLES: dict[str, CellStyle] = {
    "text": CellStyle(wrap=True),
    "line": CellStyle(vertical="center"),
    "banner": CellStyle(11, bold=True, ink=BLACK, fill="FFE8A3", vertical="center"),
    "banner.notice": CellStyle(9, bold=True, ink=BAD_INK, fill="FFE8A3", vertical="center"),
    "title": CellStyle(16, bold=True, ink=NAVY),
    "subtitle": CellStyle(12, bold=True),
    "heading": CellStyle(12, bold=True, ink=NAVY),
    "lead": CellStyle(10, ink=GREY),
    "notice": CellStyle(9, bold=True, ink=BAD_INK),
    "stamp": CellStyle(9, ink=GREY),
    "head": CellStyle(10, bold=True, ink=WHITE, fill=NAVY, border=True, wrap=True, vertical="center"),
    "head.centre": CellStyle(10, bold=True, ink=WHITE, fill=NAVY, border=True, wrap=True, horizontal="center", vertical="center"),
    "head.rotated": CellStyle(9, bold=True, ink=WHITE, fill=NAVY, border=True, horizontal="center", vertical="bottom", rotated=True),
    "input.head": CellStyle(9, bold=True, fill=INPUT, border=True, horizontal="center", vertical="bottom", number_format="@", rotated=True),
    "ref": replace(_TABLE, bold=True, fill=MIST, number_format="@"),
    "action": replace(_TABLE),
    "action.bold": replace(_TABLE, bold=True),
    "locked": replace(_TABLE),
    "locked.date": replace(_TABLE, number_format=DATE_FORMAT),
    "locked.number": replace(_TABLE, number_format="General", horizontal="right"),
    "gap": CellStyle(),
    "check": replace(_TABLE, ink=BAD_INK, size=9),
    "check.number": replace(_TABLE, ink=GREY, size=9, horizontal="center"),
    "list": CellStyle(wrap=True),
    "list.link": CellStyle(ink=LINK_INK, underline=True),
    "link": replace(_TABLE, ink=LINK_INK, underline=True),
    "past": replace(_TABLE, ink=GREY, horizontal="right"),
    "help": replace(_TABLE, ink=GREY, size=9),
    "small": replace(_TABLE, ink=GREY, size=9),
    "input.text": replace(_INPUT, number_format="@"),
    "input.date": replace(_INPUT, number_format=DATE_FORMAT),
    "input.number": replace(_INPUT, number_format="General", horizontal="right"),
    "input.whole": replace(_INPUT, number_format="0", horizontal="right"),
    "input.rating": replace(_INPUT, bold=True, horizontal="center", vertical="center"),
    "input.choice": replace(_INPUT),
    "input.mark": replace(_INPUT, bold=True, horizontal="center", vertical="center", number_format="@"),
    "input.figure": replace(_INPUT),
    "input.code": replace(_INPUT, bold=True, number_format="@"),
    "count": replace(_TABLE, number_format="General", horizontal="center"),
    "total": replace(_TABLE, bold=True, fill=MIST),
    "total.count": replace(_TABLE, bold=True, fill=MIST, number_format="General", horizontal="center"),
    "action.head": replace(_TABLE, fill=MIST, bold=True),
    "action.part": replace(_TABLE, fill=MIST),
    "action.ragb": replace(_TABLE, fill=MIST, bold=True, horizontal="center", vertical="center"),
    "action.date": replace(_TABLE, fill=MIST, number_format=DATE_FORMAT),
    "data": CellStyle(),
    "data.date": CellStyle(number_format="yyyy-mm-dd"),
    "data.number": CellStyle(number_format="General", horizontal="right"),
}
for _rating in RATINGS:
    _rating_style = replace(_TABLE, bold=True, ink=_rating.ink, fill=_rating.fill, horizontal="center", vertical="center")
    STYLES[f"brag.{_rating.word}"] = _rating_style
STYLES["brag.none"] = replace(_TABLE, ink=GREY, size=9, horizontal="center", vertical="center")
STYLES["brag.blank"] = replace(_TABLE, horizontal="center", vertical="center")


def rating_style(word: str | None) -> str:
    """The style of a cell that shows a rating, or the grey one for everything else: "Not rated", a dash, nothing."""
    return f"brag.{word}" if word in RATING_BY_WORD else "brag.none"


FLAGGED = ".marked"
"""Added to the name of an input style: the same cell with a red border, for feedback."""
STYLES |= {name + FLAGGED: replace(style, border_ink=BAD_INK) for name, style in STYLES.items() if name.startswith("input.")}


def differential(ink: str, fill: str, bold: bool = True) -> DifferentialStyle:
    """The style that a conditional format adds to a cell."""
    return DifferentialStyle(font=Font(bold=bold, color=ink), fill=PatternFill(bgColor=fill, fill_type="solid"))


BAD = differential(BAD_INK, BAD_FILL)
