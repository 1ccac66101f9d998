"""What helps while people type into the plan's workbook: the names behind its lists, dropdowns, prompts and colours."""

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
from cedg_excel.planfiles.live_checks import COLUMN_NAMES, END, START, filled_name, heads_name
from cedg_excel.planfiles.sheets import HEAD, MARKS, PLAN, PLAN_HEAD, PLAN_ITEMS, SHEETS, Item, PlanSheet


def name_the_lists(workbook: Workbook, lasts: Mapping[str, int], agencies: int) -> None:
    """The defined names behind dropdowns and checks; `lasts` is the last row made ready on each sheet, 1-based."""
    row = {item.key: number for number, item in enumerate(PLAN_ITEMS, PLAN_HEAD + 1)}
    found = {START: f"{PLAN}!$B${row['start']}", END: f"{PLAN}!$B${row['end']}"}
    for sheet in SHEETS:
        if sheet.table in COLUMN_NAMES:
            found[COLUMN_NAMES[sheet.table]] = filled_name(sheet, lasts[sheet.table])
        if sheet.marks:
            first = len(sheet.columns) + 1
            found[heads_name(sheet)] = f"{sheet.title}!${column_letter(first)}${HEAD}:${column_letter(first + agencies - 1)}${HEAD}"
    for name, cells in found.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=cells)


def validate(page: Page, item: Item, cells: str) -> None:
    """A prompt for every cell; a list, date or number check where the kind asks for one."""
    kind: dict[str, Any] = {"type": None}
    if item.choices:
        # A waiver's rule may be of a later edition than this list.
        kind = {"type": "list", "formula1": item.choices, "errorTitle": "Choose from the list",
                "error": "Choose a word from the list, or press Escape.",
                "errorStyle": "warning" if item.choices == "plan_rules" else "stop"}  # fmt: skip
    elif item.kind == "date":
        kind = {"type": "date", "operator": "between", "formula1": str(serial(DAYS[0])), "formula2": str(serial(DAYS[1])),
                "errorTitle": "This is not a date",
                "error": "Type the day, the month and the four-figure year, such as 14/01/2026, or press Escape.",
                "errorStyle": "stop"}  # fmt: skip
    elif item.kind == "whole":
        low, high = ("100", "30000") if item.key == "text_limit" else ("1", "99")
        kind = {"type": "whole", "operator": "between", "formula1": low, "formula2": high, "errorTitle": "This is not such a number",
                "error": f"Type a whole number from {low} to {high}, or press Escape.", "errorStyle": "stop"}  # fmt: skip
    _add(page, cells, promptTitle=item.heading, prompt=item.prompt, showErrorMessage=bool(kind["type"]), **kind)


def _add(page: Page, cells: str, **settings: Any) -> None:
    validation = DataValidation(allow_blank=True, showInputMessage=True, **settings)
    validation.add(cells)
    page.sheet.add_data_validation(validation)


def quiet(page: Page, sheet: PlanSheet, last: int) -> None:
    """What is merely left to do is no alarm."""
    letter = column_letter(sheet.check)
    look = DifferentialStyle(font=Font(color=GREY))
    formula = f'LEFT({letter}{HEAD + 1},{len(TO_DO)})="{TO_DO}"'
    page.sheet.conditional_formatting.add(f"{letter}{HEAD + 1}:{letter}{last}", Rule(type="expression", dxf=look, formula=[formula]))


def mark(page: Page, sheet: PlanSheet, agencies: int, last: int) -> None:
    """The columns of agencies: a list under each, a list of ids in each heading, and colours that follow."""
    first, end = (column_letter(len(sheet.columns) + n) for n in (1, agencies))
    cells, heads = f"{first}{HEAD + 1}:{end}{last}", f"{first}{HEAD}:{end}{HEAD}"
    words = MARKS[sheet.marks]
    meaning = "A: accountable, rates it. C: contributes evidence, no rating. Blank: neither."
    meaning = meaning if len(words) > 1 else "x: is asked for the figure. Blank: is not."
    _add(page, cells, type="list", formula1=sheet.marks, promptTitle="Agency", prompt=meaning, errorTitle="Choose from the list",
         error=f"Choose {' or '.join(words)}, or press Escape.", errorStyle="stop", showErrorMessage=True)  # fmt: skip
    _add(page, heads, type="list", formula1=COLUMN_NAMES["agency"], promptTitle="Agency", prompt="The id of an agency on the tab Agencies.",
         errorTitle="Choose from the list", error="Choose an agency's id from the list, or press Escape.", errorStyle="stop",
         showErrorMessage=True)  # fmt: skip
    looks = [differential(WHITE, NAVY), differential(NAVY, MIST)] if len(words) > 1 else [differential(WHITE, NAVY)]
    rules = page.sheet.conditional_formatting
    for word, look in zip(words, looks, strict=True):
        rules.add(cells, Rule(type="expression", dxf=look, formula=[f'UPPER(TRIM({first}{HEAD + 1}))="{word.upper()}"']))
    rules.add(cells, Rule(type="expression", dxf=BAD, formula=[f"LEN(TRIM({first}{HEAD + 1}))>0"]))
    unknown = f"AND(LEN({first}{HEAD})>0,ISNA(MATCH({first}{HEAD},{COLUMN_NAMES['agency']},0)))"
    rules.add(heads, Rule(type="expression", dxf=BAD, formula=[unknown]))
