"""A worksheet while it is written: cells with named styles, rows as tall as their text, print settings."""

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

from cedg_excel.excel.save import SheetRows
from cedg_excel.excel.styles import BAD_INK, FONT, MAX_ROW_POINTS, STYLES
from cedg_excel.ratings import NOT_RATED, RATING_WORDS

MIN_ROW_POINTS = 15.0
ROW_PADDING = 3.0
PAGE_POINTS, PAGE_CHARACTERS = 500.0, 122.0
"""What a landscape A4 page holds at full size: points down, characters of Arial 10 across."""


class Book:
    """
    A new workbook without openpyxl's first sheet, and the styles used in it so far.

    `notice` is printed at the top of every page of every sheet; empty for none.
    """

    def __init__(self, title: str, notice: str = "") -> None:
        self.workbook, self.notice = Workbook(), notice
        self.workbook.remove(self.workbook.worksheets[0])
        self.workbook.properties.title = printable(title)
        self.workbook._named_styles["Normal"].font.name = FONT  # type: ignore[attr-defined]
        self.workbook._named_styles["Normal"].font.size = 10  # type: ignore[attr-defined]
        self._style_cache: dict[str, Any] = {}
        self.results: dict[str, dict[tuple[int, int], str | int]] = {}
        self.rows: dict[str, SheetRows] = {}
        self.chart_texts: list[str] = []

    def add_property(self, name: str, value: str) -> None:
        """Add a custom document property. It is always a string: LibreOffice turns numbers into fractions."""
        properties: Any = self.workbook.custom_doc_props  # type: ignore[attr-defined]
        properties.append(StringProperty(name=name, value=value))

    def page(self, title: str, widths: Sequence[float]) -> Page:
        """Add a tab at the end. `widths` are its columns' widths in characters."""
        return Page(self, self.workbook.create_sheet(title), widths)

    def style_number(self, page: Page, style: str) -> int:
        """The number of a style in the workbook's XML."""
        cell = Cell(page.sheet, 1, 1)
        self.apply_style(cell, style)
        return cell.style_id

    def apply_style(self, cell: Cell, style: str) -> None:
        """Give a cell a style. It is built for the first cell and shared by the others, which is ten times as fast."""
        if style not in self._style_cache:
            STYLES[style].apply(cell)
            self._style_cache[style] = cell._style  # type: ignore[attr-defined]
        cell._style = self._style_cache[style]  # type: ignore[attr-defined]


class Page:
    """One tab being written."""

    def __init__(self, book: Book, sheet: Worksheet, widths: Sequence[float]) -> None:
        self.book, self.sheet, self.widths = book, sheet, widths
        self._row_heights: dict[int, float] = defaultdict(lambda: MIN_ROW_POINTS)
        for column, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.sheet_view.showGridLines = False

    def put(self, row: int, column: int, value: object, style: str = "text") -> Cell:
        """Write one cell. Text stays text, whatever it begins with; with None the cell is styled but empty."""
        cell: Cell = self.sheet.cell(row, column)  # type: ignore[assignment]
        if isinstance(value, str):
            cell.value = escaped(value)
            cell.data_type = "s"
        elif value is not None:
            cell.value = value  # type: ignore[assignment]
        self.book.apply_style(cell, style)
        if isinstance(value, str) and column <= len(self.widths):
            self.ensure_row_height(row, STYLES[style].text_height(value, self.widths[column - 1]) + ROW_PADDING)
        return cell

    def put_notice(self, row: int) -> None:
        """Write the workbook's notice, if it has one, for those who read on screen. It is in a row that is blank without one."""
        if self.book.notice:
            self.put(row, 1, self.book.notice, "notice")

    def put_long_text(self, row: int, column: int, text: str, style: str) -> int:
        """
        Write a text that may be taller than a row can be: what does not fit continues in the rows below.

        Returns the last row used.
        """
        cell_style, width = STYLES[style], self.widths[column - 1]
        for part in split_to_fit(text, lambda portion: cell_style.text_height(portion, width) + ROW_PADDING <= MAX_ROW_POINTS):
            self.put(row, column, part, style)
            row += 1
        return row - 1

    def formula(self, row: int, column: int, formula: str, style: str = "text", result: str | int | None = None) -> Cell:
        """Write a formula; `put` never writes one. `result` is its value, for programs that show a file without calculating it."""
        if result is not None:
            self.book.results.setdefault(self.sheet.title, {})[row, column] = result
        cell: Cell = self.sheet.cell(row, column)  # type: ignore[assignment]
        cell.value = formula
        self.book.apply_style(cell, style)
        return cell

    def ensure_row_height(self, row: int, points: float) -> None:
        """Make a row at least `points` tall."""
        self._row_heights[row] = max(self._row_heights[row], points)

    def height(self, first: int, last: int) -> float:
        """The height of the rows from first to last together, in points."""
        return sum(
            min(self._row_heights[row], MAX_ROW_POINTS) if row in self._row_heights else MIN_ROW_POINTS for row in range(first, last + 1)
        )

    def finish(self) -> None:
        """Set the row heights. `to_bytes` removes customHeight from them, so that rows still grow as people type."""
        for row, points in self._row_heights.items():
            self.sheet.row_dimensions[row].height = min(round(points, 1), MAX_ROW_POINTS)

    def break_before(self, table: int, head: int, last: int) -> str:
        """
        Start the second table (at row `table`) on a new page when the sheet does not fit on one.

        Returns the rows to repeat. Excel repeats the same rows on every page: the first table's heading must not
        appear above the second table's figures.
        """
        if not self.fits_a_page(last):
            self.sheet.row_breaks.append(Break(id=table - 1))
        return f"{head}:{head}"

    def fits_a_page(self, last: int, more: float = 0) -> bool:
        """Whether the rows down to `last`, and `more` points below them, fit on one page at the size the sheet is printed in."""
        return self.height(1, last) + more <= PAGE_POINTS * sum(self.widths) / PAGE_CHARACTERS

    def print_on_a4(self, footer: str, repeat: str | None = None, landscape: bool = True) -> None:
        """Print on A4, fitted to its width, with page numbers; `repeat` is a range of rows such as `6:6`."""
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.6, 0.2, 0.3
        head: Any = sheet.oddHeader
        foot: Any = sheet.oddFooter
        foot.left.text, foot.right.text = margin_text(footer), "&A, page &P of &N"
        for part in (foot.left, foot.right):
            part.size, part.font = 8, FONT
        if self.book.notice:
            # Or it would be printed as small as the columns of a wide sheet, too small to read.
            sheet.HeaderFooter.scaleWithDoc = False
            head.center.text, head.center.size = margin_text(self.book.notice), 8
            head.center.font, head.center.color = f"{FONT},Bold", BAD_INK
        if repeat:
            sheet.print_title_rows = repeat


def split_to_fit(text: str, fits: Callable[[str], bool]) -> list[str]:
    """A text in as few portions as fit, split between lines or words where possible. Joined, they are the text."""
    portions = []
    while text and not fits(text):
        low, high = 1, len(text)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(text[:middle]) else (low, middle)
        cut = max(text.rfind("\n", 0, low), text.rfind(" ", 0, low)) + 1
        cut = cut if cut > low // 2 else low
        portions.append(text[:cut])
        text = text[cut:]
    return [*portions, text]


_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_ESCAPE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """Text as Excel stores it in XML: control characters as `_x000B_`, and the underscore of a typed `_x000B_` escaped too."""
    return _ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def printable(text: str) -> str:
    """Text without control characters, which XML cannot hold. For places with no escape for them, such as a document's title."""
    return _CONTROL.sub(" ", text)


MAX_MARGIN_TEXT = 190
"""The most characters of a text in a header or footer. With the codes around it, Excel allows 255."""


def margin_text(text: str) -> str:
    """A text for a header or footer, shortened if it is too long. An ampersand starts a code there, so one in the text is doubled."""
    text = printable(text)
    while len(text) + text.count("&") > MAX_MARGIN_TEXT:
        text = text[:-1]
    return text.replace("&", "&&")


def put_headings(page: Page, row: int, headings: Iterable[str]) -> None:
    """Write a heading row, centred above numbers and the four narrow columns of ratings, which are centred too."""
    for column, text in enumerate(headings, 1):
        centred = text in _CENTRED_HEADINGS or len(text) == 1 or text.startswith("Objective ")
        page.put(row, column, text, "head.centre" if centred else "head")


_CENTRED_HEADINGS = {"Actions", "Errors", "Warnings", "Latest", "Target", "Good is", NOT_RATED, *RATING_WORDS}


def style_for(value: object, text: str, dates: str, numbers: str) -> str:
    """The style for a value by its type."""
    if isinstance(value, date):
        return dates
    return numbers if isinstance(value, int | float) and not isinstance(value, bool) else text
