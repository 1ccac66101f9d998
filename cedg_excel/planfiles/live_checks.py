"""
The Check column of the plan's sheets: the commonest mistakes of a row, as Excel sees them while people type.

The reader of the workbook has the last word; these keep to what Excel 2010, LibreOffice and Excel for the web all calculate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.conditions import Operand
from cedg_excel.form.formulas import TO_DO
from cedg_excel.planfiles.sheets import ACTIONS, HEAD, KPIS, WORDS, Item, PlanSheet

KEYS = {"agency": "id", "objective": "number", "action": "ref", "kpi": "ref", "period": "id"}
"""What is unique on each sheet."""

COLUMN_NAMES = {"agency": "plan_agencies", "objective": "plan_objectives", "action": "plan_actions", "kpi": "plan_kpis",
                "period": "plan_periods"}  # fmt: skip
"""The defined names of those columns, as far as they are filled in."""

START, END = "plan_start", "plan_end"


@dataclass(frozen=True, slots=True)
class Check:
    """A condition, TRUE where it is broken, and what the cell then says."""

    broken: str
    says: str


def formula_of(checks: Iterator[Check], anything: str) -> str:
    """The first sentence that applies to a row; nothing where there is `anything` but text in it."""
    formula = '""'
    for check in reversed(list(checks)):
        formula = f'IF({check.broken},"{check.says}",{formula})'
    return f'=IF({anything},{formula},"")'


def row_formula(sheet: PlanSheet, agencies: int) -> str:
    """The formula of every row of a sheet: it reads its own row, so that it can be copied, sorted and moved."""
    last = len(sheet.columns) + agencies
    beside = [(first, end) for first, end in ((1, sheet.check - 1), (sheet.check + 1, last)) if end >= first]
    filled = [f"SUMPRODUCT(--(LEN({_span(first, end)})>0))>0" for first, end in beside]
    return formula_of(_checks(sheet, agencies), f"OR({','.join(filled)})")


def _span(first: int, last: int) -> str:
    """The cells of the row from one column to another."""
    left, right = column_letter(first), column_letter(last)
    return f"INDEX(${left}:${left},ROW()):INDEX(${right}:${right},ROW())"


def _cell(sheet: PlanSheet, key: str) -> Operand:
    return Operand(sheet.column(key))


def _checks(sheet: PlanSheet, agencies: int) -> Iterator[Check]:
    for item in sheet.items:
        cell = _cell(sheet, item.key)
        if item.required:
            yield Check(cell.blank, f"{item.heading} is missing.")
        if item.kind in ("code", "label"):
            yield Check(cell.number, f"{item.heading} is a number. Format the cell as Text and type it again.")
    yield from _of_refs(sheet)
    for item in sheet.items:
        yield from _of_kind(item, _cell(sheet, item.key))
    if sheet.table == "period":
        yield Check(_before(_cell(sheet, "end").raw, _cell(sheet, "start").raw), "End is before start.")
    if sheet.table == "kpi":
        unit, combine = _cell(sheet, "unit"), _cell(sheet, "combine")
        yield Check(f'({unit.text}="PERCENT")<>({combine.text}="RATIO")', "Unit percent and Across agencies ratio go together.")
    if sheet.marks:
        yield from _of_marks(sheet, agencies)
    if sheet.table == "agency":
        for other in (ACTIONS, KPIS):
            yield Check(f"ISNA(MATCH({_cell(sheet, 'id').raw},{heads_name(other)},0))",
                        f"{TO_DO}choose this id in a blank heading of {other.title}.")  # fmt: skip
    if sheet.table == "waiver":
        for key, table in (("agency", "agency"), ("period", "period")):
            cell = _cell(sheet, key)
            yield Check(f"AND(NOT({cell.blank}),ISNA(MATCH({cell.raw},{COLUMN_NAMES[table]},0)))", f"There is no such {table}.")


def heads_name(sheet: PlanSheet) -> str:
    """The defined name of the headings over a sheet's columns of agencies."""
    return f"{sheet.table}_agencies"


def _of_refs(sheet: PlanSheet) -> Iterator[Check]:
    """Ids and refs that repeat, and refs that belong to no objective."""
    key = KEYS.get(sheet.table)
    if key is None:
        return
    cell, heading = _cell(sheet, key), sheet.item(key).heading
    # As texts, since COUNTIF takes 2.1 and 2.10 for the same number.
    yield Check(f'SUMPRODUCT(--({COLUMN_NAMES[sheet.table]}&""={cell.raw}&""))>1', f"{heading} is used more than once.")
    if sheet.marks:
        after = "2" if sheet.table == "kpi" else "1"
        example = "K2.3" if sheet.table == "kpi" else "2.3"
        wrong = f'ISERROR(FIND(".",{cell.raw},{after}))'
        first = f'LEFT({cell.raw},1)<>"K"' if sheet.table == "kpi" else "FALSE"
        yield Check(f"OR({wrong},{first})", f"{heading} must look like {example}.")
        number = f'MID({cell.raw},{after},FIND(".",{cell.raw})-{after})'
        yield Check(f'SUMPRODUCT(--({COLUMN_NAMES["objective"]}&""={number}))=0', "There is no objective of that number.")
    elif key == "id":
        yield Check(f'ISNUMBER(FIND(" ",TRIM({cell.raw})))', "Id must have no spaces.")


def _of_kind(item: Item, cell: Operand) -> Iterator[Check]:
    if item.kind == "date":
        yield Check(f"AND(NOT({cell.blank}),NOT({cell.number}))", f"{item.heading} is not a date.")
    elif item.kind == "whole":
        yield Check(f"AND(NOT({cell.blank}),NOT({cell.number}))", f"{item.heading} is not a number.")
    elif item.choices in WORDS:
        known = Operand(cell.column, WORDS[item.choices]).is_choice
        # A rule's code is long in coming and may be of a later edition; what is said is a question.
        if item.choices == "plan_rules":
            known = f"ISNUMBER(MATCH({cell.raw},plan_rules,0))"
        elif item.choices == "plan_yes":
            known = f'OR({cell.text}="YES",{cell.text}="NO",{cell.text}="TRUE",{cell.text}="FALSE")'
        yield Check(f"AND(NOT({cell.blank}),NOT({known}))", f"{item.heading} is not one of the choices.")


def _of_marks(sheet: PlanSheet, agencies: int) -> Iterator[Check]:
    """Marks under agencies: only those of the list, only under agencies, and someone must be named."""
    first = len(sheet.columns) + 1
    marks, heads = _span(first, first + agencies - 1), heads_name(sheet)
    said = f"UPPER(TRIM({marks}))"
    words = WORDS[sheet.marks]
    known = "+".join(f'({said}="{word.upper()}")' for word in words)
    yield Check(f'SUMPRODUCT(({said}<>"")*(({known})=0))>0', f"Mark agencies with {' or '.join(words)} only.")
    yield Check(f'SUMPRODUCT(({said}<>"")*ISNA(MATCH({heads},{COLUMN_NAMES["agency"]},0)))>0',
                "A mark stands under a heading that is no agency's id.")  # fmt: skip
    if sheet.table == "action":
        everyone = _cell(sheet, "all_contribute").text
        yield Check(f'AND(OR({everyone}="YES",{everyone}="TRUE"),SUMPRODUCT(--({said}="{words[1]}"))>0)',
                    f"All others contribute already: take away Yes, or the {words[1]}s.")  # fmt: skip
        yield Check(f'SUMPRODUCT(--({said}="{words[0]}"))=0', NOBODY_ACCOUNTABLE)
    else:
        yield Check(f'SUMPRODUCT(--({said}="{words[0].upper()}"))=0', NOBODY_ASKED)


NOBODY_ACCOUNTABLE = f"{TO_DO}put an A under each accountable agency."
NOBODY_ASKED = f"{TO_DO}put an x under each agency that gives the figure."


def _before(day: str, other: str) -> str:
    return f"AND(ISNUMBER({day}),ISNUMBER({other}),{day}<{other})"


def line_formula(item: Item, column: int) -> str:
    """The formula beside a line of the sheet Plan."""
    cell = Operand(column)
    checks = [Check(cell.blank, f"{item.heading} is missing.")] if item.required else []
    if item.kind in ("code", "label"):
        checks.append(Check(cell.number, f"{item.heading} is a number. Format the cell as Text and type it again."))
    if item.key == "id":
        checks.append(Check(f'ISNUMBER(FIND(" ",TRIM({cell.raw})))', "Id must have no spaces."))
    checks += _of_kind(item, cell)
    if item.key == "text_limit":
        checks.append(Check(f"AND({cell.number},OR({cell.raw}<100,{cell.raw}>30000))", "Choose a number from 100 to 30000."))
    if item.key == "end":
        checks.append(Check(_before(END, START), "End is before start."))
    if item.key == "version":
        checks.append(Check(f'ISNUMBER(FIND("|",{cell.raw}))', "Version must have no bars (|)."))
    return formula_of(iter(checks), "TRUE")


def line_result(item: Item, value: Any) -> str:
    """What the formula beside a line of Plan comes to, for a value that can be read."""
    return f"{item.heading} is missing." if item.required and value is None else ""


def row_result(sheet: PlanSheet, marks: Mapping[str, str]) -> str:
    """What a row's formula comes to, for a row of a plan that can be read; `marks` are by agency."""
    if sheet.table == "action" and "A" not in marks.values():
        return NOBODY_ACCOUNTABLE
    return NOBODY_ASKED if sheet.table == "kpi" and not marks else ""


def filled_name(sheet: PlanSheet, last: int) -> str:
    """What a defined name of a column refers to: from its first row to the last that is filled in, so that no dropdown ends in blanks."""
    letter = column_letter(sheet.column(KEYS[sheet.table]))
    cells = f"{sheet.title}!${letter}${HEAD + 1}:${letter}${last}"
    return f"{sheet.title}!${letter}${HEAD + 1}:INDEX({cells},MAX(1,SUMPRODUCT(MAX((LEN({cells})>0)*(ROW({cells})-{HEAD})))))"
