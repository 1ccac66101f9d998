"""Writes the master workbook: pages, data sheets, and the store from which a later merge reads everything back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from cedg_excel.excel.page import Book
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel.table_rows import Styles, sheet_rows
from cedg_excel.excel_facts import column_letter
from cedg_excel.findings import Place
from cedg_excel.form.stamp import MASTER_PROPERTY
from cedg_excel.master.merged import Merged
from cedg_excel.master.pages import write_pages
from cedg_excel.master.store import STORE
from cedg_excel.master.tables import COLUMNS
from cedg_excel.plan.notice import notice_line

DATA_TITLE, STORE_TITLE = "Data ", "Store "


def master_bytes(merged: Merged) -> bytes:
    """
    The master workbook as a file: the same store always gives the same bytes.

    Raises TooBig where a table or a text does not fit into a sheet.
    """
    return bytes_and_formulas(merged)[0]


def bytes_and_formulas(merged: Merged) -> tuple[bytes, frozenset[Place]]:
    """The same file, and the cells with formulas: a program that does not calculate saves them without results."""
    book = Book(f"{merged.plan.about.title}: master", notice_line(merged.plan.about.notice))
    write_pages(book, merged)
    for name, columns in COLUMNS.items():
        _data_sheet(book, DATA_TITLE + name, columns, merged.tables[name])
    for name, columns in STORE.items():
        _data_sheet(book, STORE_TITLE + name, columns, getattr(merged.store, name))
    book.add_property(MASTER_PROPERTY, merged.plan.about.id)
    places = frozenset(Place(title, *address) for title, cells in book.results.items() for address in cells)
    return to_bytes(book.workbook, merged.last_change, book.results, book.rows, book.chart_texts), places


def _data_sheet(book: Book, title: str, columns: Sequence[str], rows: pd.DataFrame) -> None:
    page = book.page(title, [_width(name) for name in columns])
    page.sheet.sheet_properties.tabColor = "8A939C"
    styles = Styles(*(book.style_number(page, name) for name in ("data", "data.date", "data.number")))
    book.rows[title] = sheet_rows(title, columns, rows, styles)
    last = max(2, len(rows) + 1)  # an Excel table has at least one row below its headings
    table = Table(displayName=title.replace(" ", "_").lower(), ref=f"A1:{column_letter(len(columns))}{last}")
    table.tableColumns = [TableColumn(id=number, name=name) for number, name in enumerate(columns, 1)]
    table.autoFilter = AutoFilter(ref=table.ref)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    page.sheet.add_table(table)
    page.sheet.freeze_panes = "A2"
    page.sheet.sheet_view.showGridLines = True
    page.print_on_a4(title, "1:1")


def _width(name: str) -> float:
    return {"evidence": 60, "message": 60, "fix": 50, "value": 40, "remedial_action": 40, "comment": 40}.get(name, 16)
