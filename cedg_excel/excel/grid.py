"""A tab as a grid: every value that is not blank, by row and column, as calamine reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import python_calamine

from cedg_excel.excel import gate
from cedg_excel.excel.gate import Refused
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


def read_grids(opened: gate.Opened, names: Iterable[str]) -> dict[str, Grid]:
    """The values of these tabs. Raises Refused when calamine cannot read the workbook."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(opened.as_zip())
        grids = {}
        for name in names:
            sheet = book.get_sheet_by_name(name)
            grids[name] = grid_of(name, sheet.to_python(), sheet.start or (0, 0))
        return grids
    except (python_calamine.CalamineError, python_calamine.WorksheetNotFound, OSError, ValueError) as error:
        raise Refused("DAMAGED") from error
    except BaseException as error:
        # A panic in calamine, such as for a date of -1e16, is not an Exception and its class cannot be imported. It would end the batch.
        if type(error).__name__ == "PanicException":
            raise Refused("DAMAGED") from error
        raise
