"""Lists every input cell of a copy or return for other programs, from the workbook alone, without its plan."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.errors import CannotRead
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.cover import COVER_COLUMNS
from cedg_excel.form.fields import ACTION_COLUMNS, FIELDS, Field, FieldKind, form_field
from cedg_excel.form.objective_tab import WHAT_TO_ENTER, is_optional
from cedg_excel.plan.model import KPI_REF
from cedg_excel.returns.single_workbook import single_workbook
from cedg_excel.tab_names import COVER, objective_number
from cedg_excel.text import shown, squeeze


def map_workbook(path: Path) -> list[dict[str, Any]]:
    """
    Key, sheet, cell, kind, label, required and choices of every input cell, in the order of tabs and rows. The copy may be attached
    to an e-mail.

    Raises CannotRead when the file is not one of our copies, or has lost the protection that shows which cells are for input.
    """
    if not path.is_file():
        raise CannotRead(f"There is no file {path}. Check the name.")
    book = openpyxl.load_workbook(BytesIO(single_workbook(path)))
    fields = [
        {
            "key": item.key, "sheet": sheet.title, "cell": f"{column_letter(column)}{row}", "kind": item.kind,
            "label": item.label, "required": item.required, "choices": list(item.choices) if item.choices else None,
        }
        for sheet in book.worksheets
        for row, column, item in _inputs(sheet)
    ]  # fmt: skip
    # A plan workbook has similar headings to a copy, but no Cover.
    if not any(str(item["key"]).startswith("cover/") for item in fields):
        raise CannotRead(
            f"{path.name} is not a copy made by this program, or it has lost its cell protection. Use the copy as it was issued."
        )
    return fields


LocatedFields = Iterator[tuple[int, int, Field]]


def _inputs(sheet: Worksheet) -> LocatedFields:
    """The unlocked cells below each heading row, as fields: row, column, field."""
    headings: dict[int, str] = {}
    for row in range(1, sheet.max_row + 1):
        row_texts = {column: squeeze(shown(sheet.cell(row, column).value) or "") for column in range(1, 16)}
        if row_texts[1] in _FIRST_COLUMN_HEADINGS:
            headings = {column: text for column, text in row_texts.items() if text}
        elif headings and row_texts[1]:
            unlocked = [c for c in headings if not sheet.cell(row, c).protection.locked]
            yield from _fields_of_row(sheet, row, row_texts, headings, unlocked)


def _fields_of_row(sheet: Worksheet, row: int, row_texts: dict[int, str], headings: dict[int, str], unlocked: list[int]) -> LocatedFields:
    ref = row_texts[1]
    title = (shown(sheet.cell(row, 2).value) or "").partition("\n")[0]
    for column in unlocked:
        if sheet.title == COVER:
            if item := _COVER_FIELDS.get(ref):
                yield row, column, item.field("cover")
        elif KPI_REF.fullmatch(ref) and {*headings.values()} >= _KPI_HEADINGS:
            yield row, column, _kpi_field(ref, column, title, sheet, row, headings)
        elif item := _NARRATIVE_FIELDS.get(ref.partition(".")[2]) if ref.startswith("N") else None:
            yield row, column, item.field(f"narrative/{objective_number(sheet.title)}", sheet.title)
        elif item := _ACTION_FIELDS.get(headings[column]):
            yield row, column, item.field(f"action/{ref}", f"{ref} {title}")


_FIRST_COLUMN_HEADINGS = (ACTION_COLUMNS[0].heading, COVER_COLUMNS[0].heading)
_COVER_FIELDS = {item.heading: item for item in FIELDS["cover"]}
_NARRATIVE_FIELDS = {str(number): item for number, item in enumerate(FIELDS["narrative"], 1)}
_ACTION_FIELDS = {item.heading: item for item in FIELDS["actions"]}
_KPI_FIELDS = {item.heading: item for item in FIELDS["kpis"] if item.heading}
_KPI_HEADINGS = {WHAT_TO_ENTER.heading, form_field("kpis", "denominator").heading}
"""A plan workbook has KPIs too, but under other headings."""


def _kpi_field(ref: str, column: int, title: str, sheet: Worksheet, row: int, headings: dict[int, str]) -> Field:
    columns = {text: number for number, text in headings.items()}
    required = not is_optional(shown(sheet.cell(row, columns[WHAT_TO_ENTER.heading]).value) or "")
    is_percentage = not sheet.cell(row, columns[form_field("kpis", "denominator").heading]).protection.locked
    item = _KPI_FIELDS.get(headings[column]) or form_field("kpis", "numerator" if is_percentage else "value")
    in_words = item.name == "value" and sheet.cell(row, column).number_format == "@"
    kind: FieldKind = "text" if in_words else item.kind
    return item.field(f"kpi/{ref}", f"{ref} {title}", kind=kind, required=required and item.kind == "number")
