"""What calamine does not tell of one sheet: formulas, error values, hidden rows, dropdowns, protection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from cedg_excel.excel.gate import Refused
from cedg_excel.excel_facts import MAX_COLUMNS, MAX_ROWS, Address, column_letter, row_and_column

MAX_CELLS = 2_000_000
"""The most cells that are read, and the largest rectangle that calamine is asked to fill: it allocates a sheet's whole extent."""

MAX_RANGES = 1000
"""How many ranges of one dropdown are looked at: a copy has a dozen at most."""


MAX_DEPTH = 100
"""How deep elements may stand in each other: each that is open takes a hundred times the room of its text."""


@dataclass(slots=True)
class SheetDetails:
    """One sheet's XML, apart from its plain values."""

    part: bytes = field(default=b"", repr=False)
    formulas: dict[Address, bytes | int] = field(default_factory=dict, repr=False)
    """The XML from each formula's element on, or where in the part that is. There are hundreds, and few are ever looked at."""
    errors: dict[Address, str] = field(default_factory=dict)
    comments: dict[Address, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    protected: bool = False
    texts: int = 0
    last_row: int = 0
    last_column: int = 0
    far: str = ""
    merged: list[str] = field(default_factory=list)
    lists: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Where a dropdown is: first row, first column, last row, last column."""

    @property
    def area(self) -> int:
        """The rectangle from A1 to the last cell with a value, in cells."""
        return self.last_row * self.last_column

    def formula(self, address: Address) -> str | None:
        """A cell's formula without its equals sign; None when it has none."""
        xml = self.formulas.get(address)
        if xml is None:
            return None
        text: list[str] = []
        parser = expat.ParserCreate()
        parser.CharacterDataHandler = text.append
        with suppress(expat.ExpatError):  # of what goes on after the formula's own end
            parser.Parse(memoryview(self.part)[xml:] if isinstance(xml, int) else xml, True)
        return "".join(text)

    def offers_list(self, address: Address) -> bool:
        """Whether a cell has a dropdown."""
        row, column = address
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.lists)


def ranges(cells: str) -> list[tuple[int, int, int, int]]:
    """`A1:B2 D4` as first row, first column, last row, last column. Raises ValueError for what is no range."""
    ends = [part.partition(":") for part in cells.split()[:MAX_RANGES]]
    return [(*row_and_column(first), *row_and_column(last or first)) for first, _, last in ends]


class SheetParser:
    """The expat handlers, with the little state they share. Most elements of a sheet are cells: those come first and go fast."""

    def __init__(self, marks: SheetDetails) -> None:
        self.marks = marks
        self.row = self.column = self.cells = self.texts = 0
        self.last = (0, 0)
        self.kind = self.before = ""
        self.listed = False
        self.depth = 0
        self.ended: Callable[[], None] | None = None
        self.shared: dict[str, int] = {}
        self.text: list[str] = []
        self.handlers = {
            "c": self.cell, "v": self.value, "is": self.inline, "f": self.formula, "row": self.line, "col": self.columns,
            "dataValidation": self.validation, "sqref": self.validated, "sheetProtection": self.protection, "autoFilter": self.filter,
            "mergeCell": self.merge,
        }  # fmt: skip

    def run(self, part: bytes) -> None:
        """Fill the marks in. Raises expat.ExpatError and ValueError for what is broken, and Refused."""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        try:
            self.parser.Parse(part, True)
        finally:
            # The parser holds the handlers, and they hold it: without this each sheet would stay until Python looks for such rings.
            self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
            self.handlers.clear()
        self.marks.texts, self.marks.part = self.texts, part

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("too deep")
        handler = self.handlers.get(name)
        if handler is None and ":" in name:
            # Some programs write <x:worksheet>, and calamine reads a cell whatever stands before its name.
            name = name.rpartition(":")[2]
            handler = self.handlers.get(name)
        if handler:
            handler(attributes)
        self.before = name

    def end(self, _name: str) -> None:
        self.depth -= 1
        if self.ended:
            ended, self.ended = self.ended, None
            ended()

    def cell(self, attributes: dict[str, str]) -> None:
        # calamine goes by the cell's own address, so what is said of it must too.
        if address := attributes.get("r"):
            self.row, self.column = row_and_column(address)
        else:
            self.column += 1
        # Office programs write cells in their order. Where one stands twice, programs differ in which they show.
        if (self.row, self.column) <= self.last:
            raise Refused("DAMAGED")
        self.last = self.row, self.column
        self.kind = attributes.get("t", "")
        self.texts += self.kind == "s"
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise Refused("TOO_LARGE", size=f"more than {MAX_CELLS:,} cells", limit="a few thousand")

    def value(self, _attributes: dict[str, str]) -> None:
        self.inline(_attributes)
        if self.kind == "e":
            self.collect(self.error)

    def inline(self, _attributes: dict[str, str]) -> None:
        marks = self.marks
        if self.row > marks.last_row or self.column > marks.last_column:
            marks.far = f"{column_letter(self.column)}{self.row}"
            marks.last_row = max(marks.last_row, self.row)
            marks.last_column = max(marks.last_column, self.column)

    def formula(self, attributes: dict[str, str]) -> None:
        # Formulas stand elsewhere too, but only a cell's own is the first thing in a <c>.
        if self.before == "c":
            here = self.parser.CurrentByteIndex
            if shared := attributes.get("si"):
                # A formula filled down is written out in its first cell only; the others refer to it by number.
                here = self.shared.setdefault(shared, here)
            self.marks.formulas[self.row, self.column] = here

    def line(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r") or self.row + 1)
        if self.row > MAX_ROWS:
            raise ValueError(attributes)
        self.column = 0
        if attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0"):
            self.marks.hidden_rows.append(self.row)

    def columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") in ("0", "0.0"):
            first, last = int(attributes.get("min", 1)), min(int(attributes.get("max", 1)), MAX_COLUMNS)
            self.marks.hidden_columns.extend(range(max(first, self.column + 1), last + 1))
            self.column = max(self.column, last)

    def validation(self, attributes: dict[str, str]) -> None:
        self.listed = attributes.get("type") == "list"
        if self.listed and "sqref" in attributes:
            self.dropdowns(attributes["sqref"])

    def validated(self, _attributes: dict[str, str]) -> None:
        # Excel 2010 and later write a list on another sheet with its cells in an element of their own.
        if self.listed:
            self.collect(lambda: self.dropdowns(self.collected()))

    def protection(self, attributes: dict[str, str]) -> None:
        self.marks.protected = attributes.get("sheet") in ("1", "true")

    def merge(self, attributes: dict[str, str]) -> None:
        if (cells := attributes.get("ref")) and len(self.marks.merged) < MAX_RANGES:
            ranges(cells)  # or it is no range, and the file is damaged
            self.marks.merged.append(cells)

    def filter(self, _attributes: dict[str, str]) -> None:
        self.marks.filtered = True

    def dropdowns(self, cells: str) -> None:
        self.marks.lists += ranges(cells)

    def collect(self, ended: Callable[[], None]) -> None:
        # Only while the text of an error value is read: most cells have none, and it takes as long as many.
        self.cells += 20
        self.text = []
        self.parser.CharacterDataHandler = self.text.append
        self.ended = ended

    def collected(self) -> str:
        self.parser.CharacterDataHandler = None
        return "".join(self.text)

    def error(self) -> None:
        self.marks.errors[self.row, self.column] = self.collected()
