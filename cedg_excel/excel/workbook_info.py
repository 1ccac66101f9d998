"""Facts about a workbook: its tabs, its date system, when it was saved, and its custom properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree  # the gate has refused every document type, so there are no entities to expand

from cedg_excel.excel.gate import MIB, Refused
from cedg_excel.excel.package_layout import WORKBOOK, Relation, read_relations, relations_name, resolved
from cedg_excel.tab_names import is_form_tab

YEARS = range(2000, 2100)
"""The years in which a return can have been saved."""

MAX_TREE = 4 * MIB
"""The largest part, in bytes, that is parsed into a tree: a tree takes about thirty times the memory of its text."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a workbook: its name as shown, `visible`, `hidden` or `veryHidden`, and its part in the zip, "" where it has none."""

    title: str
    state: str
    part: str

    @property
    def is_read(self) -> bool:
        """
        False for a tab without a part, and for a very hidden one: only programs can hide or show that, so it holds an add-in's data.

        A very hidden tab with the name of one of ours is read: it may hold answers.
        """
        return bool(self.part) and (self.state != "veryHidden" or is_form_tab(self.title))


@dataclass(frozen=True, slots=True)
class WorkbookInfo:
    """Facts about the workbook; `modified` is in UTC, `properties` are its custom document properties."""

    tabs: tuple[Tab, ...]
    epoch_1904: bool
    modified: datetime | None
    properties: Mapping[str, str]


def workbook_info(parts: Mapping[str, bytes]) -> WorkbookInfo:
    """
    Tabs, date system, time of last saving and custom properties.

    Raises Refused when the XML is broken, when no tab has a part in the zip, or when two share a name or a part. What is broken in
    the document properties is left out.
    """
    try:
        workbook = parse_xml(parts[WORKBOOK])
        targets = relations(parts, WORKBOOK)
        tabs = []
        for sheet in _all(workbook, "sheet"):
            attributes = {name.rpartition("}")[2]: value for name, value in sheet.attrib.items()}
            part = targets.get(attributes.get("id", ""), ("", ""))[1]
            tabs.append(Tab(attributes.get("name", ""), attributes.get("state", "visible"), part if part in parts else ""))
        titles = {tab.title for tab in tabs}
        # Excel allows 31 characters, LibreOffice more. Without any limit the master could not show where a finding is.
        usable_titles = len(titles) == len(tabs) and all(0 < len(title) < 256 for title in titles)
        with_part = [tab.part for tab in tabs if tab.part]
        if not usable_titles or not with_part or len(set(with_part)) < len(with_part):
            raise Refused("DAMAGED")
        flag = next((e.get("date1904", "0") for e in _all(workbook, "workbookPr")), "0")
        if flag not in ("0", "1", "false", "true"):
            raise Refused("UNUSUAL")  # other programs take any other value for true, and every date would be four years off
        return WorkbookInfo(tuple(tabs), flag in ("1", "true"), _modified(parts), _properties(parts))
    except ElementTree.ParseError as error:
        raise Refused("DAMAGED") from error


def parse_xml(data: bytes) -> ElementTree.Element:
    """A small part as a tree. Raises Refused when it is too large, ElementTree.ParseError when it is broken."""
    if len(data) > MAX_TREE:
        raise Refused("TOO_LARGE", size="far more than it can need in one part", limit=f"{MAX_TREE // MIB} MB")
    return ElementTree.fromstring(data)


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Every element of that name, in any namespace (Excel has a strict and a transitional one)."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def relations(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """The type and the target part of each relation of a part, by the relation's id; none where they are broken."""
    return {item.id: (item.type, "" if item.external else resolved(item.target, part)) for item in _relations(parts, part)}


def outside_targets(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """The addresses outside the workbook that a part refers to, as written, by the relation's id."""
    return {item.id: item.target for item in _relations(parts, part) if item.external}


def _relations(parts: Mapping[str, bytes], part: str) -> tuple[Relation, ...]:
    try:
        return read_relations(parts.get(relations_name(part), b"<none/>"))
    except ElementTree.ParseError:
        return ()


def _modified(parts: Mapping[str, bytes]) -> datetime | None:
    """When the file was last saved, in UTC, according to the program that wrote it; None when unknown."""
    text = next((e.text or "" for e in _elements(parts.get("docProps/core.xml"), "modified")), "").strip()
    try:
        saved = datetime.fromisoformat(text)
        saved = (saved if saved.tzinfo else saved.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    # A clock that was never set cannot order returns: one saved in the year 9999 would supersede every later return.
    return saved if saved.year in YEARS else None


def _properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    # Some programs indent their XML, which puts line breaks around each value.
    return {e.get("name", ""): "".join(e.itertext()).strip() for e in _elements(parts.get("docProps/custom.xml"), "property")}


def _elements(data: bytes | None, name: str) -> list[ElementTree.Element]:
    """Every element of that name in a part; none where it is missing or broken."""
    try:
        return [] if data is None else _all(parse_xml(data), name)
    except ElementTree.ParseError:
        return []
