"""What calamine does not report about a workbook's tabs, and whether their values would take too much memory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from xml.etree import ElementTree  # only for its ParseError
from xml.parsers import expat

from cedg_excel.excel.gate import MAX_UNPACKED, MIB, Refused
from cedg_excel.excel.plain_sheet import EARLIEST_DAY, Limits, limits_of, style_count, write_plainly
from cedg_excel.excel.row_cache import details_of
from cedg_excel.excel.sheet_xml import MAX_CELLS, SheetDetails
from cedg_excel.excel.workbook_info import Tab, WorkbookInfo, parse_xml, relations
from cedg_excel.excel_facts import Address, row_and_column

SHARED_STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"

MAX_TEXT_BYTES = 256 * MIB
"""The most text, in bytes, in all cells together when each has its own copy of a shared text."""


def details_by_title(parts: Mapping[str, bytes], book: WorkbookInfo) -> dict[str, SheetDetails]:
    """
    The details of every tab that is read, by title.

    Raises Refused when the XML is broken, or when the values would take too much memory.
    """
    details = {tab.title: _details(parts, tab) for tab in book.tabs if tab.is_read}
    # calamine allocates the whole extent of every tab, and copies a shared text into each cell that shows it.
    shared = parts.get(SHARED_STRINGS, b"")
    longest = len(shared) if b"<!" in shared else max(map(len, re.split(rb"</[^>]*si\s*>", shared)))
    shared_text_cells = sum(item.shared_text_cells for item in details.values())
    if sum(item.area for item in details.values()) > MAX_CELLS or shared_text_cells * longest > MAX_TEXT_BYTES:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return details


def write_all_plainly(parts: Mapping[str, bytes], book: WorkbookInfo, details: Mapping[str, SheetDetails]) -> None:
    """Write every tab that is read again with its values alone, for a workbook that calamine cannot read as it is. Raises Refused."""
    with _damaged_if_broken():
        limits = replace(_limits(parts), lowest=EARLIEST_DAY)
        for tab in book.tabs:
            if tab.is_read:
                write_plainly(parts[tab.part], details[tab.title], limits)


def _details(parts: Mapping[str, bytes], tab: Tab) -> SheetDetails:
    part = parts[tab.part]
    with _damaged_if_broken():
        details = details_of(part)
        if details.irregular or details.area > MAX_CELLS or details.highest_style >= style_count(parts.get(STYLES)):
            write_plainly(part, details, _limits(parts))
    # Threaded comments come first: the plain ones on the same cells are copies of them for older programs.
    for relation, name in sorted(relations(parts, tab.part).values(), key=lambda item: item[0].endswith("/comments")):
        if relation.endswith(("/comments", "/threadedComment")) and name in parts:
            _add_comments(parts[name], details)
    return details


@contextmanager
def _damaged_if_broken() -> Iterator[None]:
    try:
        yield
    except (expat.ExpatError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error


def _limits(parts: Mapping[str, bytes]) -> Limits:
    return limits_of(parts.get(SHARED_STRINGS), parts.get(STYLES))


def _add_comments(data: bytes, details: SheetDetails) -> None:
    """Add each cell's comment with its replies, unless the cell has one already. What is broken among them costs no answer."""
    texts_by_cell: dict[Address, list[str]] = defaultdict(list)
    try:
        elements = [element for element in parse_xml(data).iter() if element.tag.rpartition("}")[2] in ("comment", "threadedComment")]
    except ElementTree.ParseError:
        elements, details.broken_comments = [], True
    for element in elements:
        try:
            texts_by_cell[row_and_column(element.get("ref", ""))].append(" ".join("".join(element.itertext()).split()))
        except ValueError:
            details.broken_comments = True
    for cell, texts in texts_by_cell.items():
        details.comments.setdefault(cell, " / ".join(texts))
