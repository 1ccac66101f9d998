"""What lies on a sheet besides its cells: text boxes, pictures, embedded files, form controls and drawings, with their words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple
from xml.etree import ElementTree  # the gate has refused every document type

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.workbook_info import parse_xml, relations
from cedg_excel.excel_facts import Address

ObjectKind = Literal["text box", "picture", "embedded file", "form control", "drawing"]

NOWHERE: Address = (0, 0)
"""The address of an object that is not anchored to a cell."""

MAX_SEARCHED = 100_000
"""How much of one object is searched, in bytes: those of Excel have a few thousand."""

Relations = Mapping[str, tuple[str, str]]
"""The type and the target part of each relation of a part, by its id."""


class SheetObject(NamedTuple):
    """An object, the cell that its upper left corner is on, and its words on one line."""

    kind: ObjectKind
    address: Address
    words: str


def objects_of(parts: Mapping[str, bytes], sheet: str, targets: Relations) -> list[SheetObject]:
    """The objects on a sheet, given as its part and its relations. Where a drawing cannot be read there is one without words."""
    found: dict[str, SheetObject] = {}
    captions: dict[str, str] = {}
    drawn: list[SheetObject] = []
    for relation, part in targets.values():
        if relation.endswith("/drawing") and part in parts:
            drawn += _drawn(parts, part, captions)
        elif relation.endswith("/vmlDrawing") and part in parts:
            found |= dict(_old_shapes(parts[part]))
        elif relation.endswith("/image"):
            drawn.append(SheetObject("picture", NOWHERE, ""))
    # Excel writes a form control and an embedded file in three places: in the sheet, in the drawing and for older programs in VML.
    for number, item in _of_sheet(parts[sheet]):
        older = found.get(number, item)
        address = item.address if item.address != NOWHERE else older.address
        found[number] = SheetObject(item.kind, address, item.words or older.words)
    if not found and any(relation.endswith(("/oleObject", "/package")) for relation, _ in targets.values()):
        drawn.append(SheetObject("embedded file", NOWHERE, ""))
    with_captions = [item._replace(words=captions.get(number) or item.words) for number, item in found.items()]
    return sorted([*drawn, *with_captions], key=lambda item: (item.address, item.kind, item.words))


# Drawings


def _drawn(parts: Mapping[str, bytes], part: str, captions: dict[str, str]) -> list[SheetObject]:
    """The objects of a drawing. The captions of form controls are put into `captions`, by the number of their shape."""
    try:
        root, targets = parse_xml(parts[part]), relations(parts, part)
    except (ElementTree.ParseError, Refused):
        return [SheetObject("drawing", NOWHERE, "")]
    items = []
    for anchor in (element for element in root.iter() if _name(element) in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")):
        address = _anchor(anchor)
        for shape in _shapes(anchor):
            words = _words(shape)
            if number := _number_of_control(shape):
                captions[number] = words
            else:
                items.append(SheetObject(_kind(shape, words), address, words or _words_of_frame(shape, parts, targets)))
    return items


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _anchor(anchor: ElementTree.Element) -> Address:
    start = next((element for element in anchor if _name(element) == "from"), None)
    if start is None:
        return NOWHERE
    numbers = {_name(item): int(item.text) for item in start if item.text and item.text.strip().isdecimal()}
    return numbers.get("row", 0) + 1, numbers.get("col", 0) + 1


def _shapes(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The shapes in an anchor, those of a group one by one. What is written again for older programs is left out."""
    for child in element:
        name = _name(child)
        if name in ("sp", "pic", "graphicFrame", "cxnSp", "contentPart"):
            yield child
        elif name != "Fallback":
            yield from _shapes(child)


def _kind(shape: ElementTree.Element, words: str) -> ObjectKind:
    if _name(shape) == "pic":
        return "picture"
    return "text box" if _name(shape) == "sp" and words else "drawing"


def _words(shape: ElementTree.Element) -> str:
    """The text of a shape, or the alternative text of a picture."""
    paragraphs = ["".join(_pieces(item)) for item in shape.iter() if _name(item) == "p"]
    text = _on_one_line(" ".join(paragraphs))
    if text or _name(shape) != "pic":
        return text
    return _on_one_line(next((item.get("descr", "") for item in shape.iter() if _name(item) == "cNvPr"), ""))


def _pieces(paragraph: ElementTree.Element) -> Iterator[str]:
    for item in paragraph.iter():
        if _name(item) == "t":
            yield item.text or ""
        elif _name(item) == "br":
            yield " "


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _number_of_control(shape: ElementTree.Element) -> str:
    """The number of the form control or embedded file that a shape only shows; "" for a shape of its own."""
    shown = next((item.get("spid", "") for item in shape.iter() if _name(item) == "compatExt"), "")
    return shown.rpartition("_s")[2]


def _words_of_frame(shape: ElementTree.Element, parts: Mapping[str, bytes], targets: Relations) -> str:
    """The words of a chart or a diagram, which are in parts of their own."""
    if _name(shape) != "graphicFrame":
        return ""
    ids = {value for item in shape.iter() for name, value in item.attrib.items() if name.startswith("{") and value in targets}
    pages = [parts[targets[number][1]] for number in sorted(ids) if targets[number][1] in parts]
    return _on_one_line(" ".join(html.unescape(text.decode("utf-8", "replace")) for page in pages for text in _TEXT.findall(page)))


_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)<")

# What the sheet's own part says of form controls and embedded files

_SHEET_OBJECT = re.compile(rb"<(?:\w+:)?(control|oleObject)\s([^<>]*)>(.*?)(?=<(?:\w+:)?(?:control|oleObject)\s|\Z)", re.DOTALL)
_SHAPE_ID = re.compile(rb'\bshapeId="(\d+)"')
_FROM = re.compile(rb"<(?:\w+:)?from>.*?<(?:\w+:)?col>\s*(\d+)\s*<.*?<(?:\w+:)?row>\s*(\d+)\s*<", re.DOTALL)


def _of_sheet(sheet: bytes) -> Iterator[tuple[str, SheetObject]]:
    """Form controls and embedded files, by the number of their shape. The first of each has its place; the next is for older programs."""
    tail = sheet[sheet.rfind(b"sheetData") :]
    seen: set[str] = set()
    for name, attributes, content in _SHEET_OBJECT.findall(tail) if b"oleObject" in tail or b"control" in tail else ():
        number = match[1].decode() if (match := _SHAPE_ID.search(attributes)) else str(len(seen))
        if number not in seen:
            seen.add(number)
            start = _FROM.search(content[:MAX_SEARCHED])
            address = (int(start[2]) + 1, int(start[1]) + 1) if start else NOWHERE
            yield number, SheetObject("form control" if name == b"control" else "embedded file", address, "")


# The older language for drawings, VML: often not well-formed, so it is searched rather than parsed

_OLD_SHAPE = re.compile(
    rb"<v:(?:shape|rect|oval|line|group|roundrect)\s(.*?)(?=<v:(?:shape|rect|oval|line|group|roundrect)\s|\Z)", re.DOTALL
)
_OLD_ID = re.compile(rb"""_s(\d+)["']""")
_OLD_TYPE = re.compile(rb"""ObjectType\s*=\s*["'](\w+)["']""")
_OLD_ANCHOR = re.compile(rb"<x:Anchor>\s*(\d+)\s*,[^,<]*,\s*(\d+)\s*,")
_OLD_TEXT = re.compile(rb"<v:textbox[^>]*>(.*?)</v:textbox>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_OLD_KINDS: Mapping[str, ObjectKind] = {
    "Pict": "picture", "Shape": "drawing", "Rect": "drawing", "LineA": "drawing", "Group": "drawing", "Movie": "drawing",
}  # fmt: skip


def _old_shapes(vml: bytes) -> Iterator[tuple[str, SheetObject]]:
    """The objects of a VML drawing by the number of their shape, except comments, which are read elsewhere."""
    for number, match in enumerate(_OLD_SHAPE.finditer(vml)):
        shape = match[1][:MAX_SEARCHED]
        kind = found[1].decode() if (found := _OLD_TYPE.search(shape)) else "Pict"
        if kind != "Note":
            text = _TAG.sub(b" ", b" ".join(_OLD_TEXT.findall(shape))).decode("utf-8", "replace")
            words = _on_one_line(html.unescape(text))
            anchor = _OLD_ANCHOR.search(shape)
            address = (int(anchor[2]) + 1, int(anchor[1]) + 1) if anchor else NOWHERE
            of_kind = _OLD_KINDS.get(kind, "form control")
            shape_id = _OLD_ID.search(shape)
            item = SheetObject("text box" if of_kind == "drawing" and words else of_kind, address, words)
            yield shape_id[1].decode() if shape_id else f"vml {number}", item
