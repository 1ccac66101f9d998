"""Finds what a returned tab contains besides the form and its answers: changed form text, and text outside the form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import DAY_ZERO, DAY_ZERO_1904, Address
from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.as_issued import ISSUED
from cedg_excel.form.former_texts import FORMER_TEXTS
from cedg_excel.form.model import Cell, PlacedCells, Value
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.stamp import read_stamp
from cedg_excel.plan.notice import NOTICE_PREFIX
from cedg_excel.ratings import RATING_WORDS
from cedg_excel.text import plain_text, shown

MAX_OUTSIDE_FORM = 50
"""How many cells outside the form are listed for one tab; one more finding gives the number of the others."""

_FIGURE = re.compile(r"-?[\d.]+|[\d.?]+ of [\d.?]+")


def cells_unlike_form(grid: Grid, form_text: Mapping[Address, Value]) -> dict[Address, Any]:
    """The cells of a returned tab whose content is not the form's own text at that address."""
    return {address: value for address, value in grid.cells.items() if form_text.get(address) != value}


@dataclass(frozen=True, slots=True)
class UnexpectedContent:
    """A returned tab, the form's cells at their addresses in it, its cells that are unlike the form, and the rows that were not read."""

    grid: Grid
    placed: PlacedCells
    unlike_form: Mapping[Address, Any]
    unread_rows: Collection[int]
    file: str

    def findings(self, compare_text: bool) -> Iterator[Finding]:
        """Form text that was changed or deleted (only where `compare_text` is set), then text outside the form."""
        outside = []
        for address in sorted(self.unlike_form.keys() - self.placed.unrestricted):
            value, cell = self.unlike_form[address], self.placed.cells.get(address)
            if _is_outside_form(cell, value):
                outside.append((address, value))
            elif cell and cell.is_form_text and compare_text and _is_changed(cell.value, value):
                yield self._finding("LOCKED_CHANGED", address, value, other=shortened(plain_text(cell.value)))
        if compare_text:
            for address in sorted(self.placed.form_text.keys() - self.grid.cells.keys()):
                yield self._finding("LOCKED_CHANGED", address, "", other=shortened(plain_text(self.placed.form_text[address])))
        yield from self._outside_form([item for item in outside if not self._is_ignored(*item)])

    def _outside_form(self, cells: list[tuple[Address, Any]]) -> Iterator[Finding]:
        for address, value in cells[:MAX_OUTSIDE_FORM]:
            yield self._finding("OUTSIDE_FORM", address, value)
        if len(cells) > MAX_OUTSIDE_FORM:
            address = cells[MAX_OUTSIDE_FORM][0]
            yield self._finding("OUTSIDE_FORM", address, f"{len(cells) - MAX_OUTSIDE_FORM} more cells, from here on")

    def _is_ignored(self, address: Address, value: Any) -> bool:
        """Notices from the coordinator, stamps of other layouts, and rows that already have a finding because they were not read."""
        return self._is_notice(address[0], str(value)) or address[0] in self.unread_rows or read_stamp(str(value)) is not None

    def _is_notice(self, row: int, text: str) -> bool:
        """Whether this is a notice: in the first row of the form, wherever that is now, and whatever the plan's notice is by now."""
        return text.startswith(NOTICE_PREFIX) and row <= min((row for row, _ in self.placed.cells), default=1)

    def _finding(self, code: str, address: Address, value: Any, **words: str) -> Finding:
        return BY_CODE[code].finding(self.file, Place(self.grid.title, *address), value=shown(value), **words)


def _is_outside_form(cell: Cell | None, value: Any) -> bool:
    """Whether the form has no cell here, or one that should be blank or filled from the master."""
    return cell is None or (bool(cell.slot) and not _may_be_from_master(cell, value)) or (cell.fixed and not cell.is_form_text)


def _may_be_from_master(cell: Cell, value: Any) -> bool:
    """Whether a locked cell that shows an earlier period contains what the master could have given: a rating, or a figure."""
    text = plain_text(value)
    if cell.slot.startswith(ISSUED):
        return True  # any answer of last time
    return text in RATING_WORDS if cell.slot.endswith("/last_time") else _FIGURE.fullmatch(text) is not None


def _is_changed(form_value: Value, value: Any) -> bool:
    text = plain_text(value)
    return text not in (plain_text(form_value), *FORMER_TEXTS) and not _is_serial_of(form_value, value)


def _is_serial_of(day: Value, value: Any) -> bool:
    """Whether a number is the serial number of a date, in a cell that has lost its date format."""
    if not isinstance(day, date) or not isinstance(value, int | float):
        return False
    return value in ((day - DAY_ZERO).days, (day - DAY_ZERO_1904).days)
