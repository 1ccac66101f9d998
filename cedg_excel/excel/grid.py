"""A tab as a grid: every value that is not blank, by row and column, as calamine reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import python_calamine

from cedg_excel.excel.gate import Opened, Refused
from cedg_excel.excel.plain_workbook import workbook_of
from cedg_excel.excel.sheet_details import write_all_plainly
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel.workbook_info import WorkbookInfo
from cedg_excel.excel_facts import Address
from cedg_excel.text import is_blank


@dataclass(frozen=True, slots=True)
class Grid:
    """A returned tab: its name, and every cell that is not blank, by 1-based row and column."""

    title: str
    cells: Mapping[Address, Any]


def grid_of(title: str, rows: list[list[Any]], start: Address) -> Grid:
    """A grid from calamine's rows. `start` is 0-based: calamine drops the blank rows and columns before it."""
    first_row, first_column = start[0] + 1, start[1] + 1
    cells = {
        (row, column): value
        for row, values in enumerate(rows, first_row)
        for column, value in enumerate(values, first_column)
        if value != "" and not is_blank(value)
    }
    return Grid(title, cells)


def read_grids(opened: Opened, book: WorkbookInfo, details: Mapping[str, SheetDetails]) -> dict[str, Grid]:
    """
    The values of every tab that is read, by title. What cannot be read for certain is in the grid as the text that is stored there.

    Raises Refused when calamine cannot read the workbook.
    """
    try:
        return _grids(opened, book, details)
    except Refused:
        # It stops at the first cell that it cannot read. Written again, such cells are left out and the others are read.
        write_all_plainly(opened.parts, book, details)
        return _grids(opened, book, details)


def _grids(opened: Opened, book: WorkbookInfo, details: Mapping[str, SheetDetails]) -> dict[str, Grid]:
    # A tab without values is not given to calamine at all.
    with_values = [tab for tab in book.tabs if tab.is_read and details[tab.title].last_row]
    sheets = [details[tab.title].plain or opened.parts[tab.part] for tab in with_values]
    ranges = iter(_read_sheets(workbook_of(sheets, opened.parts, epoch_1904=book.epoch_1904), len(sheets)))
    grids = {}
    for tab in book.tabs:
        if tab.is_read:
            grid = grid_of(tab.title, *next(ranges)) if tab in with_values else Grid(tab.title, {})
            grids[tab.title] = _with_unreadable(grid, details[tab.title].unreadable)
    return grids


def _with_unreadable(grid: Grid, unreadable: Mapping[Address, str]) -> Grid:
    return Grid(grid.title, {**grid.cells, **unreadable}) if unreadable else grid


def _read_sheets(workbook: BytesIO, count: int) -> list[tuple[list[list[Any]], Address]]:
    """The rows and the start of each sheet, in order. Raises Refused where calamine fails."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(workbook)
        sheets = [book.get_sheet_by_index(number) for number in range(count)]
        return [(sheet.to_python(), sheet.start or (0, 0)) for sheet in sheets]
    except (python_calamine.CalamineError, python_calamine.WorksheetNotFound, OSError, ValueError) as error:
        raise Refused("UNUSUAL") from error
    except BaseException as error:
        # A panic in calamine, such as for a date of -1e16, is not an Exception and its class cannot be imported. It would end the batch.
        if type(error).__name__ == "PanicException":
            raise Refused("UNUSUAL") from error
        raise
