"""The plan as a workbook for the coordinator, with dropdowns, prompts and a Check column, and nothing locked."""

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
from cedg_excel.plan.notice import notice_line
from cedg_excel.planfiles.cell_values import agency_marks, cell_value
from cedg_excel.planfiles.input_aids import add_agency_marks, add_defined_names, add_validation, grey_out_to_do
from cedg_excel.planfiles.live_checks import (
    END,
    START,
    list_row_formula,
    list_row_result,
    plan_line_formula,
    plan_line_result,
)
from cedg_excel.planfiles.sheets import (
    CHECK_HEADING,
    HEADING_ROW,
    HOW_TO_USE,
    LISTS,
    LISTS_SHEET,
    PERIODS,
    PLAN,
    PLAN_HEADING_ROW,
    PLAN_HEADINGS,
    PLAN_ITEMS,
    SHEETS,
    PlanSheet,
)
from cedg_excel.ratings import RATINGS

PLAN_WIDTHS = (22.0, 84.0, 34.0, 60.0)
CHECK_WIDTH, MARK_WIDTH = 27.0, 4.3
MIN_AGENCY_COLUMNS, SPARE_AGENCY_COLUMNS = 10, 4
"""The fewest columns of agencies, and the fewest blank ones after those in use."""

_STYLE = {
    "code": "input.code", "label": "input.code", "text": "input.text", "lines": "input.text", "date": "input.date",
    "date_or_text": "input.date", "figure": "input.figure", "whole": "input.figure", "choice": "input.choice", "yes": "input.choice",
}  # fmt: skip
NEW_PLAN_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""The time stamp of a plan without dates: a fixed one, so that the same content gives the same bytes."""


def plan_bytes(plan: Plan) -> bytes:
    """
    The plan as the bytes of an .xlsx workbook; reading it gives an equal plan.

    Raises TooBig when a value of the plan does not fit into a cell.
    """
    return _workbook_bytes(plan, midnight(plan.about.start))


def new_plan_bytes() -> bytes:
    """A blank plan workbook. Its quarters appear as soon as the plan's dates are typed."""
    return _workbook_bytes(None, NEW_PLAN_TIME)


def _workbook_bytes(plan: Plan | None, when: datetime) -> bytes:
    book = Book(plan.about.title, notice_line(plan.about.notice)) if plan else Book("A new plan")
    agencies = _agency_columns(plan)
    last_rows = {sheet.table: _last_row(sheet, plan) for sheet in SHEETS}
    pages = [_plan_page(book, plan)]
    pages += [
        _list_page(book, sheet, _values_and_marks(sheet, plan), agencies if sheet.marks else [], last_rows[sheet.table]) for sheet in SHEETS
    ]
    if plan is None:
        _write_quarter_formulas(pages[1 + [sheet.table for sheet in SHEETS].index("period")])
    pages.append(_lists_page(book))
    add_defined_names(book.workbook, last_rows, len(agencies))
    for page in pages:
        page.finish()
    return to_bytes(book.workbook, when, book.results)


# The plan's values, as cells


def _agency_columns(plan: Plan | None) -> list[str | None]:
    ids: list[str | None] = [agency.id for agency in plan.agencies] if plan else []
    return ids + [None] * max(SPARE_AGENCY_COLUMNS, MIN_AGENCY_COLUMNS - len(ids))


def _last_row(sheet: PlanSheet, plan: Plan | None) -> int:
    prepared = MAX_QUARTERS if sheet.table == "period" and plan is None else 0
    return HEADING_ROW + max(len(_entries(sheet, plan)), prepared) + sheet.spare_rows


def _entries(sheet: PlanSheet, plan: Plan | None) -> Sequence[BaseModel]:
    if plan is None:
        return ()
    return {
        "agency": plan.agencies, "objective": plan.objectives, "action": plan.actions, "kpi": plan.kpis, "period": plan.periods,
        "version": plan.versions, "waiver": plan.waivers,
    }[sheet.table]  # fmt: skip


def _values_and_marks(sheet: PlanSheet, plan: Plan | None) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Each entry's values by key, and its marks by agency."""
    return [({item.key: cell_value(entry, item) for item in sheet.items}, agency_marks(entry)) for entry in _entries(sheet, plan)]


# The tabs


def _plan_page(book: Book, plan: Plan | None) -> Page:
    page = book.page(PLAN, PLAN_WIDTHS)
    page.put(1, 1, plan.about.title if plan else "A new plan", "title")
    page.put(2, 1, "How to use this workbook", "heading")
    for row, line in enumerate(HOW_TO_USE, 3):
        page.put(row, 1, f"{row - 2}. {line}", "line")
    for column, heading in enumerate(PLAN_HEADINGS, 1):
        page.put(PLAN_HEADING_ROW, column, heading, "head")
    for row, item in enumerate(PLAN_ITEMS, PLAN_HEADING_ROW + 1):
        value = cell_value(plan.about, item) if plan else _DEFAULTS.get(item.key)
        page.put(row, 1, item.heading, "ref")
        page.put(row, 2, value, "input.text" if item.kind in ("code", "label") else _STYLE[item.kind])
        page.formula(row, 3, plan_line_formula(item, 2), "check", plan_line_result(item, value))
        page.put(row, 4, item.prompt + (" Required." if item.required else ""), "help")
        add_validation(page, item, f"B{row}")
    page.print_on_a4(plan.about.title if plan else "A new plan")
    page.sheet.freeze_panes = None
    _put_cursor(page, f"B{PLAN_HEADING_ROW + 1}")
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
    _write_headings(page, sheet, agencies)
    formula = list_row_formula(sheet, len(agencies))
    for place in range(last - HEADING_ROW):
        values, marks = rows[place] if place < len(rows) else ({}, {})
        _write_row(page, sheet, HEADING_ROW + 1 + place, values, [marks.get(agency) if agency else None for agency in agencies])
        page.formula(HEADING_ROW + 1 + place, sheet.check_column, formula, "check", list_row_result(sheet, marks) if values else "")
    for column, item in enumerate(sheet.columns, 1):
        if item:
            add_validation(page, item, f"{column_letter(column)}{HEADING_ROW + 1}:{column_letter(column)}{last}")
    grey_out_to_do(page, sheet, last)
    if agencies:
        add_agency_marks(page, sheet, len(agencies), last)
    page.print_on_a4(sheet.title, f"{HEADING_ROW}:{HEADING_ROW}")
    if sheet.marks:
        # Two pages wide, the second with the refs and titles again.
        page.sheet.page_setup.fitToWidth = 2
        page.sheet.print_title_cols = "A:B"
    page.sheet.freeze_panes = f"{column_letter(sheet.frozen_columns + 1)}{HEADING_ROW + 1}"
    _put_cursor(page, f"A{HEADING_ROW + 1}")
    return page


def _write_headings(page: Page, sheet: PlanSheet, agencies: list[str | None]) -> None:
    for column, item in enumerate(sheet.columns, 1):
        page.put(HEADING_ROW, column, item.heading if item else CHECK_HEADING, "head")
    for column, agency in enumerate(agencies, len(sheet.columns) + 1):
        page.put(HEADING_ROW, column, agency, "head.rotated" if agency else "input.head")


def _write_row(page: Page, sheet: PlanSheet, row: int, values: Mapping[str, Any], marks: Iterable[str | None]) -> None:
    for column, item in enumerate(sheet.columns, 1):
        if item:
            page.put(row, column, values.get(item.key), _STYLE[item.kind])
    for column, word in enumerate(marks, len(sheet.columns) + 1):
        page.put(row, column, word, "input.mark")


def _write_quarter_formulas(page: Page) -> None:
    """Write the quarters of a new plan as formulas that follow its dates. People can overwrite any of them."""
    for row in range(HEADING_ROW + 1, HEADING_ROW + 1 + MAX_QUARTERS):
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
        for word_row, (word, meaning) in enumerate(words, row + 1):
            page.put(word_row, 1, word, "ref")
            page.put(word_row, 2, meaning, "locked")
        cells = f"{LISTS_SHEET}!$A${row + 1}:$A${row + len(words)}"
        book.workbook.defined_names[name] = DefinedName(name, attr_text=cells)
        row += len(words) + 2
    page.print_on_a4(LISTS_SHEET, landscape=False)
    return page


def _put_cursor(page: Page, cell: str) -> None:
    """Open the tab with the cursor where the typing starts."""
    for selection in page.sheet.sheet_view.selection:
        selection.activeCell = selection.sqref = cell


MAX_QUARTERS = 20
"""The most quarters in a new plan: five years."""


DUE_AFTER = 20
"""Days after the quarter's end by which its returns are due, unless the group says otherwise."""


def quarter_formulas(row: int) -> dict[int, str]:
    """The formulas of one row of Periods, by column: `2025-26-Q1`, its label, plan year, first, last and due day."""
    number = row - HEADING_ROW - 1
    first = f"DATE(YEAR({START}),3*INT((MONTH({START})-1)/3)+{1 + 3 * number},1)"
    within_plan = f"AND(ISNUMBER({START}),ISNUMBER({END}),{first}<={END})"
    # Quarters of the financial year: Q1 is April to June.
    year = f"(YEAR({first})-(MONTH({first})<4))"
    quarter = f"(MOD(INT((MONTH({first})-1)/3)+3,4)+1)"
    years = f'{year}&"-"&RIGHT({year}+1,2)'
    formulas = {
        "id": f'{years}&"-Q"&{quarter}',
        "label": f'"Q"&{quarter}&" "&{years}',
        "year": f'"Year {number // 4 + 1}"',
        "start": first,
        "end": f"DATE(YEAR({first}),MONTH({first})+3,0)",
        "due": f"DATE(YEAR({first}),MONTH({first})+3,0)+{DUE_AFTER}",
    }
    return {PERIODS.column(key): f'=IF({within_plan},{formula},"")' for key, formula in formulas.items()}
