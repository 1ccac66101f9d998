"""Where the form's rows and columns stand in a returned tab: rows by their ref, columns by their heading."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from cedg_excel import ratings as brag
from cedg_excel.excel_facts import DAY_ZERO, DAY_ZERO_1904, Address, column_letter
from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.model import NOTICE_PREFIX, PLEASE_FIX, TITLE_COLUMN, Cell, Field, Known, Row, Sheet, Table, Value, read_stamp
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.values import is_blank, shown, squeeze
from cedg_excel.returns.displacement import told_of

MAX_STRAY = 50
"""How many cells outside the form are listed for one tab; how many more there are is said."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A returned tab: its name, and every cell that is not blank, by 1-based row and column."""

    title: str
    cells: Mapping[Address, Any]


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


def resemblance(sheet: Sheet, grid: Grid) -> float:
    """How many of a tab's refs stand anywhere in a grid, from 0 to 1; how much of its text, for a tab without refs."""
    texts = {_plain(value) for value in grid.cells.values()}
    own = sheet.refs or {_plain(value) for value in sheet.fixed.values()}
    return sum(text in texts for text in own) / len(own) if own else 0.0


def _plain(value: Any) -> str:
    return squeeze(shown(value) or "")


_FIGURE = re.compile(r"-?[\d.]+|[\d.?]+ of [\d.?]+")


def _from_master(cell: Cell, value: Any) -> bool:
    """Whether a locked cell that shows an earlier period holds what such a cell can: a rating, or a figure."""
    text = _plain(value)
    return text in brag.WORDS if cell.slot.endswith("/last_time") else _FIGURE.fullmatch(text) is not None


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
    return _plain(_title_cell(row).value)


def _beside(grid: Grid, fixed: Mapping[Address, Value]) -> dict[Address, Any]:
    """What stands in a tab beside the form's own words."""
    return {address: value for address, value in grid.cells.items() if fixed.get(address) != value}


class _Search:
    """The search through one tab; what it meets on the way is in `findings`."""

    def __init__(self, sheet: Sheet, grid: Grid, file: str) -> None:
        self.sheet, self.grid, self.file = sheet, grid, file
        self.findings: list[Finding] = []
        self.unread_rows: set[int] = set()
        self.beside = _beside(grid, sheet.fixed)

    def say(self, code: str, row: int = 0, column: int = 0, **words: str) -> None:
        self.findings.append(BY_CODE[code].finding(self.file, Place(self.grid.title, row, column), **words))

    def known(self) -> Known:
        """Every cell of the form with its address in the grid."""
        if self._as_made():
            return self.sheet.known
        columns = {table.name: self._columns(table) for table in self.sheet.tables}
        rows = {table.name: self._rows(table, columns[table.name]) for table in self.sheet.tables}
        moved = self._say_moved(rows, columns)
        found = self._anchored(rows, columns)
        return Known([*self._lines({address for _, address in found}, moved), *found])

    def _as_made(self) -> bool:
        """Whether every heading, ref and title stands exactly where it was put, as in nearly every copy."""
        cells = self.grid.cells
        if not self.sheet.anchors.items() <= cells.items():
            for address, text in self.sheet.anchors.items():
                value = cells.get(address)
                if value != text and _plain(value) != _plain(text):
                    return False
        # No ref stands in a second place.
        return not any(column == 1 and _plain(value) in self.sheet.refs for (_, column), value in self.beside.items())

    def _rows(self, table: Table, columns: Mapping[int, int]) -> dict[str, int]:
        """The row of each ref of a table that stands in one row only, and not beside the title of another ref."""
        # Under its own heading alone: a figure of 2.5 is no ref.
        column, titles = columns.get(1, 1), columns.get(_title_cell(table.rows[0]).column, 0) if table.rows else 0
        seen: dict[str, list[int]] = defaultdict(list)
        for (down, right), value in sorted(self.grid.cells.items(), key=lambda item: item[0]):
            if right == column:
                seen[_plain(value)].append(down)
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
        text = _plain(self.grid.cells.get((place, titles)))
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
                where[_plain(value).casefold()].append(right)
        found, moves = {}, []
        for number, column in enumerate(table.columns, 1):
            places = where[column.heading.casefold()] if column.heading else []
            if len(places) == 1:
                found[number] = places[0]
                moves.append((column.heading, number, places[0]))
            elif column.heading and any(cell.field for row in table.rows for cell in row.cells if cell.column == number):
                self.say("COLUMN_MISSING", head, value=column.heading)
        if told := told_of(moves, "column", column_letter):
            (name, _, place), words = told
            self.say("COLUMN_MOVED", head, place, value=name, other=words)
        return found

    def _head(self, table: Table) -> int | None:
        """The one row that has most of a table's headings, or None."""
        headings = {column.heading.casefold() for column in table.columns if column.heading}
        hits: dict[int, set[str]] = defaultdict(set)
        for (row, _), value in self.grid.cells.items():
            if (text := _plain(value).casefold()) in headings:
                hits[row].add(text)
        best = sorted(((len(texts), row) for row, texts in hits.items()), reverse=True)
        if not best or best[0][0] * 2 <= len(headings) or (len(best) > 1 and best[0][0] == best[1][0]):
            return None
        return best[0][1]

    def _say_moved(self, rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, Mapping[int, int]]) -> bool:
        """One finding for a tab whose rows have moved, at the first of them. Returns whether any has."""
        made = [(row.ref, row.number, table.name) for table in self.sheet.tables for row in table.rows if row.ref in rows[table.name]]
        moves = [(ref, number, rows[table][ref]) for ref, number, table in sorted(made, key=lambda item: item[1])]
        if told := told_of(moves, "row", str):
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
                where[_plain(value)].append(address)
        in_rows = {(cell.row, cell.column) for table in self.sheet.tables for row in table.rows for cell in row.cells}
        used, lost = set(taken), []
        for cell, _ in self.sheet.made:
            if cell.value is None or (cell.row, cell.column) in in_rows:
                continue
            home = (cell.row, cell.column)
            if home not in used and _plain(self.grid.cells.get(home)).casefold() == _plain(cell.value).casefold():
                places = [home]
            else:
                places = [place for place in where[_plain(cell.value)] if place not in used]
            if places:
                near = min(places, key=partial(_distance, cell))
                used.add(near)
                yield cell, near
            else:
                lost.append(cell)
        for cell in lost:
            if not moved and (address := (cell.row, cell.column)) in self.grid.cells and address not in used:
                yield cell, address

    def strangers(self, known: Known, compare_text: bool) -> Iterator[Finding]:
        """What stands in the tab beside the form and its answers: changed text, and text of their own."""
        beside = self.beside if known is self.sheet.known else _beside(self.grid, known.fixed)
        fixed, stray = known.fixed, []
        for address in sorted(beside.keys() - known.free):
            value = beside[address]
            cell = known.cells.get(address)
            if cell is None or (cell.slot and not _from_master(cell, value)) or (cell.fixed and not cell.own):
                stray.append((address, value))
            elif cell.own and (was := _plain(cell.value)) != _plain(value) and compare_text and not _bare_day(cell.value, value):
                yield self._finding("LOCKED_CHANGED", address, value, other=shortened(was))
        if compare_text:
            for address in sorted(fixed.keys() - self.grid.cells.keys()):
                yield self._finding("LOCKED_CHANGED", address, "", other=shortened(_plain(fixed[address])))
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


def grid_of(title: str, rows: list[list[Any]], start: Address) -> Grid:
    """A grid from calamine's rows. `start` is 0-based: calamine drops the blank rows and columns before it."""
    down, right = start[0] + 1, start[1] + 1
    cells = {(r, c): value for r, row in enumerate(rows, down) for c, value in enumerate(row, right) if value != "" and not is_blank(value)}
    return Grid(title, cells)


def _is_another(sheet: Sheet, grid: Grid, sheets: tuple[Sheet, ...]) -> bool:
    """Whether a tab has little of the sheet it is named for, and most of another."""
    if any(grid.cells.get(address) == ref for address, ref in sheet.first_column or [((1, 1), sheet.fixed.get((1, 1)))]):
        return False
    most = max(0.5, 2 * resemblance(sheet, grid))
    return any(resemblance(other, grid) > most for other in sheets if other is not sheet)


Sheets = Mapping[str, Grid]
Match = Callable[[Sheet], Grid | None]


def match_sheets(sheets: tuple[Sheet, ...], grids: Sheets, file: str) -> tuple[dict[str, Grid], list[Finding]]:
    """
    Which returned tab is which of ours: by its name, else by its own text when only one other tab has it.

    Tabs that are none of ours are said to be added.
    """
    findings: list[Finding] = []
    folded: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids.values():
        folded[squeeze(grid.title).casefold()].append(grid)
    found = {s.title: folded[s.title.casefold()][0] for s in sheets if len(folded[s.title.casefold()]) == 1}
    # A tab with the name of one objective and the refs of another is that other: two tabs have changed names.
    found = {s.title: found[s.title] for s in sheets if s.title in found and not _is_another(s, found[s.title], sheets)}
    taken = {grid.title for grid in found.values()}
    spare = [grid for grid in grids.values() if grid.title not in taken]
    for sheet in sheets:
        if sheet.title in found:
            continue
        alike = [grid for grid in spare if resemblance(sheet, grid) > 0.5]
        if len(alike) == 1:
            found[sheet.title] = alike[0]
            spare.remove(alike[0])
            findings.append(BY_CODE["SHEET_RENAMED"].finding(file, Place(alike[0].title), value=sheet.title))
        elif alike:
            names = " and ".join(grid.title for grid in alike)
            findings.append(BY_CODE["SHEET_UNCLEAR"].finding(file, value=sheet.title, other=names))
            spare = [grid for grid in spare if grid not in alike]
        elif sheet.tables:
            findings.append(BY_CODE["SHEET_MISSING"].finding(file, value=sheet.title))
    spare = [grid for grid in spare if not (grid.title == PLEASE_FIX and grid.cells.get((1, 1)) == PLEASE_FIX)]
    findings += [BY_CODE["SHEET_ADDED"].finding(file, Place(grid.title)) for grid in spare]
    return found, findings
