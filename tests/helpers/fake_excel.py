"""
The parts of Excel that the buttons use, as an engine of xlwings, which has no engine of its own on this machine.

It imitates two things that the buttons have to get right: Excel turns what is put into a cell into a formula, a number or a date unless the
cell's format is text; and a locked cell of a protected sheet refuses every change.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import xlwings
from openpyxl.utils import range_boundaries
from xlwings import base_classes

TEXT = "@"
_LOOKS_LIKE_NUMBER_OR_DATE = re.compile(r"[-+@]?[\d.,/:-]+%?")


class Formula(str):
    """A cell's content that Excel calculates."""

    __slots__ = ()


class Converted(str):
    """A text that Excel has turned into a number or a date."""

    __slots__ = ()


class FakeEngine:
    """The engine's own methods, as xlwings calls them."""

    name, type = "fake", "desktop"

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: Any) -> Any:
        return value

    @staticmethod
    def clean_value_data(data: Any, *_handlers: Any) -> Any:
        rows = data if isinstance(data, list) else [[data]]
        return [[str(value) if isinstance(value, str) else value for value in row] for row in rows]


class FakeApp(base_classes.App):
    """The program."""

    engine, pid = FakeEngine(), 1


class FakeSheet(base_classes.Sheet):
    """One tab, read from a workbook file."""

    def __init__(self, book: FakeBook, sheet: Any) -> None:
        self._book, self._sheet = book, sheet
        self.values: dict[tuple[int, int], Any] = {(c.row, c.column): c.value for row in sheet for c in row if c.value is not None}
        self.formats: dict[tuple[int, int], str] = {(c.row, c.column): c.number_format for row in sheet for c in row}

    @property
    def name(self) -> str:
        title: str = self._sheet.title
        return title

    @property
    def book(self) -> FakeBook:
        return self._book

    def range(self, first: Any, last: Any = None) -> FakeRange:
        (top, left), (bottom, right) = (corner.box[:2] if isinstance(corner, FakeRange) else corner for corner in (first, last or first))
        return FakeRange(self, (top, left, bottom, right))

    @property
    def used_range(self) -> FakeRange:
        return FakeRange(self, (1, 1, max(row for row, _ in self.values), max(column for _, column in self.values)))

    def put(self, address: tuple[int, int], value: Any, formula: bool = False) -> None:
        if self._sheet.protection.sheet and self._sheet.cell(*address).protection.locked:
            raise PermissionError(f"{self.name}!{address} is locked")
        assert not isinstance(value, Path)
        if isinstance(value, str) and self.formats.get(address, "General") != TEXT:
            value = (
                Formula(value)
                if formula or value.startswith("=")
                else Converted(value)
                if _LOOKS_LIKE_NUMBER_OR_DATE.fullmatch(value)
                else value
            )
        if value in (None, ""):
            self.values.pop(address, None)
        else:
            self.values[address] = value


class FakeRange(base_classes.Range):
    """A block of cells."""

    options: dict[str, Any] = {}  # noqa: RUF012  xlwings puts one here

    def __init__(self, sheet: FakeSheet, box: tuple[int, int, int, int]) -> None:
        self.sheet, self.box = sheet, box

    def addresses(self) -> list[tuple[int, int]]:
        top, left, bottom, right = self.box
        return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]

    api = True
    max_cells_per_read = max_cells_per_write = None
    row = property(lambda self: self.box[0])
    column = property(lambda self: self.box[1])
    shape = property(lambda self: (self.box[2] - self.box[0] + 1, self.box[3] - self.box[1] + 1))

    def __len__(self) -> int:
        return len(self.addresses())

    def __call__(self, *where: int) -> FakeRange:
        row, column = where if len(where) == 2 else (1 + (where[0] - 1) // self.shape[1], 1 + (where[0] - 1) % self.shape[1])
        cell = (self.box[0] + row - 1, self.box[1] + column - 1)
        return FakeRange(self.sheet, (*cell, *cell))

    @property
    def raw_value(self) -> Any:
        found = [self.sheet.values.get(address) for address in self.addresses()]
        width = self.shape[1]
        return found[0] if len(found) == 1 else [found[n : n + width] for n in range(0, len(found), width)]

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._put(value)

    @property
    def formula(self) -> Any:
        return self.raw_value

    @formula.setter
    def formula(self, value: Any) -> None:
        self._put(value, formula=True)

    def _put(self, value: Any, formula: bool = False) -> None:
        flat = [item for row in value for item in row] if isinstance(value, list) else [value] * len(self)
        assert len(flat) == len(self)
        for address, item in zip(self.addresses(), flat, strict=True):
            self.sheet.put(address, item, formula)

    @property
    def number_format(self) -> str:
        return self.sheet.formats.get(self.box[:2], "General")

    @number_format.setter
    def number_format(self, value: str) -> None:
        for address in self.addresses():
            self.sheet.formats[address] = value

    def clear_contents(self) -> None:
        for address in self.addresses():
            self.sheet.put(address, None)


class FakeName(base_classes.Name):
    """A defined name of one cell."""

    def __init__(self, book: FakeBook, refers_to: str) -> None:
        self.book, self.to = book, refers_to

    @property
    def refers_to_range(self) -> FakeRange:
        title, _, cell = self.to.rpartition("!")
        left, top, right, bottom = range_boundaries(cell.replace("$", ""))
        return FakeRange(self.book.sheets(title.strip("'")), (top, left, bottom, right))


class FakeNames(base_classes.Names):
    """The defined names of a workbook."""

    def __init__(self, book: FakeBook, names: dict[str, Any]) -> None:
        self.book, self.names = book, names

    def __call__(self, name: Any) -> FakeName:
        return FakeName(self.book, self.names[name].attr_text)

    def contains(self, name: Any) -> bool:
        return name in self.names


class FakeSheets(base_classes.Sheets):
    """The tabs of a workbook."""

    def __init__(self, sheets: list[FakeSheet]) -> None:
        self.by_name = {sheet.name: sheet for sheet in sheets}

    def __call__(self, name: Any) -> FakeSheet:
        return self.by_name[name]


class FakeBook(base_classes.Book):
    """A workbook open in Excel, with the contents of a file."""

    def __init__(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)  # without its macros, which only Excel can run
        self._path = path
        self._sheets = FakeSheets([FakeSheet(self, sheet) for sheet in book])
        self._names = FakeNames(self, dict(book.defined_names))

    app = FakeApp()
    name = property(lambda self: self._path.name)
    fullname = property(lambda self: str(self._path))
    sheets = property(lambda self: self._sheets)
    names = property(lambda self: self._names)

    def cell(self, name: str) -> Any:
        """The value of a named cell."""
        return self.names(name).refers_to_range.raw_value

    def type(self, name: str, value: Any) -> None:
        """Type into a named cell."""
        self.names(name).refers_to_range.raw_value = value


def open_in_fake_excel(path: Path) -> FakeBook:
    """Open a workbook and make it the caller, as a click on one of its buttons does."""
    engine = xlwings.main.Engine(impl=FakeEngine())
    xlwings.engines.add(engine)
    xlwings.engines.active = engine
    book = FakeBook(path)
    xlwings.Book(impl=book).set_mock_caller()
    return book
