"""The live checks: from the table of rules to the formulas of a row, the same sentence and the same order of causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from string import Formatter
from typing import Any

from cedg_excel.excel_facts import column_letter, serial
from cedg_excel.form.conditions import OTHER_HALF, Operand
from cedg_excel.form.fields import ACTION_COLUMNS, FieldKind, FormField, split_key
from cedg_excel.form.model import Cell, Row, Sheet
from cedg_excel.form.rule import Rule, constants
from cedg_excel.form.rules import VALUE_RULES
from cedg_excel.plan.model import Period, Plan

TO_DO = "To do: "
"""How the words of a row begin where nothing is wrong yet."""

CHECK_STYLE, NUMBER_STYLE = "check", "check.number"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the formulas of one copy compare its rows with."""

    words: Mapping[str, str]
    numbers: Mapping[str, str]

    def __hash__(self) -> int:
        return hash((*self.words.values(), *self.numbers.values()))

    @classmethod
    def of(cls, plan: Plan, period: Period, nil: str, filled: str) -> Setting:
        """`nil` and `filled` are formulas: whether nothing is reported, and how many answers there are."""
        numbers = {
            "period_end": str(serial(period.end)), "plan_start": str(serial(plan.about.start)),
            "plan_end": str(serial(plan.about.end)), "text_limit": str(plan.about.text_limit), "nil": nil, "filled": filled,
        }  # fmt: skip
        return cls(constants(plan, period), numbers)


def with_checks(sheet: Sheet, setting: Setting) -> Sheet:
    """The sheet with its check column filled in: for each row that takes an answer, what is wrong and the how-many-eth it is."""
    tables = []
    for table in sheet.tables:
        rows = [_checked(row, sheet, setting) for row in table.rows]
        tables.append(replace(table, rows=tuple(rows)))
    return replace(sheet, tables=tuple(tables))


def _checked(row: Row, sheet: Sheet, setting: Setting) -> Row:
    if not any(cell.field for cell in row.cells):
        return row
    check, number = sheet.check, sheet.check + 1
    cells = [replace(cell, warns=partial(_wrong, row, cell.field.name, setting)) if cell.field else cell for cell in row.cells]
    return replace(row, cells=(
        *cells,
        Cell(row.number, check, None, CHECK_STYLE, fixed=False, calculates=partial(_check_formula, row, setting)),
        Cell(row.number, number, None, NUMBER_STYLE, fixed=False, calculates=partial(_numbered, row.number, sheet)),
    ))  # fmt: skip


def _check_formula(row: Row, setting: Setting) -> str:
    return _formulas(_shape(row), setting)[0]


def _wrong(row: Row, name: str, setting: Setting) -> str:
    return _formulas(_shape(row), setting)[1][name]


def _numbered(row: int, sheet: Sheet) -> str:
    """The how-many-eth thing to fix on its tab a row is; blank when it is none."""
    number = column_letter(sheet.check + 1)
    own = f"{column_letter(sheet.check)}{row}"
    above = f"{number}${sheet.tables[0].head}:{number}{row - 1}"
    return f'IF(OR({own}="",LEFT({own},{len(TO_DO)})="{TO_DO}"),"",COUNT({above})+1)'


def _shape(row: Row) -> Row:
    """What a row's formulas depend on: they read their own row, so rows of one shape have the same ones."""
    cells = [
        Cell(0, cell.column, field=replace(cell.field, key=f"{cell.field.key.split('/')[0]}/{cell.field.name}"))
        for cell in row.cells
        if cell.field
    ]
    return Row("", tuple(cells))


@lru_cache(maxsize=1024)
def _formulas(shape: Row, setting: Setting) -> tuple[str, Mapping[str, str]]:
    """What is wrong with a row, and of each of its fields whether it is."""
    names = [cell.field.name for cell in shape.cells if cell.field]
    return row_formula(shape, setting), {name: cell_condition(shape, name, setting) for name in names}


def row_formula(row: Row, setting: Setting) -> str:
    """The first sentence that applies to a row, with the address it is about; nothing when all is well."""
    operands = _operands(row)
    formula = '""'
    for rule, name in reversed(list(live_rules(row))):
        formula = f"IF({_condition(rule, name, row, operands, setting)},{_sentence(rule, name, row, operands, setting)},{formula})"
    return formula


def live_rules(row: Row) -> Iterator[tuple[Rule, str]]:
    """The rules that a row's fields can break and a cell can say, in the order of causes."""
    fields = {cell.field.name: cell.field for cell in row.cells if cell.field}
    if not fields:
        return
    table, _, _ = split_key(next(iter(fields.values())).key)
    kinds: dict[str, FieldKind] = {name: field.kind for name, field in fields.items()}
    for rule in VALUE_RULES:
        if rule.in_sheet:
            for name in rule.on(table, kinds):
                if kinds[name] in rule.kinds:
                    yield rule, name


def _operands(row: Row) -> dict[str, Operand]:
    """The fields of a row by name; and the dates of an action, which the plan may have settled."""
    found = {}
    if any(cell.field and split_key(cell.field.key)[0] == "actions" for cell in row.cells):
        found = {c.name: Operand(n) for n, c in enumerate(ACTION_COLUMNS, 1) if isinstance(c, FormField) and c.from_plan}
    for cell in row.cells:
        if cell.field:
            found[cell.field.name] = Operand(cell.column, cell.field.choices or ())
    return found


def _known(name: str, row: Row, operands: Mapping[str, Operand], setting: Setting) -> dict[str, Any]:
    """What the words in braces of a condition stand for."""
    field = next(cell.field for cell in row.cells if cell.field and cell.field.name == name)
    other = operands.get(OTHER_HALF.get(name, ""))
    known: dict[str, Any] = {**operands, **setting.numbers, "it": operands[name], "whole": str(field.whole).upper()}
    return {**known, "other_half": other} if other else known


def _condition(rule: Rule, name: str, row: Row, operands: Mapping[str, Operand], setting: Setting) -> str:
    return rule.condition.breaks.format_map(_known(name, row, operands, setting))


def _sentence(rule: Rule, name: str, row: Row, operands: Mapping[str, Operand], setting: Setting) -> str:
    """A rule's sentence as an Excel text, with the addresses of the row it stands in."""
    known = _known(name, row, operands, setting)
    field = next(cell.field for cell in row.cells if cell.field and cell.field.name == name)
    pieces = [_text(TO_DO)] if rule.to_do else []
    pieces += [operands[name].at, _text(": ")]
    for literal, word, _, _ in Formatter().parse(f"{rule.says} {rule.fix}".strip()):
        if literal:
            pieces.append(_text(literal))
        if word == "label":
            pieces.append(_text(field.label))
        elif word:
            pieces.append(known[word].at if isinstance(known.get(word), Operand) else _text(setting.words[word]))
    return "&".join(pieces)


def _text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def cell_condition(row: Row, name: str, setting: Setting) -> str:
    """TRUE where a field breaks any rule that is not merely something left to do; for conditional formatting."""
    operands = _operands(row)
    broken = [_condition(rule, n, row, operands, setting) for rule, n in live_rules(row) if n == name and not rule.to_do]
    # An error value would make the other conditions errors too, so it is asked first and alone.
    return f"IF({broken[0]},TRUE,OR({','.join(broken[1:]) or 'FALSE'}))"
