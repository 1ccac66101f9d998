"""Every input cell of a template or return, as other programs ask for it: from the workbook alone, without its plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.errors import CannotRead
from cedg_excel.excel import gate
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.cover import COVER_COLUMNS, cover_fields
from cedg_excel.form.model import COVER, Field
from cedg_excel.form.objective_tab import ACTION_COLUMNS, ASKED, COMMENT, NARRATIVES, OPTIONAL, OUT_OF
from cedg_excel.ratings import RATING_WORDS
from cedg_excel.returns.read import refusal_finding
from cedg_excel.text import shown, squeeze


def map_workbook(path: Path) -> list[dict[str, Any]]:
    """
    Key, sheet, cell, kind, label, required and choices of every input cell, down the tabs.

    Raises CannotRead when the file is not a copy of ours, or no longer says which of its cells are for input.
    """
    if not path.is_file():
        raise CannotRead(f"There is no file {path}. Check the name.")
    try:
        gate.open_file(path)
    except gate.Refused as refusal:
        finding = refusal_finding(refusal, path.name)
        raise CannotRead(f"{path.name}: {finding.message} {finding.fix}") from refusal
    book = openpyxl.load_workbook(path)
    found = [
        {
            "key": item.key, "sheet": sheet.title, "cell": f"{column_letter(column)}{row}", "kind": item.kind,
            "label": item.label, "required": item.required, "choices": list(item.choices) if item.choices else None,
        }
        for sheet in book.worksheets
        for row, column, item in _inputs(sheet)
    ]  # fmt: skip
    # The plan's own workbook has headings like those of a copy, and no cover.
    if not any(str(item["key"]).startswith("cover/") for item in found):
        raise CannotRead(f"{path.name} is not a copy made by this program, or has lost its cell protection. Give the copy as it was made.")
    return found


Found = Iterator[tuple[int, int, Field]]


def _inputs(sheet: Worksheet) -> Found:
    """The unlocked cells under each heading row, as fields."""
    heads: dict[int, str] = {}
    for row in range(1, sheet.max_row + 1):
        texts = {column: squeeze(shown(sheet.cell(row, column).value) or "") for column in range(1, 16)}
        if texts[1] in _FIRST_HEADINGS:
            heads = {column: text for column, text in texts.items() if text}
        elif heads and texts[1]:
            free = [c for c in heads if not sheet.cell(row, c).protection.locked]
            yield from _row(sheet, row, texts, heads, free)


def _row(sheet: Worksheet, row: int, texts: dict[int, str], heads: dict[int, str], free: list[int]) -> Found:
    ref = texts[1]
    if sheet.title == COVER:
        items = {label: item for label, item, _ in cover_fields()}
        for column in free:
            if ref in items:
                yield row, column, items[ref]
        return
    title = (shown(sheet.cell(row, 2).value) or "").split("\n")[0]
    for column in free:
        head = heads[column]
        if ref.startswith("K") and {ASKED, OUT_OF} <= {*heads.values()}:
            yield row, column, _kpi(ref, head, title, sheet, row, heads)
        elif _NARRATIVE.fullmatch(ref):
            part, heading, _ = NARRATIVES[int(ref.split(".")[1]) - 1]
            yield row, column, Field(f"narrative/{ref[1:].split('.')[0]}/{part}", "text", f"{sheet.title}: {heading}")
        elif name := _ACTION_NAMES.get(head):
            yield row, column, _action(ref, name, head, title)


_FIRST_HEADINGS = (ACTION_COLUMNS[0].heading, COVER_COLUMNS[0].heading)
_NARRATIVE = re.compile(rf"N\d+\.[1-{len(NARRATIVES)}]")
_ACTION_NAMES = {column.heading: column.name for column in ACTION_COLUMNS}


def _action(ref: str, name: str, head: str, title: str) -> Field:
    label, key = f"{ref} {title}: {head}", f"action/{ref}/{name}"
    if name == "rating":
        return Field(key, "rating", label, True, RATING_WORDS)
    return Field(key, "date" if "date" in name else "text", label)


def _kpi(ref: str, head: str, title: str, sheet: Worksheet, row: int, heads: dict[int, str]) -> Field:
    columns = {text: number for number, text in heads.items()}
    asked = shown(sheet.cell(row, columns[ASKED]).value) or ""
    label, required = f"{ref} {title}", not asked.startswith(OPTIONAL)
    if head == COMMENT:
        return Field(f"kpi/{ref}/comment", "text", f"{label}: comment")
    if head == OUT_OF:
        return Field(f"kpi/{ref}/denominator", "number", f"{label}: out of", required)
    if not sheet.cell(row, columns[OUT_OF]).protection.locked:
        return Field(f"kpi/{ref}/numerator", "number", f"{label}: number", required)
    words = sheet.cell(row, columns[head]).number_format == "@"
    return Field(f"kpi/{ref}/value", "text" if words else "number", label, required)
