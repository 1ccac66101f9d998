"""What calamine does not report about a workbook's tabs, and whether their values would take too much memory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from xml.etree import ElementTree  # only for its ParseError
from xml.parsers import expat

from cedg_excel.excel.gate import MAX_UNPACKED, MIB, Refused
from cedg_excel.excel.row_cache import details_of
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails
from cedg_excel.excel.workbook_info import Tab, WorkbookInfo, parse_xml, relations
from cedg_excel.excel_facts import Address, row_and_column

MAX_TEXT_BYTES = 256 * MIB
"""The most text, in bytes, in all cells together when each has its own copy of a shared text."""


def details_by_title(parts: Mapping[str, bytes], book: WorkbookInfo) -> dict[str, SheetDetails]:
    """
    The details of every tab that is read, by title.

    Raises Refused when the XML is broken, or when the values would take too much memory.
    """
    details = {tab.title: _details(parts, tab) for tab in book.tabs if tab.is_read}
    # calamine allocates the whole extent of every tab, and copies a shared text into each cell that shows it.
    shared = next((part for name, part in parts.items() if name.lower() == "xl/sharedstrings.xml"), b"")
    longest = len(shared) if b"<!" in shared else max(map(len, re.split(rb"</[^>]*si\s*>", shared)))
    shared_text_cells = sum(item.shared_text_cells for item in details.values())
    if sum(item.area for item in details.values()) > MAX_CELLS or shared_text_cells * longest > MAX_TEXT_BYTES:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return details


def _details(parts: Mapping[str, bytes], tab: Tab) -> SheetDetails:
    try:
        details = details_of(parts[tab.part])
        # Threaded comments come first: the plain ones on the same cells are copies of them for older programs.
        for relation, part in sorted(relations(parts, tab.part).values(), key=lambda item: item[0].endswith("/comments")):
            if relation.endswith(("/comments", "/threadedComment")) and part in parts:
                _add_comments(parts[part], details)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error
    if details.area > MAX_CELLS:
        raise Refused("FAR_CELL", sheet=tab.title, cell=details.furthest_cell)
    return details


def _add_comments(data: bytes, details: SheetDetails) -> None:
    """Add each cell's comment with its replies, unless the cell has one already."""
    texts_by_cell: dict[Address, list[str]] = defaultdict(list)
    for element in parse_xml(data).iter():
        if element.tag.rpartition("}")[2] in ("comment", "threadedComment") and (address := element.get("ref")):
            texts_by_cell[row_and_column(address)].append(" ".join("".join(element.itertext()).split()))
    for cell, texts in texts_by_cell.items():
        details.comments.setdefault(cell, " / ".join(texts))
