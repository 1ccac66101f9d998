"""Facts about Excel: its limits, its addresses, how it counts days and measures text."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

MAX_ROWS, MAX_COLUMNS, MAX_CHARACTERS = 1_048_576, 16_384, 32_767
"""The most rows and columns of an Excel sheet, and the most characters in a cell."""

Address = tuple[int, int]
"""Row and column, 1-based."""

DAY_ZERO, DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""
The day that Excel numbers 0, in the usual date system and in that of 1904.

Excel treats 1900 as a leap year and calls 1 January 1900 day 1. From 1 March 1900 on, its numbers agree with this day 0.
"""


def serial(day: date) -> int:
    """The number by which Excel stores a date: `serial(date(2000, 1, 1)) == 36526`."""
    return (day - DAY_ZERO).days


def text_length(text: str) -> int:
    """The length of a text as Excel's LEN counts it, in UTF-16 units: an emoji counts as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def column_letter(column: int) -> str:
    """`column_letter(1) == "A"`, `column_letter(28) == "AB"`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """`column_number("AB") == 28`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def a1(row: int, column: int) -> str:
    """An address as Excel shows it: `a1(7, 8) == "H7"`."""
    return f"{column_letter(column)}{row}"


_ADDRESS = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")


@lru_cache(maxsize=4096)
def row_and_column(address: str) -> Address:
    """`row_and_column("AB12") == (12, 28)`. Raises ValueError for a text that is not an address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(address)
    row, column = int(match[2]), column_number(match[1])
    if not (0 < row <= MAX_ROWS and column <= MAX_COLUMNS):
        raise ValueError(address)
    return row, column
