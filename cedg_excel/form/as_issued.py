"""
The tab that shows what a copy was filled in with when it was issued: the agency's answers of last time.

A copy has nothing hidden, and what was filled in has to be told from what was typed since, so it is shown again, locked: the sheet
compares with it while people type, and the reader afterwards. A count of filled cells would miss a text that was replaced by another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.fields import ACTION_COLUMNS, Column, FormField
from cedg_excel.form.model import Cell, Row, Sheet, Table, notice_cells
from cedg_excel.tab_names import AS_ISSUED

ISSUED = "issued/"
"""How the slot of a cell of this tab begins; the key of the input cell follows."""

CARRIED = tuple(column for column in ACTION_COLUMNS if isinstance(column, FormField) and column.carried)
COLUMNS = (*ACTION_COLUMNS[:2], *CARRIED, Column("unchanged", "Unchanged", 11.0))
UNCHANGED = len(COLUMNS)
HEADING_ROW = 4

LEAD = (
    "What was filled in for you when this copy was issued, from your last return. "
    "Where it still is as it was, it does not count as an answer of a return with nothing to report. Nothing here needs filling in."
)


def as_issued_tab(tabs: Sequence[Sheet], notice: str) -> Sheet | None:
    """The tab, with a row for each action that has cells which may be filled in; None where there are none."""
    actions = [(sheet, row) for sheet in tabs for table in sheet.tables if table.name == "actions" for row in table.rows]
    sources = [(sheet, row) for sheet, row in actions if _carried_cells(row)]
    if not sources:
        return None
    rows = tuple(_row(sheet, row, number) for number, (sheet, row) in enumerate(sources, HEADING_ROW + 1))
    lines = (Cell(1, 1, AS_ISSUED, "title"), *notice_cells(notice, 5), Cell(2, 1, LEAD, "lead"))
    widths = tuple(column.width for column in COLUMNS)
    return Sheet(AS_ISSUED, lines, (Table("issued", HEADING_ROW, COLUMNS, rows),), widths, HEADING_ROW)


def _carried_cells(row: Row) -> list[Cell]:
    names = {field.name for field in CARRIED}
    return [cell for cell in row.cells if cell.field and cell.field.name in names]


def _row(sheet: Sheet, source: Row, number: int) -> Row:
    inputs = {cell.field.name: cell for cell in _carried_cells(source) if cell.field}
    cells = [Cell(number, 1, source.ref, "ref"), Cell(number, 2, str(source.cells[1].value).split("\n")[0], "action")]
    pairs = []
    for column, field in enumerate(CARRIED, 3):
        source_cell = inputs.get(field.name)
        slot = f"{ISSUED}{source_cell.field.key}" if source_cell and source_cell.field else ""
        cells.append(Cell(number, column, None, "locked.date" if field.kind == "date" else "locked", fixed=not slot, slot=slot))
        if source_cell:
            pairs.append((column, source_cell))
    build = partial(_unchanged_formula, sheet.title, number, pairs)
    return Row(source.ref, (*cells, Cell(number, UNCHANGED, None, "count", fixed=False, build_formula=build)))


def _unchanged_formula(title: str, number: int, pairs: Sequence[tuple[int, Cell]]) -> str:
    """A formula for how many cells of an action still are as they were issued."""
    return "+".join(_is_unchanged(title, number, column, cell) for column, cell in pairs)


def _is_unchanged(title: str, number: int, column: int, cell: Cell) -> str:
    issued = f"INDEX(${column_letter(column)}:${column_letter(column)},{number})"
    now = f"INDEX('{title}'!${column_letter(cell.column)}:${column_letter(cell.column)},{cell.row})"
    return f"IF(ISERROR({now}),0,AND(LEN({issued})>0,EXACT({issued},{now}))*1)"


def unchanged_count_formula(issued: Sheet | None, sheet: Sheet) -> str:
    """A formula for the same on a whole tab; "0" where nothing is filled in on it."""
    numbers = [row.number for row in (issued.tables[0].rows if issued else ()) if row.ref in sheet.refs]
    if not numbers:
        return "0"
    letter = column_letter(UNCHANGED)
    column = f"'{AS_ISSUED}'!${letter}:${letter}"
    return f"SUM(INDEX({column},{numbers[0]}):INDEX({column},{numbers[-1]}))"


def issued_slots(sheet: Sheet) -> Iterator[tuple[Cell, str]]:
    """The cells of the tab that are filled in, each with the key of the input cell that it was filled into."""
    return ((cell, cell.slot.removeprefix(ISSUED)) for cell in sheet.cells() if cell.slot)


def has_nothing_new(nil: bool, filled: Collection[str], unchanged: Collection[str]) -> bool:
    """
    Whether a return has nothing to report and only what it was issued with: these cells are then not answers.

    `filled` and `unchanged` are keys of cells outside the Cover.
    """
    return nil and set(filled) <= set(unchanged)
