"""
Where every field sits in an agency's copy: sheet, cell, kind, and whether it is theirs to fill in; and the stamp.

The template is written from a layout and a return is read against one, so writer and reader cannot disagree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Literal

from cedg_excel import brag
from cedg_excel.plan import Action, Agency, Kpi, Objective, Period, Plan, Version

Kind = Literal["rating", "date", "text", "number", "choice"]
Value = str | int | float | date | None

COVER, REFERENCE, VERSIONS = "Cover", "Reference", "Versions"
STATUS_CHOICES = ("Draft", "Final")
NIL_CHOICES = ("Yes",)
NOT_YOURS = "Evidence only"
NOTICE_PREFIX = "Notice: "


@dataclass(frozen=True, slots=True)
class Field:
    """An input cell. `key` is its name everywhere outside the workbook: `action/2.3/rating`."""

    key: str
    kind: Kind
    label: str
    required: bool = False
    choices: tuple[str, ...] | None = None
    whole: bool = False

    @property
    def name(self) -> str:
        """The last part of the key: `rating`."""
        return self.key.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell of a sheet. `row` and `column` are 1-based; `style` names one of `style.STYLES`.

    `fixed` is False where a locked cell's words are not known from the plan alone (last time's rating).
    """

    row: int
    column: int
    value: Value = None
    style: str = "text"
    field: Field | None = None
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    heading: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `ref` stands in its first column and finds it again wherever it has moved."""

    ref: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> int:
        """Its row in the template, 1-based."""
        return self.cells[0].row


@dataclass(frozen=True, slots=True)
class Table:
    """A heading row and the rows under it; column n of the table is column n of the sheet."""

    name: str
    head: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One tab: free lines, tables, and the widths of its columns in characters."""

    title: str
    lines: tuple[Cell, ...]
    tables: tuple[Table, ...]
    widths: tuple[float, ...]
    head: int = 0

    def cells(self) -> Iterator[Cell]:
        """Every cell that holds something or takes an answer."""
        yield from self.lines
        for table in self.tables:
            for number, column in enumerate(table.columns, 1):
                yield Cell(table.head, number, column.heading or None, "head")
            for row in table.rows:
                yield from row.cells

    def fields(self) -> Iterator[tuple[Cell, Field]]:
        """Every input cell with its field, in tab order."""
        for cell in self.cells():
            if cell.field:
                yield cell, cell.field


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a copy apart. It stands in plain sight on the Cover, so that no program can drop it."""

    plan: str
    version: str
    agency: str
    period: str
    layout: str

    def __str__(self) -> str:
        return " | ".join(("cedg", self.plan, self.version, self.agency, self.period, self.layout))


_STAMP = re.compile(r"cedg \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([0-9a-f]{12})")


def read_stamp(text: str) -> Stamp | None:
    """The stamp in a text, or None."""
    match = _STAMP.search(" ".join(text.split()))
    return Stamp(*(part.strip() for part in match.groups())) if match else None


STAMP_PROPERTIES = {
    "cedg.plan": "plan", "cedg.version": "version", "cedg.agency": "agency", "cedg.period": "period", "cedg.layout": "layout",
}  # fmt: skip
"""The stamp again, as custom document properties and in the order of its parts. Strings, for LibreOffice turns number properties into fractions."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One agency's copy for one period, cell by cell."""

    plan: Plan
    agency: Agency
    period: Period
    stamp: Stamp
    sheets: tuple[Sheet, ...]

    def fields(self) -> Iterator[tuple[Sheet, Cell, Field]]:
        """Every input cell of the copy, in the order of the tabs."""
        for sheet in self.sheets:
            for cell, item in sheet.fields():
                yield sheet, cell, item


COVER_COLUMNS = (Column("label", "Please complete"), Column("value", "Your answer"), Column("help", "Help"))
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
)
ASKED, OUT_OF, COMMENT = "What to enter", "Out of", "Comment"
NARRATIVE_COLUMNS = (
    Column("ref", "Ref"),
    Column("title", "In your own words"),
    *(Column(f"gap{n}", "") for n in range(4)),
    Column("text", "Your words (optional)"),
)
NARRATIVES = (
    ("achievements", "Achievements", "What has been achieved since last time?"),
    ("impact", "Impact", "What difference has it made to children, families or communities?"),
    ("next_steps", "Next steps", "What happens next, and by when?"),
)
OBJECTIVE_WIDTHS = (8.0, 36.0, 13.0, 19.0, 13.0, 13.0, 44.0, 11.0, 34.0, 11.0)
COVER_WIDTHS = (30.0, 46.0, 64.0)

HOW_TO_FILL_IN = (
    "Work through the Objective tabs. Only the pale yellow cells are yours; Tab takes you to the next one.",
    "Give every action of yours a BRAG rating from the list, and the dates and evidence that go with it.",
    "Fill in the figures for this quarter in the KPI table. Leave a figure blank if you do not have it; do not type n/a.",
    "Never name or describe a child. If you paste, use Paste Special, Values: an ordinary paste damages the form.",
    "Complete the boxes below, save as an Excel workbook (.xlsx) and e-mail it back to the coordinator.",
)


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
    )


def _quarter_heading(quarter: Period, asked: Period) -> str:
    return f"{quarter.name} (this return)" if quarter.id == asked.id else quarter.name


@lru_cache(maxsize=256)
def layout_for(plan: Plan, agency: str, period: str, notice: str = "") -> Layout:
    """
    The layout of one agency's copy for one period, both given by id. Raises KeyError for an id the plan has not.

    `notice` is a line printed at the top of every tab, such as a protective marking; reading ignores it.
    """
    whose, when = plan.agency_by_id[agency], plan.period_by_id[period]
    sheets = [_cover(plan, whose, when, notice)]
    sheets += [_objective(plan, objective, whose, when, notice) for objective in plan.objectives]
    sheets += [_reference(plan, notice), _versions(plan, notice)]
    stamp = Stamp(plan.about.id, plan.about.version, agency, period, _fingerprint(sheets))
    return Layout(plan, whose, when, stamp, (_stamped(sheets[0], stamp), *sheets[1:]))


def _fingerprint(sheets: list[Sheet]) -> str:
    """Twelve hexadecimal digits that change when any input cell moves, comes or goes."""
    places = [f"{item.key}={sheet.title}!{cell.row},{cell.column}" for sheet in sheets for cell, item in sheet.fields()]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:12]


def day(value: date) -> str:
    """`day(date(2019, 10, 1)) == "1 October 2019"`."""
    return f"{value.day} {value:%B %Y}"


def span(period: Period) -> str:
    """`1 October to 31 December 2019`."""
    first = f"{period.start.day} {period.start:%B}" if period.start.year == period.end.year else day(period.start)
    return f"{first} to {day(period.end)}"


def _notice(text: str, column: int) -> list[Cell]:
    return [Cell(1, column, NOTICE_PREFIX + text, "notice", fixed=False)] if text else []


def _cover(plan: Plan, agency: Agency, period: Period, notice: str) -> Sheet:
    row = count(1)
    lines = [
        *_band(next(row), "Click Enable Editing in the yellow bar above before you start.", len(COVER_WIDTHS)),
        Cell(next(row), 1, plan.about.title, "title"),
        Cell(next(row), 1, f"{agency.name}: return for {period.name}", "subtitle"),
        Cell(next(row), 1, _when(period), "lead"),
    ]
    next(row)
    lines += [Cell(next(row), 1, "How to fill this in", "heading")]
    for number, line in enumerate(HOW_TO_FILL_IN, 1):
        lines.append(Cell(next(row), 1, f"{number}. {line}", "line"))
    next(row)
    lines += [Cell(next(row), 1, "BRAG key", "heading")]
    for rating in brag.RATINGS:
        here = next(row)
        lines += [
            Cell(here, 1, rating.word, f"brag.{rating.word}"),
            Cell(here, 2, plan.about.brag.of(rating.word), "line"),
        ]
    next(row)
    head = next(row)
    rows = tuple(
        Row(label, (Cell(n, 1, label, "ref"), Cell(n, 2, None, _input(item), item), Cell(n, 3, help_, "help")))
        for n, (label, item, help_) in zip(row, cover_fields(), strict=False)
    )
    table = Table("cover", head, COVER_COLUMNS, rows)
    return Sheet(COVER, (*lines, *_notice(notice, 3)), (table,), COVER_WIDTHS)


def _band(row: int, text: str, columns: int) -> list[Cell]:
    """A line whose colour runs across the page; cells are never merged, since merged rows do not grow."""
    return [Cell(row, 1, text, "banner"), *(Cell(row, column, None, "banner") for column in range(2, columns + 1))]


def _when(period: Period) -> str:
    parts = [f"The period is {span(period)}."]
    if period.due:
        parts.append(f"Please send it back by {day(period.due)}.")
    if period.meeting:
        parts.append(f"It goes to the meeting of {period.meeting}.")
    return " ".join(parts)


def cover_fields() -> list[tuple[str, Field, str]]:
    """The questions of the Cover: label, field and help."""
    return [
        ("Completed by", Field("cover/completed_by", "text", "Completed by", True), "Your name."),
        ("Role", Field("cover/role", "text", "Role"), "Your job title."),
        ("Date completed", Field("cover/completed_on", "date", "Date completed", True), "For example 14/01/2020."),
        (
            "Draft or final",
            Field("cover/status", "choice", "Draft or final", True, STATUS_CHOICES),
            "Choose Final when it is ready to be used. A draft is read too, and marked as one.",
        ),
        (
            "Nothing to report",
            Field("cover/nil_return", "choice", "Nothing to report", False, NIL_CHOICES),
            "Choose Yes only if you have nothing at all to report this quarter, and leave the tabs blank.",
        ),
    ]


def _stamped(cover: Sheet, stamp: Stamp) -> Sheet:
    """The cover with the stamp under its table. It comes last, since it holds the layout's own fingerprint."""
    row = cover.tables[0].rows[-1].number + 2
    lines = (Cell(row, 1, "About this copy", "heading"), Cell(row + 1, 1, str(stamp), "stamp"))
    note = Cell(row + 2, 1, "The line above tells the coordinator's program whose copy this is. Please leave it as it is.", "line")
    return replace(cover, lines=(*cover.lines, *lines, note))


def _objective(plan: Plan, objective: Objective, agency: Agency, period: Period, notice: str) -> Sheet:
    actions = plan.actions_of(objective.number)
    yours = [a for a in actions if agency.id in a.agencies]
    helped = [a for a in actions if a.contributes(agency.id)]
    kpis = [k for k in plan.kpis_of(objective.number) if agency.id in k.agencies]
    row = count(1)
    lines = [Cell(next(row), 1, f"{objective.sheet}: {objective.title}", "title")]
    lines += _notice(notice, 9)
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
    return Sheet(objective.sheet, tuple(lines), tuple(tables), OBJECTIVE_WIDTHS, tables[0].head)


def _whose(agency: Agency, period: Period, yours: int, helped: int, actions: int, kpis: int) -> str:
    """`3 of the 7 actions here are yours to rate.` and what else is asked on this tab."""
    if not (yours or helped or kpis):
        asked = "No action or KPI here is yours. You can still add your own words below."
    else:
        parts = [f"{yours} of the {actions} actions here {'is' if yours == 1 else 'are'} yours to rate"]
        if helped:
            parts.append(f"you can add evidence to {helped} more")
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

    rating = Field(f"action/{action.ref}/rating", "rating", f"{label}: BRAG", True, brag.WORDS)
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
            Cell(row, 10, None, "small", fixed=False),
        ),
    )


def action_words(action: Action) -> str:
    """What stands under Action: title, detail and the evidence expected, a line each."""
    lines = [action.title, *(f"• {line}" for line in action.detail)]
    if action.evidence:
        lines.append(f"Evidence expected: {action.evidence}")
    return "\n".join(lines)


def _kpi(plan: Plan, kpi: Kpi, row: int, columns: tuple[Column, ...], period: Period) -> Row:
    due = plan.is_due(kpi, period)
    required = due and kpi.live
    label = f"{kpi.ref} {kpi.measure}"
    cells = []
    for number, column in enumerate(columns, 1):
        cell = Cell(row, number, None, "locked", fixed=not column.name.startswith("past/"))
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
    kind: Kind = "text" if kpi.unit == "words" else "number"
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
    return f"{kpi.target}%" if kpi.unit == "percent" and isinstance(kpi.target, int | float) else kpi.target


def _narrative(objective: Objective, number: int, row: int) -> Row:
    name, heading, help_ = NARRATIVES[number]
    key = f"narrative/{objective.number}/{name}"
    ref = f"N{objective.number}.{number + 1}"
    item = Field(key, "text", f"{objective.sheet}: {heading}")
    cells = [Cell(row, 1, ref, "ref"), Cell(row, 2, f"{heading}\n{help_}", "action")]
    cells += [Cell(row, column, None, "gap") for column in range(3, 7)]
    return Row(ref, (*cells, Cell(row, 7, None, "input.text", item)))


LISTS = (
    ("brag_ratings", "BRAG ratings", brag.WORDS),
    ("return_status", "Draft or final", STATUS_CHOICES),
    ("nil_return", "Nothing to report", NIL_CHOICES),
)
"""The lists behind the dropdowns: defined name, heading, words. They stand side by side on Reference from row 4."""

LIST_ROW = 4


def _reference(plan: Plan, notice: str) -> Sheet:
    lines = [
        Cell(1, 1, "Reference", "title"),
        Cell(2, 1, "The lists behind the dropdowns, and what is expected with each rating.", "lead"),
    ]
    for column, (_, heading, words) in enumerate(LISTS, 1):
        lines.append(Cell(LIST_ROW - 1, column, heading, "head"))
        for row, word in enumerate(words, LIST_ROW):
            lines.append(Cell(row, column, word, f"brag.{word}" if word in brag.BY_WORD else "locked"))
    start = LIST_ROW + 5
    lines.append(Cell(start, 1, "Guidance", "heading"))
    lines += [Cell(here, 1, line, "line") for here, line in enumerate(guidance(plan), start + 1)]
    return Sheet(REFERENCE, (*lines, *_notice(notice, 4)), (), (24.0, 24.0, 24.0, 60.0))


def guidance(plan: Plan) -> tuple[str, ...]:
    """What goes with each rating, and what is never written here."""
    return (
        "Blue: give the date it was achieved, and say under Evidence what shows it.",
        "Red: nothing more is needed; say under Evidence what is holding it up if that helps.",
        "Amber: say under Remedial action what is being done, by whom and by when.",
        "Green: the target date, if there is one, should not have passed.",
        "Dates: day, month and four-figure year, such as 14/01/2020.",
        f"Text: up to {plan.about.text_limit:,} characters in a cell. Alt+Enter starts a new line.",
        "Percentages: type how many, and out of how many. The program works out the percentage.",
        "Never write a child's name, initials, date of birth, address, or NHS number anywhere in this workbook.",
        "The sheets are protected so that nothing is changed by accident. If a cell will not take your answer, ask the coordinator.",
    )


VERSION_COLUMNS = ("Date", "Version", "Author", "Change", "Date to the group")


def _versions(plan: Plan, notice: str) -> Sheet:
    lines = [
        Cell(1, 1, "Versions", "title"),
        Cell(2, 1, f"This copy was made from version {plan.about.version} of the plan.", "lead"),
    ]
    for column, heading in enumerate(VERSION_COLUMNS, 1):
        lines.append(Cell(3, column, heading, "head"))
    for row, version in enumerate(plan.versions, 4):
        for column, value in enumerate(version_row(version), 1):
            style = "locked.date" if isinstance(value, date) else "locked"
            lines.append(Cell(row, column, value, style))
    return Sheet(VERSIONS, (*lines, *_notice(notice, 4)), (), (16.0, 12.0, 26.0, 60.0, 20.0), 3)


def version_row(version: Version) -> tuple[Value, ...]:
    """One entry of the version control, in the order of VERSION_COLUMNS."""
    return tuple(getattr(version, name) or None for name in ("date", "number", "author", "change", "date_to_group"))


def _input(item: Field) -> str:
    return {"date": "input.date", "number": "input.number", "text": "input.text"}.get(item.kind, "input.choice")
