"""The pages of the master that people read: Summary, an A4 page for each objective, Returns, Findings, Versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pandas as pd

from cedg_excel import brag
from cedg_excel.fates import CURRENT
from cedg_excel.findings import shortened
from cedg_excel.form import day, span
from cedg_excel.layout import VERSION_COLUMNS, version_row
from cedg_excel.locks import lock_sheet
from cedg_excel.merge import Merged, Overall, kpi_total, overall_ratings
from cedg_excel.pages import Book, Page, style_for
from cedg_excel.plan import Action, Agency, Kpi, Objective, Period, Plan
from cedg_excel.prefill import figure
from cedg_excel.store import records
from cedg_excel.tabs import NARRATIVES, action_title, evidence_expected, kpi_target

OBJECTIVE_HEADS = (
    "Ref", "Action", "Date commenced", "Accountable", "Target date", "Date achieved", "Evidence and remedial action",
    "R", "A", "G", "B", "Rated",
)  # fmt: skip
OBJECTIVE_WIDTHS = (7.0, 34.0, 12.5, 24.0, 12.5, 12.5, 58.0, 4.5, 4.5, 4.5, 4.5, 16.0)
RETURN_HEADS = (
    "Period", "Agency", "Status", "Late", "File", "Last saved (UTC)", "Completed by", "Role", "Date completed", "Draft or final",
)  # fmt: skip
FIRST_RAGB = 8
SUMMARY_WIDTHS = (60.0, 42.0, 20.0, 10.0, 10.0, 10.0, 10.0, 11.0)
STATUS_WORDS = {
    "accepted": "Received", "held_back": "Held back", "nil": "Nothing to report", "superseded": "Replaced by a later one",
    "rejected": "Could not be read", "withdrawn": "Withdrawn", "not_received": "Not received",
}  # fmt: skip
SEVERITY_WORDS = {"error": "Must fix", "warning": "Worth a look", "info": "For information"}


@dataclass(frozen=True, slots=True)
class _View:
    """What the pages of one period are made from."""

    merged: Merged
    period: Period
    overall: dict[str, Overall]
    actions: dict[tuple[str, str, str], Any]
    statuses: dict[str, str]

    @property
    def plan(self) -> Plan:
        return self.merged.plan


def write_pages(book: Book, merged: Merged) -> None:
    """Every page of the latest period anything was returned for; of the plan's first when nothing was."""
    view = _view(merged, merged.plan.period_by_id[merged.period or merged.plan.periods[0].id])
    pages = [_summary(book, view)]
    pages += [_objective(book, view, objective) for objective in merged.plan.objectives]
    pages += [_returns(book, view), _findings(book, view), _versions(book, merged.plan)]
    for page in pages:
        page.finish()
        lock_sheet(page.sheet, merged.plan)


def _view(merged: Merged, period: Period) -> _View:
    rows = merged.tables["actions"]
    actions = {(row.period, row.agency, row.ref): row for row in records(rows)}
    returns = merged.tables["returns"]
    returns = returns[returns["period"] == period.id]
    # A superseded return stands beside the one that replaced it; the one that counts is told last.
    ranked = sorted(zip(returns["agency"], returns["status"], strict=True), key=lambda r: r[1] in (*CURRENT, "held_back"))
    return _View(merged, period, overall_ratings(merged, period.id), actions, dict(ranked))


def _head(page: Page, row: int, heads: tuple[str, ...]) -> None:
    for column, head in enumerate(heads, 1):
        page.put(row, column, head, "head.centre" if head in _NUMBERS or len(head) == 1 else "head")


_NUMBERS = {"Actions", "Rated", "Asked", "Errors", "Warnings", brag.NOT_RATED, *brag.WORDS}
"""Headings that stand over centred figures."""


# Summary


def _summary(book: Book, view: _View) -> Page:
    plan, period = view.plan, view.period
    page = book.page("Summary", SUMMARY_WIDTHS)
    row = count(1)
    page.put(next(row), 1, plan.about.title, "title")
    page.put(next(row), 1, f"{period.name}: {span(period)}{_meeting(period)}", "subtitle")
    page.put(next(row), 1, _completeness(view), "lead")
    next(row)
    page.put(next(row), 1, "Overall BRAG rating of each action, by objective", "heading")
    _head(page, next(row), ("Objective", "Lead", "Actions", *(r.word for r in brag.RAGB), brag.NOT_RATED))
    totals: Counter[str] = Counter()
    for objective in plan.objectives:
        counts = Counter(view.overall[action.ref].rating for action in plan.actions_of(objective.number))
        totals += counts
        _counts(page, next(row), f"{objective.number}. {objective.title}", objective.lead, counts, "")
    _counts(page, next(row), "All objectives", "", totals, "total")
    page.put(next(row), 1, "An action is Red, Amber or Green if any accountable agency says so (the worst counts), and Blue "
             "only if all of them do.", "line")  # fmt: skip
    next(row)
    page.put(next(row), 1, "Who has answered", "heading")
    _head(page, next(row), ("Agency", "Part of", "Status", "Rated", "Asked", "Errors", "Warnings", "Late"))
    for agency in plan.agencies:
        _agency_line(page, next(row), view, agency)
    next(row)
    page.put(next(row), 1, "About this workbook", "heading")
    page.put(next(row), 1, "Made by cedg merge from the agencies' returns. Objective pages, Returns, Findings and Versions are for "
             "reading; the Data sheets are for pivots; the Store sheets are the master's memory.", "line")  # fmt: skip
    page.put(next(row), 1, f"cedg master | {plan.about.id} | {plan.about.version} | {period.id}", "stamp")
    page.print_on_a4(plan.about.title)
    return page


def _meeting(period: Period) -> str:
    return f". For the meeting of {period.meeting}" if period.meeting else ""


def _completeness(view: _View) -> str:
    """`9 of 12 agencies have answered. 4 cells are held back.`"""
    answered = sum(view.statuses.get(agency.id) in CURRENT for agency in view.plan.agencies)
    values, files = view.merged.store.values, view.merged.store.files
    shas = {sha for sha, period in zip(files["sha256"], files["period"], strict=True) if period == view.period.id}
    standing = {sha for sha in shas if view.merged.statuses[sha] in CURRENT}
    held = int((values["sha256"].isin(list(standing)) & (values["state"] == "held")).sum())
    cells = "no cell is" if held == 0 else "1 cell is" if held == 1 else f"{held} cells are"
    return f"{answered} of {len(view.plan.agencies)} agencies have answered; {cells} held back. See Returns and Findings."


def _counts(page: Page, row: int, name: str, lead: str, counts: Counter[str], kind: str) -> None:
    text, number = ("total", "total.count") if kind else ("locked", "count")
    page.put(row, 1, name, text)
    page.put(row, 2, lead, text)
    page.put(row, 3, sum(counts.values()), number)
    for column, word in enumerate((*(r.word for r in brag.RAGB), brag.NOT_RATED), 4):
        page.put(row, column, counts[word], f"brag.{word}" if counts[word] and word in brag.BY_WORD else number)


def _agency_line(page: Page, row: int, view: _View, agency: Agency) -> None:
    status = view.statuses.get(agency.id, "not_received")
    asked = [action.ref for action in view.plan.actions if agency.id in action.agencies]
    rated = [ref for ref in asked if _rating(view, agency.id, ref)]
    found = view.merged.tables["findings"]
    found = found[(found["period"] == view.period.id) & (found["agency"] == agency.id)]
    ledger = view.merged.tables["returns"]
    late = ledger[(ledger["period"] == view.period.id) & (ledger["agency"] == agency.id) & ledger["status"].isin(CURRENT)]
    page.put(row, 1, agency.name, "locked")
    page.put(row, 2, agency.part_of, "locked")
    page.put(row, 3, STATUS_WORDS[status], "locked")
    page.put(row, 4, len(rated), "count")
    page.put(row, 5, len(asked), "count")
    for column, severity in ((6, "error"), (7, "warning")):
        page.put(row, column, int((found["severity"] == severity).sum()), "count")
    page.put(row, 8, "Late" if bool(late["late"].eq(True).any()) else "", "locked")


def _rating(view: _View, agency: str, ref: str, period: str = "") -> str | None:
    row = view.actions.get((period or view.period.id, agency, ref))
    return row.rating if row is not None else None


# Objective pages


def _objective(book: Book, view: _View, objective: Objective) -> Page:
    page = book.page(objective.sheet, OBJECTIVE_WIDTHS)
    row = 1
    page.put(row, 1, f"{objective.sheet}: {objective.title}", "title")
    page.put(row + 1, 1, f"Lead: {objective.lead or 'none named in the plan'}. {view.period.name}, {span(view.period)}"
             f"{_meeting(view.period)}.", "lead")  # fmt: skip
    page.put(row + 2, 1, objective.purpose, "lead")
    head = row = row + 4
    _head(page, row, OBJECTIVE_HEADS)
    for action in view.plan.actions_of(objective.number):
        row = _action(page, row + 1, view, action)
    kpis = view.plan.kpis_of(objective.number)
    table = row + 2
    if kpis:
        row = _kpis(page, table, view, kpis)
    row = _narrative(page, row + 2, view, objective)
    page.print_on_a4(view.plan.about.title, page.break_before(table, head, row))
    page.sheet.freeze_panes = "C2"
    return page


def _action(page: Page, row: int, view: _View, action: Action) -> int:
    """An action's own line, then a line for each agency accountable or heard from. Returns the last row used."""
    overall = view.overall[action.ref]
    cells = (
        action.ref, action_title(action), action.date_commenced, action.leads, action.target_date, None, evidence_expected(action),
    )  # fmt: skip
    for column, value in enumerate(cells, 1):
        style = "action.date" if isinstance(value, date) else "action.head" if column == 1 else "action.part"
        page.put(row, column, value, style)
    _ragb(page, row, overall.rating, "action.part")
    page.put(row, 12, f"{overall.rating}\n{overall.rated} of {overall.asked} rated", "action.head")
    for agency in view.plan.agencies:
        if agency.id in action.agencies or _heard(view, action, agency):
            row = _agency_row(page, row + 1, view, action, agency)
    return row


def _heard(view: _View, action: Action, agency: Agency) -> bool:
    line = view.actions.get((view.period.id, agency.id, action.ref))
    return line is not None and bool(line.evidence)


def _agency_row(page: Page, row: int, view: _View, action: Action, agency: Agency) -> int:
    line = view.actions.get((view.period.id, agency.id, action.ref))
    rates = agency.id in action.agencies
    dates = (line.date_commenced, line.target_date, line.date_achieved) if line else (None, None, None)
    text = "\n".join(_words(line)) if line else ""
    last = page.flow(row, 7, text, "locked")
    for here in range(row, last + 1):
        first = here == row
        for column, value in ((1, None), (2, None), (3, dates[0]), (5, dates[1]), (6, dates[2])):
            page.put(here, column, value if first else None, "locked.date")
        page.put(here, 4, agency.name if first else f"{agency.name} (continued)", "locked")
        _ragb(page, here, line.rating if line and first else None, "brag.blank")
        page.put(here, 12, _rated_words(view, action, agency, rates) if first else None, "small")
    return last


def _words(line: Any) -> Iterator[str]:
    if line.evidence:
        yield line.evidence
    if line.remedial_action:
        yield f"Remedial action: {line.remedial_action}"


def _rated_words(view: _View, action: Action, agency: Agency, rates: bool) -> str:
    """`Green`, or why there is no rating: `Not returned (Green in Q3 2019-20)`."""
    if not rates:
        return "Evidence only"
    if rating := _rating(view, agency.id, action.ref):
        return rating
    status = view.statuses.get(agency.id, "not_received")
    why = {"accepted": "Not rated", "nil": "Nothing to report", "held_back": "Held back", "rejected": "Could not be read"}
    return why.get(status, "Not returned") + _before(view, action, agency)


def _before(view: _View, action: Action, agency: Agency) -> str:
    """The latest earlier rating, for information: nothing is carried over."""
    periods = view.plan.periods
    for period in reversed(periods[: periods.index(view.period)]):
        if rating := _rating(view, agency.id, action.ref, period.id):
            return f" ({rating} in {period.name})"
    return ""


def _ragb(page: Page, row: int, rating: str | None, blank: str) -> None:
    """The plan's four narrow columns, with the one that applies filled and lettered."""
    for column, each in enumerate(brag.RAGB, FIRST_RAGB):
        applies = each.word == rating
        page.put(row, column, each.letter if applies else None, f"brag.{each.word}" if applies else blank)


def _kpis(page: Page, row: int, view: _View, kpis: tuple[Kpi, ...]) -> int:
    quarters = view.plan.year_of(view.period)[:4]
    names = [quarter.name for quarter in quarters] + [""] * (4 - len(quarters))
    _head(page, row, ("Ref", "Key performance indicator", *names, "How it is counted, and comments", "", "", "", "", "Target"))
    for kpi in kpis:
        row += 1
        page.put(row, 1, kpi.ref, "action.head")
        page.put(row, 2, kpi.measure, "action.part")
        for column, quarter in enumerate(quarters, 3):
            page.put(row, column, shown_total(view.merged, kpi, quarter.id), "total.count")
        for column in range(3 + len(quarters), 7):
            page.put(row, column, None, "action.part")
        page.put(row, 7, _counted(kpi), "action.part")
        for column in range(8, 12):
            page.put(row, column, None, "action.part")
        page.put(row, 12, kpi_target(kpi), "action.part")
        row = _kpi_lines(page, row, view, kpi, quarters)
    return row


def shown_total(merged: Merged, kpi: Kpi, period: str) -> str | int | float | None:
    """A KPI's total with its unit: `47 %`, `12 days`, 7."""
    total = kpi_total(merged, kpi.ref, period)
    if total is None or kpi.unit == "count":
        return total
    return f"{total:.0f} %" if kpi.unit == "percent" else f"{total:g} days"


def _counted(kpi: Kpi) -> str:
    """How a KPI comes about: `Sum of 12 agencies. Higher is better.`"""
    several = len(kpi.agencies) > 1
    how = {"sum": f"Sum of {len(kpi.agencies)} agencies", "ratio": "Percentage of all answers taken together"}
    parts = [how[kpi.combine]] if several and kpi.combine in how else []
    if kpi.unit == "percent" and kpi.numerator:
        parts.append(f"{kpi.numerator.capitalize()}, out of {kpi.denominator}")
    if kpi.good:
        parts.append("Higher is better" if kpi.good == "up" else "Lower is better")
    if not kpi.live:
        parts.append(f"Measure {kpi.status}: optional, in no total")
    if kpi.baseline is not None:
        parts.append(f"Baseline {kpi.baseline}")
    return "".join(f"{part}. " for part in parts).strip()


def _kpi_lines(page: Page, row: int, view: _View, kpi: Kpi, quarters: tuple[Period, ...]) -> int:
    """A line for each agency, where there are several or one has something to say."""
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & rows["period"].isin([quarter.id for quarter in quarters])]
    for agency in view.plan.agencies:
        own = {line.period: line for line in records(rows[rows["agency"] == agency.id])}
        said = {period: words for period, line in own.items() if (words := figure(line))}
        comment = own[view.period.id].comment if view.period.id in own else None
        if not comment and not (said and (len(kpi.agencies) > 1 or kpi.unit == "words")):
            continue
        row += 1
        page.put(row, 1, None, "locked")
        page.put(row, 2, agency.name, "small")
        for column in range(3, 7):
            period = quarters[column - 3].id if column - 3 < len(quarters) else ""
            value = said.get(period)
            page.put(row, column, value, style_for(value, "small", "small", "count"))
        last = page.flow(row, 7, comment or "", "locked")
        for column in range(8, 13):
            page.put(row, column, None, "locked")
        row = last
    return row


def _narrative(page: Page, row: int, view: _View, objective: Objective) -> int:
    """What the agencies say in their own words, under the plan's three headings."""
    rows: pd.DataFrame = view.merged.tables["narrative"]
    rows = rows[(rows["period"] == view.period.id) & (rows["objective"] == objective.number)]
    page.put(row, 1, "In the agencies' own words", "heading")
    said = False
    for name, heading, _ in NARRATIVES:
        for line in records(rows[rows[name].notna()]):
            said = True
            last = page.flow(row + 1, 7, getattr(line, name), "locked")
            for here in range(row + 1, last + 1):
                page.put(here, 1, None, "locked")
                page.put(here, 2, heading, "locked")
                page.put(here, 4, view.plan.agency_by_id[line.agency].name, "locked")
                for column in (3, 5, 6):
                    page.put(here, column, None, "locked")
            row = last
    if not said:
        row += 1
        page.put(row, 1, "No agency has added any this period.", "lead")
    return row


# Returns, Findings, Versions


def _returns(book: Book, view: _View) -> Page:
    page = book.page("Returns", (12, 38, 22, 7, 42, 20, 24, 24, 14, 12))
    _title(page, "Returns", "Every return received, and every agency that has not answered.")
    _head(page, 4, RETURN_HEADS)
    for row, line in enumerate(records(view.merged.tables["returns"]), 5):
        name = view.plan.agency_by_id[line.agency].name if line.agency in view.plan.agency_by_id else ""
        late = "Late" if line.late else ""
        saved = line.modified.replace("T", " ").rstrip("Z") if line.modified else None
        who = (_brief(line.completed_by), _brief(line.role), line.completed_on, line.declared)
        cells = (line.period, name, STATUS_WORDS[line.status], late, line.file, saved, *who)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    page.print_on_a4("Returns", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _brief(text: str | None) -> str | None:
    """Enough to know by; Data returns has it whole."""
    return shortened(text, 200) if text else None


def _title(page: Page, title: str, lead: str) -> None:
    page.put(1, 1, title, "title")
    page.put(2, 1, lead, "lead")


def _findings(book: Book, view: _View) -> Page:
    page = book.page("Findings", (15, 30, 34, 17, 52, 46, 34, 26))
    _title(page, "Findings", "What is wrong or unusual in the returns that count, the most serious first. Later returns that put things "
           "right have removed theirs.")  # fmt: skip
    _head(page, 4, ("How serious", "Agency", "File", "Where", "What", "What to do", "What was typed", "Code"))
    rows = view.merged.tables["findings"]
    if rows.empty:
        page.put(5, 1, "Nothing was found.", "lead")
    for row, line in enumerate(records(rows), 5):
        name = view.plan.agency_by_id[line.agency].name if line.agency in view.plan.agency_by_id else ""
        where = "!".join(part for part in (line.sheet, line.cell) if part)
        held = "\nHeld back" if line.held_back else ""
        cells = (SEVERITY_WORDS[line.severity] + held, name, line.file, where, line.message, line.fix, _brief(line.value), line.code)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked" if column < 8 else "small")
    page.print_on_a4("Findings", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _versions(book: Book, plan: Plan) -> Page:
    page = book.page("Versions", (16, 12, 28, 70, 20))
    _title(page, "Versions", f"This master was made with version {plan.about.version} of the plan, which runs from "
           f"{day(plan.about.start)} to {day(plan.about.end)}.")  # fmt: skip
    _head(page, 4, VERSION_COLUMNS)
    for row, version in enumerate(plan.versions, 5):
        for column, value in enumerate(version_row(version), 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    page.print_on_a4("Versions", "4:4")
    return page
