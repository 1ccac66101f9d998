"""
A sheet's marks, taken together from those of its rows and cells.

Nearly every row and cell stands in other sheets of a batch too, byte for byte: headings, formulas, what was left blank. Each is
looked at once, and known again. A sheet that cannot be taken apart in this way is read from end to end.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast
from xml.parsers import expat

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails, SheetParser
from cedg_excel.excel_facts import Address

MOST_CELLS = 100_000
"""How many cells a sheet is taken apart into at most: each takes room of its own."""
KNOWN, LONG = 2_000, 20_000
"""How many rows, and how many cells, are remembered, and how long they may be, in bytes. The real plan has 500 rows in 144 forms."""

_DATA, _END, _ROW_END, _CELL = b"<sheetData>", b"</sheetData>", b"</row>", b"<c "
_NUMBER = re.compile(rb"<v>[0-9.]+</v>")
_TEXT = re.compile(rb"<t>[\t\n\r -%'-;=?-~\x80-\xff]+</t>")
_ROW_START = re.compile(rb"\s*(?:<row [^<>]*/>\s*)*<row[^<>]*>\s*")
"""Where a row begins, and any rows without cells before it."""


class _Unusual(Exception):
    """Not to be understood by itself."""


class _Cell(NamedTuple):
    address: Address
    valued: bool
    shared: bool
    formula: bytes | None
    error: str | None


class _Row(NamedTuple):
    """
    The cells of a row: the first and last address ((0, 0) where there are none), of those with a value the last row and column,
    and the rest as Marks has it.
    """

    first: Address
    last: Address
    last_row: int
    last_column: int
    texts: int
    formulas: dict[Address, bytes]
    errors: dict[Address, str]
    hidden: tuple[int, ...]


def details_of(part: bytes) -> SheetDetails:
    """
    The marks of a sheet's part. Raises expat.ExpatError or ValueError where the XML is broken, Refused where it is too large.
    """
    try:
        marks = _by_rows(part)
    except (_Unusual, expat.ExpatError, ValueError, OverflowError, Refused):
        marks = None  # reading it in one says what is wrong, if anything is
    if marks is None or marks.area > MAX_CELLS:
        marks = SheetDetails()
        SheetParser(marks).run(part)
    return marks


def clear_cache() -> None:
    """Know nothing again, as a process that has just begun."""
    _known_rows.clear()
    _known_cells.clear()
    _hidden_before.cache_clear()
    _known_edge.cache_clear()


def _by_rows(part: bytes) -> SheetDetails:
    """
    What stands before the rows and after them, each row's beginning and each cell are well-formed apart: then they are so
    together, and no comment or the like reaches from one into another.
    """
    chunks = _alike(part).split(_ROW_END, MOST_CELLS)
    head, opened, chunks[0] = chunks[0].partition(_DATA)
    chunks[-1], closed, tail = chunks[-1].partition(_END)
    if not opened or not closed:
        raise _Unusual
    before, after = _edge(head + _DATA + _END + b"</worksheet>"), _edge(b"<worksheet>" + _DATA + _END + tail)
    if before.protected or before.filtered or before.merged or before.lists or after.hidden_columns:
        raise _Unusual
    marks = SheetDetails(hidden_columns=[*before.hidden_columns], filtered=after.filtered, protected=after.protected, merged=after.merged,
                  lists=after.lists)  # fmt: skip
    chunks[-1] += b"<row>"  # after the last row there are only rows without cells, if any
    end_of_last, last_column = (0, 0), 0
    for first, last, valued_row, valued_column, texts, formulas, errors, hidden in _rows(chunks):
        if hidden:
            marks.hidden_rows += hidden
        if first != (0, 0):
            if first <= end_of_last:
                raise _Unusual
            end_of_last = last
        if valued_column:
            marks.last_row = valued_row
            if valued_column > last_column:
                last_column = valued_column
        if texts:
            marks.texts += texts
        if formulas:
            marks.formulas.update(formulas)
        if errors:
            marks.errors.update(errors)
    marks.last_column = last_column
    return marks


_known_rows: dict[bytes, _Row] = {}
_known_cells: dict[bytes, _Cell] = {}


def _rows(chunks: list[bytes]) -> list[_Row]:
    rows = list(map(_known_rows.get, chunks))
    if None in rows:
        new = _looked_at([chunk for chunk, row in zip(chunks, rows, strict=True) if row is None])
        rows = [row or new[chunk] for chunk, row in zip(chunks, rows, strict=True)]
    return cast("list[_Row]", rows)


def _looked_at(chunks: list[bytes]) -> dict[bytes, _Row]:
    """Rows of which nothing was known, each with its beginning and its cells."""
    if sum(chunk.count(_CELL) for chunk in chunks) > MOST_CELLS:
        raise _Unusual
    missing = {chunk: chunk.split(_CELL) for chunk in chunks}
    cells = {piece: _known_cells.get(piece) for _, *pieces in missing.values() for piece in pieces}
    new = _look([piece for piece, cell in cells.items() if cell is None])
    known = {piece: cell for piece, cell in cells.items() if cell} | new
    rows = {chunk: _row(_hidden_before(start), [known[piece] for piece in pieces]) for chunk, (start, *pieces) in missing.items()}
    _remember(_known_cells, new)
    _remember(_known_rows, rows)
    return rows


def _alike(part: bytes) -> bytes:
    """
    A sheet without what makes no difference to its marks: which number, or which of the shared texts, a cell holds, and its own
    text as long as nothing in it is more than a letter.
    """
    if not part.isascii():
        part.decode()  # or it is no UTF-8
        if b"\xef\xbf" in part:
            raise _Unusual  # two letters of Unicode are none in XML
    return _TEXT.sub(b"<t></t>", _NUMBER.sub(b"<v>0</v>", part))


_T = TypeVar("_T")


def _remember(known: dict[bytes, _T], new: dict[bytes, _T]) -> None:
    if len(known) > KNOWN:
        known.clear()
    known |= {xml: found for xml, found in new.items() if len(xml) <= LONG}


def _row(hidden: tuple[int, ...], cells: list[_Cell]) -> _Row:
    last = (0, 0)
    last_row = last_column = texts = 0
    formulas, errors = {}, {}
    for address, valued, shared, formula, error in cells:
        if address <= last:
            raise _Unusual
        last = address
        if valued:
            last_row, column = address
            if column > last_column:
                last_column = column
        texts += shared
        if formula is not None:
            formulas[address] = formula
        if error is not None:
            errors[address] = error
    return _Row(cells[0].address if cells else last, last, last_row, last_column, texts, formulas, errors, hidden)


@lru_cache(maxsize=KNOWN)
def _hidden_before(start: bytes) -> tuple[int, ...]:
    """The numbers of the rows that are hidden, of one that begins here and of those without cells before it."""
    if len(start) > LONG or not _ROW_START.fullmatch(start):
        raise _Unusual
    marks = SheetDetails()
    _Rows(marks).run(_DATA + start + _ROW_END + _END)
    return tuple(marks.hidden_rows)


class _Rows(SheetParser):
    """Beginnings of rows."""

    def line(self, attributes: dict[str, str]) -> None:
        if attributes and "r" not in attributes:
            raise _Unusual
        super().line(attributes)


def _look(pieces: list[bytes]) -> dict[bytes, _Cell]:
    """What there is to say of each cell, all of them in one pass."""
    if not pieces:
        return {}
    together = _CELL.join(pieces)
    if not all(map(_is_cell, pieces)) or b"<!" in together or b"<?" in together:
        raise _Unusual
    marks = SheetDetails()
    some = _Cells(marks)
    xml = b"<row>" + _CELL + together + _ROW_END
    some.run(xml)
    if len(some.order) != len(pieces) or marks.lists or marks.merged or marks.hidden_columns or marks.filtered or marks.protected:
        raise _Unusual
    found = {}
    for piece, at in zip(pieces, some.order, strict=True):
        start = some.starts.get(at)
        # A formula ends within its cell, and no more than that is kept.
        formula = None if start is None else xml[start : start + len(piece)]
        found[piece] = _Cell(at, at in some.valued, at in some.shared_texts, formula, marks.errors.get(at))
    return found


def _is_cell(piece: bytes) -> bool:
    """Whether it ends as a cell does; that it is well-formed as well is seen later."""
    end = piece.rstrip()
    return end.endswith(b"</c>") or (end.endswith(b"/>") and b"<" not in end)


class _Cells(SheetParser):
    """Cells, whose order is looked at later."""

    def __init__(self, marks: SheetDetails) -> None:
        super().__init__(marks)
        self.order: list[Address] = []
        self.valued: set[Address] = set()
        self.shared_texts: set[Address] = set()
        self.starts: dict[Address, int] = {}

    def cell(self, attributes: dict[str, str]) -> None:
        if "r" not in attributes:
            raise _Unusual
        super().cell(attributes)
        self.order.append(self.last)
        if self.kind == "s":
            self.shared_texts.add(self.last)

    def inline(self, _attributes: dict[str, str]) -> None:
        self.valued.add(self.last)

    def formula(self, attributes: dict[str, str]) -> None:
        if "si" in attributes:
            raise _Unusual
        if self.before == "c":
            self.starts[self.last] = self.parser.CurrentByteIndex

    def line(self, attributes: dict[str, str]) -> None:
        if attributes:
            raise _Unusual


def _edge(xml: bytes) -> SheetDetails:
    return _known_edge(xml) if len(xml) <= LONG else _read_edge(xml)


def _read_edge(xml: bytes) -> SheetDetails:
    """What stands before the rows or after them."""
    marks = SheetDetails()
    edge = SheetParser(marks)
    edge.run(xml)
    if edge.cells or marks.hidden_rows or b"<!" in xml or xml.find(b"<?", 1) > 0 or b"ascii" in xml[:100].lower():
        raise _Unusual
    return marks


_known_edge = lru_cache(maxsize=KNOWN)(_read_edge)
