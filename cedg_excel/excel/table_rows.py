"""
A plain table as the rows of a sheet, written as XML piece by piece.

A data sheet has three looks and up to a million cells: a cell object for each would take fifty times as long and as much room.
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
from cedg_excel.excel.save import Rows
from cedg_excel.excel_facts import MAX_CHARACTERS, MAX_ROWS, column_letter, serial

PIECE = 2000
"""How many rows are made at once."""


@dataclass(frozen=True, slots=True)
class Styles:
    """The numbers that a workbook knows its three styles of data by."""

    text: int
    dates: int
    numbers: int


def sheet_rows(title: str, columns: Sequence[str], rows: pd.DataFrame, styles: Styles) -> Rows:
    """
    The headings and the rows of a table, from A1 on. Text stays text, whatever it begins with.

    Raises TooBig for a table that would not fit into a sheet; the pieces do, for a text that would not fit into a cell.
    """
    if len(rows) >= MAX_ROWS:
        raise TooBig(f"{title} would have {len(rows):,} rows, more than an Excel sheet can hold. Nothing was written.")
    return Rows(f"A1:{column_letter(len(columns))}{len(rows) + 1}", _pieces(title, columns, rows, styles))


def _pieces(title: str, columns: Sequence[str], rows: pd.DataFrame, styles: Styles) -> Iterator[bytes]:
    letters = [column_letter(number) for number in range(1, len(columns) + 1)]
    inside = _inside(title, styles)
    yield _row(1, letters, [inside(name) for name in columns])
    for first in range(0, len(rows), PIECE):
        part = rows.iloc[first : first + PIECE]
        cells = zip(*([inside(value) for value in part[name].tolist()] for name in columns), strict=True)
        yield b"".join(_row(number, letters, row) for number, row in enumerate(cells, first + 2))


def _row(number: int, letters: Sequence[str], cells: Sequence[str]) -> bytes:
    written = [f'<c r="{letter}{number}"{cell}' for letter, cell in zip(letters, cells, strict=True) if cell]
    return f'<row r="{number}">{"".join(written)}</row>'.encode()


def _inside(title: str, styles: Styles) -> Callable[[Any], str]:
    """From a value to its cell, but for the address; nothing for a blank. Most texts come again and again, and are made once."""
    known: dict[str, str] = {}

    def inside(value: Any) -> str:
        if isinstance(value, str):
            if (cell := known.get(value)) is None:
                cell = known[value] = _text(title, value, styles.text)
                if len(known) > PIECE:
                    known.clear()
            return cell
        if value is None:
            return ""
        if isinstance(value, bool):
            return f' s="{styles.text}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, date):
            return f' s="{styles.dates}" t="n"><v>{serial(value)}</v></c>'
        return f' s="{styles.numbers}" t="n"><v>{repr(value).removesuffix(".0")}</v></c>'

    return inside


_SPECIAL = re.compile("[^\t\n -%'-;=?-^`-\ud7ff]")
"""All that may not stand in XML as it is, or not everywhere: &, <, >, an underscore, control and rare characters."""


def _text(title: str, text: str, style: int) -> str:
    if len(text) > MAX_CHARACTERS:
        raise TooBig(f"{title} would have a text of {len(text):,} characters, more than an Excel cell can hold.")
    if not text:
        return ""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    said = html.escape(escaped(text), quote=False) if _SPECIAL.search(text) else text
    return f' s="{style}" t="inlineStr"><is><t{space}>{said}</t></is></c>'
