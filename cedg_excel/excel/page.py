"""A worksheet while it is written: cells by the name of their style, rows as tall as their text, print set-up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.excel.save import Rows
from cedg_excel.excel.styles import FONT, MAX_ROW_POINTS, STYLES
from cedg_excel.ratings import NOT_RATED, RATING_WORDS

MIN_POINTS = 15.0
PADDING = 3.0
PAGE_POINTS, PAGE_CHARACTERS = 500.0, 122.0
"""What an A4 page on its side holds at full size: points down, characters of Arial 10 across."""


class Book:
    """A new workbook without openpyxl's leftovers, and the styles already made in it."""

    def __init__(self, title: str) -> None:
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self.workbook.properties.title = printable(title)
        self.workbook._named_styles["Normal"].font.name = FONT  # type: ignore[attr-defined]
        self.workbook._named_styles["Normal"].font.size = 10  # type: ignore[attr-defined]
        self._dressed: dict[str, Any] = {}
        self.results: dict[str, dict[tuple[int, int], str | int]] = {}
        self.rows: dict[str, Rows] = {}
        self.chart_texts: list[str] = []

    def property(self, name: str, value: str) -> None:
        """A custom document property, always a string: LibreOffice turns numbers into fractions."""
        properties: Any = self.workbook.custom_doc_props  # type: ignore[attr-defined]
        properties.append(StringProperty(name=name, value=value))

    def page(self, title: str, widths: Sequence[float]) -> Page:
        """A new tab at the end, with its column widths in characters."""
        return Page(self, self.workbook.create_sheet(title), widths)

    def style_number(self, page: Page, style: str) -> int:
        """The number by which the workbook knows a style."""
        cell = Cell(page.sheet, 1, 1)
        self.dress(cell, style)
        return cell.style_id

    def dress(self, cell: Cell, style: str) -> None:
        """Give a cell its style. The first of each style is dressed; the others share it, ten times as fast."""
        if style not in self._dressed:
            STYLES[style].apply(cell)
            self._dressed[style] = cell._style  # type: ignore[attr-defined]
        cell._style = self._dressed[style]  # type: ignore[attr-defined]


class Page:
    """One tab being written."""

    def __init__(self, book: Book, sheet: Worksheet, widths: Sequence[float]) -> None:
        self.book, self.sheet, self.widths = book, sheet, widths
        self._points: dict[int, float] = defaultdict(lambda: MIN_POINTS)
        for column, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.sheet_view.showGridLines = False

    def put(self, row: int, column: int, value: object, style: str = "text") -> Cell:
        """Write one cell. Text stays text, whatever it begins with; None leaves the cell empty but dressed."""
        cell: Cell = self.sheet.cell(row, column)  # type: ignore[assignment]
        if isinstance(value, str):
            cell.value = escaped(value)
            cell.data_type = "s"
        elif value is not None:
            cell.value = value  # type: ignore[assignment]
        self.book.dress(cell, style)
        if isinstance(value, str) and column <= len(self.widths):
            self.at_least(row, STYLES[style].points(value, self.widths[column - 1]) + PADDING)
        return cell

    def flow(self, row: int, column: int, text: str, style: str) -> int:
        """
        Write a text that may be taller than any row can be: what does not fit goes on in the rows below.

        Returns the last row used.
        """
        look, width = STYLES[style], self.widths[column - 1]
        for part in portions(text, lambda piece: look.points(piece, width) + PADDING <= MAX_ROW_POINTS):
            self.put(row, column, part, style)
            row += 1
        return row - 1

    def formula(self, row: int, column: int, formula: str, style: str = "text", result: str | int | None = None) -> Cell:
        """Write a formula, the only way one gets into a workbook of ours; `result` is what it comes to."""
        if result is not None:
            self.book.results.setdefault(self.sheet.title, {})[row, column] = result
        cell: Cell = self.sheet.cell(row, column)  # type: ignore[assignment]
        cell.value = formula
        self.book.dress(cell, style)
        return cell

    def at_least(self, row: int, points: float) -> None:
        """Make a row tall enough for `points`."""
        self._points[row] = max(self._points[row], points)

    def points(self, first: int, last: int) -> float:
        """How tall the rows from first to last stand, in points."""
        return sum(min(self._points[row], MAX_ROW_POINTS) if row in self._points else MIN_POINTS for row in range(first, last + 1))

    def finish(self) -> None:
        """Set the row heights. `package` strips customHeight from them, so that rows go on growing as people type."""
        for row, points in self._points.items():
            self.sheet.row_dimensions[row].height = min(round(points, 1), MAX_ROW_POINTS)

    def break_before(self, table: int, head: int, last: int) -> str:
        """
        Start the second table (at row `table`) on a page of its own when the sheet does not fit on one.

        Returns the rows to repeat. Excel repeats the same rows on every page: the first table's heading must not
        stand over the second table's figures.
        """
        if not self.fits_a_page(last):
            self.sheet.row_breaks.append(Break(id=table - 1))
        return f"{head}:{head}"

    def fits_a_page(self, last: int, more: float = 0) -> bool:
        """Whether the rows down to `last`, and so many points more, fit on one page at the size the sheet is printed in."""
        return self.points(1, last) + more <= PAGE_POINTS * sum(self.widths) / PAGE_CHARACTERS

    def print_on_a4(self, footer: str, repeat: str | None = None, landscape: bool = True) -> None:
        """A4, as wide as the paper, with page numbers; `repeat` is a range of rows such as `6:6`."""
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.6, 0.2, 0.3
        # An ampersand starts a code in a header or footer, so a text's own is doubled.
        foot: Any = sheet.oddFooter
        foot.left.text, foot.right.text = printable(footer).replace("&", "&&"), "&A, page &P of &N"
        for part in (foot.left, foot.right):
            part.size, part.font = 8, FONT
        if repeat:
            sheet.print_title_rows = repeat


def portions(text: str, fits: Callable[[str], bool]) -> list[str]:
    """A text in as few pieces as fit, cut between lines or words where there are any. Joined, they are the text."""
    pieces = []
    while text and not fits(text):
        low, high = 1, len(text)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(text[:middle]) else (low, middle)
        cut = max(text.rfind("\n", 0, low), text.rfind(" ", 0, low)) + 1
        cut = cut if cut > low // 2 else low
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_ESCAPE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """Text as Excel keeps it in XML: control characters as `_x000B_`, and a typed `_x000B_` told apart from them."""
    return _ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def printable(text: str) -> str:
    """Text for where no escape is known, such as a document's title: without control characters, which XML cannot hold."""
    return _CONTROL.sub(" ", text)


def head(page: Page, row: int, heads: Iterable[str]) -> None:
    """A heading row; over figures and the four narrow columns it is centred, as they are."""
    for column, text in enumerate(heads, 1):
        page.put(row, column, text, "head.centre" if text in _OVER_FIGURES or len(text) == 1 or text.startswith("Objective ") else "head")


_OVER_FIGURES = {"Actions", "Errors", "Warnings", "Latest", "Target", "Good is", NOT_RATED, *RATING_WORDS}


def style_for(value: object, text: str, dates: str, numbers: str) -> str:
    """The style for a value by its type."""
    if isinstance(value, date):
        return dates
    return numbers if isinstance(value, int | float) and not isinstance(value, bool) else text
