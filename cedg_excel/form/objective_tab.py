"""The tab of one objective in an agency's copy: the agency's actions, its KPIs and its narrative."""

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
from cedg_excel.form.model import EVIDENCE_ONLY, INPUT_STYLES, Cell, Row, Sheet, Table, notice_cells
from cedg_excel.plan.model import Action, Agency, Kpi, Objective, Period, Plan

WHAT_TO_ENTER, TARGET = Column("what_to_enter", "What to enter"), Column("target", "Target")
THIS_RETURN = "(this return)"
"""Marks the heading of the KPI column to fill in."""

QUARTERS = 4
"""How many quarters the KPI table shows, side by side."""

_AFTER_QUARTERS = (WHAT_TO_ENTER, *(field for field in KPI_FIELDS if field.heading), TARGET)
_TABLE_WIDTH = max(len(ACTION_COLUMNS), 2 + QUARTERS + len(_AFTER_QUARTERS))
CHECK_COLUMN = _TABLE_WIDTH + 1
"""The check column of an objective's tab: the first after its widest table."""

NARROW = 10.0
"""The width of a column that only the KPI table has, in characters."""

OBJECTIVE_WIDTHS = (
    *(column.width for column in ACTION_COLUMNS),
    *(NARROW,) * (_TABLE_WIDTH - len(ACTION_COLUMNS)),
    *(column.width for column in CHECK_COLUMNS),
)  # fmt: skip
WIDEST_COLUMN = next(number for number, column in enumerate(ACTION_COLUMNS, 1) if column.name == "evidence")
"""The widest column. The narrative is written in it as well, because merged cells would not grow with their text."""


def pad_to_check_column(*columns: Column) -> tuple[Column, ...]:
    """The columns, then blank ones up to the width of the widest table, then the check columns."""
    blanks = (Column(f"blank{n}", "") for n in range(len(columns) + 1, CHECK_COLUMN))
    return (*columns, *blanks, *CHECK_COLUMNS)


ACTION_TABLE_COLUMNS = pad_to_check_column(*ACTION_COLUMNS)
NARRATIVE_TABLE_COLUMNS = pad_to_check_column(
    Column("ref", "Ref"),
    Column("title", "In your own words"),
    *(Column(f"gap{n}", "") for n in range(3, WIDEST_COLUMN)),
    Column("text", "Your words (optional)"),
)


def kpi_columns(plan: Plan, period: Period) -> tuple[Column, ...]:
    """The columns of the KPI table: the plan year's quarters in the middle, of which this period's is filled in."""
    year = plan.year_of(period)
    quarters = [Column("figure" if p.id == period.id else f"past/{p.id}", _quarter_heading(p, period)) for p in year[:QUARTERS]]
    quarters += [Column(f"gap{n}", "") for n in range(QUARTERS - len(quarters))]
    title_columns = (Column("ref", "Ref"), Column("title", "Key performance indicator"))
    return pad_to_check_column(*title_columns, *quarters, *_AFTER_QUARTERS)


def _quarter_heading(quarter: Period, current: Period) -> str:
    return f"{quarter.name} {THIS_RETURN}" if quarter.id == current.id else quarter.name


def objective_tab(plan: Plan, objective: Objective, agency: Agency, period: Period, notice: str) -> Sheet:
    """One objective's tab: what this agency rates, adds evidence to and counts, and nothing of any other agency's."""
    actions = plan.actions_of(objective.number)
    to_rate = [a for a in actions if agency.id in a.agencies]
    to_support = [a for a in actions if a.contributes(agency.id)]
    kpis = [k for k in plan.kpis_of(objective.number) if agency.id in k.agencies]
    row = count(1)
    lines = [Cell(next(row), 1, f"{objective.sheet}: {objective.title}", "title")]
    lines += notice_cells(notice, WIDEST_COLUMN)
    lines += [Cell(next(row), 1, f"Lead: {objective.lead or 'none named in the plan'}", "lead")]
    if objective.purpose:
        lines += [Cell(next(row), 1, objective.purpose, "lead")]
    lines += [Cell(next(row), 1, _summary(agency, period, len(to_rate), len(to_support), len(actions), len(kpis)), "lead")]
    next(row)
    tables: list[Table] = []
    if to_rate or to_support:
        heading_row = next(row)
        own_actions = [a for a in actions if a in to_rate or a in to_support]
        tables.append(Table("actions", heading_row, ACTION_TABLE_COLUMNS, tuple(_action(a, next(row), agency) for a in own_actions)))
        next(row)
    if kpis:
        heading_row = next(row)
        columns = kpi_columns(plan, period)
        rows = tuple(_kpi(plan, k, next(row), columns, period) for k in kpis)
        tables.append(Table("kpis", heading_row, columns, rows))
        next(row)
    heading_row = next(row)
    rows = tuple(_narrative(objective, n, item, next(row)) for n, item in enumerate(NARRATIVE_FIELDS, 1))
    tables.append(Table("narrative", heading_row, NARRATIVE_TABLE_COLUMNS, rows))
    return Sheet(objective.sheet, tuple(lines), tuple(tables), OBJECTIVE_WIDTHS, tables[0].heading_row, CHECK_COLUMN)


def _summary(agency: Agency, period: Period, to_rate: int, to_support: int, actions: int, kpis: int) -> str:
    """`3 of the 7 actions here are yours to rate.` and what else there is to do on this tab."""
    if not (to_rate or to_support or kpis):
        tasks = "No action or KPI here is yours. You can still add your own words below."
    else:
        verb = "is" if to_rate == 1 else "are"
        parts = [f"{to_rate} of the {actions} actions here {verb} yours to rate" if to_rate else "No action here is yours to rate"]
        if to_support:
            parts.append(f"you can add evidence to {to_support}{' more' if to_rate else ''}")
        if kpis:
            parts.append(f"{kpis} {'KPI is' if kpis == 1 else 'KPIs are'} yours")
        tasks = "; ".join(parts) + "."
    return f"{agency.name}, {period.name}. {tasks}"


def _action(action: Action, row: int, agency: Agency) -> Row:
    rates = agency.id in action.agencies
    cells = [_action_cell(action, column, row, number, rates) for number, column in enumerate(ACTION_COLUMNS, 1)]
    return Row(action.ref, tuple(cells))


def _action_cell(action: Action, column: Column, row: int, number: int, rates: bool) -> Cell:
    """`rates`: the agency is accountable for the action, not only a contributor."""
    cell = Cell(row, number, None, "locked")
    if isinstance(column, FormField):
        return _action_input(action, column, cell, rates)
    match column.name:
        case "ref":
            return replace(cell, value=action.ref, style="ref")
        case "title":
            return replace(cell, value=action_text(action), style="action.bold" if action.business_plan else "action")
        case "leads":
            return replace(cell, value=action.leads or None)
        case "last_time" if rates:
            return replace(cell, style="small", fixed=False, slot=f"action/{action.ref}/last_time")
    return replace(cell, style="small")


def _action_input(action: Action, column: FormField, cell: Cell, rates: bool) -> Cell:
    if column.from_plan and (plan_date := getattr(action, column.name)):
        return replace(cell, value=plan_date, style="locked.date")
    if rates or column.contributors:
        item = column.field(f"action/{action.ref}", f"{action.ref} {action.title}")
        return replace(cell, style=INPUT_STYLES[item.kind], field=item)
    return replace(cell, value=EVIDENCE_ONLY, style="small") if column.kind == "rating" else cell


def action_text(action: Action) -> str:
    """The text under Action: title, detail and the evidence expected, each on its own line."""
    expected = [evidence_expected(action)] if action.evidence else []
    return "\n".join([action_title(action), *expected])


def action_title(action: Action) -> str:
    """Title and detail, each on its own line."""
    return "\n".join([action.title, *(f"• {line}" for line in action.detail)])


def evidence_expected(action: Action) -> str:
    """`Evidence expected: Map of services`, or "" where none is named."""
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
        case "what_to_enter":
            return replace(cell, value=kpi_instruction(kpi, due), style="help")
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
    """The field under the period's heading."""
    return form_field("kpis", "numerator" if kpi.unit == "percent" else "value")


def _kpi_input(kpi: Kpi, item: FormField, cell: Cell) -> Cell:
    kind: FieldKind = "text" if item.name == "value" and kpi.unit == "words" else item.kind
    required = item.kind == "number" and kpi.is_live
    whole = item.name == "value" and kpi.unit == "count"
    field = item.field(f"kpi/{kpi.ref}", f"{kpi.ref} {kpi.measure}", kind=kind, required=required, whole=whole)
    return replace(cell, style=INPUT_STYLES[kind], field=field)


OPTIONAL_PREFIX = "Optional: "


def kpi_instruction(kpi: Kpi, due: bool = True) -> str:
    """The text under What to enter: `Two numbers: how many, then under Out of: out of how many`."""
    if not due:
        return f"Not asked for this quarter ({kpi.frequency})."
    instruction = {
        "count": "a whole number",
        "days": "a number of days",
        "words": "a few words",
        "percent": f"two numbers: {kpi.numerator or 'how many'}, then under Out of: {kpi.denominator or 'out of how many'}",
    }[kpi.unit]
    return instruction[0].upper() + instruction[1:] if kpi.is_live else f"{OPTIONAL_PREFIX}{instruction} (measure {kpi.status})"


def is_optional(instruction: str) -> bool:
    """Whether a text under What to enter says that no figure has to be given."""
    return instruction.startswith(OPTIONAL_PREFIX)


def kpi_target(kpi: Kpi) -> str | int | float | None:
    """A target with its unit."""
    return f"{kpi.target}%" if kpi.unit == "percent" and isinstance(kpi.target, int | float) else kpi.target


def _narrative(objective: Objective, number: int, item: FormField, row: int) -> Row:
    ref = f"N{objective.number}.{number}"
    cells = [Cell(row, column, None, "gap") for column in range(1, CHECK_COLUMN)]
    cells[0] = Cell(row, 1, ref, "ref")
    cells[1] = Cell(row, 2, f"{item.heading}\n{item.help}", "action")
    field = item.field(f"narrative/{objective.number}", objective.sheet)
    cells[WIDEST_COLUMN - 1] = Cell(row, WIDEST_COLUMN, None, "input.text", field)
    return Row(ref, tuple(cells))
