"""
Opens a workbook that this program wrote, such as the master, which people and other programs may have changed or damaged since.

It may be far larger than any return, so its sheets are given to calamine as they are, after a search for what calamine cannot be trusted
with. Where that finds something, or calamine fails, the workbook is read as carefully as a return, or refused.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

import python_calamine

from cedg_excel.errors import CannotRead
from cedg_excel.excel.encoding import safe_utf8
from cedg_excel.excel.gate import MIB, Refused, open_data
from cedg_excel.excel.package_layout import WORKBOOK, is_relations, package_layout
from cedg_excel.excel.reader import ReadWorkbook, read_workbook
from cedg_excel.excel.workbook_info import workbook_info
from cedg_excel.excel_facts import Address, a1

MAX_UNPACKED = 4096 * MIB
"""For all parts together, in bytes: a master with 5,000 returns takes a few hundred million."""
SPARE_ROWS = 10_000
"""How many more rows a sheet may reach down than are written in it: calamine allocates all of them."""

_FAR_COLUMN = re.compile(rb"""\sr\s*=\s*["'][A-Z]{3}[0-9]""")
_LAST_ROW = re.compile(rb"""\br\s*=\s*["']([0-9]{1,9})["']""")
_ODD_VALUE = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:[\w.-]+:)?v>(?![0-9]{1,9}</)|<!\[CDATA\[""")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)

_T = TypeVar("_T")


class Unreadable(CannotRead):
    """A workbook or one of its sheets cannot be read. `problem` is the end of a sentence about the file."""

    def __init__(self, problem: str, name: str = "The workbook") -> None:
        super().__init__(f"{name} {problem}. Restore the previous one; nothing was changed.")
        self.problem = problem


class OwnSheet:
    """A sheet as calamine gives it: its rows from `start` on, which is 0-based, with blanks as empty texts."""

    def __init__(self, rows: list[list[Any]], start: Address | None) -> None:
        self._rows, self.start = rows, start

    def to_python(self) -> list[list[Any]]:
        """The rows."""
        return self._rows


class OwnWorkbook:
    """The sheets of a workbook by name, each read when it is asked for. `name` is the file's, for sentences about it."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises Unreadable when it is no workbook."""
        self._data, self._name = data, name
        self._careful: ReadWorkbook | None = None
        self._parts = _guarded(lambda: _sheet_parts(data), "is not a readable workbook")
        self._package = zipfile.ZipFile(BytesIO(data))
        self._book = _guarded(lambda: python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)), "is not a readable workbook")
        self.sheet_names = [name for name in self._book.sheet_names if name in self._parts]

    def get_sheet_by_name(self, name: str) -> OwnSheet:
        """A sheet. Raises Unreadable when it is damaged, or has a cell that cannot be read for certain."""
        try:
            return self._sheet(name)
        except Unreadable as error:
            raise Unreadable(error.problem, self._name) from error

    def _sheet(self, name: str) -> OwnSheet:
        problem = f"has a damaged sheet, {name}"
        if name not in self._parts:
            raise Unreadable(f"has no sheet {name}")
        try:
            if _is_odd(_guarded(lambda: self._package.read(self._parts[name]), problem)):
                raise Unreadable(problem)
            sheet = _guarded(lambda: self._book.get_sheet_by_name(name), problem)
            return OwnSheet(_guarded(sheet.to_python, problem), sheet.start)
        except Unreadable:
            return self._read_carefully(name, problem)

    def _read_carefully(self, name: str, problem: str) -> OwnSheet:
        if self._careful is None:
            self._careful = _guarded(lambda: read_workbook(open_data(self._data, "")), problem)
        if name not in self._careful.grids:
            raise Unreadable(problem)
        details, cells = self._careful.details[name], self._careful.grids[name].cells
        if doubtful := sorted([*details.unreadable, *details.far_cells]):
            raise Unreadable(f"has something in {a1(*doubtful[0])} of {name} that cannot be read for certain")
        rows, columns = (max((address[index] for address in cells), default=0) for index in (0, 1))
        return OwnSheet([[cells.get((row, column), "") for column in range(1, columns + 1)] for row in range(1, rows + 1)], (0, 0))


def _guarded(read: Callable[[], _T], problem: str) -> _T:
    """The result. Raises Unreadable where calamine, the zip or the gate fail."""
    try:
        return read()
    except (python_calamine.CalamineError, python_calamine.WorksheetNotFound, Refused, KeyError, *_ZIP_ERRORS) as error:
        raise Unreadable(problem) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a panic in calamine is not an Exception, and its class cannot be imported
            raise Unreadable(problem) from error
        raise


def _sheet_parts(data: bytes) -> dict[str, str]:
    """The name in the zip of each sheet's part, by the sheet's name. Raises Refused and what a damaged zip raises."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        infos = package.infolist()
        if sum(info.file_size for info in infos) > MAX_UNPACKED or any(is_relations(i.filename) and i.file_size > MIB for i in infos):
            raise Refused("TOO_LARGE")
        relations = tuple((i.filename, safe_utf8(package.read(i)) or b"") for i in infos if is_relations(i.filename))
        layout = package_layout(tuple(info.filename for info in infos), relations)
        in_zip = {usual: name for name, usual in layout.names.items()}
        parts = dict.fromkeys(in_zip, b"") | {layout.names[name]: part for name, part in relations} | dict(layout.relations)
        parts[WORKBOOK] = safe_utf8(package.read(in_zip[WORKBOOK])) or b""
        return {tab.title: in_zip[tab.part] for tab in workbook_info(parts).tabs if tab.part}


def _is_odd(sheet: bytes) -> bool:
    """Whether there is something in a sheet's XML with which calamine cannot be trusted."""
    start = sheet.rfind(b"<row ")
    last_row = _LAST_ROW.search(sheet, start) if start >= 0 else None
    reaches_far = last_row is not None and int(last_row[1]) > sheet.count(b"<row") + SPARE_ROWS
    return reaches_far or _FAR_COLUMN.search(sheet) is not None or _ODD_VALUE.search(sheet) is not None
