"""What calamine does not report about a sheet: formulas, error values, hidden rows, dropdowns, protection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.looks import PLAIN, Look
from cedg_excel.excel.objects import SheetObject
from cedg_excel.excel.strikes import Struck
from cedg_excel.excel_facts import MAX_COLUMNS, MAX_ROWS, Address, column_letter, row_and_column

MAX_CELLS = 2_000_000
"""The most cells that are read, and the largest rectangle that calamine is asked to fill: it allocates a sheet's whole extent."""

CELL_TAGS = (b"<c>", b"<c ", b"<c/")

MAX_RANGES = 1000
"""How many ranges of one dropdown, and how many links, are read: a copy has a dozen at most."""

RICH_VALUE, PICTURE = "a rich value", "a picture"
"""
What `errors` has for a cell whose real content only newer versions of Excel show: a picture or a data card. Which of them it is
depends on other parts of the file.
"""


Range = tuple[int, int, int, int]
"""First row, first column, last row, last column, 1-based."""

MAX_DEPTH = 100
"""How deep elements may be nested: each open element takes a hundred times the memory of its text."""


@dataclass(slots=True)
class SheetDetails:
    """What one sheet's XML holds apart from its plain values. Rows and columns are 1-based."""

    part: bytes = field(default=b"", repr=False)
    formulas: dict[Address, bytes | int] = field(default_factory=dict, repr=False)
    """The XML from each formula's element on, or its offset in `part`. There are hundreds, and few are ever needed as text."""
    errors: dict[Address, str] = field(default_factory=dict)
    styles: dict[int, dict[Address, str]] = field(default_factory=dict, repr=False)
    """The number of the style of each cell with a value, as `looks` counts them; by row, since few are ever needed."""
    looks: tuple[Look, ...] = field(default=(), repr=False)
    struck_texts: dict[Address, Struck] = field(default_factory=dict)
    links: list[tuple[Range, str]] = field(default_factory=list)
    """The cells of each link, and its address; while the sheet is parsed, the id of the relation that has it."""
    objects: list[SheetObject] = field(default_factory=list)
    comments: dict[Address, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    protected: bool = False
    shared_text_cells: int = 0
    """How many cells show one of the workbook's shared texts."""
    last_row: int = 0
    last_column: int = 0
    furthest_cell: str = ""
    merged_ranges: list[str] = field(default_factory=list)
    dropdowns: list[Range] = field(default_factory=list)
    """The ranges with a dropdown."""

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
        with suppress(expat.ExpatError):  # about the XML that follows the formula
            parser.Parse(memoryview(self.part)[xml:] if isinstance(xml, int) else xml, True)
        return "".join(text)

    def has_dropdown(self, address: Address) -> bool:
        """Whether a cell has a dropdown."""
        return any(_contains(cells, address) for cells in self.dropdowns)

    def look(self, address: Address) -> Look:
        """How a cell with a value looks."""
        number = self.styles.get(address[0], {}).get(address, "0")
        return self.looks[int(number)] if number.isdecimal() and int(number) < len(self.looks) else PLAIN

    def link(self, address: Address) -> str:
        """The address of the link on a cell; "" where there is none."""
        return next((target for cells, target in self.links if _contains(cells, address)), "")


def _contains(cells: Range, address: Address) -> bool:
    top, left, bottom, right = cells
    return top <= address[0] <= bottom and left <= address[1] <= right


def ranges(cells: str) -> list[Range]:
    """`A1:B2 D4` as its ranges. Raises ValueError for a text that is not a range."""
    ends = [part.partition(":") for part in cells.split()[:MAX_RANGES]]
    return [(*row_and_column(first), *row_and_column(last or first)) for first, _, last in ends]


def too_many_cells() -> Refused:
    """The refusal of a sheet with more than MAX_CELLS cells."""
    return Refused("TOO_LARGE", size=f"more than {MAX_CELLS:,} cells", limit="a few thousand")


class SheetParser:
    """The expat handlers of a sheet, with the state they share. Most elements are cells, so their handlers do as little as possible."""

    def __init__(self, details: SheetDetails) -> None:
        self.details = details
        self.row = self.column = self.cell_count = self.shared_text_cells = 0
        self.last_address = (0, 0)
        self.cell_type = self.cell_style = self.previous_element = ""
        self.has_rich_value = False
        self.in_list_validation = False
        self.depth = 0
        self.on_end: Callable[[], None] | None = None
        self.shared_formulas: dict[str, int] = {}
        self.characters: list[str] = []
        self.handlers = {
            "c": self.start_cell, "v": self.start_value, "is": self.start_inline_text, "f": self.start_formula,
            "row": self.start_row, "col": self.start_columns, "dataValidation": self.start_validation,
            "sqref": self.start_validation_range, "sheetProtection": self.start_protection, "autoFilter": self.start_filter,
            "mergeCell": self.start_merged_range, "hyperlink": self.start_link,
        }  # fmt: skip

    def run(self, part: bytes) -> None:
        """Fill in the details. Raises expat.ExpatError or ValueError for broken XML, Refused for a file that must not be read."""
        # Counting the tags takes a fraction of a second, parsing as many cells takes several.
        if sum(map(part.count, CELL_TAGS)) > MAX_CELLS:
            raise too_many_cells()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start_element, self.end_element
        try:
            self.parser.Parse(part, True)
        finally:
            # The parser refers to the handlers and they to the parser: left so, each sheet would stay in memory until Python collects
            # reference cycles.
            self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
            self.handlers.clear()
        self.details.shared_text_cells, self.details.part = self.shared_text_cells, part

    def start_element(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("too deep")
        handler = self.handlers.get(name)
        if handler is None and ":" in name:
            # Some programs write <x:worksheet>, and calamine ignores the prefix of an element.
            name = name.rpartition(":")[2]
            handler = self.handlers.get(name)
        if handler:
            handler(attributes)
        self.previous_element = name

    def end_element(self, _name: str) -> None:
        self.depth -= 1
        if self.on_end:
            on_end, self.on_end = self.on_end, None
            on_end()

    def start_cell(self, attributes: dict[str, str]) -> None:
        # calamine goes by the cell's own address, so findings about it must too.
        if address := attributes.get("r"):
            self.row, self.column = row_and_column(address)
        else:
            self.column += 1
        # Office programs write cells in order. Where a cell appears twice, programs differ in which one they show.
        if (self.row, self.column) <= self.last_address:
            raise Refused("DAMAGED")
        self.last_address = self.row, self.column
        self.cell_type, self.cell_style = attributes.get("t", ""), attributes.get("s", "")
        self.has_rich_value = "vm" in attributes
        self.shared_text_cells += self.cell_type == "s"
        self.cell_count += 1
        if self.cell_count > MAX_CELLS:
            raise too_many_cells()

    def start_value(self, _attributes: dict[str, str]) -> None:
        self.start_inline_text(_attributes)
        if self.cell_type == "e":
            self.collect_text(self.add_error)

    def start_inline_text(self, _attributes: dict[str, str]) -> None:
        details = self.details
        if self.cell_style:
            details.styles.setdefault(self.row, {})[self.row, self.column] = self.cell_style
        if self.row > details.last_row or self.column > details.last_column:
            details.furthest_cell = f"{column_letter(self.column)}{self.row}"
            details.last_row = max(details.last_row, self.row)
            details.last_column = max(details.last_column, self.column)

    def start_formula(self, attributes: dict[str, str]) -> None:
        # Other elements hold formulas too, but only a cell's own is the first thing in a <c>.
        if self.previous_element == "c":
            offset = self.parser.CurrentByteIndex
            if number := attributes.get("si"):
                # A formula filled down is written out in its first cell only; the others refer to it by number.
                offset = self.shared_formulas.setdefault(number, offset)
            self.details.formulas[self.row, self.column] = offset

    def start_row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r") or self.row + 1)
        if self.row > MAX_ROWS:
            raise ValueError(attributes)
        self.column = 0
        if attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0"):
            self.details.hidden_rows.append(self.row)

    def start_columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") in ("0", "0.0"):
            first, last = int(attributes.get("min", 1)), min(int(attributes.get("max", 1)), MAX_COLUMNS)
            self.details.hidden_columns.extend(range(max(first, self.column + 1), last + 1))
            self.column = max(self.column, last)

    def start_validation(self, attributes: dict[str, str]) -> None:
        self.in_list_validation = attributes.get("type") == "list"
        if self.in_list_validation and "sqref" in attributes:
            self.add_dropdowns(attributes["sqref"])

    def start_validation_range(self, _attributes: dict[str, str]) -> None:
        # Where the list is on another sheet, Excel 2010 and later write the cells of a dropdown in a separate element.
        if self.in_list_validation:
            self.collect_text(lambda: self.add_dropdowns(self.collected_text()))

    def start_protection(self, attributes: dict[str, str]) -> None:
        self.details.protected = attributes.get("sheet") in ("1", "true")

    def start_merged_range(self, attributes: dict[str, str]) -> None:
        if (cells := attributes.get("ref")) and len(self.details.merged_ranges) < MAX_RANGES:
            ranges(cells)  # raises ValueError where it is not a range: the file is then damaged
            self.details.merged_ranges.append(cells)

    def start_link(self, attributes: dict[str, str]) -> None:
        relation = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
        if relation and len(self.details.links) < MAX_RANGES:
            self.details.links += [(cells, relation) for cells in ranges(attributes.get("ref", ""))]

    def start_filter(self, _attributes: dict[str, str]) -> None:
        self.details.filtered = True

    def add_dropdowns(self, cells: str) -> None:
        self.details.dropdowns += ranges(cells)

    def collect_text(self, on_end: Callable[[], None]) -> None:
        # Set only while an error value or a dropdown's range is read: most cells have neither. It takes as long as 20 cells, so it
        # counts as that many towards MAX_CELLS.
        self.cell_count += 20
        self.characters = []
        self.parser.CharacterDataHandler = self.characters.append
        self.on_end = on_end

    def collected_text(self) -> str:
        self.parser.CharacterDataHandler = None
        return "".join(self.characters)

    def add_error(self) -> None:
        text = self.collected_text()
        self.details.errors[self.row, self.column] = RICH_VALUE if self.has_rich_value else text
