"""Where the form's rows and columns stand in a returned tab: rows by their ref, columns by their heading."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import DAY_ZERO, DAY_ZERO_1904, Address, column_letter
from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.fields import Field
from cedg_excel.form.model import NOTICE_PREFIX, TITLE_COLUMN, Cell, PlacedCells, Row, Sheet, Table, Value
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.stamp import read_stamp
from cedg_excel.ratings import RATING_WORDS
from cedg_excel.returns.displacement import describe_displacements
from cedg_excel.text import plain_text, shown

MAX_STRAY = 50
"""How many cells outside the form are listed for one tab; how many more there are is said."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where each input cell was found, and what is wrong with the form of the tab."""

    fields: tuple[tuple[Field, Address], ...]
    findings: tuple[Finding, ...]


def align(sheet: Sheet, grid: Grid, file: str, compare_text: bool = True) -> Aligned:
    """
    Find every field of `sheet` in `grid`. A row or column that cannot be found in one way only is left out, and said.

    `compare_text` is False for copies of another version, whose own words differ rightly.
    """
    search = _Search(sheet, grid, file)
    known = search.known()
    findings = [*search.findings, *search.strangers(known, compare_text)]
    return Aligned(known.fields, tuple(findings))


_FIGURE = re.compile(r"-?[\d.]+|[\d.?]+ of [\d.?]+")


def _from_master(cell: Cell, value: Any) -> bool:
    """Whether a locked cell that shows an earlier period holds what such a cell can: a rating, or a figure."""
    text = plain_text(value)
    return text in RATING_WORDS if cell.slot.endswith("/last_time") else _FIGURE.fullmatch(text) is not None


def _bare_day(day: Value, value: Any) -> bool:
    """Whether a number is that of a day, in a cell that has lost its date format."""
    if not isinstance(day, date) or not isinstance(value, int | float):
        return False
    return value in ((day - DAY_ZERO).days, (day - DAY_ZERO_1904).days)


def _distance(cell: Cell, place: Address) -> int:
    return abs(place[0] - cell.row) + abs(place[1] - cell.column)


def _title_cell(row: Row) -> Cell:
    """The words that say what a ref stands for: beside it, or on the Cover, where the answer stands there, beside that."""
    return next(cell for cell in row.cells[TITLE_COLUMN - 1 :] if not cell.field)


def _title(row: Row) -> str:
    return plain_text(_title_cell(row).value)


def _beside(grid: Grid, fixed: Mapping[Address, Value]) -> dict[Address, Any]:
    """What stands in a tab beside the form's own words."""
    return {address: value for address, value in grid.cells.items() if fixed.get(address) != value}


class _Search:
    """The search through one tab; what it meets on the way is in `findings`."""

    def __init__(self, sheet: Sheet, grid: Grid, file: str) -> None:
        self.sheet, self.grid, self.file = sheet, grid, file
        self.findings: list[Finding] = []
        self.unread_rows: set[int] = set()
        self.beside = _beside(grid, sheet.form_text)

    def say(self, code: str, row: int = 0, column: int = 0, **words: str) -> None:
        self.findings.append(BY_CODE[code].finding(self.file, Place(self.grid.title, row, column), **words))

    def known(self) -> PlacedCells:
        """Every cell of the form with its address in the grid."""
        if self._as_made():
            return self.sheet.issued_cells
        columns = {table.name: self._columns(table) for table in self.sheet.tables}
        rows = {table.name: self._rows(table, columns[table.name]) for table in self.sheet.tables}
        moved = self._say_moved(rows, columns)
        found = self._anchored(rows, columns)
        return PlacedCells([*self._lines({address for _, address in found}, moved), *found])

    def _as_made(self) -> bool:
        """Whether every heading, ref and title stands exactly where it was put, as in nearly every copy."""
        cells = self.grid.cells
        if not self.sheet.landmarks.items() <= cells.items():
            for address, text in self.sheet.landmarks.items():
                value = cells.get(address)
                if value != text and plain_text(value) != plain_text(text):
                    return False
        # No ref stands in a second place.
        return not any(column == 1 and plain_text(value) in self.sheet.refs for (_, column), value in self.beside.items())

    def _rows(self, table: Table, columns: Mapping[int, int]) -> dict[str, int]:
        """The row of each ref of a table that stands in one row only, and not beside the title of another ref."""
        # Under its own heading alone: a figure of 2.5 is no ref.
        column, titles = columns.get(1, 1), columns.get(_title_cell(table.rows[0]).column, 0) if table.rows else 0
        seen: dict[str, list[int]] = defaultdict(list)
        for (down, right), value in sorted(self.grid.cells.items(), key=lambda item: item[0]):
            if right == column:
                seen[plain_text(value)].append(down)
        found = {}
        for row in table.rows:
            places = seen[row.ref]
            if len(places) == 1 and (other := self._other_title(table, row, places[0], titles)):
                # Refs or the rest were sorted alone: whose answers these are can be read in two ways.
                self.unread_rows.add(places[0])
                self.say("REF_MISPLACED", places[0], column, value=row.ref, other=shortened(other))
            elif len(places) == 1:
                found[row.ref] = places[0]
            elif not places:
                self.say("ROW_MISSING", value=row.ref)
            else:
                self.unread_rows.update(places)
                self.say("ROW_REPEATED", places[1], column, value=row.ref, other=", ".join(f"row {n}" for n in places))
        return found

    def _other_title(self, table: Table, row: Row, place: int, titles: int) -> str:
        """The title in the row where a ref was found, when it is that of another ref; else nothing."""
        text = plain_text(self.grid.cells.get((place, titles)))
        return text if text and text != _title(row) and any(text == _title(other) for other in table.rows) else ""

    def _columns(self, table: Table) -> dict[int, int]:
        """Where each column of a table stands, by the number it was made with."""
        head = self._head(table)
        if head is None:
            names = [column.heading for column in table.columns if column.heading]
            self.say("HEADINGS_MISSING", value=f"{names[0]}, {names[1]} ...")
            return {}
        where: dict[str, list[int]] = defaultdict(list)
        for (down, right), value in self.grid.cells.items():
            if down == head:
                where[plain_text(value).casefold()].append(right)
        found, moves = {}, []
        for number, column in enumerate(table.columns, 1):
            places = where[column.heading.casefold()] if column.heading else []
            if len(places) == 1:
                found[number] = places[0]
                moves.append((column.heading, number, places[0]))
            elif column.heading and any(cell.field for row in table.rows for cell in row.cells if cell.column == number):
                self.say("COLUMN_MISSING", head, value=column.heading)
        if told := describe_displacements(moves, "column", column_letter):
            (name, _, place), words = told
            self.say("COLUMN_MOVED", head, place, value=name, other=words)
        return found

    def _head(self, table: Table) -> int | None:
        """The one row that has most of a table's headings, or None."""
        headings = {column.heading.casefold() for column in table.columns if column.heading}
        hits: dict[int, set[str]] = defaultdict(set)
        for (row, _), value in self.grid.cells.items():
            if (text := plain_text(value).casefold()) in headings:
                hits[row].add(text)
        best = sorted(((len(texts), row) for row, texts in hits.items()), reverse=True)
        if not best or best[0][0] * 2 <= len(headings) or (len(best) > 1 and best[0][0] == best[1][0]):
            return None
        return best[0][1]

    def _say_moved(self, rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, Mapping[int, int]]) -> bool:
        """One finding for a tab whose rows have moved, at the first of them. Returns whether any has."""
        made = [(row.ref, row.number, table.name) for table in self.sheet.tables for row in table.rows if row.ref in rows[table.name]]
        moves = [(ref, number, rows[table][ref]) for ref, number, table in sorted(made, key=lambda item: item[1])]
        if told := describe_displacements(moves, "row", str):
            (ref, _, place), words = told
            table = next(name for known, _, name in made if known == ref)
            self.say("ROW_MOVED", place, columns[table].get(1, 1), value=ref, other=words)
        return told is not None

    def _anchored(self, rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, Mapping[int, int]]) -> list[tuple[Cell, Address]]:
        found = []
        for table in self.sheet.tables:
            for row in table.rows:
                for cell in row.cells:
                    if row.ref in rows[table.name] and cell.column in columns[table.name]:
                        found.append((cell, (rows[table.name][row.ref], columns[table.name][cell.column])))
        return found

    def _lines(self, taken: set[Address], moved: bool) -> Iterator[tuple[Cell, Address]]:
        """
        The form's own text outside its rows, by what it says: headings, titles, guidance.

        What is nowhere to be found was changed, if nothing has moved and other text stands in its place.
        """
        where: dict[str, list[Address]] = defaultdict(list)
        for address, value in self.grid.cells.items():
            if address not in taken:
                where[plain_text(value)].append(address)
        in_rows = {(cell.row, cell.column) for table in self.sheet.tables for row in table.rows for cell in row.cells}
        used, lost = set(taken), []
        for cell, _ in self.sheet.addressed_cells:
            if cell.value is None or (cell.row, cell.column) in in_rows:
                continue
            home = (cell.row, cell.column)
            if home not in used and plain_text(self.grid.cells.get(home)).casefold() == plain_text(cell.value).casefold():
                places = [home]
            else:
                places = [place for place in where[plain_text(cell.value)] if place not in used]
            if places:
                near = min(places, key=partial(_distance, cell))
                used.add(near)
                yield cell, near
            else:
                lost.append(cell)
        for cell in lost:
            if not moved and (address := (cell.row, cell.column)) in self.grid.cells and address not in used:
                yield cell, address

    def strangers(self, known: PlacedCells, compare_text: bool) -> Iterator[Finding]:
        """What stands in the tab beside the form and its answers: changed text, and text of their own."""
        beside = self.beside if known is self.sheet.issued_cells else _beside(self.grid, known.form_text)
        fixed, stray = known.form_text, []
        for address in sorted(beside.keys() - known.unrestricted):
            value = beside[address]
            cell = known.cells.get(address)
            if cell is None or (cell.slot and not _from_master(cell, value)) or (cell.fixed and not cell.is_form_text):
                stray.append((address, value))
            elif (
                cell.is_form_text
                and (was := plain_text(cell.value)) != plain_text(value)
                and compare_text
                and not _bare_day(cell.value, value)
            ):
                yield self._finding("LOCKED_CHANGED", address, value, other=shortened(was))
        if compare_text:
            for address in sorted(fixed.keys() - self.grid.cells.keys()):
                yield self._finding("LOCKED_CHANGED", address, "", other=shortened(plain_text(fixed[address])))
        stray = [item for item in stray if not self._ignored(*item)]
        for address, value in stray[:MAX_STRAY]:
            yield self._finding("OUTSIDE_FORM", address, value)
        if len(stray) > MAX_STRAY:
            last = stray[MAX_STRAY][0]
            yield self._finding("OUTSIDE_FORM", last, f"{len(stray) - MAX_STRAY} more cells, from here on")

    def _ignored(self, address: Address, value: Any) -> bool:
        """A notice the coordinator had printed, the stamp of another layout, and rows already said to be repeated."""
        notice = address[0] == 1 and str(value).startswith(NOTICE_PREFIX)
        return notice or address[0] in self.unread_rows or read_stamp(str(value)) is not None

    def _finding(self, code: str, address: Address, value: Any, **words: str) -> Finding:
        return BY_CODE[code].finding(self.file, Place(self.grid.title, *address), value=shown(value), **words)
