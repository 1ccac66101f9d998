"""Where the form's rows and columns stand in a returned tab: rows by their ref, columns by their heading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cedg_excel.findings import Finding, Place, column_letter
from cedg_excel.form import NOTICE_PREFIX, Cell, Field, Sheet, Table
from cedg_excel.rules import BY_CODE
from cedg_excel.values import is_blank, shown, squeeze

Address = tuple[int, int]
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
    places = search.places()
    fields = tuple((cell.field, address) for cell, address in places if cell.field)
    findings = [*search.findings, *search.strangers(places, compare_text)]
    return Aligned(fields, tuple(findings))


def resemblance(sheet: Sheet, grid: Grid) -> float:
    """How much of a tab's own text stands anywhere in a grid, from 0 to 1."""
    texts = {_plain(value) for value in grid.cells.values()}
    own = [_plain(cell.value) for cell in _printed(sheet) if cell.value is not None and cell.fixed]
    return sum(text in texts for text in own) / len(own) if own else 0.0


def _plain(value: Any) -> str:
    return squeeze(shown(value) or "")


@lru_cache(maxsize=1024)
def _printed(sheet: Sheet) -> tuple[Cell, ...]:
    return tuple(sheet.cells())


class _Search:
    """The search through one tab; what it meets on the way is in `findings`."""

    def __init__(self, sheet: Sheet, grid: Grid, file: str) -> None:
        self.sheet, self.grid, self.file = sheet, grid, file
        self.findings: list[Finding] = []
        self.unread_rows: set[int] = set()

    def say(self, code: str, row: int = 0, column: int = 0, **words: str) -> None:
        self.findings.append(BY_CODE[code].finding(self.file, Place(self.grid.title, row, column), **words))

    def places(self) -> list[tuple[Cell, Address]]:
        """Every cell of the form with its address in the grid."""
        cells = _printed(self.sheet)
        if self._as_made():
            return [(cell, (cell.row, cell.column)) for cell in cells]
        rows = {table.name: self._rows(table) for table in self.sheet.tables}
        columns = {table.name: self._columns(table) for table in self.sheet.tables}
        self._say_moved(rows)
        found = self._anchored(rows, columns)
        return [*self._lines({address for _, address in found}), *found]

    def _as_made(self) -> bool:
        """Whether every heading and ref stands exactly where it was put, as in nearly every copy."""
        cells, refs = self.grid.cells, 0
        for table in self.sheet.tables:
            for number, column in enumerate(table.columns, 1):
                if column.heading and _plain(cells.get((table.head, number))) != column.heading:
                    return False
            for row in table.rows:
                if _plain(cells.get((row.number, 1))) != row.ref:
                    return False
            refs += len(table.rows)
        known = {row.ref for table in self.sheet.tables for row in table.rows}
        return sum(1 for (_, c), value in cells.items() if c == 1 and _plain(value) in known) == refs

    @property
    def _ref_column(self) -> int:
        """The column in which most of the tab's refs stand: 1, unless a column was put in before it."""
        known = {row.ref for table in self.sheet.tables for row in table.rows}
        count: dict[int, int] = defaultdict(int)
        for (_, column), value in self.grid.cells.items():
            if _plain(value) in known:
                count[column] += 1
        return max(count, key=lambda column: (count[column], -column), default=1)

    def _rows(self, table: Table) -> dict[str, int]:
        """The row of each ref of a table that stands in one row only."""
        column = self._ref_column
        seen: dict[str, list[int]] = defaultdict(list)
        for (down, right), value in sorted(self.grid.cells.items(), key=lambda item: item[0]):
            if right == column:
                seen[_plain(value)].append(down)
        found = {}
        for row in table.rows:
            places = seen[row.ref]
            if len(places) == 1:
                found[row.ref] = places[0]
            elif not places:
                self.say("ROW_MISSING", value=row.ref)
            else:
                self.unread_rows.update(places)
                self.say("ROW_REPEATED", places[1], column, value=row.ref, other=", ".join(f"row {n}" for n in places))
        return found

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
                where[_plain(value)].append(right)
        found = {}
        for number, column in enumerate(table.columns, 1):
            places = where[column.heading] if column.heading else []
            if len(places) == 1:
                found[number] = places[0]
                if places[0] - number != self._ref_column - 1:
                    self.say("COLUMN_MOVED", head, places[0], value=column.heading, other=column_letter(number))
            elif column.heading:
                self.say("COLUMN_MISSING", head, value=column.heading)
        return found

    def _head(self, table: Table) -> int | None:
        """The one row that has most of a table's headings, or None."""
        headings = {column.heading for column in table.columns if column.heading}
        hits: dict[int, set[str]] = defaultdict(set)
        for (row, _), value in self.grid.cells.items():
            if (text := _plain(value)) in headings:
                hits[row].add(text)
        best = sorted(((len(texts), row) for row, texts in hits.items()), reverse=True)
        if not best or best[0][0] * 2 <= len(headings) or (len(best) > 1 and best[0][0] == best[1][0]):
            return None
        return best[0][1]

    def _say_moved(self, rows: Mapping[str, Mapping[str, int]]) -> None:
        """One finding for a tab whose rows have moved, at the first of them."""
        made = {row.ref: row.number for table in self.sheet.tables for row in table.rows}
        moved = sorted((place, ref) for found in rows.values() for ref, place in found.items() if place != made[ref])
        if moved:
            place, ref = moved[0]
            self.say("ROW_MOVED", place, self._ref_column, value=ref, now=str(place), other=str(made[ref]))

    def _anchored(
        self, rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, Mapping[int, int]]
    ) -> list[tuple[Cell, Address]]:
        found = []
        for table in self.sheet.tables:
            for row in table.rows:
                for cell in row.cells:
                    if row.ref in rows[table.name] and cell.column in columns[table.name]:
                        found.append((cell, (rows[table.name][row.ref], columns[table.name][cell.column])))
        return found

    def _lines(self, taken: set[Address]) -> Iterator[tuple[Cell, Address]]:
        """The form's own text outside its rows, by what it says: headings, titles, guidance."""
        where: dict[str, list[Address]] = defaultdict(list)
        for address, value in self.grid.cells.items():
            if address not in taken:
                where[_plain(value)].append(address)
        in_rows = {(cell.row, cell.column) for table in self.sheet.tables for row in table.rows for cell in row.cells}
        for cell in _printed(self.sheet):
            if (cell.row, cell.column) in in_rows:
                continue
            near = sorted(where.get(_plain(cell.value), ()), key=lambda a, c=cell: abs(a[0] - c.row) + abs(a[1] - c.column))
            if near and cell.value is not None:
                yield cell, near[0]

    def strangers(self, places: list[tuple[Cell, Address]], compare_text: bool) -> Iterator[Finding]:
        """What stands in the tab beside the form and its answers: changed text, and text of their own."""
        known = {address: cell for cell, address in places}
        stray = []
        for address, value in self.grid.cells.items():
            cell = known.get(address)
            if cell is None:
                stray.append((address, value))
            elif cell.field is None and cell.fixed and value != cell.value:
                was, now = _plain(cell.value), _plain(value)
                if cell.value is None:
                    stray.append((address, value))
                elif was != now and compare_text:
                    yield self._finding("LOCKED_CHANGED", address, value, other=was)
        if compare_text:
            yield from self._blanked(places)
        stray = [item for item in sorted(stray, key=lambda item: item[0]) if not self._ignored(*item)]
        for address, value in stray[:MAX_STRAY]:
            yield self._finding("OUTSIDE_FORM", address, value)
        if len(stray) > MAX_STRAY:
            last = stray[MAX_STRAY][0]
            yield self._finding("OUTSIDE_FORM", last, f"{len(stray) - MAX_STRAY} more cells, from here on")

    def _blanked(self, places: list[tuple[Cell, Address]]) -> Iterator[Finding]:
        for cell, address in places:
            if cell.value is not None and cell.fixed and cell.field is None and address not in self.grid.cells:
                yield self._finding("LOCKED_CHANGED", address, "", other=_plain(cell.value))

    def _ignored(self, address: Address, value: Any) -> bool:
        """A notice the coordinator had printed, and rows already said to be repeated."""
        return address[0] in self.unread_rows or (address[0] == 1 and str(value).startswith(NOTICE_PREFIX))

    def _finding(self, code: str, address: Address, value: Any, **words: str) -> Finding:
        return BY_CODE[code].finding(self.file, Place(self.grid.title, *address), value=shown(value), **words)


def grid_of(title: str, rows: list[list[Any]], start: Address) -> Grid:
    """A grid from calamine's rows. `start` is 0-based: calamine drops the blank rows and columns before it."""
    down, right = start[0] + 1, start[1] + 1
    cells = {
        (r, c): value
        for r, row in enumerate(rows, down)
        for c, value in enumerate(row, right)
        if not is_blank(value)
    }
    return Grid(title, cells)


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
    findings += [BY_CODE["SHEET_ADDED"].finding(file, Place(grid.title)) for grid in spare]
    return found, findings
