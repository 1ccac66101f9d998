"""What calamine does not tell: formulas, error values, comments, hidden content, protection, and when it was saved."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from xml.etree import ElementTree  # the gate has refused every document type, so there are no entities to expand
from xml.parsers import expat

from cedg_excel.findings import column_letter
from cedg_excel.gate import Refused

Address = tuple[int, int]
"""Row and column, 1-based."""

MAX_CELLS = 2_000_000
"""The largest rectangle, in cells, that calamine is asked to fill: it allocates the whole extent of a sheet."""


@dataclass(slots=True)
class Marks:
    """One sheet's XML, apart from its plain values."""

    formulas: dict[Address, str] = field(default_factory=dict)
    errors: dict[Address, str] = field(default_factory=dict)
    comments: dict[Address, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    protected: bool = False
    last_row: int = 0
    last_column: int = 0
    far: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a workbook: its name as shown, `visible`, `hidden` or `veryHidden`, and its part in the zip."""

    title: str
    state: str
    part: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The workbook's own particulars."""

    tabs: tuple[Tab, ...]
    epoch_1904: bool
    modified: datetime | None
    properties: Mapping[str, str]


def contents(parts: Mapping[str, bytes]) -> Contents:
    """Tabs, date system, time of last saving and custom properties. Raises Refused when the XML is broken."""
    try:
        workbook = ElementTree.fromstring(parts["xl/workbook.xml"])
        targets = _relations(parts, "xl/workbook.xml")
        tabs = []
        for sheet in _all(workbook, "sheet"):
            attributes = {name.rpartition("}")[2]: value for name, value in sheet.attrib.items()}
            part = targets.get(attributes.get("id", ""), ("", ""))[1]
            tabs.append(Tab(attributes.get("name", ""), attributes.get("state", "visible"), part))
        flag = next((e.get("date1904", "0") for e in _all(workbook, "workbookPr")), "0")
        return Contents(tuple(tabs), flag in ("1", "true"), _modified(parts), _properties(parts))
    except ElementTree.ParseError as error:
        raise Refused("DAMAGED") from error


def marks_of(parts: Mapping[str, bytes], tab: Tab) -> Marks:
    """The marks of one tab, in a single pass. Raises Refused when the XML is broken or the sheet too large."""
    marks = Marks()
    if tab.part in parts:
        try:
            _Pass(marks).run(parts[tab.part])
            for kind, part in _relations(parts, tab.part).values():
                if kind.endswith(("/comments", "/threadedComment")) and part in parts:
                    _comments(parts[part], marks)
        except (expat.ExpatError, ElementTree.ParseError, ValueError) as error:
            raise Refused("DAMAGED") from error
    if marks.last_row * marks.last_column > MAX_CELLS:
        raise Refused("FAR_CELL", sheet=tab.title, cell=marks.far)
    return marks


class _Pass:
    """The expat handlers, with the little state they share."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.row = self.column = 0
        self.kind = ""
        self.text: list[str] = []
        self.prefix = ""

    def run(self, part: bytes) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.root
        self.parser.Parse(part, True)

    def root(self, name: str, _attributes: dict[str, str]) -> None:
        # Some programs write <x:worksheet>; every other element then has the same prefix.
        self.prefix = name.rpartition(":")[0]
        self.parser.StartElementHandler = self.prefixed if self.prefix else self.start

    def prefixed(self, name: str, attributes: dict[str, str]) -> None:
        self.start(name.rpartition(":")[2], attributes)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            address = attributes.get("r")
            self.column = column_number(address) if address else self.column + 1
            self.kind = attributes.get("t", "")
        elif name == "v":
            self.reach()
            if self.kind == "e":
                self.collect()
        elif name == "f":
            self.collect()
        elif name == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.marks.hidden_rows.append(self.row)
        elif name == "is":
            self.reach()
        elif name == "col":
            if attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes["min"]), min(int(attributes["max"]), 16_384)
                self.marks.hidden_columns.extend(range(first, last + 1))
        elif name == "sheetProtection":
            self.marks.protected = attributes.get("sheet") in ("1", "true")
        elif name == "autoFilter":
            self.marks.filtered = True

    def reach(self) -> None:
        marks = self.marks
        if self.row > marks.last_row or self.column > marks.last_column:
            marks.far = f"{column_letter(self.column)}{self.row}"
            marks.last_row = max(marks.last_row, self.row)
            marks.last_column = max(marks.last_column, self.column)

    def collect(self) -> None:
        self.text = []
        self.parser.CharacterDataHandler = self.text.append
        self.parser.EndElementHandler = self.end

    def end(self, name: str) -> None:
        # Set only while the text of a formula or an error value is read: most cells have neither.
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        into = self.marks.formulas if name.rpartition(":")[2] == "f" else self.marks.errors
        into[self.row, self.column] = "".join(self.text)


@lru_cache(maxsize=4096)
def column_number(address: str) -> int:
    """`column_number("AB12") == 28`."""
    number = 0
    for letter in address:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number


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
    for item in _all(ElementTree.fromstring(data), "Relationship"):
        target = item.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[item.get("Id", "")] = (item.get("Type", ""), path)
    return found


def _comments(data: bytes, marks: Marks) -> None:
    for element in ElementTree.fromstring(data).iter():
        if element.tag.rpartition("}")[2] in ("comment", "threadedComment") and (address := element.get("ref")):
            text = " ".join("".join(element.itertext()).split())
            row = int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
            marks.comments.setdefault((row, column_number(address)), text)


def _modified(parts: Mapping[str, bytes]) -> datetime | None:
    """When the program that wrote it says it was last saved, in UTC; None when it does not say."""
    data = parts.get("docProps/core.xml")
    if data is None:
        return None
    text = next((e.text or "" for e in _all(ElementTree.fromstring(data), "modified")), "").strip()
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    data = parts.get("docProps/custom.xml")
    if data is None:
        return {}
    return {e.get("name", ""): "".join(e.itertext()) for e in _all(ElementTree.fromstring(data), "property")}
