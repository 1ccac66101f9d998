"""The live checks: turns the table of rules into the formulas of a row, with the same messages in the same order of causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from string import Formatter
from typing import Any

from cedg_excel.excel_facts import column_letter, serial
from cedg_excel.form.conditions import OTHER_HALF
from cedg_excel.form.fields import ACTION_COLUMNS, FIGURES, Field, FieldKind, FormField, split_key
from cedg_excel.form.model import Cell, Row, Sheet
from cedg_excel.form.no_figure import WORD_LISTS
from cedg_excel.form.operand import Operand
from cedg_excel.form.rule import Rule, sentence_constants
from cedg_excel.form.value_rules import VALUE_RULES
from cedg_excel.plan.model import Period, Plan

TO_DO = "To do: "
"""How a check's text begins where nothing is wrong yet and something is left to do."""

CHECK_STYLE, NUMBER_STYLE = "check", "check.number"


@dataclass(frozen=True, slots=True)
class FormulaContext:
    """What the formulas of one copy need from outside the row: `words` for the messages, `formulas` for the conditions."""

    words: Mapping[str, str]
    formulas: Mapping[str, str]

    def __hash__(self) -> int:
        return hash((*self.words.values(), *self.formulas.values()))

    @classmethod
    def of(cls, plan: Plan, period: Period, nil: str, filled: str, issued: bool) -> FormulaContext:
        """
        `nil` and `filled` are formulas: whether nothing is reported, and how many answers there are. `issued`: the copy has a tab
        that shows what was filled in.
        """
        formulas = {
            "period_end": str(serial(period.end)), "plan_start": str(serial(plan.about.start)),
            "plan_end": str(serial(plan.about.end)), "text_limit": str(plan.about.text_limit), "nil": nil, "filled": filled,
            "issued": "TRUE" if issued else "",
        }  # fmt: skip
        return cls(sentence_constants(plan, period), formulas)


def with_checks(sheet: Sheet, context: FormulaContext) -> Sheet:
    """The sheet with its check columns: what is wrong with each row that takes an answer, and the number of that problem on its tab."""
    tables = []
    for table in sheet.tables:
        rows = [_row_with_checks(row, sheet, context) for row in table.rows]
        tables.append(replace(table, rows=tuple(rows)))
    return replace(sheet, tables=tuple(tables))


def _row_with_checks(row: Row, sheet: Sheet, context: FormulaContext) -> Row:
    if not any(cell.field for cell in row.cells):
        return row
    check, number = sheet.check_column, sheet.check_column + 1
    cells = [_cell_with_warning(cell, row, context) for cell in row.cells]
    return replace(row, cells=(
        *cells,
        Cell(row.number, check, None, CHECK_STYLE, fixed=False, build_formula=partial(_check_formula, row, context)),
        Cell(row.number, number, None, NUMBER_STYLE, fixed=False, build_formula=partial(_number_formula, row.number, sheet)),
    ))  # fmt: skip


def _cell_with_warning(cell: Cell, row: Row, context: FormulaContext) -> Cell:
    if not cell.field:
        return cell
    return replace(cell, build_warning_formula=partial(_warning_formula, row, cell.field.name, context))


def _check_formula(row: Row, context: FormulaContext) -> str:
    return _formulas(_shape(row), context)[0]


def _warning_formula(row: Row, name: str, context: FormulaContext) -> str:
    return _formulas(_shape(row), context)[1][name]


def _number_formula(row: int, sheet: Sheet) -> str:
    """A formula that numbers the rows to fix on a tab: 1 for the first; blank where there is nothing to fix."""
    number = column_letter(sheet.check_column + 1)
    check_cell = f"{column_letter(sheet.check_column)}{row}"
    above = f"{number}${sheet.tables[0].heading_row}:{number}{row - 1}"
    return f'IF(OR({check_cell}="",LEFT({check_cell},{len(TO_DO)})="{TO_DO}"),"",COUNT({above})+1)'


def _shape(row: Row) -> Row:
    """What a row's formulas depend on. They address their own row, so rows of the same shape have the same formulas."""
    cells = [
        Cell(0, cell.column, field=replace(cell.field, key=f"{cell.field.key.split('/')[0]}/{cell.field.name}"))
        for cell in row.cells
        if cell.field
    ]
    return Row("", tuple(cells))


@lru_cache(maxsize=1024)
def _formulas(shape: Row, context: FormulaContext) -> tuple[str, Mapping[str, str]]:
    """The formula for a row's check, and the warning formula of each of its fields by name."""
    names = [cell.field.name for cell in shape.cells if cell.field]
    return row_formula(shape, context), {name: cell_warning_formula(shape, name, context) for name in names}


def row_formula(row: Row, context: FormulaContext) -> str:
    """A formula for the first message that applies to a row, after the address it is about; an empty text when nothing is wrong."""
    operands = _operands(row)
    formula = '""'
    for rule, name in reversed(list(live_rules(row))):
        broken = _broken_formula(rule, name, row, operands, context)
        formula = f"IF({broken},{_message_formula(rule, name, row, operands, context)},{formula})"
    return _unless_nothing_new(formula, row, context)


def _unless_nothing_new(formula: str, row: Row, context: FormulaContext) -> str:
    """The formula, but blank where nothing is to report and nothing is new: what was filled in for the agency is then no answer."""
    fields = [cell.field for cell in row.cells if cell.field]
    if not context.formulas["issued"] or not any(split_key(field.key)[0] == "actions" for field in fields):
        return formula
    return 'IF(AND({nil},{filled}=0),"",'.format(**context.formulas) + f"{formula})"


def live_rules(row: Row) -> Iterator[tuple[Rule, str]]:
    """The rules that a row's fields can break and that Excel can check, in the order of causes."""
    fields = {cell.field.name: cell.field for cell in row.cells if cell.field}
    if not fields:
        return
    table, _, _ = split_key(next(iter(fields.values())).key)
    kinds: dict[str, FieldKind] = {name: field.kind for name, field in fields.items()}
    for rule in VALUE_RULES:
        if rule.in_sheet:
            for name in rule.checked_fields(table, kinds):
                if kinds[name] in rule.kinds:
                    yield rule, name


def _operands(row: Row) -> dict[str, Operand]:
    """The fields of a row by name, and the dates of an action even where the plan has set them."""
    operands = {}
    if any(cell.field and split_key(cell.field.key)[0] == "actions" for cell in row.cells):
        operands = {c.name: Operand(n) for n, c in enumerate(ACTION_COLUMNS, 1) if isinstance(c, FormField) and c.from_plan}
    for cell in row.cells:
        if cell.field:
            operands[cell.field.name] = Operand(cell.column, cell.field.choices or (), _no_figure_lists(cell.field))
    return operands


def _no_figure_lists(field: Field) -> tuple[str, ...]:
    """The lists of words that are read as no figure in this cell. Where words are asked for, only those that have one meaning."""
    return (tuple(WORD_LISTS) if field.kind == "number" else ("reason_words",)) if field.is_figure else ()


def _placeholders(name: str, row: Row, operands: Mapping[str, Operand], context: FormulaContext) -> dict[str, Any]:
    """The values for the names in braces of a condition."""
    field = next(cell.field for cell in row.cells if cell.field and cell.field.name == name)
    other = operands.get(OTHER_HALF.get(name, ""))
    placeholders: dict[str, Any] = {**operands, **context.formulas, "it": operands[name], "whole": str(field.whole).upper()}
    placeholders["has_figure"] = _has_figure(operands)
    return {**placeholders, "other_half": other} if other else placeholders


def _has_figure(operands: Mapping[str, Operand]) -> str:
    """A formula for whether a KPI's row has a figure, and not only a word that says why there is none."""
    figures = (operand for name, operand in operands.items() if name in FIGURES)
    return "OR(FALSE," + ",".join(f"NOT(OR({figure.blank},{figure.says_no_figure}))" for figure in figures) + ")"


def _broken_formula(rule: Rule, name: str, row: Row, operands: Mapping[str, Operand], context: FormulaContext) -> str:
    return rule.condition.broken_formula.format_map(_placeholders(name, row, operands, context))


def _message_formula(rule: Rule, name: str, row: Row, operands: Mapping[str, Operand], context: FormulaContext) -> str:
    """A rule's message as an Excel formula, with the addresses of the row it is in."""
    placeholders = _placeholders(name, row, operands, context)
    field = next(cell.field for cell in row.cells if cell.field and cell.field.name == name)
    parts = [_quoted(TO_DO)] if rule.to_do else []
    parts += [operands[name].address, _quoted(": ")]
    for literal, word, _, _ in Formatter().parse(f"{rule.message} {rule.fix}".strip()):
        if literal:
            parts.append(_quoted(literal))
        if word == "label":
            parts.append(_quoted(field.label))
        elif word:
            parts.append(placeholders[word].address if isinstance(placeholders.get(word), Operand) else _quoted(context.words[word]))
    return "&".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def cell_warning_formula(row: Row, name: str, context: FormulaContext) -> str:
    """A formula that is TRUE where a field breaks a rule, other than those for what is left to do; for conditional formatting."""
    operands = _operands(row)
    rules = [rule for rule, n in live_rules(row) if n == name and not rule.to_do and rule.condition.highlighted]
    broken = [_broken_formula(rule, name, row, operands, context) for rule in rules]
    # An error value would make the other conditions errors too, so it is tested first and on its own.
    return f"IF({broken[0]},TRUE,OR({','.join(broken[1:]) or 'FALSE'}))"
