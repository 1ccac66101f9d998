"""What calamine does not tell: formulas, error values, comments, hidden content, protection, and when it was saved."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from xml.etree import ElementTree  # the gate has refused every document type, so there are no entities to expand
from xml.parsers import expat

from cedg_excel.findings import MAX_COLUMNS, MAX_ROWS, column_letter, column_number
from cedg_excel.form import Address
from cedg_excel.gate import MAX_UNPACKED, MIB, Refused

MAX_CELLS = 2_000_000
"""The most cells that are read, and the largest rectangle that calamine is asked to fill: it allocates a sheet's whole extent."""

MAX_TEXT = 256 * MIB
"""The most text, in bytes, that the cells may come to when each has its own copy of a shared one."""

MAX_RANGES = 1000
"""How many ranges of one dropdown are looked at: a copy has a dozen at most."""

YEARS = range(2000, 2100)
"""When a return can have been saved."""

MAX_TREE = 4 * MIB
"""The largest part, in bytes, that is made a tree of: a tree takes some thirty times the room of its text."""


@dataclass(slots=True)
class Marks:
    """One sheet's XML, apart from its plain values."""

    part: bytes = field(default=b"", repr=False)
    formulas: dict[Address, int] = field(default_factory=dict)
    """Where in the part each formula stands. There are hundreds, and few are ever looked at."""
    errors: dict[Address, str] = field(default_factory=dict)
    comments: dict[Address, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    protected: bool = False
    cells: int = 0
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
        start = self.formulas.get(address)
        if start is None:
            return None
        text: list[str] = []
        parser = expat.ParserCreate()
        parser.CharacterDataHandler = text.append
        with suppress(expat.ExpatError):  # of the part, which goes on after the formula's own end
            parser.Parse(memoryview(self.part)[start:], True)
        return "".join(text)

    def offers_list(self, address: Address) -> bool:
        """Whether a cell has a dropdown."""
        row, column = address
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.lists)


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a workbook: its name as shown, `visible`, `hidden` or `veryHidden`, and its part in the zip."""

    title: str
    state: str
    part: str

    @property
    def read(self) -> bool:
        """Only programs make a tab very hidden, and only they can show it again: an add-in's store, not an answer."""
        return self.state != "veryHidden"


@dataclass(frozen=True, slots=True)
class Contents:
    """The workbook's own particulars."""

    tabs: tuple[Tab, ...]
    epoch_1904: bool
    modified: datetime | None
    properties: Mapping[str, str]


def contents(parts: Mapping[str, bytes]) -> Contents:
    """
    Tabs, date system, time of last saving and custom properties.

    Raises Refused when the XML is broken, or when a tab's name or part is not its own.
    """
    try:
        workbook = _tree(parts["xl/workbook.xml"])
        targets = _relations(parts, "xl/workbook.xml")
        tabs = []
        for sheet in _all(workbook, "sheet"):
            attributes = {name.rpartition("}")[2]: value for name, value in sheet.attrib.items()}
            part = targets.get(attributes.get("id", ""), ("", ""))[1]
            tabs.append(Tab(attributes.get("name", ""), attributes.get("state", "visible"), part))
        titles = {tab.title for tab in tabs}
        # Excel allows 31 characters, LibreOffice more; where nothing ends, the master could not say where it was.
        named = len(titles) == len(tabs) and all(0 < len(title) < 256 for title in titles)
        if not named or len({tab.part for tab in tabs} & set(parts)) < len(tabs):
            raise Refused("DAMAGED")
        flag = next((e.get("date1904", "0") for e in _all(workbook, "workbookPr")), "0")
        if flag not in ("0", "1", "false", "true"):
            raise Refused("DAMAGED")  # other programs take anything else for yes, and every date would be four years off
        return Contents(tuple(tabs), flag in ("1", "true"), _modified(parts), _properties(parts))
    except ElementTree.ParseError as error:
        raise Refused("DAMAGED") from error


def marks_by_title(parts: Mapping[str, bytes], book: Contents) -> dict[str, Marks]:
    """
    The marks of every tab that is read. Raises Refused when the XML is broken, or when the values would take too much room.
    """
    marks = {tab.title: _marks(parts, tab) for tab in book.tabs if tab.read}
    # calamine fills the whole extent of every tab, and copies a shared text into each cell that shows it.
    shared = next((part for name, part in parts.items() if name.lower() == "xl/sharedstrings.xml"), b"")
    longest = len(shared) if b"<!" in shared else max(map(len, re.split(rb"</[^>]*si\s*>", shared)))
    texts = sum(mark.texts for mark in marks.values())
    if sum(mark.area for mark in marks.values()) > MAX_CELLS or texts * longest > MAX_TEXT:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return marks


def _marks(parts: Mapping[str, bytes], tab: Tab) -> Marks:
    marks = Marks()
    try:
        _Pass(marks).run(parts[tab.part])
        # Threaded comments come first: the plain ones on the same cells are their echo for older programs.
        for kind, part in sorted(_relations(parts, tab.part).values(), key=lambda item: item[0].endswith("/comments")):
            if kind.endswith(("/comments", "/threadedComment")) and part in parts:
                _comments(parts[part], marks)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error
    if marks.area > MAX_CELLS:
        raise Refused("FAR_CELL", sheet=tab.title, cell=marks.far)
    return marks


def ranges(cells: str) -> list[tuple[int, int, int, int]]:
    """`A1:B2 D4` as first row, first column, last row, last column. Raises ValueError for what is no range."""
    ends = [part.partition(":") for part in cells.split()[:MAX_RANGES]]
    return [(*row_and_column(first), *row_and_column(last or first)) for first, _, last in ends]


class _Pass:
    """The expat handlers, with the little state they share. Most elements of a sheet are cells: those come first and go fast."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.row = self.column = self.cells = self.texts = 0
        self.last = (0, 0)
        self.kind = self.before = ""
        self.listed = False
        self.shared: dict[str, int] = {}
        self.text: list[str] = []
        self.handlers = {
            "c": self.cell, "v": self.value, "is": self.inline, "f": self.formula, "row": self.line, "col": self.columns,
            "dataValidation": self.validation, "sqref": self.validated, "sheetProtection": self.protection, "autoFilter": self.filter,
            "mergeCell": self.merge,
        }  # fmt: skip

    def run(self, part: bytes) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.Parse(part, True)
        self.marks.cells, self.marks.texts, self.marks.part = self.cells, self.texts, part
        # The parser holds the handlers, and they hold it: without this each sheet would stay until Python looks for such rings.
        self.parser.StartElementHandler = None
        self.handlers.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        handler = self.handlers.get(name)
        if handler is None and ":" in name:
            # Some programs write <x:worksheet>, and calamine reads a cell whatever stands before its name.
            name = name.rpartition(":")[2]
            handler = self.handlers.get(name)
        if handler:
            handler(attributes)
        self.before = name

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
            if attributes:
                # A formula filled down is written out in its first cell only; the others refer to it by number.
                here = self.shared.setdefault(attributes.get("si", str(here)), here)
            self.marks.formulas[self.row, self.column] = here

    def line(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r") or self.row + 1)
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
            self.collect(lambda _: self.dropdowns(self.collected()))

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

    def collect(self, end: Callable[[str], None]) -> None:
        # Only while the text of an error value is read: most cells have none, and it takes as long as many.
        self.cells += 20
        self.text = []
        self.parser.CharacterDataHandler = self.text.append
        self.parser.EndElementHandler = end

    def collected(self) -> str:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        return "".join(self.text)

    def error(self, _name: str) -> None:
        self.marks.errors[self.row, self.column] = self.collected()


_ADDRESS = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")


@lru_cache(maxsize=4096)
def row_and_column(address: str) -> Address:
    """`row_and_column("AB12") == (12, 28)`. Raises ValueError for what is no address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(address)
    row, column = int(match[2]), column_number(match[1])
    if not (0 < row <= MAX_ROWS and column <= MAX_COLUMNS):
        raise ValueError(address)
    return row, column


def _tree(data: bytes) -> ElementTree.Element:
    if len(data) > MAX_TREE:
        raise Refused("TOO_LARGE", size="far more than it can need in one part", limit=f"{MAX_TREE // MIB} MB")
    return ElementTree.fromstring(data)


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Every element of that name, in whichever namespace (Excel has a strict and a transitional one)."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def _relations(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """The type and target part of each relation of a part, by id."""
    folder, name = posixpath.split(part)
    data = parts.get(f"{folder}/_rels/{name}.rels")
    if data is None:
        return {}
    found = {}
    for item in _all(_tree(data), "Relationship"):
        target = item.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[item.get("Id", "")] = (item.get("Type", ""), path)
    return found


def _comments(data: bytes, marks: Marks) -> None:
    """Every comment by its cell, with its replies."""
    found: dict[Address, list[str]] = defaultdict(list)
    for element in _tree(data).iter():
        if element.tag.rpartition("}")[2] in ("comment", "threadedComment") and (address := element.get("ref")):
            found[row_and_column(address)].append(" ".join("".join(element.itertext()).split()))
    for place, texts in found.items():
        marks.comments.setdefault(place, " / ".join(texts))


def _modified(parts: Mapping[str, bytes]) -> datetime | None:
    """When the program that wrote it says it was last saved, in UTC; None when it does not say."""
    data = parts.get("docProps/core.xml")
    if data is None:
        return None
    text = next((e.text or "" for e in _all(_tree(data), "modified")), "").strip()
    try:
        when = datetime.fromisoformat(text)
        when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    # A clock that was never set orders nothing: one from the year 9999 would supersede every return to come.
    return when if when.year in YEARS else None


def _properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    data = parts.get("docProps/custom.xml")
    if data is None:
        return {}
    return {e.get("name", ""): "".join(e.itertext()) for e in _all(_tree(data), "property")}
