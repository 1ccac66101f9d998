"""Finds the form's rows and columns in a returned tab: rows by their ref, columns by their heading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import Address, column_letter
from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.model import TITLE_COLUMN, Cell, PlacedCells, Row, Sheet, Table
from cedg_excel.form.rules import BY_CODE
from cedg_excel.returns.displacement import describe_displacements
from cedg_excel.returns.unexpected_content import cells_unlike_form
from cedg_excel.text import plain_text

RowsByRef = Mapping[str, int]
ColumnsByNumber = Mapping[int, int]
"""From a column's number in the form to its column in the returned tab."""


class CellLocator:
    """Locates the cells of one form tab in a returned tab; `findings` collects what is wrong on the way."""

    def __init__(self, sheet: Sheet, grid: Grid, file: str) -> None:
        self.sheet, self.grid, self.file = sheet, grid, file
        self.findings: list[Finding] = []
        self.unread_rows: set[int] = set()
        self.unlike_form = cells_unlike_form(grid, sheet.form_text)

    def locate(self) -> PlacedCells:
        """Every cell of the form with its address in the grid."""
        if self._is_unmoved():
            return self.sheet.issued_cells
        columns = {table.name: self._columns(table) for table in self.sheet.tables}
        rows = {table.name: self._rows(table, columns[table.name]) for table in self.sheet.tables}
        has_moved = self._report_moved_rows(rows, columns)
        table_cells = self._table_cells(rows, columns)
        return PlacedCells([*self._text_cells({address for _, address in table_cells}, has_moved), *table_cells])

    def _report(self, code: str, row: int = 0, column: int = 0, **words: str) -> None:
        self.findings.append(BY_CODE[code].finding(self.file, Place(self.grid.title, row, column), **words))

    def _is_unmoved(self) -> bool:
        """Whether every heading, ref and title is exactly where the template has it, as in nearly every copy."""
        cells = self.grid.cells
        if not self.sheet.landmarks.items() <= cells.items():
            for address, text in self.sheet.landmarks.items():
                value = cells.get(address)
                if value != text and plain_text(value) != plain_text(text):
                    return False
        # Nor may any ref appear a second time.
        return not any(column == 1 and plain_text(value) in self.sheet.refs for (_, column), value in self.unlike_form.items())

    def _rows(self, table: Table, columns: ColumnsByNumber) -> dict[str, int]:
        """The row of each ref that appears in one row only, unless that row has the title of another ref."""
        # Only under the Ref heading: a figure of 2.5 elsewhere is not a ref.
        ref_column = columns.get(1, 1)
        title_column = columns.get(_title_cell(table.rows[0]).column, 0) if table.rows else 0
        rows_of_text = self._rows_of_text(ref_column)
        rows = {}
        for row in table.rows:
            candidates = rows_of_text[row.ref]
            if len(candidates) == 1 and (other_title := self._other_title(table, row, candidates[0], title_column)):
                # The refs, or everything else, were sorted on their own: whose answers these are is ambiguous.
                self.unread_rows.add(candidates[0])
                self._report("REF_MISPLACED", candidates[0], ref_column, value=row.ref, other=shortened(other_title))
            elif len(candidates) == 1:
                rows[row.ref] = candidates[0]
            elif not candidates:
                self._report("ROW_MISSING", value=row.ref)
            else:
                self.unread_rows.update(candidates)
                self._report("ROW_REPEATED", candidates[1], ref_column, value=row.ref, other=", ".join(f"row {n}" for n in candidates))
        return rows

    def _rows_of_text(self, column: int) -> dict[str, list[int]]:
        """The rows in which each text of a column appears, from the top."""
        rows: dict[str, list[int]] = defaultdict(list)
        for (row, cell_column), value in sorted(self.grid.cells.items(), key=lambda item: item[0]):
            if cell_column == column:
                rows[plain_text(value)].append(row)
        return rows

    def _other_title(self, table: Table, row: Row, grid_row: int, title_column: int) -> str:
        """The title in the row where a ref was found if it belongs to another ref; else ""."""
        text = plain_text(self.grid.cells.get((grid_row, title_column)))
        return text if text and text != _title(row) and any(text == _title(other) for other in table.rows) else ""

    def _columns(self, table: Table) -> dict[int, int]:
        """The column in the returned tab of each column of a table, by its number in the form."""
        heading_row = self._heading_row(table)
        if heading_row is None:
            names = [column.heading for column in table.columns if column.heading]
            self._report("HEADINGS_MISSING", value=f"{names[0]}, {names[1]} ...")
            return {}
        columns_of_text: dict[str, list[int]] = defaultdict(list)
        for (row, grid_column), value in self.grid.cells.items():
            if row == heading_row:
                columns_of_text[plain_text(value).casefold()].append(grid_column)
        columns, moves = {}, []
        for number, column in enumerate(table.columns, 1):
            candidates = columns_of_text[column.heading.casefold()] if column.heading else []
            if len(candidates) == 1:
                columns[number] = candidates[0]
                moves.append((column.heading, number, candidates[0]))
            elif column.heading and any(cell.field for row in table.rows for cell in row.cells if cell.column == number):
                self._report("COLUMN_MISSING", heading_row, value=column.heading)
        if displacement := describe_displacements(moves, "column", column_letter):
            (name, _, grid_column), description = displacement
            self._report("COLUMN_MOVED", heading_row, grid_column, value=name, other=description)
        return columns

    def _heading_row(self, table: Table) -> int | None:
        """The one row with more of a table's headings than any other, and with more than half of them; or None."""
        headings = {column.heading.casefold() for column in table.columns if column.heading}
        matches: dict[int, set[str]] = defaultdict(set)
        for (row, _), value in self.grid.cells.items():
            if (text := plain_text(value).casefold()) in headings:
                matches[row].add(text)
        ranked = sorted(((len(texts), row) for row, texts in matches.items()), reverse=True)
        if not ranked or ranked[0][0] * 2 <= len(headings) or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        return ranked[0][1]

    def _report_moved_rows(self, rows: Mapping[str, RowsByRef], columns: Mapping[str, ColumnsByNumber]) -> bool:
        """One finding for a tab whose rows have moved, at the first of them. Returns whether any has moved."""
        form_rows = [(row.ref, row.number, table.name) for table in self.sheet.tables for row in table.rows if row.ref in rows[table.name]]
        moves = [(ref, number, rows[table][ref]) for ref, number, table in sorted(form_rows, key=lambda item: item[1])]
        displacement = describe_displacements(moves, "row", str)
        if displacement:
            (ref, _, grid_row), description = displacement
            table = next(name for row_ref, _, name in form_rows if row_ref == ref)
            self._report("ROW_MOVED", grid_row, columns[table].get(1, 1), value=ref, other=description)
        return displacement is not None

    def _table_cells(self, rows: Mapping[str, RowsByRef], columns: Mapping[str, ColumnsByNumber]) -> list[tuple[Cell, Address]]:
        """The cells of tables whose row and column were both found."""
        return [
            (cell, (rows[table.name][row.ref], columns[table.name][cell.column]))
            for table in self.sheet.tables
            for row in table.rows
            for cell in row.cells
            if row.ref in rows[table.name] and cell.column in columns[table.name]
        ]

    def _text_cells(self, taken: set[Address], has_moved: bool) -> Iterator[tuple[Cell, Address]]:
        """
        The form's own text outside table rows, found by its content: headings, titles, guidance.

        Text that is found nowhere counts as changed in place, if nothing has moved and there is other text at its address.
        """
        addresses_of_text: dict[str, list[Address]] = defaultdict(list)
        for address, value in self.grid.cells.items():
            if address not in taken:
                addresses_of_text[plain_text(value)].append(address)
        in_tables = {(cell.row, cell.column) for table in self.sheet.tables for row in table.rows for cell in row.cells}
        used, not_found = set(taken), []
        for cell, form_address in self.sheet.addressed_cells:
            if cell.value is None or form_address in in_tables:
                continue
            if form_address not in used and plain_text(self.grid.cells.get(form_address)).casefold() == plain_text(cell.value).casefold():
                candidates = [form_address]
            else:
                candidates = [address for address in addresses_of_text[plain_text(cell.value)] if address not in used]
            if candidates:
                nearest = min(candidates, key=partial(_distance, cell))
                used.add(nearest)
                yield cell, nearest
            else:
                not_found.append(cell)
        for cell in not_found:
            if not has_moved and (address := (cell.row, cell.column)) in self.grid.cells and address not in used:
                yield cell, address


def _distance(cell: Cell, address: Address) -> int:
    return abs(address[0] - cell.row) + abs(address[1] - cell.column)


def _title_cell(row: Row) -> Cell:
    """The cell with the title that belongs to a ref: the first after the ref that takes no answer."""
    return next(cell for cell in row.cells[TITLE_COLUMN - 1 :] if not cell.field)


def _title(row: Row) -> str:
    return plain_text(_title_cell(row).value)
