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
from cedg_excel.plan.notice import notice_line

Value = str | int | float | date | None

TITLE_COLUMN = 2
"""The column with the title that belongs to a ref."""

EVIDENCE_ONLY = "Evidence only"

INPUT_STYLES: Mapping[FieldKind, str] = {
    "rating": "input.rating", "date": "input.date", "text": "input.text", "number": "input.number", "choice": "input.choice",
}  # fmt: skip
"""The style of an input cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell of a sheet. `row` and `column` are 1-based; `style` names one of `style.STYLES`.

    `fixed` is False where the content of a locked cell cannot be derived from the plan alone (last time's rating). `slot` names a
    locked cell that is filled from the master: `action/2.3/last_time`, `kpi/K2.1/past/2019-20-Q3`. `build_formula` and
    `build_warning_formula` build its formulas on demand: these are long, and only writing a copy needs them, never reading one.
    """

    row: int
    column: int
    value: Value = None
    style: str = "text"
    field: Field | None = None
    fixed: bool = True
    build_formula: Callable[[], str] | None = None
    build_warning_formula: Callable[[], str] | None = None
    slot: str = ""

    @property
    def is_form_text(self) -> bool:
        """Whether it holds the form's own text, which is the same in every copy of this version."""
        return self.fixed and self.field is None and self.value is not None

    @property
    def is_unrestricted(self) -> bool:
        """Whether its content may differ from the form: it takes an answer, or holds a formula."""
        return self.field is not None or not (self.fixed or self.slot)

    @property
    def formula(self) -> str:
        """The formula of a locked cell, without the equals sign; empty where it has none."""
        return self.build_formula() if self.build_formula else ""

    @property
    def warning_formula(self) -> str:
        """A formula that is TRUE when an input cell should be highlighted; empty where there is none."""
        return self.build_warning_formula() if self.build_warning_formula else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. `ref` is in its first column, and identifies the row wherever it has moved."""

    ref: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> int:
        """Its row number in the template, 1-based."""
        return self.cells[0].row


@dataclass(frozen=True, slots=True)
class Table:
    """A heading row and the rows below it; column n of the table is column n of the sheet."""

    name: str
    heading_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class PlacedCells:
    """
    The cells of a tab by address, with four views of them: `fields` (the input cells), `form_text` (the form's own text),
    `unrestricted` (the addresses whose content may differ from the form) and `formulas` (those that hold one of the form's formulas).
    """

    def __init__(self, places: Iterable[tuple[Cell, Address]]) -> None:
        pairs = list(places)
        self.cells = {address: cell for cell, address in pairs}
        self.fields = tuple((cell.field, address) for cell, address in pairs if cell.field)
        self.form_text = {address: cell.value for address, cell in self.cells.items() if cell.is_form_text}
        self.unrestricted = frozenset(address for address, cell in self.cells.items() if cell.is_unrestricted)
        self.formulas = frozenset(address for address, cell in self.cells.items() if cell.build_formula and not cell.field)


@dataclass(frozen=True)
class Sheet:
    """
    One tab: lines of text, tables, and the widths of its columns in characters.

    `heading_row` is repeated on each printed page, 0 for none. `check_column` says what is wrong with each row, 0 when there is none;
    the column after it numbers those rows.
    """

    title: str
    lines: tuple[Cell, ...]
    tables: tuple[Table, ...]
    widths: tuple[float, ...]
    heading_row: int = 0
    check_column: int = 0

    # Every return is read against these, so they are computed once per sheet.

    @cached_property
    def refs(self) -> frozenset[str]:
        """The refs of all its rows."""
        return frozenset(row.ref for table in self.tables for row in table.rows)

    @cached_property
    def ref_positions(self) -> list[tuple[Address, Value]]:
        """Each ref with its address in an unaltered copy."""
        return [((row.number, 1), row.ref) for table in self.tables for row in table.rows]

    @cached_property
    def addressed_cells(self) -> tuple[tuple[Cell, Address], ...]:
        """Every cell with its address in an unaltered copy."""
        return tuple((cell, (cell.row, cell.column)) for cell in self.cells())

    @cached_property
    def issued_cells(self) -> PlacedCells:
        """The cells of an unaltered copy."""
        return PlacedCells(self.addressed_cells)

    @property
    def form_text(self) -> Mapping[Address, Value]:
        """The form's own text by its address."""
        return self.issued_cells.form_text

    @cached_property
    def landmarks(self) -> dict[Address, Value]:
        """The text that shows nothing has moved while it is in place: headings, refs and titles, or all text on a tab without tables."""
        heading_rows = {table.heading_row for table in self.tables}
        cells = [cell for cell in self.cells() if not heading_rows or cell.row in heading_rows]
        cells += [cell for table in self.tables for row in table.rows for cell in row.cells[:TITLE_COLUMN] if not cell.field]
        return {(cell.row, cell.column): cell.value for cell in cells if cell.value is not None}

    def checked_rows(self) -> Iterator[Row]:
        """The rows that take an answer, and so have a check."""
        return (row for table in self.tables for row in table.rows if any(cell.field for cell in row.cells))

    def cells(self) -> Iterator[Cell]:
        """Every cell with content, or that takes an answer."""
        return iter(self._cells)

    @cached_property
    def _cells(self) -> tuple[Cell, ...]:
        headings = [[Cell(t.heading_row, n, column.heading or None, "head") for n, column in enumerate(t.columns, 1)] for t in self.tables]
        rows = [[cell for row in table.rows for cell in row.cells] for table in self.tables]
        return (*self.lines, *(cell for heading, body in zip(headings, rows, strict=True) for cell in (*heading, *body)))

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


def notice_cells(notice: str, column: int, style: str = "notice") -> list[Cell]:
    """The notice in the first row, if there is one. The reader ignores it."""
    return [Cell(1, column, notice_line(notice), style, fixed=False)] if notice else []
