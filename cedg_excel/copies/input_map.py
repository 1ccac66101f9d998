"""Every input cell of a template or return, as other programs ask for it: from the workbook alone, without its plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.errors import CannotRead
from cedg_excel.excel import gate
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.cover import COVER_COLUMNS
from cedg_excel.form.fields import ACTION_COLUMNS, FIELDS, Field, FieldKind, form_field
from cedg_excel.form.objective_tab import WHAT_TO_ENTER, is_optional
from cedg_excel.plan.model import KPI_REF
from cedg_excel.returns.read import refusal_finding
from cedg_excel.tab_names import COVER, objective_number
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
    title = (shown(sheet.cell(row, 2).value) or "").partition("\n")[0]
    for column in free:
        if sheet.title == COVER:
            if item := _COVER.get(ref):
                yield row, column, item.field("cover")
        elif KPI_REF.fullmatch(ref) and {*heads.values()} >= _KPI_HEADINGS:
            yield row, column, _kpi(ref, column, title, sheet, row, heads)
        elif item := _NARRATIVE.get(ref.partition(".")[2]) if ref.startswith("N") else None:
            yield row, column, item.field(f"narrative/{objective_number(sheet.title)}", sheet.title)
        elif item := _ACTION.get(heads[column]):
            yield row, column, item.field(f"action/{ref}", f"{ref} {title}")


_FIRST_HEADINGS = (ACTION_COLUMNS[0].heading, COVER_COLUMNS[0].heading)
_COVER = {item.heading: item for item in FIELDS["cover"]}
_NARRATIVE = {str(number): item for number, item in enumerate(FIELDS["narrative"], 1)}
_ACTION = {item.heading: item for item in FIELDS["actions"]}
_KPI = {item.heading: item for item in FIELDS["kpis"] if item.heading}
_KPI_HEADINGS = {WHAT_TO_ENTER.heading, form_field("kpis", "denominator").heading}
"""The plan's own workbook has KPIs too, and others under its headings."""


def _kpi(ref: str, column: int, title: str, sheet: Worksheet, row: int, heads: dict[int, str]) -> Field:
    columns = {text: number for number, text in heads.items()}
    required = not is_optional(shown(sheet.cell(row, columns[WHAT_TO_ENTER.heading]).value) or "")
    is_percentage = not sheet.cell(row, columns[form_field("kpis", "denominator").heading]).protection.locked
    item = _KPI.get(heads[column]) or form_field("kpis", "numerator" if is_percentage else "value")
    in_words = item.name == "value" and sheet.cell(row, column).number_format == "@"
    kind: FieldKind = "text" if in_words else item.kind
    return item.field(f"kpi/{ref}", f"{ref} {title}", kind=kind, required=required and item.kind == "number")
