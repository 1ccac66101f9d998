"""What calamine does not report about a workbook's tabs, and whether their values would take too much memory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from xml.etree import ElementTree  # only for its ParseError
from xml.parsers import expat

from cedg_excel.excel.gate import MAX_UNPACKED, MIB, Refused
from cedg_excel.excel.looks import Look, looks_of
from cedg_excel.excel.objects import objects_of
from cedg_excel.excel.row_cache import details_of
from cedg_excel.excel.sheet_xml import MAX_CELLS, PICTURE, RICH_VALUE, Range, SheetDetails
from cedg_excel.excel.strikes import struck_texts
from cedg_excel.excel.workbook_info import Tab, WorkbookInfo, outside_targets, parse_xml, relations
from cedg_excel.excel_facts import Address, row_and_column

MAX_TEXT_BYTES = 256 * MIB
"""The most text, in bytes, in all cells together when each has its own copy of a shared text."""


def details_by_title(parts: Mapping[str, bytes], book: WorkbookInfo) -> dict[str, SheetDetails]:
    """
    The details of every tab that is read, by title.

    Raises Refused when the XML is broken, or when the values would take too much memory.
    """
    looks, shared_texts = looks_of(parts), _shared_texts(parts)
    details = {tab.title: _details(parts, tab, looks, shared_texts) for tab in book.tabs if tab.is_read}
    # calamine allocates the whole extent of every tab, and copies a shared text into each cell that shows it.
    longest = len(shared_texts) if b"<!" in shared_texts else max(map(len, re.split(rb"</[^>]*si\s*>", shared_texts)))
    shared_text_cells = sum(item.shared_text_cells for item in details.values())
    if sum(item.area for item in details.values()) > MAX_CELLS or shared_text_cells * longest > MAX_TEXT_BYTES:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return details


def _shared_texts(parts: Mapping[str, bytes]) -> bytes:
    return next((part for name, part in parts.items() if name.lower() == "xl/sharedstrings.xml"), b"")


def _details(parts: Mapping[str, bytes], tab: Tab, looks: tuple[Look, ...], shared_texts: bytes) -> SheetDetails:
    try:
        details = details_of(parts[tab.part])
        details.looks, details.struck_texts = looks, struck_texts(parts[tab.part], shared_texts)
        targets = relations(parts, tab.part)
        if targets:
            details.objects = objects_of(parts, tab.part, targets)
            details.links = _links(parts, tab.part, details)
        else:
            details.links = []
        if RICH_VALUE in details.errors.values():
            details.errors = _with_pictures(details.errors, parts)
        # Threaded comments come first: the plain ones on the same cells are copies of them for older programs.
        for relation, part in sorted(targets.values(), key=lambda item: item[0].endswith("/comments")):
            if relation.endswith(("/comments", "/threadedComment")) and part in parts:
                _add_comments(parts[part], details)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error
    if details.area > MAX_CELLS:
        raise Refused("FAR_CELL", sheet=tab.title, cell=details.furthest_cell)
    return details


def _links(parts: Mapping[str, bytes], part: str, details: SheetDetails) -> list[tuple[Range, str]]:
    """The links of a sheet that lead out of the workbook, with their addresses in place of the ids of relations."""
    addresses = outside_targets(parts, part) if details.links else {}
    return [(cells, addresses[relation]) for cells, relation in details.links if relation in addresses]


def _with_pictures(errors: Mapping[Address, str], parts: Mapping[str, bytes]) -> dict[Address, str]:
    """
    The error values of a sheet, with PICTURE where the cell has a picture in it, which older programs show as #VALUE!.

    Excel's other rich values are data cards, such as those of companies; a file with pictures in cells says so in its structure.
    """
    structure = next((part for name, part in parts.items() if name.lower() == "xl/richdata/rdrichvaluestructure.xml"), None)
    is_picture = structure is None or b"_localImage" in structure or b"_webImage" in structure
    return {address: (PICTURE if is_picture else "#VALUE!") if text == RICH_VALUE else text for address, text in errors.items()}


def _add_comments(data: bytes, details: SheetDetails) -> None:
    """Add each cell's comment with its replies, unless the cell has one already."""
    texts_by_cell: dict[Address, list[str]] = defaultdict(list)
    for element in parse_xml(data).iter():
        if element.tag.rpartition("}")[2] in ("comment", "threadedComment") and (address := element.get("ref")):
            texts_by_cell[row_and_column(address)].append(" ".join("".join(element.itertext()).split()))
    for cell, texts in texts_by_cell.items():
        details.comments.setdefault(cell, " / ".join(texts))
