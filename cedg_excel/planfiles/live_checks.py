"""
The formulas of the Check column: they name the commonest mistakes of a row while people type.

Reading the workbook finds all mistakes; these formulas use only what Excel 2010, LibreOffice and Excel for the web all calculate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.operand import Operand
from cedg_excel.planfiles.sheets import ACTIONS, HEADING_ROW, KPIS, WORDS, Item, PlanSheet

KEYS = {"agency": "id", "objective": "number", "action": "ref", "kpi": "ref", "period": "id"}
"""The key that is unique on each sheet."""

COLUMN_NAMES = {"agency": "plan_agencies", "objective": "plan_objectives", "action": "plan_actions", "kpi": "plan_kpis",
                "period": "plan_periods"}  # fmt: skip
"""The defined names of those columns, from the first row to the last filled one."""

START, END = "plan_start", "plan_end"


@dataclass(frozen=True, slots=True)
class Check:
    """An Excel condition that is TRUE for a mistake, and the message that the cell then shows."""

    mistake: str
    message: str


def _first_message(checks: Iterable[Check], filled: str) -> str:
    """A formula for the message of the first check that fails; "" where the condition `filled` is FALSE, as in a blank row."""
    formula = '""'
    for check in reversed(list(checks)):
        formula = f'IF({check.mistake},"{check.message}",{formula})'
    return f'=IF({filled},{formula},"")'


def list_row_formula(sheet: PlanSheet, agencies: int) -> str:
    """The formula for every row of a sheet: it reads the row it is in, so that it can be copied, sorted and moved."""
    last = len(sheet.columns) + agencies
    other_columns = [(first, end) for first, end in ((1, sheet.check_column - 1), (sheet.check_column + 1, last)) if end >= first]
    filled = [f"SUMPRODUCT(--(LEN({_row_range(first, end)})>0))>0" for first, end in other_columns]
    return _first_message(_list_checks(sheet, agencies), f"OR({','.join(filled)})")


def _row_range(first: int, last: int) -> str:
    """The cells of the formula's own row from one column to another."""
    left, right = column_letter(first), column_letter(last)
    return f"INDEX(${left}:${left},ROW()):INDEX(${right}:${right},ROW())"


def _cell(sheet: PlanSheet, key: str) -> Operand:
    return Operand(sheet.column(key))


def _list_checks(sheet: PlanSheet, agencies: int) -> Iterator[Check]:
    for item in sheet.items:
        cell = _cell(sheet, item.key)
        if item.required:
            yield Check(cell.blank, f"{item.heading} is missing.")
        if item.kind in ("code", "label"):
            yield Check(cell.number, f"{item.heading} is a number. Format the cell as Text and type it again.")
    yield from _ref_checks(sheet)
    for item in sheet.items:
        yield from _kind_checks(item, _cell(sheet, item.key))
    if sheet.table == "period":
        yield Check(_is_before(_cell(sheet, "end").raw, _cell(sheet, "start").raw), "End is before start.")
    if sheet.table == "kpi":
        unit, combine = _cell(sheet, "unit"), _cell(sheet, "combine")
        yield Check(f'({unit.text}="PERCENT")<>({combine.text}="RATIO")', "Unit percent and Across agencies ratio go together.")
    if sheet.marks:
        yield from _mark_checks(sheet, agencies)
    if sheet.table == "agency":
        for other in (ACTIONS, KPIS):
            yield Check(f"ISNA(MATCH({_cell(sheet, 'id').raw},{agency_headings_name(other)},0))",
                        f"{TO_DO}choose this id in a blank heading of {other.title}.")  # fmt: skip
    for key, table in _REFERENCES.get(sheet.table, ()):
        cell = _cell(sheet, key)
        name = f"{sheet.item(key).heading}: there" if sheet.table != "waiver" else "There"
        yield Check(f"AND(NOT({cell.blank}),ISNA(MATCH({cell.raw},{COLUMN_NAMES[table]},0)))", f"{name} is no such {table}.")
    yield from _span_checks(sheet)


_REFERENCES = {
    "waiver": (("agency", "agency"), ("period", "period")),
    "agency": (("from", "period"), ("until", "period")),
    "action": (("until", "period"), ("became", "action")),
}
"""The columns of a sheet that name entries of another table."""


def _span_checks(sheet: PlanSheet) -> Iterator[Check]:
    """Agencies that leave before they join, and actions that became another but go on. The ids are known: that is checked before."""
    if sheet.table == "agency":
        first, last, periods = _cell(sheet, "from"), _cell(sheet, "until"), COLUMN_NAMES["period"]
        is_before = f"MATCH({last.raw},{periods},0)<MATCH({first.raw},{periods},0)"
        yield Check(f"IF(OR({first.blank},{last.blank}),FALSE,{is_before})", "Until is before From.")
    if sheet.table == "action":
        ref, until, became = (_cell(sheet, key) for key in ("ref", "until", "became"))
        yield Check(f"AND(NOT({became.blank}),{until.blank})", "Became needs Until.")
        yield Check(f"AND(NOT({became.blank}),{became.raw}={ref.raw})", "An action cannot become itself.")


def agency_headings_name(sheet: PlanSheet) -> str:
    """The defined name of the headings of a sheet's columns of agencies."""
    return f"{sheet.table}_agencies"


def _ref_checks(sheet: PlanSheet) -> Iterator[Check]:
    """Ids and refs that repeat, and refs that belong to no objective."""
    key = KEYS.get(sheet.table)
    if key is None:
        return
    cell, heading = _cell(sheet, key), sheet.item(key).heading
    # Compared as texts: COUNTIF takes 2.1 and 2.10 for the same number.
    yield Check(f'SUMPRODUCT(--({COLUMN_NAMES[sheet.table]}&""={cell.raw}&""))>1', f"{heading} is used more than once.")
    if sheet.marks:
        start = "2" if sheet.table == "kpi" else "1"
        example = "K2.3" if sheet.table == "kpi" else "2.3"
        no_dot = f'ISERROR(FIND(".",{cell.raw},{start}))'
        no_k = f'LEFT({cell.raw},1)<>"K"' if sheet.table == "kpi" else "FALSE"
        yield Check(f"OR({no_dot},{no_k})", f"{heading} must look like {example}.")
        objective = f'MID({cell.raw},{start},FIND(".",{cell.raw})-{start})'
        yield Check(f'SUMPRODUCT(--({COLUMN_NAMES["objective"]}&""={objective}))=0', "There is no objective with that number.")
    elif key == "id":
        yield Check(f'ISNUMBER(FIND(" ",TRIM({cell.raw})))', "Id must have no spaces.")


def _kind_checks(item: Item, cell: Operand) -> Iterator[Check]:
    if item.longest:
        yield Check(f"LEN({cell.raw})>{item.longest}", f"{item.heading} is longer than {item.longest} characters.")
    if item.kind == "date":
        yield Check(f"AND(NOT({cell.blank}),NOT({cell.number}))", f"{item.heading} is not a date.")
    elif item.kind == "whole":
        yield Check(f"AND(NOT({cell.blank}),NOT({cell.number}))", f"{item.heading} is not a number.")
    elif item.choices in WORDS:
        known = Operand(cell.column, WORDS[item.choices]).is_choice
        # With every rule's code in it the formula would be too long, so it looks the code up in the list.
        if item.choices == "plan_rules":
            known = f"ISNUMBER(MATCH({cell.raw},plan_rules,0))"
        elif item.choices == "plan_yes":
            known = f'OR({cell.text}="YES",{cell.text}="NO",{cell.text}="TRUE",{cell.text}="FALSE")'
        yield Check(f"AND(NOT({cell.blank}),NOT({known}))", f"{item.heading} is not one of the choices.")


def _mark_checks(sheet: PlanSheet, agencies: int) -> Iterator[Check]:
    """Marks are allowed only if they are in the list, and only under agencies; and at least one agency needs one."""
    first = len(sheet.columns) + 1
    cells = f"UPPER(TRIM({_row_range(first, first + agencies - 1)}))"
    marks = WORDS[sheet.marks]
    valid = "+".join(f'({cells}="{mark.upper()}")' for mark in marks)
    yield Check(f'SUMPRODUCT(({cells}<>"")*(({valid})=0))>0', f"Mark agencies with {' or '.join(marks)} only.")
    yield Check(f'SUMPRODUCT(({cells}<>"")*ISNA(MATCH({agency_headings_name(sheet)},{COLUMN_NAMES["agency"]},0)))>0',
                "A mark is under a heading that is not an agency's id.")  # fmt: skip
    if sheet.table == "action":
        everyone = _cell(sheet, "all_contribute").text
        yield Check(f'AND(OR({everyone}="YES",{everyone}="TRUE"),SUMPRODUCT(--({cells}="{marks[1]}"))>0)',
                    f"All others contribute already: delete Yes, or the {marks[1]}s.")  # fmt: skip
        yield Check(f'SUMPRODUCT(--({cells}="{marks[0]}"))=0', NO_ACCOUNTABLE_AGENCY)
    else:
        yield Check(f'SUMPRODUCT(--({cells}="{marks[0].upper()}"))=0', NO_AGENCY_FOR_FIGURE)


NO_ACCOUNTABLE_AGENCY = f"{TO_DO}put an A under each accountable agency."
NO_AGENCY_FOR_FIGURE = f"{TO_DO}put an x under each agency that gives the figure."


def _is_before(day: str, other: str) -> str:
    return f"AND(ISNUMBER({day}),ISNUMBER({other}),{day}<{other})"


def plan_line_formula(item: Item, column: int) -> str:
    """The formula next to a line of the tab Plan."""
    cell = Operand(column)
    checks = [Check(cell.blank, f"{item.heading} is missing.")] if item.required else []
    if item.kind in ("code", "label"):
        checks.append(Check(cell.number, f"{item.heading} is a number. Format the cell as Text and type it again."))
    if item.key == "id":
        checks.append(Check(f'ISNUMBER(FIND(" ",TRIM({cell.raw})))', "Id must have no spaces."))
    checks += _kind_checks(item, cell)
    if item.key == "text_limit":
        checks.append(Check(f"AND({cell.number},OR({cell.raw}<100,{cell.raw}>30000))", "Choose a number from 100 to 30000."))
    if item.key == "end":
        checks.append(Check(_is_before(END, START), "End is before start."))
    if item.key == "version":
        checks.append(Check(f'ISNUMBER(FIND("|",{cell.raw}))', "Version must have no bars (|)."))
    return _first_message(checks, "TRUE")


def plan_line_result(item: Item, value: Any) -> str:
    """The result of the formula next to a line of the tab Plan, for a value that can be read."""
    return f"{item.heading} is missing." if item.required and value is None else ""


def list_row_result(sheet: PlanSheet, marks: Mapping[str, str]) -> str:
    """The result of a row's formula, for a row of a plan that can be read; `marks` are by agency."""
    if sheet.table == "action" and "A" not in marks.values():
        return NO_ACCOUNTABLE_AGENCY
    return NO_AGENCY_FOR_FIGURE if sheet.table == "kpi" and not marks else ""


def filled_range(sheet: PlanSheet, last: int) -> str:
    """A column from its first row to the last filled one, for a defined name, so that no dropdown ends in blanks."""
    letter = column_letter(sheet.column(KEYS[sheet.table]))
    cells = f"{sheet.title}!${letter}${HEADING_ROW + 1}:${letter}${last}"
    return f"{sheet.title}!${letter}${HEADING_ROW + 1}:INDEX({cells},MAX(1,SUMPRODUCT(MAX((LEN({cells})>0)*(ROW({cells})-{HEADING_ROW})))))"
