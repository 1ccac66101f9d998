"""Help for people who type into the plan's workbook: dropdowns, the defined names behind them, prompts and colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from cedg_excel.excel.page import Page
from cedg_excel.excel.styles import BAD, GREY, MIST, NAVY, WHITE, differential
from cedg_excel.excel_facts import column_letter, serial
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.values import DAYS
from cedg_excel.planfiles.live_checks import COLUMN_NAMES, END, START, agency_headings_name, filled_range
from cedg_excel.planfiles.sheets import HEADING_ROW, MARKS, PLAN, PLAN_HEADING_ROW, PLAN_ITEMS, SHEETS, Item, PlanSheet


def add_defined_names(workbook: Workbook, last_rows: Mapping[str, int], agencies: int) -> None:
    """Add the defined names behind dropdowns and checks; `last_rows` is the last prepared row of each sheet, 1-based."""
    row = {item.key: number for number, item in enumerate(PLAN_ITEMS, PLAN_HEADING_ROW + 1)}
    names = {START: f"{PLAN}!$B${row['start']}", END: f"{PLAN}!$B${row['end']}"}
    for sheet in SHEETS:
        if sheet.table in COLUMN_NAMES:
            names[COLUMN_NAMES[sheet.table]] = filled_range(sheet, last_rows[sheet.table])
        if sheet.marks:
            first = len(sheet.columns) + 1
            names[agency_headings_name(sheet)] = (
                f"{sheet.title}!${column_letter(first)}${HEADING_ROW}:${column_letter(first + agencies - 1)}${HEADING_ROW}"
            )
    for name, cells in names.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=cells)


def add_validation(page: Page, item: Item, cells: str) -> None:
    """Add a prompt to these cells, and a list, date or number check where the kind of column has one."""
    rule: dict[str, Any] = {"type": None}
    if item.choices:
        # A waiver may name a rule that is newer than this list.
        rule = {"type": "list", "formula1": item.choices, "errorTitle": "Choose from the list",
                "error": "Choose a word from the list, or press Escape.",
                "errorStyle": "warning" if item.choices == "plan_rules" else "stop"}  # fmt: skip
    elif item.kind == "date":
        rule = {"type": "date", "operator": "between", "formula1": str(serial(DAYS[0])), "formula2": str(serial(DAYS[1])),
                "errorTitle": "This is not a date",
                "error": "Type the day, the month and the four-figure year, such as 14/01/2026, or press Escape.",
                "errorStyle": "stop"}  # fmt: skip
    elif item.kind == "whole":
        low, high = ("100", "30000") if item.key == "text_limit" else ("1", "99")
        rule = {"type": "whole", "operator": "between", "formula1": low, "formula2": high, "errorTitle": "This number cannot be used",
                "error": f"Type a whole number from {low} to {high}, or press Escape.", "errorStyle": "stop"}  # fmt: skip
    elif item.longest:
        rule = {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(item.longest), "errorTitle": "This is too long",
                "error": f"Type {item.longest} characters at most, or press Escape.", "errorStyle": "stop"}  # fmt: skip
    _add_data_validation(page, cells, promptTitle=item.heading, prompt=item.prompt, showErrorMessage=bool(rule["type"]), **rule)


def _add_data_validation(page: Page, cells: str, **settings: Any) -> None:
    validation = DataValidation(allow_blank=True, showInputMessage=True, **settings)
    validation.add(cells)
    page.sheet.add_data_validation(validation)


def grey_out_to_do(page: Page, sheet: PlanSheet, last: int) -> None:
    """Show what is still to do in grey: only mistakes should look alarming."""
    letter = column_letter(sheet.check_column)
    grey = DifferentialStyle(font=Font(color=GREY))
    formula = f'LEFT({letter}{HEADING_ROW + 1},{len(TO_DO)})="{TO_DO}"'
    page.sheet.conditional_formatting.add(f"{letter}{HEADING_ROW + 1}:{letter}{last}", Rule(type="expression", dxf=grey, formula=[formula]))


def add_agency_marks(page: Page, sheet: PlanSheet, agencies: int, last: int) -> None:
    """Add to the columns of agencies a dropdown of marks in each cell, one of ids in each heading, and colours for both."""
    first, end = (column_letter(len(sheet.columns) + n) for n in (1, agencies))
    cells, headings = f"{first}{HEADING_ROW + 1}:{end}{last}", f"{first}{HEADING_ROW}:{end}{HEADING_ROW}"
    marks = MARKS[sheet.marks]
    meaning = "A: accountable, rates it. C: contributes evidence, no rating. Blank: neither."
    meaning = meaning if len(marks) > 1 else "x: gives the figure. Blank: does not."
    dropdown = {
        "type": "list",
        "promptTitle": "Agency",
        "errorTitle": "Choose from the list",
        "errorStyle": "stop",
        "showErrorMessage": True,
    }
    _add_data_validation(page, cells, formula1=sheet.marks, prompt=meaning,
                         error=f"Choose {' or '.join(marks)}, or press Escape.", **dropdown)  # fmt: skip
    _add_data_validation(page, headings, formula1=COLUMN_NAMES["agency"], prompt="The id of an agency on the tab Agencies.",
                         error="Choose an agency's id from the list, or press Escape.", **dropdown)  # fmt: skip
    styles = [differential(WHITE, NAVY), differential(NAVY, MIST)] if len(marks) > 1 else [differential(WHITE, NAVY)]
    rules = page.sheet.conditional_formatting
    for mark, style in zip(marks, styles, strict=True):
        rules.add(cells, Rule(type="expression", dxf=style, formula=[f'UPPER(TRIM({first}{HEADING_ROW + 1}))="{mark.upper()}"']))
    rules.add(cells, Rule(type="expression", dxf=BAD, formula=[f"LEN(TRIM({first}{HEADING_ROW + 1}))>0"]))
    unknown = f"AND(LEN({first}{HEADING_ROW})>0,ISNA(MATCH({first}{HEADING_ROW},{COLUMN_NAMES['agency']},0)))"
    rules.add(headings, Rule(type="expression", dxf=BAD, formula=[unknown]))
