"""The tab of one objective in an agency's copy: its actions, its KPIs and its own words."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from cedg_excel.form.fields import (
    ACTION_COLUMNS,
    CHECK_COLUMNS,
    KPI_FIELDS,
    NARRATIVE_FIELDS,
    Column,
    FieldKind,
    FormField,
    form_field,
)
from cedg_excel.form.model import INPUT_STYLES, NOT_YOURS, Cell, Row, Sheet, Table, notice_line
from cedg_excel.plan.model import Action, Agency, Kpi, Objective, Period, Plan

ASKED, TARGET = Column("asked", "What to enter"), Column("target", "Target")
CHECK_COLUMN = len(ACTION_COLUMNS) + 1
"""The column of an objective's tab that says what is wrong with a row: the first after the table of actions."""

OBJECTIVE_WIDTHS = tuple(column.width for column in (*ACTION_COLUMNS, *CHECK_COLUMNS))
WORDS_COLUMN = next(number for number, column in enumerate(ACTION_COLUMNS, 1) if column.name == "evidence")
"""The widest column: the officer's own words are written in it as well, since merged cells would not grow with them."""


def as_wide(*columns: Column) -> tuple[Column, ...]:
    """Columns as wide together as the table of actions, blank ones at their right, and the check columns after them."""
    if len(columns) > len(ACTION_COLUMNS):
        raise ValueError(f"A table of {len(columns)} columns would reach into the check column. Give the table of actions more columns.")
    blanks = (Column(f"blank{n}", "") for n in range(len(columns) + 1, len(ACTION_COLUMNS) + 1))
    return (*columns, *blanks, *CHECK_COLUMNS)


TABLE_OF_ACTIONS = as_wide(*ACTION_COLUMNS)
TABLE_OF_NARRATIVE = as_wide(
    Column("ref", "Ref"),
    Column("title", "In your own words"),
    *(Column(f"gap{n}", "") for n in range(3, WORDS_COLUMN)),
    Column("text", "Your words (optional)"),
)


def kpi_columns(plan: Plan, period: Period) -> tuple[Column, ...]:
    """The columns of the KPI table: the plan year's quarters in the middle, this period's one to be filled in."""
    year = plan.year_of(period)
    quarters = [Column("figure" if p.id == period.id else f"past/{p.id}", _quarter_heading(p, period)) for p in year[:4]]
    quarters += [Column(f"gap{n}", "") for n in range(4 - len(quarters))]
    beside = (field for field in KPI_FIELDS if field.heading)
    return as_wide(Column("ref", "Ref"), Column("title", "Key performance indicator"), *quarters, ASKED, *beside, TARGET)


def _quarter_heading(quarter: Period, asked: Period) -> str:
    return f"{quarter.name} (this return)" if quarter.id == asked.id else quarter.name


def objective_tab(plan: Plan, objective: Objective, agency: Agency, period: Period, notice: str) -> Sheet:
    """One objective's tab: what this agency rates, adds evidence to and counts there, and nothing of any other's."""
    actions = plan.actions_of(objective.number)
    yours = [a for a in actions if agency.id in a.agencies]
    helped = [a for a in actions if a.contributes(agency.id)]
    kpis = [k for k in plan.kpis_of(objective.number) if agency.id in k.agencies]
    row = count(1)
    lines = [Cell(next(row), 1, f"{objective.sheet}: {objective.title}", "title")]
    lines += notice_line(notice, WORDS_COLUMN)
    lines += [Cell(next(row), 1, f"Lead: {objective.lead or 'none named in the plan'}", "lead")]
    if objective.purpose:
        lines += [Cell(next(row), 1, objective.purpose, "lead")]
    lines += [Cell(next(row), 1, _whose(agency, period, len(yours), len(helped), len(actions), len(kpis)), "lead")]
    next(row)
    tables: list[Table] = []
    if yours or helped:
        head = next(row)
        mine = [a for a in actions if a in yours or a in helped]
        tables.append(Table("actions", head, TABLE_OF_ACTIONS, tuple(_action(a, next(row), agency) for a in mine)))
        next(row)
    if kpis:
        head = next(row)
        columns = kpi_columns(plan, period)
        rows = tuple(_kpi(plan, k, next(row), columns, period) for k in kpis)
        tables.append(Table("kpis", head, columns, rows))
        next(row)
    head = next(row)
    rows = tuple(_narrative(objective, n, item, next(row)) for n, item in enumerate(NARRATIVE_FIELDS, 1))
    tables.append(Table("narrative", head, TABLE_OF_NARRATIVE, rows))
    return Sheet(objective.sheet, tuple(lines), tuple(tables), OBJECTIVE_WIDTHS, tables[0].head, CHECK_COLUMN)


def _whose(agency: Agency, period: Period, yours: int, helped: int, actions: int, kpis: int) -> str:
    """`3 of the 7 actions here are yours to rate.` and what else is asked on this tab."""
    if not (yours or helped or kpis):
        asked = "No action or KPI here is yours. You can still add your own words below."
    else:
        verb = "is" if yours == 1 else "are"
        parts = [f"{yours} of the {actions} actions here {verb} yours to rate" if yours else "No action here is yours to rate"]
        if helped:
            parts.append(f"you can add evidence to {helped}{' more' if yours else ''}")
        if kpis:
            parts.append(f"{kpis} {'KPI is' if kpis == 1 else 'KPIs are'} yours")
        asked = "; ".join(parts) + "."
    return f"{agency.name}, {period.name}. {asked}"


def _action(action: Action, row: int, agency: Agency) -> Row:
    rates = agency.id in action.agencies
    cells = [_action_cell(action, column, row, number, rates) for number, column in enumerate(ACTION_COLUMNS, 1)]
    return Row(action.ref, tuple(cells))


def _action_cell(action: Action, column: Column, row: int, number: int, rates: bool) -> Cell:
    """`rates`: the agency is accountable for the action, and not only a contributor."""
    cell = Cell(row, number, None, "locked")
    if isinstance(column, FormField):
        return _action_input(action, column, cell, rates)
    match column.name:
        case "ref":
            return replace(cell, value=action.ref, style="ref")
        case "title":
            return replace(cell, value=action_words(action), style="action.bold" if action.business_plan else "action")
        case "leads":
            return replace(cell, value=action.leads or None)
        case "last_time" if rates:
            return replace(cell, style="small", fixed=False, slot=f"action/{action.ref}/last_time")
    return replace(cell, style="small")


def _action_input(action: Action, column: FormField, cell: Cell, rates: bool) -> Cell:
    if column.from_plan and (agreed := getattr(action, column.name)):
        return replace(cell, value=agreed, style="locked.date")
    if rates or column.contributors:
        item = column.field(f"action/{action.ref}", f"{action.ref} {action.title}")
        return replace(cell, style=INPUT_STYLES[item.kind], field=item)
    return replace(cell, value=NOT_YOURS, style="small") if column.kind == "rating" else cell


def action_words(action: Action) -> str:
    """What stands under Action: title, detail and the evidence expected, a line each."""
    expected = [evidence_expected(action)] if action.evidence else []
    return "\n".join([action_title(action), *expected])


def action_title(action: Action) -> str:
    """Title and detail, a line each."""
    return "\n".join([action.title, *(f"• {line}" for line in action.detail)])


def evidence_expected(action: Action) -> str:
    """`Evidence expected: Map of services`, or nothing."""
    return f"Evidence expected: {action.evidence}" if action.evidence else ""


def _kpi(plan: Plan, kpi: Kpi, row: int, columns: tuple[Column, ...], period: Period) -> Row:
    due = plan.is_due(kpi, period)
    cells = [_kpi_cell(kpi, column, row, number, due) for number, column in enumerate(columns[: CHECK_COLUMN - 1], 1)]
    return Row(kpi.ref, tuple(cells))


def _kpi_cell(kpi: Kpi, column: Column, row: int, number: int, due: bool) -> Cell:
    cell = Cell(row, number, None, "locked")
    match column.name:
        case "ref":
            return replace(cell, value=kpi.ref, style="ref")
        case "title":
            return replace(cell, value=kpi.measure, style="action")
        case "asked":
            return replace(cell, value=kpi_asked(kpi, due), style="help")
        case "target":
            return replace(cell, value=kpi_target(kpi), style="small")
        case "figure" if due:
            return _kpi_input(kpi, _figure_field(kpi), cell)
        case "denominator" if kpi.unit != "percent":
            return cell
        case past if past.startswith("past/") and kpi.unit != "words":
            return replace(cell, style="past", fixed=False, slot=f"kpi/{kpi.ref}/{past}")
    return _kpi_input(kpi, column, cell) if isinstance(column, FormField) and due else cell


def _figure_field(kpi: Kpi) -> FormField:
    """What is asked for under the period's heading."""
    return form_field("kpis", "numerator" if kpi.unit == "percent" else "value")


def _kpi_input(kpi: Kpi, item: FormField, cell: Cell) -> Cell:
    kind: FieldKind = "text" if item.name == "value" and kpi.unit == "words" else item.kind
    required = item.kind == "number" and kpi.live
    whole = item.name == "value" and kpi.unit == "count"
    field = item.field(f"kpi/{kpi.ref}", f"{kpi.ref} {kpi.measure}", kind=kind, required=required, whole=whole)
    return replace(cell, style=INPUT_STYLES[kind], field=field)


_OPTIONAL = "Optional: "


def kpi_asked(kpi: Kpi, due: bool = True) -> str:
    """What stands under What to enter: `Percentage: how many in the number cell, and out of how many.`"""
    if not due:
        return f"Not asked for this quarter ({kpi.frequency})."
    asked = {
        "count": "a whole number",
        "days": "a number of days",
        "words": "a few words",
        "percent": f"two numbers: {kpi.numerator or 'how many'}, then under Out of: {kpi.denominator or 'out of how many'}",
    }[kpi.unit]
    return asked[0].upper() + asked[1:] if kpi.live else f"{_OPTIONAL}{asked} (measure {kpi.status})"


def is_optional(asked: str) -> bool:
    """Whether a text under What to enter says that no figure has to be given."""
    return asked.startswith(_OPTIONAL)


def kpi_target(kpi: Kpi) -> str | int | float | None:
    """A target with its unit."""
    return f"{kpi.target}%" if kpi.unit == "percent" and isinstance(kpi.target, int | float) else kpi.target


def _narrative(objective: Objective, number: int, item: FormField, row: int) -> Row:
    ref = f"N{objective.number}.{number}"
    cells = [Cell(row, column, None, "gap") for column in range(1, CHECK_COLUMN)]
    cells[0] = Cell(row, 1, ref, "ref")
    cells[1] = Cell(row, 2, f"{item.heading}\n{item.help}", "action")
    field = item.field(f"narrative/{objective.number}", objective.sheet)
    cells[WORDS_COLUMN - 1] = Cell(row, WORDS_COLUMN, None, "input.text", field)
    return Row(ref, tuple(cells))
