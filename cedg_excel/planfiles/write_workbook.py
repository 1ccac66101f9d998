"""The plan as a workbook: the coordinator's own file, with dropdowns, prompts and a Check column, and nothing locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl.workbook.defined_name import DefinedName
from pydantic import BaseModel

from cedg_excel.excel.page import Book, Page
from cedg_excel.excel.save import midnight, to_bytes
from cedg_excel.excel_facts import column_letter
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.cell_values import in_cell, marks_of
from cedg_excel.planfiles.input_aids import mark, name_the_lists, quiet, validate
from cedg_excel.planfiles.live_checks import (
    END,
    START,
    line_formula,
    line_result,
    row_formula,
    row_result,
)
from cedg_excel.planfiles.sheets import (
    CHECK_HEADING,
    HEAD,
    HOW_TO_USE,
    LISTS,
    LISTS_SHEET,
    PERIODS,
    PLAN,
    PLAN_HEAD,
    PLAN_HEADS,
    PLAN_ITEMS,
    SHEETS,
    PlanSheet,
)
from cedg_excel.ratings import RATINGS

PLAN_WIDTHS = (22.0, 84.0, 34.0, 60.0)
CHECK_WIDTH, MARK_WIDTH = 27.0, 4.3
LEAST_MARKS, SPARE_MARKS = 10, 4
"""Columns of agencies: never fewer than these, and so many blank ones beside those in use."""

_STYLE = {
    "code": "input.code", "label": "input.code", "text": "input.text", "lines": "input.text", "date": "input.date",
    "date_or_text": "input.date", "figure": "input.figure", "whole": "input.figure", "choice": "input.choice", "yes": "input.choice",
}  # fmt: skip
NEW = datetime(2000, 1, 1, tzinfo=UTC)
"""When a plan without a date was made, as far as its file tells: the same content gives the same bytes."""


def plan_bytes(plan: Plan) -> bytes:
    """
    The plan as the bytes of an .xlsx workbook; reading it gives an equal plan.

    Raises TooBig when a cell could not hold what the plan says.
    """
    return _made(plan, midnight(plan.about.start))


def new_plan_bytes() -> bytes:
    """A plan workbook to start from nothing. Its quarters follow from the plan's dates as soon as these are typed."""
    return _made(None, NEW)


def _made(plan: Plan | None, when: datetime) -> bytes:
    book = Book(plan.about.title if plan else "A new plan")
    agencies = _agency_columns(plan)
    lasts = {sheet.table: _last_row(sheet, plan) for sheet in SHEETS}
    pages = [_plan_page(book, plan)]
    pages += [_list_page(book, sheet, _rows(sheet, plan), agencies if sheet.marks else [], lasts[sheet.table]) for sheet in SHEETS]
    if plan is None:
        _follow_the_dates(pages[1 + [sheet.table for sheet in SHEETS].index("period")])
    pages.append(_lists_page(book))
    name_the_lists(book.workbook, lasts, len(agencies))
    for page in pages:
        page.finish()
    return to_bytes(book.workbook, when, book.results)


# What the plan says, as cells


def _agency_columns(plan: Plan | None) -> list[str | None]:
    ids: list[str | None] = [agency.id for agency in plan.agencies] if plan else []
    return ids + [None] * max(SPARE_MARKS, LEAST_MARKS - len(ids))


def _last_row(sheet: PlanSheet, plan: Plan | None) -> int:
    ready = QUARTERS if sheet.table == "period" and plan is None else 0
    return HEAD + max(len(_entries(sheet, plan)), ready) + sheet.spare


def _entries(sheet: PlanSheet, plan: Plan | None) -> Sequence[BaseModel]:
    if plan is None:
        return ()
    return {
        "agency": plan.agencies, "objective": plan.objectives, "action": plan.actions, "kpi": plan.kpis, "period": plan.periods,
        "version": plan.versions, "waiver": plan.waivers,
    }[sheet.table]  # fmt: skip


def _rows(sheet: PlanSheet, plan: Plan | None) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Each entry's values by key, and its marks by agency."""
    return [({item.key: in_cell(entry, item) for item in sheet.items}, marks_of(entry)) for entry in _entries(sheet, plan)]


# The tabs


def _plan_page(book: Book, plan: Plan | None) -> Page:
    page = book.page(PLAN, PLAN_WIDTHS)
    page.put(1, 1, plan.about.title if plan else "A new plan", "title")
    page.put(2, 1, "How to use this workbook", "heading")
    for row, line in enumerate(HOW_TO_USE, 3):
        page.put(row, 1, f"{row - 2}. {line}", "line")
    for column, heading in enumerate(PLAN_HEADS, 1):
        page.put(PLAN_HEAD, column, heading, "head")
    for row, item in enumerate(PLAN_ITEMS, PLAN_HEAD + 1):
        value = in_cell(plan.about, item) if plan else _DEFAULTS.get(item.key)
        page.put(row, 1, item.heading, "ref")
        page.put(row, 2, value, "input.text" if item.kind in ("code", "label") else _STYLE[item.kind])
        page.formula(row, 3, line_formula(item, 2), "check", line_result(item, value))
        page.put(row, 4, item.prompt + (" Required." if item.required else ""), "help")
        validate(page, item, f"B{row}")
    page.print_on_a4(plan.about.title if plan else "A new plan")
    page.sheet.freeze_panes = None
    _select(page, f"B{PLAN_HEAD + 1}")
    return page


_DEFAULTS: Mapping[str, Any] = {
    **{f"brag.{rating.word.lower()}": rating.meaning for rating in RATINGS}, "text_limit": 2000, "unlock": "cedg", "version": "1",
}  # fmt: skip


def _list_page(
    book: Book, sheet: PlanSheet, rows: list[tuple[dict[str, Any], dict[str, str]]], agencies: list[str | None], last: int
) -> Page:
    widths = [CHECK_WIDTH if item is None else item.width for item in sheet.columns] + [MARK_WIDTH] * len(agencies)
    page = book.page(sheet.title, widths)
    page.put(1, 1, sheet.title, "title")
    for row, line in enumerate(sheet.guide, 2):
        page.put(row, 1, line, "line")
    _heads(page, sheet, agencies)
    formula = row_formula(sheet, len(agencies))
    for place in range(last - HEAD):
        values, marks = rows[place] if place < len(rows) else ({}, {})
        _row(page, sheet, HEAD + 1 + place, values, [marks.get(agency) if agency else None for agency in agencies])
        page.formula(HEAD + 1 + place, sheet.check, formula, "check", row_result(sheet, marks) if values else "")
    for column, item in enumerate(sheet.columns, 1):
        if item:
            validate(page, item, f"{column_letter(column)}{HEAD + 1}:{column_letter(column)}{last}")
    quiet(page, sheet, last)
    if agencies:
        mark(page, sheet, len(agencies), last)
    page.print_on_a4(sheet.title, f"{HEAD}:{HEAD}")
    if sheet.marks:
        # Two pages wide, the second with the refs and titles again.
        page.sheet.page_setup.fitToWidth = 2
        page.sheet.print_title_cols = "A:B"
    page.sheet.freeze_panes = f"{column_letter(sheet.frozen + 1)}{HEAD + 1}"
    _select(page, f"A{HEAD + 1}")
    return page


def _heads(page: Page, sheet: PlanSheet, agencies: list[str | None]) -> None:
    for column, item in enumerate(sheet.columns, 1):
        page.put(HEAD, column, item.heading if item else CHECK_HEADING, "head")
    for column, agency in enumerate(agencies, len(sheet.columns) + 1):
        page.put(HEAD, column, agency, "head.rotated" if agency else "input.head")


def _row(page: Page, sheet: PlanSheet, row: int, values: Mapping[str, Any], marks: Iterable[str | None]) -> None:
    for column, item in enumerate(sheet.columns, 1):
        if item:
            page.put(row, column, values.get(item.key), _STYLE[item.kind])
    for column, word in enumerate(marks, len(sheet.columns) + 1):
        page.put(row, column, word, "input.mark")


def _follow_the_dates(page: Page) -> None:
    """The quarters of a new plan, as formulas that wait for its dates. Each may be typed over."""
    for row in range(HEAD + 1, HEAD + 1 + QUARTERS):
        for column, formula in quarter_formulas(row).items():
            page.formula(row, column, formula, _STYLE[PERIODS.items[column - 1].kind], "")


def _lists_page(book: Book) -> Page:
    page = book.page(LISTS_SHEET, (34.0, 110.0))
    page.put(1, 1, LISTS_SHEET, "title")
    page.put(2, 1, "The words in the dropdowns, and what each means. Nothing here needs filling in.", "lead")
    row = 4
    for name, heading, words in LISTS:
        page.put(row, 1, heading, "head")
        page.put(row, 2, "What it means", "head")
        for here, (word, meaning) in enumerate(words, row + 1):
            page.put(here, 1, word, "ref")
            page.put(here, 2, meaning, "locked")
        cells = f"{LISTS_SHEET}!$A${row + 1}:$A${row + len(words)}"
        book.workbook.defined_names[name] = DefinedName(name, attr_text=cells)
        row += len(words) + 2
    page.print_on_a4(LISTS_SHEET, landscape=False)
    return page


def _select(page: Page, cell: str) -> None:
    """Open the tab with the cursor where the typing starts."""
    for selection in page.sheet.sheet_view.selection:
        selection.activeCell = selection.sqref = cell


QUARTERS = 20
"""How many quarters a new plan has room for: five years."""


DUE_AFTER = 20
"""Days after the quarter's end by which its returns are due, unless the group says otherwise."""


def quarter_formulas(row: int) -> dict[int, str]:
    """The formulas of one row of Periods, by column: `2025-26-Q1`, its label, plan year, first, last and due day."""
    number = row - HEAD - 1
    first = f"DATE(YEAR({START}),3*INT((MONTH({START})-1)/3)+{1 + 3 * number},1)"
    there = f"AND(ISNUMBER({START}),ISNUMBER({END}),{first}<={END})"
    # Quarters of the financial year: Q1 is April to June.
    year = f"(YEAR({first})-(MONTH({first})<4))"
    quarter = f"(MOD(INT((MONTH({first})-1)/3)+3,4)+1)"
    years = f'{year}&"-"&RIGHT({year}+1,2)'
    says = {
        "id": f'{years}&"-Q"&{quarter}',
        "label": f'"Q"&{quarter}&" "&{years}',
        "year": f'"Year {number // 4 + 1}"',
        "start": first,
        "end": f"DATE(YEAR({first}),MONTH({first})+3,0)",
        "due": f"DATE(YEAR({first}),MONTH({first})+3,0)+{DUE_AFTER}",
    }
    return {PERIODS.column(key): f'=IF({there},{formula},"")' for key, formula in says.items()}
