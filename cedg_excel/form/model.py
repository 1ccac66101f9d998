"""What a copy is made of: cells, rows, tables, tabs; and the layout of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cedg_excel.excel_facts import Address
from cedg_excel.form.fields import Column, Field, FieldKind
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Agency, Period, Plan

Value = str | int | float | date | None

TITLE_COLUMN = 2
"""Where the words stand that say what a ref is."""

NOT_YOURS = "Evidence only"
NOTICE_PREFIX = "Notice: "

INPUT_STYLES: Mapping[FieldKind, str] = {
    "rating": "input.rating", "date": "input.date", "text": "input.text", "number": "input.number", "choice": "input.choice",
}  # fmt: skip
"""The style of an input cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell of a sheet. `row` and `column` are 1-based; `style` names one of `style.STYLES`.

    `fixed` is False where a locked cell's words are not known from the plan alone (last time's rating). `slot` names a locked
    cell that is filled from the master: `action/2.3/last_time`, `kpi/K2.1/past/2019-20-Q3`. `calculates` and `warns` give its
    formulas, which are long, and which are wanted for writing a copy but never for reading one.
    """

    row: int
    column: int
    value: Value = None
    style: str = "text"
    field: Field | None = None
    fixed: bool = True
    calculates: Callable[[], str] | None = None
    warns: Callable[[], str] | None = None
    slot: str = ""

    @property
    def own(self) -> bool:
        """Whether it holds words of the form's own, the same in every copy of this version."""
        return self.fixed and self.field is None and self.value is not None

    @property
    def free(self) -> bool:
        """Whether anything may stand in it: it takes an answer, or works something out."""
        return self.field is not None or not (self.fixed or self.slot)

    @property
    def formula(self) -> str:
        """What Excel works out in a locked cell, without the equals sign; empty where it works nothing out."""
        return self.calculates() if self.calculates else ""

    @property
    def wrong(self) -> str:
        """When an input cell is to be marked, as a formula."""
        return self.warns() if self.warns else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `ref` stands in its first column and finds it again wherever it has moved."""

    ref: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> int:
        """Its row in the template, 1-based."""
        return self.cells[0].row


@dataclass(frozen=True, slots=True)
class Table:
    """A heading row and the rows under it; column n of the table is column n of the sheet."""

    name: str
    head: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class KnownCells:
    """The cells of a tab and where each stands; of these the input cells, the form's own words, and where anything may stand."""

    def __init__(self, places: Iterable[tuple[Cell, Address]]) -> None:
        pairs = list(places)
        self.cells = {address: cell for cell, address in pairs}
        self.fields = tuple((cell.field, address) for cell, address in pairs if cell.field)
        self.fixed = {address: cell.value for address, cell in self.cells.items() if cell.own}
        self.free = frozenset(address for address, cell in self.cells.items() if cell.free)


@dataclass(frozen=True)
class Sheet:
    """
    One tab: free lines, tables, and the widths of its columns in characters.

    `check` is the column that says what is wrong with a row, 0 when there is none; the column after it numbers those rows.
    """

    title: str
    lines: tuple[Cell, ...]
    tables: tuple[Table, ...]
    widths: tuple[float, ...]
    head: int = 0
    check: int = 0

    # What is asked of a sheet for every return is worked out once for it.

    @cached_property
    def refs(self) -> frozenset[str]:
        """The refs of all its rows, by which they are found again."""
        return frozenset(row.ref for table in self.tables for row in table.rows)

    @cached_property
    def first_column(self) -> list[tuple[Address, Value]]:
        """Where each ref was put."""
        return [((row.number, 1), row.ref) for table in self.tables for row in table.rows]

    @cached_property
    def made(self) -> tuple[tuple[Cell, Address], ...]:
        """Every cell with the address it was made at."""
        return tuple((cell, (cell.row, cell.column)) for cell in self.cells())

    @cached_property
    def known(self) -> KnownCells:
        """Every cell where it was made."""
        return KnownCells(self.made)

    @property
    def fixed(self) -> Mapping[Address, Value]:
        """The form's own text by its address."""
        return self.known.fixed

    @cached_property
    def anchors(self) -> dict[Address, Value]:
        """What must stand in its place for a tab to be as it was made: headings, refs and titles, or all where there are none."""
        heads = {table.head for table in self.tables}
        cells = [cell for cell in self.cells() if not heads or cell.row in heads]
        cells += [cell for table in self.tables for row in table.rows for cell in row.cells[:TITLE_COLUMN] if not cell.field]
        return {(cell.row, cell.column): cell.value for cell in cells if cell.value is not None}

    def checked_rows(self) -> Iterator[Row]:
        """The rows that take an answer, and so can be wrong."""
        return (row for table in self.tables for row in table.rows if any(cell.field for cell in row.cells))

    def cells(self) -> Iterator[Cell]:
        """Every cell that holds something or takes an answer."""
        return iter(self._cells)

    @cached_property
    def _cells(self) -> tuple[Cell, ...]:
        heads = [[Cell(t.head, n, column.heading or None, "head") for n, column in enumerate(t.columns, 1)] for t in self.tables]
        rows = [[cell for row in table.rows for cell in row.cells] for table in self.tables]
        return (*self.lines, *(cell for head, own in zip(heads, rows, strict=True) for cell in (*head, *own)))

    def fields(self) -> Iterator[tuple[Cell, Field]]:
        """Every input cell with its field, in tab order."""
        return iter(self._fields)

    @cached_property
    def _fields(self) -> tuple[tuple[Cell, Field], ...]:
        return tuple((cell, cell.field) for cell in self._cells if cell.field)


@dataclass(frozen=True, slots=True)
class Layout:
    """One agency's copy for one period, cell by cell."""

    plan: Plan
    agency: Agency
    period: Period
    stamp: Stamp
    sheets: tuple[Sheet, ...]

    def fields(self) -> Iterator[tuple[Sheet, Cell, Field]]:
        """Every input cell of the copy, in the order of the tabs."""
        for sheet in self.sheets:
            for cell, item in sheet.fields():
                yield sheet, cell, item


def notice_line(text: str, column: int) -> list[Cell]:
    """The notice in the first row, if there is one. Reading ignores it."""
    return [Cell(1, column, NOTICE_PREFIX + text, "notice", fixed=False)] if text else []
