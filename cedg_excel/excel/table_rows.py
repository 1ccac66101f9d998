"""
A plain table as the rows of a sheet, written as XML in pieces.

A data sheet has three styles and up to a million cells: with a cell object for each it would take fifty times the time and memory.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cedg_excel.errors import TooBig
from cedg_excel.excel.page import escaped
from cedg_excel.excel.save import SheetRows
from cedg_excel.excel_facts import MAX_CHARACTERS, MAX_ROWS, column_letter, serial

ROWS_PER_PIECE = 2000


@dataclass(frozen=True, slots=True)
class Styles:
    """The three styles of data, by their numbers in the workbook's XML."""

    text: int
    dates: int
    numbers: int


def sheet_rows(title: str, columns: Sequence[str], rows: pd.DataFrame, styles: Styles) -> SheetRows:
    """
    The headings and the rows of a table, from A1 on. Text stays text, whatever it begins with.

    Raises TooBig for a table that does not fit into a sheet. Reading the pieces raises it for a text that does not fit into a cell.
    """
    if len(rows) >= MAX_ROWS:
        raise TooBig(f"{title} would have {len(rows):,} rows, more than an Excel sheet can hold. Nothing was written.")
    return SheetRows(f"A1:{column_letter(len(columns))}{len(rows) + 1}", _pieces(title, columns, rows, styles))


def _pieces(title: str, columns: Sequence[str], rows: pd.DataFrame, styles: Styles) -> Iterator[bytes]:
    letters = [column_letter(number) for number in range(1, len(columns) + 1)]
    cell_xml = _cell_writer(title, styles)
    yield _row(1, letters, [cell_xml(name) for name in columns])
    for first in range(0, len(rows), ROWS_PER_PIECE):
        part = rows.iloc[first : first + ROWS_PER_PIECE]
        cells = zip(*([cell_xml(value) for value in part[name].tolist()] for name in columns), strict=True)
        yield b"".join(_row(number, letters, row) for number, row in enumerate(cells, first + 2))


def _row(number: int, letters: Sequence[str], cells: Sequence[str]) -> bytes:
    addressed = [f'<c r="{letter}{number}"{cell}' for letter, cell in zip(letters, cells, strict=True) if cell]
    return f'<row r="{number}">{"".join(addressed)}</row>'.encode()


def _cell_writer(title: str, styles: Styles) -> Callable[[Any], str]:
    """A function from a value to its cell's XML after the address; "" for a blank. Most texts repeat, so their XML is cached."""
    cache: dict[str, str] = {}

    def cell_xml(value: Any) -> str:
        if isinstance(value, str):
            if (cell := cache.get(value)) is None:
                cell = cache[value] = _text_cell(title, value, styles.text)
                if len(cache) > ROWS_PER_PIECE:
                    cache.clear()
            return cell
        if value is None:
            return ""
        if isinstance(value, bool):
            return f' s="{styles.text}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, date):
            return f' s="{styles.dates}" t="n"><v>{serial(value)}</v></c>'
        return f' s="{styles.numbers}" t="n"><v>{repr(value).removesuffix(".0")}</v></c>'

    return cell_xml


_TO_ESCAPE = re.compile("[^\t\n -%'-;=?-^`-\ud7ff]")
"""Characters that may have to be escaped in XML: &, <, >, an underscore, control and rare characters."""


def _text_cell(title: str, text: str, style: int) -> str:
    if len(text) > MAX_CHARACTERS:
        raise TooBig(f"{title} would have a text of {len(text):,} characters, more than an Excel cell can hold.")
    if not text:
        return ""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    content = html.escape(escaped(text), quote=False) if _TO_ESCAPE.search(text) else text
    return f' s="{style}" t="inlineStr"><is><t{space}>{content}</t></is></c>'
