"""
The details of a sheet, combined from cached details of its rows and cells: nearly all of them appear in other sheets of a batch too,
byte for byte. Each is parsed once and cached. A sheet that cannot be split into rows safely is parsed from end to end.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast
from xml.parsers import expat

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails, SheetParser
from cedg_excel.excel_facts import Address

MAX_CACHED_CELLS = 100_000
"""The most cells in a sheet that is split up: each cell on its own takes more memory than in the whole."""
CACHE_SIZE, MAX_CACHED_BYTES = 2_000, 20_000
"""The most rows, and the most cells, in the cache, and the longest one in bytes. The example plan has 500 different rows in 144 copies."""

_SHEET_DATA, _SHEET_DATA_END, _ROW_END, _CELL_START = b"<sheetData>", b"</sheetData>", b"</row>", b"<c "
_NUMBER_VALUE = re.compile(rb"<v>[0-9.]+</v>")
_INLINE_TEXT = re.compile(rb"<t>[\t\n\r -%'-;=?-~\x80-\xff]+</t>")
_ROW_START = re.compile(rb"\s*(?:<row [^<>]*/>\s*)*<row[^<>]*>\s*")
"""The start of a row, with any rows without cells before it."""


class _NeedsFullRead(Exception):
    """This XML cannot be understood on its own: the sheet has to be parsed as a whole."""


class _CachedCell(NamedTuple):
    address: Address
    has_value: bool
    is_shared_text: bool
    formula: bytes | None
    error: str | None
    style: str


class _CachedRow(NamedTuple):
    """
    The details of a row, as in SheetDetails.

    `first` and `last` are the addresses of its first and last cell, (0, 0) where it has none; `last_row` and `last_column` are
    those of its last cell with a value.
    """

    first: Address
    last: Address
    last_row: int
    last_column: int
    shared_text_cells: int
    formulas: dict[Address, bytes]
    errors: dict[Address, str]
    styles: dict[Address, str]
    hidden_rows: tuple[int, ...]


def details_of(part: bytes) -> SheetDetails:
    """
    The details of a sheet from its part of the zip.

    Raises expat.ExpatError or ValueError where the XML is broken, Refused where it is too large.
    """
    try:
        details = _details_from_rows(part)
    except (_NeedsFullRead, expat.ExpatError, ValueError, OverflowError, Refused):
        details = None  # parsing the whole sheet raises the right error, if there is one
    if details is None or details.area > MAX_CELLS:
        details = SheetDetails()
        SheetParser(details).run(part)
    return details


def clear_cache() -> None:
    """Empty the cache, as in a process that has just started."""
    _row_cache.clear()
    _cell_cache.clear()
    _hidden_rows_at.cache_clear()
    _cached_edge_details.cache_clear()


def _details_from_rows(part: bytes) -> SheetDetails:
    """
    The details of a sheet, by splitting it into rows.

    The XML before the rows, the XML after them, the start of each row and each cell are checked to be well-formed on their own. Then
    the whole is well-formed too, and no comment or CDATA section extends from one into the next. Raises _NeedsFullRead.
    """
    chunks = _without_values(part).split(_ROW_END, MAX_CACHED_CELLS)
    head, start_found, chunks[0] = chunks[0].partition(_SHEET_DATA)
    chunks[-1], end_found, tail = chunks[-1].partition(_SHEET_DATA_END)
    if not start_found or not end_found:
        raise _NeedsFullRead
    before = _edge_details(head + _SHEET_DATA + _SHEET_DATA_END + b"</worksheet>")
    after = _edge_details(b"<worksheet>" + _SHEET_DATA + _SHEET_DATA_END + tail)
    if before.protected or before.filtered or before.merged_ranges or before.dropdowns or before.links or after.hidden_columns:
        raise _NeedsFullRead
    details = SheetDetails(
        hidden_columns=[*before.hidden_columns], filtered=after.filtered, protected=after.protected,
        merged_ranges=after.merged_ranges, dropdowns=after.dropdowns, links=after.links,
    )  # fmt: skip
    chunks[-1] += b"<row>"  # after the last row there are only rows without cells, if any
    previous_cell, last_column = (0, 0), 0
    for first, last, row_with_value, column_with_value, shared_texts, formulas, errors, styles, hidden_rows in _cached_rows(chunks):
        if hidden_rows:
            details.hidden_rows += hidden_rows
        if first != (0, 0):
            if first <= previous_cell:
                raise _NeedsFullRead
            previous_cell = last
        if column_with_value:
            details.last_row = row_with_value
            if styles:
                details.styles[row_with_value] = styles
            if column_with_value > last_column:
                last_column = column_with_value
        if shared_texts:
            details.shared_text_cells += shared_texts
        if formulas:
            details.formulas.update(formulas)
        if errors:
            details.errors.update(errors)
    details.last_column = last_column
    return details


_row_cache: dict[bytes, _CachedRow] = {}
_cell_cache: dict[bytes, _CachedCell] = {}


def _cached_rows(chunks: list[bytes]) -> list[_CachedRow]:
    rows = list(map(_row_cache.get, chunks))
    if None in rows:
        new = _read_rows([chunk for chunk, row in zip(chunks, rows, strict=True) if row is None])
        rows = [row or new[chunk] for chunk, row in zip(chunks, rows, strict=True)]
    return cast("list[_CachedRow]", rows)


def _read_rows(chunks: list[bytes]) -> dict[bytes, _CachedRow]:
    """Rows that are not in the cache, each from its start and its cells."""
    if sum(chunk.count(_CELL_START) for chunk in chunks) > MAX_CACHED_CELLS:
        raise _NeedsFullRead
    split_rows = {chunk: chunk.split(_CELL_START) for chunk in chunks}
    cached = {piece: _cell_cache.get(piece) for _, *pieces in split_rows.values() for piece in pieces}
    new = _read_cells([piece for piece, cell in cached.items() if cell is None])
    cells = {piece: cell for piece, cell in cached.items() if cell} | new
    rows = {
        chunk: _combined_row(_hidden_rows_at(start), [cells[piece] for piece in pieces]) for chunk, (start, *pieces) in split_rows.items()
    }
    _store(_cell_cache, new)
    _store(_row_cache, rows)
    return rows


def _without_values(part: bytes) -> bytes:
    """
    The sheet's XML without the values that make no difference to its details, so that more rows are alike: which number, or which of
    the shared texts, a cell holds, and inline text without any markup.
    """
    if not part.isascii():
        part.decode()  # raises UnicodeDecodeError, a ValueError, where it is not UTF-8
        if b"\xef\xbf" in part:
            raise _NeedsFullRead  # U+FFFE and U+FFFF begin with these bytes, and XML does not allow them
    return _INLINE_TEXT.sub(b"<t></t>", _NUMBER_VALUE.sub(b"<v>0</v>", part))


_T = TypeVar("_T")


def _store(cache: dict[bytes, _T], new: dict[bytes, _T]) -> None:
    if len(cache) > CACHE_SIZE:
        cache.clear()
    cache |= {xml: details for xml, details in new.items() if len(xml) <= MAX_CACHED_BYTES}


def _combined_row(hidden_rows: tuple[int, ...], cells: list[_CachedCell]) -> _CachedRow:
    last = (0, 0)
    last_row = last_column = shared_text_cells = 0
    formulas, errors, styles = {}, {}, {}
    for address, has_value, is_shared_text, formula, error, style in cells:
        if address <= last:
            raise _NeedsFullRead
        last = address
        if has_value:
            if style:
                styles[address] = style
            last_row, column = address
            if column > last_column:
                last_column = column
        shared_text_cells += is_shared_text
        if formula is not None:
            formulas[address] = formula
        if error is not None:
            errors[address] = error
    first = cells[0].address if cells else last
    return _CachedRow(first, last, last_row, last_column, shared_text_cells, formulas, errors, styles, hidden_rows)


@lru_cache(maxsize=CACHE_SIZE)
def _hidden_rows_at(start: bytes) -> tuple[int, ...]:
    """Which rows are hidden, by number: the row that starts here, and any rows without cells before it."""
    if len(start) > MAX_CACHED_BYTES or not _ROW_START.fullmatch(start):
        raise _NeedsFullRead
    details = SheetDetails()
    _RowStartParser(details).run(_SHEET_DATA + start + _ROW_END + _SHEET_DATA_END)
    return tuple(details.hidden_rows)


class _RowStartParser(SheetParser):
    """Parses the starts of rows."""

    def start_row(self, attributes: dict[str, str]) -> None:
        if attributes and "r" not in attributes:
            raise _NeedsFullRead
        super().start_row(attributes)


def _read_cells(pieces: list[bytes]) -> dict[bytes, _CachedCell]:
    """The details of each cell, all of them in one pass."""
    if not pieces:
        return {}
    cells_xml = _CELL_START.join(pieces)
    if not all(map(_ends_like_cell, pieces)) or b"<!" in cells_xml or b"<?" in cells_xml:
        raise _NeedsFullRead
    details = SheetDetails()
    parser = _CellParser(details)
    xml = b"<row>" + _CELL_START + cells_xml + _ROW_END
    parser.run(xml)
    not_cells = any((details.dropdowns, details.merged_ranges, details.links, details.hidden_columns, details.filtered, details.protected))
    if len(parser.addresses) != len(pieces) or not_cells:
        raise _NeedsFullRead
    cells = {}
    for piece, address in zip(pieces, parser.addresses, strict=True):
        offset = parser.formula_offsets.get(address)
        # A formula ends within its cell, so no more than the cell's length is kept.
        formula = None if offset is None else xml[offset : offset + len(piece)]
        has_value, is_shared_text = address in parser.with_value, address in parser.shared_texts
        style, error = parser.styles.get(address, ""), details.errors.get(address)
        cells[piece] = _CachedCell(address, has_value, is_shared_text, formula, error, style)
    return cells


def _ends_like_cell(piece: bytes) -> bool:
    """Whether the XML ends as a cell does; the parser then checks that it is well-formed."""
    end = piece.rstrip()
    return end.endswith(b"</c>") or (end.endswith(b"/>") and b"<" not in end)


class _CellParser(SheetParser):
    """Parses cells; `_combined_row` checks their order."""

    def __init__(self, details: SheetDetails) -> None:
        super().__init__(details)
        self.addresses: list[Address] = []
        self.with_value: set[Address] = set()
        self.styles: dict[Address, str] = {}
        self.shared_texts: set[Address] = set()
        self.formula_offsets: dict[Address, int] = {}

    def start_cell(self, attributes: dict[str, str]) -> None:
        if "r" not in attributes:
            raise _NeedsFullRead
        super().start_cell(attributes)
        self.addresses.append(self.last_address)
        if self.cell_type == "s":
            self.shared_texts.add(self.last_address)

    def start_inline_text(self, _attributes: dict[str, str]) -> None:
        self.with_value.add(self.last_address)
        self.styles[self.last_address] = self.cell_style

    def start_formula(self, attributes: dict[str, str]) -> None:
        if "si" in attributes:
            raise _NeedsFullRead
        if self.previous_element == "c":
            self.formula_offsets[self.last_address] = self.parser.CurrentByteIndex

    def start_row(self, attributes: dict[str, str]) -> None:
        if attributes:
            raise _NeedsFullRead


def _edge_details(xml: bytes) -> SheetDetails:
    return _cached_edge_details(xml) if len(xml) <= MAX_CACHED_BYTES else _read_edge_details(xml)


def _read_edge_details(xml: bytes) -> SheetDetails:
    """The details of the XML before the rows, or of the XML after them."""
    details = SheetDetails()
    parser = SheetParser(details)
    parser.run(xml)
    if parser.cell_count or details.hidden_rows or b"<!" in xml or xml.find(b"<?", 1) > 0 or b"ascii" in xml[:100].lower():
        raise _NeedsFullRead
    return details


_cached_edge_details = lru_cache(maxsize=CACHE_SIZE)(_read_edge_details)
