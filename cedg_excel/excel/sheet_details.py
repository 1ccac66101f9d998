"""What calamine does not tell of a workbook's tabs, and whether their values would take too much room."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from xml.etree import ElementTree  # for its error alone
from xml.parsers import expat

from cedg_excel.excel.gate import MAX_UNPACKED, MIB, Refused
from cedg_excel.excel.row_cache import details_of
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails
from cedg_excel.excel.workbook_info import Tab, WorkbookInfo, parse_xml, relations
from cedg_excel.excel_facts import Address, row_and_column

MAX_TEXT_BYTES = 256 * MIB
"""The most text, in bytes, that the cells may come to when each has its own copy of a shared one."""


def details_by_title(parts: Mapping[str, bytes], book: WorkbookInfo) -> dict[str, SheetDetails]:
    """
    The marks of every tab that is read. Raises Refused when the XML is broken, or when the values would take too much room.
    """
    marks = {tab.title: _details(parts, tab) for tab in book.tabs if tab.read}
    # calamine fills the whole extent of every tab, and copies a shared text into each cell that shows it.
    shared = next((part for name, part in parts.items() if name.lower() == "xl/sharedstrings.xml"), b"")
    longest = len(shared) if b"<!" in shared else max(map(len, re.split(rb"</[^>]*si\s*>", shared)))
    texts = sum(mark.texts for mark in marks.values())
    if sum(mark.area for mark in marks.values()) > MAX_CELLS or texts * longest > MAX_TEXT_BYTES:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return marks


def _details(parts: Mapping[str, bytes], tab: Tab) -> SheetDetails:
    try:
        marks = details_of(parts[tab.part])
        # Threaded comments come first: the plain ones on the same cells are their echo for older programs.
        for kind, part in sorted(relations(parts, tab.part).values(), key=lambda item: item[0].endswith("/comments")):
            if kind.endswith(("/comments", "/threadedComment")) and part in parts:
                _comments(parts[part], marks)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error
    if marks.area > MAX_CELLS:
        raise Refused("FAR_CELL", sheet=tab.title, cell=marks.far)
    return marks


def _comments(data: bytes, marks: SheetDetails) -> None:
    """Every comment by its cell, with its replies."""
    found: dict[Address, list[str]] = defaultdict(list)
    for element in parse_xml(data).iter():
        if element.tag.rpartition("}")[2] in ("comment", "threadedComment") and (address := element.get("ref")):
            found[row_and_column(address)].append(" ".join("".join(element.itertext()).split()))
    for place, texts in found.items():
        marks.comments.setdefault(place, " / ".join(texts))
