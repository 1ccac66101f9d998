"""
Checks a workbook file for problems that users would see and schema validators miss.

`faults` lists what makes Excel offer to repair a file; `leaks` lists what must not be in a file that is sent out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import range_boundaries

from tests.helpers.zips import Parts, parts_of

MAX_PROMPT, MAX_TITLE, MAX_LITERAL_LIST, MAX_FORMULA = 255, 32, 255, 8192
_NAME = re.compile(r"[A-Za-z_\\][A-Za-z0-9_.\\]{0,254}")
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr]\d*[Cc]\d*")
_NEWER = re.compile(r"(?<![.\w])(LET|LAMBDA|TEXTJOIN|CONCAT|IFS|SWITCH|XLOOKUP|FILTER|UNIQUE|SORT|SEQUENCE|MAXIFS|MINIFS)\(")


def faults(data: bytes) -> list[str]:
    """What Excel would offer to repair, or refuse to open; empty when there is nothing."""
    parts = parts_of(data)
    book = openpyxl.load_workbook(BytesIO(data))
    return [*_broken_xml(parts), *_bad_names(book), *_bad_types(parts), *(fault for sheet in book for fault in _sheet_faults(sheet))]


def _broken_xml(parts: Parts) -> Iterator[str]:
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            try:
                ElementTree.fromstring(part)
            except ElementTree.ParseError as error:
                yield f"{name}: {error}"


def _bad_types(parts: Parts) -> Iterator[str]:
    types = parts["[Content_Types].xml"].decode()
    if "spreadsheetml.sheet.main+xml" not in types:
        yield "the content type is not that of an .xlsx workbook"
    for name in parts:
        known = f'PartName="/{name}"' in types or any(f'Extension="{end}"' in types for end in (name.rpartition(".")[2],))
        if name != "[Content_Types].xml" and not known:
            yield f"{name} has no content type"


def _bad_names(book: Any) -> Iterator[str]:
    names = [sheet.title for sheet in book]
    for title in names:
        if len(title) > 31 or re.search(r"[\[\]:*?/\\]", title):
            yield f"the tab name {title!r} is not allowed"
    tables = [table for sheet in book for table in sheet.tables]
    for name in [*book.defined_names, *tables]:
        if not _NAME.fullmatch(name) or _LOOKS_LIKE_CELL.fullmatch(name):
            yield f"the name {name!r} is not allowed"
    if len({name.lower() for name in tables}) < len(tables):
        yield "two tables have one name"


def _sheet_faults(sheet: Any) -> Iterator[str]:
    for rule in sheet.data_validations.dataValidation:
        titles, texts = (rule.promptTitle, rule.errorTitle), (rule.prompt, rule.error)
        for text, limit in [*((t, MAX_TITLE) for t in titles), *((t, MAX_PROMPT) for t in texts)]:
            if text and len(text) > limit:
                yield f"{sheet.title}: a validation text of {len(text)} characters: {text[:30]}"
        for formula in (rule.formula1, rule.formula2):
            if formula and (formula.startswith("=") or (formula.startswith('"') and len(formula) > MAX_LITERAL_LIST + 2)):
                yield f"{sheet.title}: the validation formula {formula[:30]}"
    yield from _table_faults(sheet)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and (_NEWER.search(str(cell.value)) or len(str(cell.value)) > MAX_FORMULA):
                yield f"{sheet.title}!{cell.coordinate}: Excel 2010 cannot calculate {str(cell.value)[:60]}"
            if isinstance(cell.value, str) and len(cell.value) > 32_767:
                yield f"{sheet.title}!{cell.coordinate}: too long a text"


def _table_faults(sheet: Any) -> Iterator[str]:
    boxes = []
    for table in sheet.tables.values():
        left, top, right, bottom = range_boundaries(table.ref)
        heads = [sheet.cell(top, column).value for column in range(left, right + 1)]
        if heads != [column.name for column in table.tableColumns] or len({str(h).lower() for h in heads}) < len(heads):
            yield f"{sheet.title}: the headings of {table.displayName} differ from its cells or repeat"
        if bottom == top:
            yield f"{sheet.title}: {table.displayName} has no row"
        boxes.append((left, top, right, bottom))
    boxes += [merged.bounds for merged in sheet.merged_cells.ranges]
    for n, a in enumerate(boxes):
        for b in boxes[n + 1 :]:
            if a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]:
                yield f"{sheet.title}: tables or merged cells overlap"


def leaks(data: bytes) -> list[str]:
    """Hidden sheets, rows, columns and names, authors, links and paths; empty when there are none."""
    parts = parts_of(data)
    book = openpyxl.load_workbook(BytesIO(data))
    found = [f"hidden tab {sheet.title}" for sheet in book if sheet.sheet_state != "visible"]
    found += [f"hidden name {name}" for name, item in book.defined_names.items() if item.hidden]
    for sheet in book:
        found += [f"hidden row {sheet.title}!{row}" for row, item in sheet.row_dimensions.items() if item.hidden]
        found += [f"hidden column {sheet.title}!{column}" for column, item in sheet.column_dimensions.items() if item.hidden]
    # Not read with openpyxl, which fills in its own name where a workbook names no author.
    found += [f"author {who}" for who in re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]+)<", parts["docProps/core.xml"].decode())]
    found += [name for name in parts if name.startswith(("xl/externalLinks", "xl/vbaProject", "xl/embeddings", "customXml"))]
    found += [f"path in {name}" for name, part in parts.items() if re.search(rb"(?i)[a-z]:\\\\users|/home/|/root/|/tmp/", part)]
    return found
