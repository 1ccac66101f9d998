"""Facts about a workbook: its tabs, its date system, when it was saved, and its custom properties."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree  # the gate has refused every document type, so there are no entities to expand

from cedg_excel.excel.gate import MIB, Refused

YEARS = range(2000, 2100)
"""The years in which a return can have been saved."""

MAX_TREE = 4 * MIB
"""The largest part, in bytes, that is parsed into a tree: a tree takes about thirty times the memory of its text."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a workbook: its name as shown, `visible`, `hidden` or `veryHidden`, and its part in the zip."""

    title: str
    state: str
    part: str

    @property
    def is_read(self) -> bool:
        """False for a very hidden tab. Only programs can hide or show one: it holds an add-in's data, not answers."""
        return self.state != "veryHidden"


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

    Raises Refused when the XML is broken, or when two tabs share a name or a part of the zip.
    """
    try:
        workbook = parse_xml(parts["xl/workbook.xml"])
        targets = relations(parts, "xl/workbook.xml")
        tabs = []
        for sheet in _all(workbook, "sheet"):
            attributes = {name.rpartition("}")[2]: value for name, value in sheet.attrib.items()}
            part = targets.get(attributes.get("id", ""), ("", ""))[1]
            tabs.append(Tab(attributes.get("name", ""), attributes.get("state", "visible"), part))
        titles = {tab.title for tab in tabs}
        # Excel allows 31 characters, LibreOffice more. Without any limit the master could not show where a finding is.
        usable_titles = len(titles) == len(tabs) and all(0 < len(title) < 256 for title in titles)
        if not usable_titles or len({tab.part for tab in tabs} & set(parts)) < len(tabs):
            raise Refused("DAMAGED")
        flag = next((e.get("date1904", "0") for e in _all(workbook, "workbookPr")), "0")
        if flag not in ("0", "1", "false", "true"):
            raise Refused("DAMAGED")  # other programs take any other value for true, and every date would be four years off
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
    """The type and the target part of each relation of a part, by the relation's id."""
    folder, name = posixpath.split(part)
    data = parts.get(f"{folder}/_rels/{name}.rels")
    if data is None:
        return {}
    by_id = {}
    for item in _all(parse_xml(data), "Relationship"):
        target = item.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        by_id[item.get("Id", "")] = (item.get("Type", ""), path)
    return by_id


def outside_targets(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """The addresses outside the workbook that a part refers to, as written, by the relation's id."""
    folder, name = posixpath.split(part)
    data = parts.get(f"{folder}/_rels/{name}.rels")
    items = _all(parse_xml(data), "Relationship") if data else []
    return {item.get("Id", ""): item.get("Target", "") for item in items if item.get("TargetMode") == "External"}


def _modified(parts: Mapping[str, bytes]) -> datetime | None:
    """When the file was last saved, in UTC, according to the program that wrote it; None when unknown."""
    data = parts.get("docProps/core.xml")
    if data is None:
        return None
    text = next((e.text or "" for e in _all(parse_xml(data), "modified")), "").strip()
    try:
        saved = datetime.fromisoformat(text)
        saved = (saved if saved.tzinfo else saved.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    # A clock that was never set cannot order returns: one saved in the year 9999 would supersede every later return.
    return saved if saved.year in YEARS else None


def _properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    data = parts.get("docProps/custom.xml")
    if data is None:
        return {}
    return {e.get("name", ""): "".join(e.itertext()) for e in _all(parse_xml(data), "property")}
