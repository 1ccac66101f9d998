"""A filled-in copy before it becomes a file, and how to change it as a person in Excel would."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.form.model import Layout, Value
from cedg_excel.form.stamp import STAMP_PROPERTIES, Stamp
from cedg_excel.tab_names import COVER


@dataclass(frozen=True, slots=True)
class Copy:
    """A filled-in copy before it becomes a file, and the layout with the places of its cells."""

    workbook: Workbook
    layout: Layout

    def sheet(self, objective: int) -> Worksheet:
        return self.workbook[f"Objective {objective}"]

    def cell(self, key: str) -> Cell:
        """The input cell of a key such as `action/4.3/rating`."""
        sheet, cell = next((sheet, cell) for sheet, cell, item in self.layout.fields() if item.key == key)
        return self.workbook[sheet.title].cell(cell.row, cell.column)

    def row(self, ref: str) -> int:
        """The row of a ref such as `4.3` or `K4.9`, 1-based."""
        rows = (row for sheet in self.layout.sheets for table in sheet.tables for row in table.rows)
        return next(row.number for row in rows if row.ref == ref)

    def head(self, objective: int, table: str) -> int:
        """The heading row of a table of an objective: `actions`, `kpis` or `narrative`."""
        sheet = next(sheet for sheet in self.layout.sheets if sheet.title == f"Objective {objective}")
        return next(item.heading_row for item in sheet.tables if item.name == table)

    def part(self, title: str) -> str:
        """The name of a tab's part in the zip: openpyxl numbers them in order."""
        return f"xl/worksheets/sheet{self.workbook.sheetnames.index(title) + 1}.xml"

    def restamp(self, visible: bool = True, hidden: bool = True, **changes: str) -> None:
        """Change parts of the stamp: on the Cover, in the document's properties, or both."""
        stamp = Stamp(**{name: changes.get(name, getattr(self.layout.stamp, name)) for name in STAMP_PROPERTIES.values()})
        if visible:
            self._stamp_cell().value = str(stamp)
        for name, part in STAMP_PROPERTIES.items():
            if hidden and part in changes:
                self.workbook.custom_doc_props[name].value = changes[part]

    def unstamp(self) -> None:
        """Delete the stamp from the Cover and from the document's properties."""
        self._stamp_cell().value = None
        for name in STAMP_PROPERTIES:
            del self.workbook.custom_doc_props[name]

    def _stamp_cell(self) -> Cell:
        stamp = str(self.layout.stamp)
        return next(cell for row in self.workbook[COVER].iter_rows() for cell in row if cell.value == stamp)


def swap_rows(sheet: Worksheet, first: int, second: int) -> None:
    """Swap the contents of two rows, as sorting does; formats stay where they are."""
    for column in range(1, sheet.max_column + 1):
        one, other = sheet.cell(first, column), sheet.cell(second, column)
        one.value, other.value = other.value, one.value


def swap_columns(sheet: Worksheet, first: int, second: int, rows: Iterable[int]) -> None:
    """Swap the contents of two columns in these rows."""
    for row in rows:
        one, other = sheet.cell(row, first), sheet.cell(row, second)
        one.value, other.value = other.value, one.value


def copy_row(sheet: Worksheet, source: int, target: int) -> None:
    """Copy the contents of a row to another."""
    for column in range(1, sheet.max_column + 1):
        sheet.cell(target, column).value = sheet.cell(source, column).value


def paste(cell: Cell, value: Value, number_format: str) -> None:
    """Set a value and a format together, as pasting does."""
    cell._style = copy.copy(cell._style)  # the template shares one style among all cells of a kind
    cell.value, cell.number_format = value, number_format
