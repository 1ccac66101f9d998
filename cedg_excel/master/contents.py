"""A master's sheets as they are compared: values as every program would store them, formulas, comments, objects."""

from __future__ import annotations

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from io import BytesIO
from typing import Any

from cedg_excel.excel.gate import Opened
from cedg_excel.excel.grid import grid_of, read_grids
from cedg_excel.excel.own_workbook import OwnWorkbook
from cedg_excel.excel.sheet_details import details_by_title
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel.workbook_info import WorkbookInfo, workbook_info
from cedg_excel.excel_facts import Address, serial
from cedg_excel.master.row_alignment import Cells
from cedg_excel.master.sheet_objects import SheetObject, sheet_objects

FORMULA = "=\x00"
"""Stands for the value of every cell with a formula: programs calculate at different times, and some do not."""
_CONSTANTS = ("TRUE()", "FALSE()")
"""As LibreOffice writes a value that is true or false."""


def normal(value: Any) -> Any:
    """A value as every program would store it: None for a blank, a number for a date, the same line ends."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(value, datetime):
        return serial(value.date()) + _fraction(value.time())
    if isinstance(value, date):
        return serial(value)
    if isinstance(value, time):
        return _fraction(value)
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    # Office programs keep 15 digits of a number.
    return float(f"{value:.15g}") if isinstance(value, float) else value


def _fraction(value: time) -> float:
    """The part of a day."""
    return (value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 86400


@dataclass(frozen=True)
class Contents:
    """
    The sheets of a workbook.

    Reading them raises Refused where the file is damaged, or has a cell so far out that its sheet would take too much memory. Of
    this program's `own` files only the sheets with formulas are looked at so closely.
    """

    opened: Opened
    own: bytes = b""

    @cached_property
    def info(self) -> WorkbookInfo:
        return workbook_info(self.opened.parts)

    @cached_property
    def titles(self) -> list[str]:
        """The names of all sheets that people can see or unhide, in order."""
        return [tab.title for tab in self.info.tabs if tab.is_read]

    @cached_property
    def details(self) -> Mapping[str, SheetDetails]:
        needed = self.info
        if self.own:
            needed = replace(needed, tabs=tuple(tab for tab in needed.tabs if b"<f>" in self.opened.parts[tab.part]))
        return defaultdict(SheetDetails, details_by_title(self.opened.parts, needed))

    @cached_property
    def values(self) -> Mapping[str, Mapping[Address, Any]]:
        """The values of every worksheet, by title. Chart sheets have none."""
        worksheets = tuple(tab for tab in self.info.tabs if tab.is_read and "/worksheets/" in tab.part)
        if self.own:
            book = OwnWorkbook(self.own, "the master")
            sheets = {tab.title: book.get_sheet_by_name(tab.title) for tab in worksheets}
            return {title: grid_of(title, sheet.to_python(), sheet.start or (0, 0)).cells for title, sheet in sheets.items()}
        # `details` first, as it refuses a sheet that is too large to read.
        return {title: grid.cells for title, grid in read_grids(self.opened, replace(self.info, tabs=worksheets), self.details).items()}

    def cells(self, title: str) -> Cells:
        """The values of one sheet as they are compared."""
        values = {address: normal(value) for address, value in self.values.get(title, {}).items()}
        details = self.details[title]
        return values | {address: FORMULA for address in details.formulas if details.formula(address) not in _CONSTANTS}

    def objects(self, title: str) -> list[SheetObject]:
        """Everything on one sheet besides its cells."""
        part = next(tab.part for tab in self.info.tabs if tab.title == title)
        return sheet_objects(self.opened.parts, part)


def own_contents(data: bytes) -> Contents:
    """The contents of a workbook that this program wrote itself. No limits apply to it."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        names = frozenset(package.namelist())
        parts = {name: package.read(name) for name in sorted(names)}
    return Contents(Opened(hashlib.sha256(data).hexdigest(), parts, names), own=data)
