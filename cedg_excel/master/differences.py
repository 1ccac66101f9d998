"""Two versions of a master, compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cedg_excel.excel.gate import Refused, open_file
from cedg_excel.excel.own_workbook import OwnWorkbook
from cedg_excel.excel_facts import Address
from cedg_excel.findings import Place
from cedg_excel.master.contents import FORMULA, Contents, normal
from cedg_excel.master.group_cells import own_addresses
from cedg_excel.master.row_alignment import WHOLE_LINE, Alignment, Change, Shift, align
from cedg_excel.text import shown


@dataclass(frozen=True, slots=True)
class Difference:
    """
    A cell of the master that differs from what the returns give; or, with a `shift`, rows or columns that were inserted or deleted.

    None is blank. A place without a cell is a whole sheet.
    """

    place: Place
    master: str | None
    returns: str | None
    shift: Shift | None = None

    @property
    def cell(self) -> str | None:
        """As Excel shows it: `E12`, or `12:14` for rows; None for a whole sheet."""
        return self.shift.range if self.shift else self.place.cell

    def as_line(self) -> str:
        """`Data kpis!E12: the master has "8", the returns give "7".` or `Data kpis: row 12 was inserted.`"""
        if self.shift:
            return f"{self.place.sheet}: {self.shift.words}."
        where = f"{self.place.sheet}!{self.cell}" if self.cell else self.place.sheet
        master_text, returns_text = (f'"{text}"' if text else "nothing" for text in (self.master, self.returns))
        return f"{where}: the master has {master_text}, the returns give {returns_text}."


class MasterValues:
    """The values of a master's sheets. `formulas` are the cells with formulas, as this program writes them."""

    def __init__(self, data: bytes, formulas: frozenset[Place], path: Path | None = None) -> None:
        self.book = OwnWorkbook(data, path.name if path else "The workbook")
        self.formulas, self.path = formulas, path

    def raw(self, title: str) -> tuple[Address, list[list[Any]]]:
        """The values as they are, and how many blank rows and columns come before them."""
        sheet = self.book.get_sheet_by_name(title)
        return sheet.start or (0, 0), sheet.to_python()

    def cells(self, title: str) -> dict[Address, Any]:
        """Every cell that is not blank, by row and column; FORMULA where this program writes a formula."""
        (top, left), rows = self.raw(title)
        found = {
            (row, column): value
            for row, values in enumerate(rows, top + 1)
            for column, value in enumerate(values, left + 1)
            if value != ""
        }  # fmt: skip
        return {**found, **dict.fromkeys(self._formulas(title), FORMULA)}

    def _formulas(self, title: str) -> Iterator[Address]:
        return ((place.row, place.column) for place in self.formulas if place.sheet == title)

    def formulas_now(self, title: str) -> frozenset[Address]:
        """Where the formulas of a sheet are in the file: somebody may have moved them by inserting a row."""
        return frozenset(self._contents.details[title].formulas) if self._contents else frozenset(self._formulas(title))

    @cached_property
    def _contents(self) -> Contents | None:
        try:
            found = Contents(open_file(self.path)) if self.path else None
            return found if found and found.details is not None else None
        except Refused:
            return None


def compare_masters(master: MasterValues, returns: MasterValues) -> tuple[int, list[Difference]]:
    """How many cells there are to compare, and what differs, by tab; the group's own cells and formulas are left out."""
    cells, differences = 0, []
    for title in dict.fromkeys([*returns.book.sheet_names, *master.book.sheet_names]):
        if title not in master.book.sheet_names or title not in returns.book.sheet_names:
            number = len((master if title in master.book.sheet_names else returns).cells(title))
            differences.append(_whole_sheet(title, number, title in master.book.sheet_names))
            cells += number
            continue
        if (raw := master.raw(title)) == returns.raw(title):
            cells += _count(raw[1], title, returns.formulas)
            continue
        number, found = _compare_sheet(title, master, returns)
        cells += number
        differences += found
    return cells, differences


def _count(rows: list[list[Any]], title: str, formulas: frozenset[Place]) -> int:
    return sum(len(row) - row.count("") for row in rows) - sum(place.sheet == title for place in formulas)


def _whole_sheet(title: str, cells: int, in_master: bool) -> Difference:
    text = f"a sheet with {cells:,} {'cell' if cells == 1 else 'cells'}"
    return Difference(Place(title), *((text, None) if in_master else (None, text)))


def _compare_sheet(title: str, master: MasterValues, returns: MasterValues) -> tuple[int, list[Difference]]:
    mine, theirs = master.cells(title), returns.cells(title)
    number = len({address for address in {**mine, **theirs} if theirs.get(address) != FORMULA})
    ours, given = _comparable(title, mine), _comparable(title, theirs)
    differing = [address for address in sorted({**ours, **given}) if ours.get(address) != given.get(address)]
    if len(differing) <= WHOLE_LINE:
        found = Alignment((), tuple(Change(a, a, ours.get(a), given.get(a)) for a in differing))
    else:
        found = _aligned(title, master, given)
    shifted = [_shift_difference(title, shift) for shift in found.shifts]
    return number, shifted + [
        Difference(Place(title, *change.address), shown(mine.get(change.address)), shown(theirs.get(change.old_address)))
        for change in found.changes if change.before != FORMULA
    ]  # fmt: skip


def _aligned(title: str, master: MasterValues, given: Mapping[Address, Any]) -> Alignment:
    """The differences after aligning rows or columns. Formulas are then compared where they are in the file now."""
    (top, left), rows = master.raw(title)
    values = {(r, c): v for r, line in enumerate(rows, top + 1) for c, v in enumerate(line, left + 1) if v != ""}
    now = _comparable(title, values | dict.fromkeys(master.formulas_now(title), FORMULA))
    return align(now, given)


def _comparable(title: str, cells: Mapping[Address, Any]) -> dict[Address, Any]:
    """The values as every program stores them, without the group's own cells."""
    own = own_addresses(title, cells)
    return {address: normal(value) for address, value in cells.items() if address not in own}


def _shift_difference(title: str, shift: Shift) -> Difference:
    text = shift.text(FORMULA) or None
    master, returns = (text, None) if shift.inserted else (None, text)
    return Difference(Place(title), master, returns, shift)
