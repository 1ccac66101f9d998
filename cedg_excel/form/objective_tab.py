"""The tab of one objective in an agency's copy: its actions, its KPIs and its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count

from cedg_excel.form.model import NOT_YOURS, Cell, Column, Field, FieldKind, Row, Sheet, Table, notice_line
from cedg_excel.plan.model import Action, Agency, Kpi, Objective, Period, Plan
from cedg_excel.ratings import RATING_WORDS

CHECK_COLUMNS = (Column("check", "Check"), Column("number", "To fix"))
ACTION_COLUMNS = (
    Column("ref", "Ref"),
    Column("title", "Action"),
    Column("date_commenced", "Date commenced"),
    Column("leads", "Accountable"),
    Column("target_date", "Target date"),
    Column("date_achieved", "Date achieved"),
    Column("evidence", "Evidence"),
    Column("rating", "BRAG"),
    Column("remedial_action", "Remedial action"),
    Column("last_time", "Last time"),
    *CHECK_COLUMNS,
)
ASKED, OUT_OF, COMMENT = "What to enter", "Out of", "Comment"
NARRATIVE_COLUMNS = (
    Column("ref", "Ref"),
    Column("title", "In your own words"),
    *(Column(f"gap{n}", "") for n in range(4)),
    Column("text", "Your words (optional)"),
    *(Column(f"gap{n}", "") for n in range(4, 7)),
    *CHECK_COLUMNS,
)
NARRATIVES = (
    ("achievements", "Achievements", "What has been achieved since last time?"),
    ("impact", "Impact", "What difference has it made to children, families or communities?"),
    ("next_steps", "Next steps", "What happens next, and by when?"),
)
OBJECTIVE_WIDTHS = (8.0, 36.0, 13.0, 19.0, 13.0, 13.0, 44.0, 11.0, 34.0, 11.0, 34.0, 7.0)
CHECK_COLUMN = 11
"""The column of an objective's tab that says what is wrong with a row."""


def kpi_columns(plan: Plan, period: Period) -> tuple[Column, ...]:
    """The columns of the KPI table: the plan year's quarters in the middle, this period's one to be filled in."""
    year = plan.year_of(period)
    quarters = [Column("value" if p.id == period.id else f"past/{p.id}", _quarter_heading(p, period)) for p in year[:4]]
    quarters += [Column(f"gap{n}", "") for n in range(4 - len(quarters))]
    return (
        Column("ref", "Ref"),
        Column("title", "Key performance indicator"),
        *quarters,
        Column("asked", ASKED),
        Column("denominator", OUT_OF),
        Column("comment", COMMENT),
        Column("target", "Target"),
        *CHECK_COLUMNS,
    )


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
    lines += notice_line(notice, 7)
    lines += [Cell(next(row), 1, f"Lead: {objective.lead or 'none named in the plan'}", "lead")]
    if objective.purpose:
        lines += [Cell(next(row), 1, objective.purpose, "lead")]
    lines += [Cell(next(row), 1, _whose(agency, period, len(yours), len(helped), len(actions), len(kpis)), "lead")]
    next(row)
    tables: list[Table] = []
    if yours or helped:
        head = next(row)
        mine = [a for a in actions if a in yours or a in helped]
        tables.append(Table("actions", head, ACTION_COLUMNS, tuple(_action(a, next(row), agency) for a in mine)))
        next(row)
    if kpis:
        head = next(row)
        columns = kpi_columns(plan, period)
        rows = tuple(_kpi(plan, k, next(row), columns, period) for k in kpis)
        tables.append(Table("kpis", head, columns, rows))
        next(row)
    head = next(row)
    rows = tuple(_narrative(objective, n, next(row)) for n in range(len(NARRATIVES)))
    tables.append(Table("narrative", head, NARRATIVE_COLUMNS, rows))
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
    label = f"{action.ref} {action.title}"

    def date_cell(column: int, name: str, agreed: date | None, heading: str) -> Cell:
        if agreed:
            return Cell(row, column, agreed, "locked.date")
        if not rates:
            return Cell(row, column, None, "locked")
        return Cell(row, column, None, "input.date", Field(f"action/{action.ref}/{name}", "date", f"{label}: {heading}"))

    def text_cell(column: int, name: str, heading: str, yours: bool = True) -> Cell:
        if not yours:
            return Cell(row, column, None, "locked")
        return Cell(row, column, None, "input.text", Field(f"action/{action.ref}/{name}", "text", f"{label}: {heading}"))

    rating = Field(f"action/{action.ref}/rating", "rating", f"{label}: BRAG", True, RATING_WORDS)
    return Row(
        action.ref,
        (
            Cell(row, 1, action.ref, "ref"),
            Cell(row, 2, action_words(action), "action.bold" if action.business_plan else "action"),
            date_cell(3, "date_commenced", action.date_commenced, "Date commenced"),
            Cell(row, 4, action.leads or None, "locked"),
            date_cell(5, "target_date", action.target_date, "Target date"),
            date_cell(6, "date_achieved", None, "Date achieved"),
            text_cell(7, "evidence", "Evidence"),
            Cell(row, 8, None, "input.rating", rating) if rates else Cell(row, 8, NOT_YOURS, "small"),
            text_cell(9, "remedial_action", "Remedial action", rates),
            Cell(row, 10, None, "small", fixed=False, slot=f"action/{action.ref}/last_time") if rates else Cell(row, 10, None, "small"),
        ),
    )


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
    required = due and kpi.live
    label = f"{kpi.ref} {kpi.measure}"
    cells = []
    for number, column in enumerate(columns[: CHECK_COLUMN - 1], 1):
        cell = Cell(row, number, None, "locked")
        match column.name:
            case "ref":
                cell = replace(cell, value=kpi.ref, style="ref")
            case "title":
                cell = replace(cell, value=kpi.measure, style="action")
            case "value" if due:
                cell = replace(cell, style=_kpi_style(kpi), field=_kpi_field(kpi, label, required))
            case "denominator" if due and kpi.unit == "percent":
                item = Field(f"kpi/{kpi.ref}/denominator", "number", f"{label}: out of", required, whole=True)
                cell = replace(cell, style="input.number", field=item)
            case "comment" if due:
                cell = replace(cell, style="input.text", field=Field(f"kpi/{kpi.ref}/comment", "text", f"{label}: comment"))
            case past if past.startswith("past/") and kpi.unit != "words":
                cell = replace(cell, style="past", fixed=False, slot=f"kpi/{kpi.ref}/{past}")
            case "asked":
                cell = replace(cell, value=kpi_asked(kpi, due), style="help")
            case "target":
                cell = replace(cell, value=kpi_target(kpi), style="small")
        cells.append(cell)
    return Row(kpi.ref, tuple(cells))


def _kpi_style(kpi: Kpi) -> str:
    return "input.text" if kpi.unit == "words" else "input.number"


def _kpi_field(kpi: Kpi, label: str, required: bool) -> Field:
    if kpi.unit == "percent":
        return Field(f"kpi/{kpi.ref}/numerator", "number", f"{label}: number", required, whole=True)
    kind: FieldKind = "text" if kpi.unit == "words" else "number"
    return Field(f"kpi/{kpi.ref}/value", kind, label, required, whole=kpi.unit == "count")


OPTIONAL = "Optional: "


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
    return asked[0].upper() + asked[1:] if kpi.live else f"{OPTIONAL}{asked} (measure {kpi.status})"


def kpi_target(kpi: Kpi) -> str | int | float | None:
    """A target with its unit."""
    return f"{kpi.target}%" if kpi.unit == "percent" and isinstance(kpi.target, int | float) else kpi.target


def _narrative(objective: Objective, number: int, row: int) -> Row:
    name, heading, help_ = NARRATIVES[number]
    key = f"narrative/{objective.number}/{name}"
    ref = f"N{objective.number}.{number + 1}"
    item = Field(key, "text", f"{objective.sheet}: {heading}")
    cells = [Cell(row, 1, ref, "ref"), Cell(row, 2, f"{heading}\n{help_}", "action")]
    cells += [Cell(row, column, None, "gap") for column in range(3, 7)]
    cells += [Cell(row, 7, None, "input.text", item), *(Cell(row, column, None, "gap") for column in range(8, CHECK_COLUMN))]
    return Row(ref, tuple(cells))
