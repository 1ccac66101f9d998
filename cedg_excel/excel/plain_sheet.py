"""
A sheet written again with its values alone, as calamine reads them without fail: for sheets that a program wrote in an unusual way.

What cannot be read for certain is left out and listed instead. Nothing is guessed: a shared text whose number is not a plain whole number
would otherwise be read as the first one, and of a cell that appears twice one would be lost.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat
from xml.sax.saxutils import escape

from cedg_excel.excel.plain_values import is_style
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails, too_many_cells
from cedg_excel.excel_facts import Address, column_letter, row_and_column

MAX_PLAIN_CELLS = 200_000
"""The most cells with a value in a sheet that is written again."""
FORM_ROWS, FORM_COLUMNS = 2_000, 100
"""The part of a sheet that is kept where there is something far outside it: a form has a few dozen rows, and a plan a few hundred."""
EARLIEST_DAY = -1e11
"""A date further back than this, in days, makes calamine fail."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:00)?)?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?")
"""Without a time zone: which day a time in another zone is here depends on where it was written."""
_WHITE_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How many shared texts and cell styles the workbook has; without a styles part any number will do. Numbers are above `lowest`.
    """

    texts: int
    styles: int
    lowest: float = float("-inf")


@dataclass(slots=True)
class _Cell:
    address: Address
    kind: str
    style: str
    is_in_its_row: bool
    values: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def limits_of(shared_strings: bytes | None, styles: bytes | None) -> Limits:
    """The limits of a workbook from two of its parts. Raises expat.ExpatError when one is broken."""
    return Limits(_count(shared_strings, "sst", "si") if shared_strings else 0, style_count(styles))


def style_count(styles: bytes | None) -> int:
    """How many cell styles there are. Raises expat.ExpatError when the part is broken."""
    return _cached_style_count(styles) if styles else 10**9


@lru_cache(maxsize=64)
def _cached_style_count(styles: bytes) -> int:
    return _count(styles, "cellXfs", "xf")


def _count(part: bytes, parent: str, child: str) -> int:
    """How many elements called `child` are directly in one called `parent`."""
    path, count = [""], 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        local = name.rpartition(":")[2]
        count += local == child and path[-1] == parent
        path.append(local)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, lambda _: path.pop()
    parser.Parse(part, True)
    return count


def write_plainly(part: bytes, details: SheetDetails, limits: Limits) -> None:
    """Fill in `plain`, `unreadable` and `far_cells` of a sheet's details. Raises Refused when it has too many cells."""
    cells = _Reader().cells_of(part)
    if details.area > MAX_CELLS or details.far_cells:
        details.far_cells = sorted(address for address in cells if _is_far(address))
        cells = {address: found for address, found in cells.items() if not _is_far(address)}
    details.unreadable = {}
    rows: dict[int, list[str]] = defaultdict(list)
    for address, found in sorted(cells.items()):
        written = _written(found[0], limits) if len(found) == 1 and found[0].is_in_its_row else None
        if written is None:
            details.unreadable[address] = " / ".join(text for cell in found for text in (*cell.values, *cell.texts))
        elif written:
            rows[address[0]].append(written)
    details.plain = _sheet(rows)
    details.last_row = max((row for row, _ in cells), default=0)
    details.last_column = max((column for _, column in cells), default=0)


def _is_far(address: Address) -> bool:
    return address[0] > FORM_ROWS or address[1] > FORM_COLUMNS


def _sheet(rows: dict[int, list[str]]) -> bytes:
    written = "".join(f'<row r="{number}">{"".join(cells)}</row>' for number, cells in rows.items())
    return f"<worksheet><sheetData>{written}</sheetData></worksheet>".encode()


def _written(cell: _Cell, limits: Limits) -> str | None:
    """The XML of a cell's value, "" where there is none to read, None where it cannot be read for certain."""
    row, column = cell.address
    start = f'<c r="{column_letter(column)}{row}"'
    if cell.texts:
        text = _escaped(cell.texts[0])
        is_text = cell.kind == "inlineStr" and len(cell.texts) == 1 and not cell.values
        return f'{start} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if is_text else None
    if cell.kind == "e":
        return ""  # the error itself is in the sheet's details
    value = _vouched(cell.kind, cell.values[0], limits) if len(cell.values) == 1 else None
    if not value:
        return value
    if cell.kind not in ("", "n"):
        return f'{start} t="{cell.kind}"><v>{_escaped(value)}</v></c>'
    return f'{start} s="{int(cell.style or 0)}"><v>{value}</v></c>' if _is_style(cell.style, limits) else None


def _is_style(style: str, limits: Limits) -> bool:
    return not style or (is_style(style) and int(style) < limits.styles)


def _vouched(kind: str, text: str, limits: Limits) -> str | None:
    """The value as calamine reads it for certain; None where there is none."""
    match kind:
        case "str":
            return text
        case "" | "n":
            number = text.strip(_WHITE_SPACE)
            is_number = _NUMBER.fullmatch(number) is not None and limits.lowest < float(number) < float("inf")
            return number if is_number or not number else None
        case "s":
            return text if not text or (_is_digits(text) and int(text) < limits.texts) else None
        case "b":
            return text if text in ("", "0", "1") else None
        case "d":
            return _day_or_time(text.strip(_WHITE_SPACE))
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _day_or_time(text: str) -> str | None:
    if match := _DAY.fullmatch(text):
        return match[1]
    if match := _TIME.fullmatch(text):
        return match[1] + (match[2] or ":00")
    return "" if not text else None


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


class _Reader:
    """Reads every cell with a value or a text from a sheet, whatever its order."""

    def __init__(self) -> None:
        self.cells: dict[Address, list[_Cell]] = defaultdict(list)
        self.path: list[str] = []
        self.row = self.column = self.stated_row = self.count = 0
        self.cell: _Cell | None = None
        self.text: list[str] | None = None
        self.inline: list[str] = []

    def cells_of(self, part: bytes) -> dict[Address, list[_Cell]]:
        """The cells by address. Raises expat.ExpatError or ValueError for broken XML, Refused for too many cells."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._start, self._end, self._characters
        try:
            parser.Parse(part, True)
        finally:
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        return self.cells

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name, parent = name.rpartition(":")[2], self.path[-1] if self.path else ""
        self.path.append(name)
        match parent, name:
            case "sheetData", "row":
                self.row, self.column = int(attributes.get("r") or self.row + 1), 0
                self.stated_row = self.row if "r" in attributes else 0
            case "row", "c":
                self.cell = self._cell(attributes)
            case "c", "v":
                self.text = []
            case "c", "is":
                self.inline = []
            case (("is" | "r"), "t"):
                self.text = []

    def _cell(self, attributes: dict[str, str]) -> _Cell:
        if address := attributes.get("r"):
            self.row, self.column = row_and_column(address)
        else:
            self.column += 1
        is_in_its_row = self.stated_row in (0, self.row)
        return _Cell((self.row, self.column), attributes.get("t", ""), attributes.get("s", ""), is_in_its_row)

    def _characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def _end(self, name: str) -> None:
        name, cell = self.path.pop(), self.cell
        text, parent = "".join(self.text or ()), self.path[-1] if self.path else ""
        if cell is None:
            return
        if name == "v" and parent == "c":
            cell.values.append(text)
        elif name == "is" and parent == "c":
            cell.texts.append("".join(self.inline))
        elif name == "t" and self.text is not None and "rPh" not in self.path:
            self.inline.append(text)
        elif name == "c" and parent == "row":
            self._keep(cell)
            self.cell = None
        if name in ("v", "t"):
            self.text = None

    def _keep(self, cell: _Cell) -> None:
        if any(cell.values) or any(cell.texts):
            self.count += 1
            if self.count > MAX_PLAIN_CELLS:
                raise too_many_cells()
            self.cells[cell.address].append(cell)
