"""What lies on a sheet besides its cells: pictures, charts, text boxes, embedded files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from cedg_excel.excel.workbook_info import parse_xml, relations
from cedg_excel.excel_facts import Address

_DRAWN = {"pic": "a picture", "graphicFrame": "a chart", "grpSp": "a group of shapes", "cxnSp": "a line", "sp": "a text box or shape"}
"""What is drawn, by the element that draws it. A group comes before the shapes in it."""
_OTHER = {
    "oleObject": "an embedded file", "package": "an embedded file", "control": "a form control", "ctrlProp": "a form control",
    "pivotTable": "a pivot table", "slicer": "a slicer", "table": "a table", "image": "a background picture",
}  # fmt: skip
"""What else a sheet can be related to, by the last part of the relation's type. Its place is not known."""


@dataclass(frozen=True, slots=True)
class SheetObject:
    """One object: what it is, the cell under its top left corner if known, and its text."""

    what: str
    address: Address | None
    text: str


def sheet_objects(parts: Mapping[str, bytes], part: str) -> list[SheetObject]:
    """Every object on the sheet in this part. A part that cannot be read has none."""
    found: list[SheetObject] = []
    for relation, target in relations(parts, part).values():
        kind = relation.rpartition("/")[2]
        if kind == "drawing" and target in parts:
            found += _drawn(parts[target])
        elif kind in _OTHER:
            found.append(SheetObject(_OTHER[kind], None, ""))
    return found


def _drawn(drawing: bytes) -> Iterator[SheetObject]:
    for anchor in parse_xml(drawing).iter():
        if _name(anchor) in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"):
            names = {_name(element) for element in anchor.iter()}
            text = " ".join(part for element in anchor.iter() if _name(element) == "t" and (part := (element.text or "").strip()))
            if kind := next((kind for kind in _DRAWN if kind in names), None):
                yield SheetObject(_DRAWN[kind], _corner(anchor), text)


def _corner(anchor: ElementTree.Element) -> Address | None:
    corner = next((element for element in anchor if _name(element) == "from"), None)
    if corner is None:
        return None
    numbers = {_name(element): (element.text or "").strip() for element in corner}
    row, column = numbers.get("row", ""), numbers.get("col", "")
    return (int(row) + 1, int(column) + 1) if row.isdecimal() and column.isdecimal() else None


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
