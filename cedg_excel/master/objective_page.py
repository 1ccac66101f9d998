"""The pages of the objectives in the master: each prints on A4 like the plan, with every agency's words under the action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd
from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.datavalidation import DataValidation

from cedg_excel.excel.page import Book, Page, put_headings, style_for
from cedg_excel.excel.styles import differential
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.fields import ACTION_COLUMNS, FIELDS, NARRATIVE_FIELDS
from cedg_excel.form.objective_tab import action_title, evidence_expected, kpi_target
from cedg_excel.master.merge import agreed_words
from cedg_excel.master.period_view import PeriodView, agency_figure, agency_words, bars_in_text, total_words, trend
from cedg_excel.master.ratings_and_totals import Overall, kpi_total
from cedg_excel.master.store import records
from cedg_excel.plan.model import ACTION_REF, Action, Agency, Kpi, Objective, Period
from cedg_excel.plan.period_words import for_meeting, period_span
from cedg_excel.ratings import RATING_WORDS, RATINGS, WORST_FIRST
from cedg_excel.tab_names import objective_number
from cedg_excel.text import shown

OBJECTIVE_HEADS = (
    *(column.heading for column in ACTION_COLUMNS[:6]), "Evidence and remedial action",
    "R", "A", "G", "B", "Rated", "Group rating", "Coordinator's note",
)  # fmt: skip
OBJECTIVE_WIDTHS = (7.0, 34.0, 12.5, 24.0, 12.5, 12.5, 52.0, 4.5, 4.5, 4.5, 4.5, 20.0, 11.0, 26.0)
GROUP_RATING, NOTE, AGREED_WORDS = 13, 14, 7
"""The columns of the only unlocked cells: the group's own rating and note of an action, and its words for the objective."""

AGREED = "Agreed"
IN_DOUBT = "In doubt: see Findings"
FIRST_RAGB = 8
_COLUMN_OF = {item.column: OBJECTIVE_HEADS.index(item.heading) + 1 for item in FIELDS["actions"] if item.shown == "column"}
"""The columns of the answers that have one to themselves on the page; the others are words, or the rating."""


def objective_page(book: Book, view: PeriodView, objective: Objective) -> Page:
    """One objective's page for the period the master shows."""
    page = book.page(objective.sheet, OBJECTIVE_WIDTHS)
    row = 1
    page.put(row, 1, f"{objective.sheet}: {objective.title}", "title")
    page.put(row + 1, 1, f"Lead: {objective.lead or 'none named in the plan'}. {view.period.name}, {period_span(view.period)}"
             f"{for_meeting(view.period)}.", "lead")  # fmt: skip
    page.put(row + 2, 1, objective.purpose, "lead")
    first = row = row + 4
    put_headings(page, row, OBJECTIVE_HEADS)
    for action in view.plan.actions_of(objective.number):
        row = _action(page, row + 1, view, action)
    kpis = view.plan.kpis_of(objective.number)
    table = row + 2
    if kpis:
        row = _kpis(page, table, view, kpis)
    row = _agreed(page, row + 2, view, objective)
    row = _narrative(page, row + 2, view, objective)
    _let_the_group_write(page, view, objective, first)
    repeat = page.break_before(table, first, row)
    # Nothing on a locked page grows: where the actions end on the first page, their heading has no business on the second.
    page.print_on_a4(view.plan.about.title, None if page.fits_a_page(table - 1) else repeat)
    page.sheet.freeze_panes = "C2"
    return page


def _action(page: Page, row: int, view: PeriodView, action: Action) -> int:
    """An action's own line, then a line for each agency accountable or heard from. Returns the last row used."""
    overall = view.overall[action.ref]
    cells = (
        action.ref, action_title(action), action.date_commenced, action.leads, action.target_date, None, evidence_expected(action),
    )  # fmt: skip
    for column, value in enumerate(cells, 1):
        style = "action.date" if isinstance(value, date) else "action.head" if column == 1 else "action.part"
        page.put(row, column, value, style)
    _live_ragb(page, row, overall)
    page.put(row, 12, "\n".join(_overall_words(view, action, overall)), "action.head")
    page.put(row, GROUP_RATING, overall.by_group, "input.rating")
    page.put(row, NOTE, overall.note, "input.text")
    for agency in view.plan.agencies:
        if agency.id in action.agencies or _heard(view, action, agency):
            row = _agency_row(page, row + 1, view, action, agency)
    return row


def _overall_words(view: PeriodView, action: Action, overall: Overall) -> Iterator[str]:
    """`Amber`, `2 of 3 rated`, and how it has moved; marked where the rating is the group's own."""
    yield overall.rating
    if overall.by_group:
        yield f"the group's own; by the agencies: {overall.by_agencies}"
    yield f"{overall.rated} of {overall.asked} rated"
    if doubtful := view.in_doubt(action.ref):
        yield f"{doubtful} in doubt"
    if move := view.move(action):
        yield move.words


def _live_ragb(page: Page, row: int, overall: Overall) -> None:
    """The four narrow columns as formulas, so that they follow a rating the group picks in the meeting."""
    own = f"TRIM(INDEX(${column_letter(GROUP_RATING)}:${column_letter(GROUP_RATING)},ROW()))"
    for column, each in enumerate(WORST_FIRST, FIRST_RAGB):
        formula = f'=IF(IF({own}="","{overall.by_agencies}",{own})="{each.word}","{each.letter}","")'
        page.formula(row, column, formula, "action.ragb", each.letter if overall.rating == each.word else "")


def _agreed(page: Page, row: int, view: PeriodView, objective: Objective) -> int:
    """Where the group writes the words it has agreed; the closure report uses them before the agencies'."""
    words = agreed_words(view.merged, view.period.id)
    page.put(row, 1, "Agreed by the group for the report (type into the pale yellow cells; they are kept)", "heading")
    for here, item in enumerate(NARRATIVE_FIELDS, row + 1):
        page.put(here, 1, AGREED, "small")
        page.put(here, 2, item.heading, "locked")
        page.put(here, AGREED_WORDS, words.get(f"agreed/{objective.number}/{item.name}"), "input.text")
    return row + len(NARRATIVE_FIELDS)


def _let_the_group_write(page: Page, view: PeriodView, objective: Objective, first: int) -> None:
    """The list behind Group rating, and the colours that follow it."""
    refs = {action.ref for action in view.plan.actions_of(objective.number)}
    rows = [cell.row for (cell,) in page.sheet.iter_rows(min_row=first, max_col=1) if cell.value in refs]
    if not rows:
        return
    words = DataValidation(
        type="list", formula1='"' + ",".join(RATING_WORDS) + '"', allow_blank=True, promptTitle="Group rating",
        prompt="The group's own rating. It stands instead of the agencies' until it is cleared.", errorTitle="Choose from the list",
        error="Choose Blue, Red, Amber or Green, or clear the cell.", errorStyle="stop", showErrorMessage=True, showInputMessage=True,
    )  # fmt: skip
    for row in rows:
        words.add(f"{column_letter(GROUP_RATING)}{row}")
    page.sheet.add_data_validation(words)
    left, right = column_letter(FIRST_RAGB), column_letter(FIRST_RAGB + 3)
    where = " ".join(f"{left}{row}:{right}{row}" for row in rows)
    for rating in RATINGS:
        look = differential(rating.ink, rating.fill)
        page.sheet.conditional_formatting.add(where, Rule(type="expression", dxf=look, formula=[f'{left}{rows[0]}="{rating.letter}"']))


def group_entries_of_page(cells: Mapping[tuple[int, int], Any]) -> dict[str, str | None]:
    """
    What stands in the unlocked cells of an objective's page, by key; None where they are blank.

    `cells` are the page's values by row and column, both 1-based. Pages are locked, so all else stands where it was put.
    """
    found: dict[str, str | None] = {}
    number = objective_number(str(cells.get((1, 1), "")).partition(":")[0])
    names = {item.heading: item.name for item in NARRATIVE_FIELDS}
    for (row, column), value in cells.items():
        if column == 1 and isinstance(value, str) and ACTION_REF.fullmatch(value):
            found[f"group/{value}/rating"] = shown(cells.get((row, GROUP_RATING)))
            found[f"group/{value}/note"] = shown(cells.get((row, NOTE)))
        elif column == 1 and value == AGREED and (name := names.get(cells.get((row, 2), ""))):
            found[f"agreed/{number}/{name}"] = shown(cells.get((row, AGREED_WORDS)))
    return found


def _heard(view: PeriodView, action: Action, agency: Agency) -> bool:
    line = view.line(agency.id, action.ref)
    return line is not None and bool(line.evidence)


def _agency_row(page: Page, row: int, view: PeriodView, action: Action, agency: Agency) -> int:
    line = view.line(agency.id, action.ref)
    answers = {column: getattr(line, name) for name, column in _COLUMN_OF.items()} if line else {}
    text = "\n".join(agency_words(line)) if line else ""
    last = page.put_long_text(row, 7, text, "locked")
    for here in range(row, last + 1):
        first = here == row
        for column in (1, 2, *_COLUMN_OF.values()):
            page.put(here, column, answers.get(column) if first else None, "locked.date")
        page.put(here, 4, agency.name if first else f"{agency.name} (continued)", "locked")
        _ragb(page, here, line.rating if line and first else None, "brag.blank")
        doubt = [IN_DOUBT] if (agency.id, action.ref) in view.doubts else []
        page.put(here, 12, "\n".join([view.rated_words(action, agency), *doubt]) if first else None, "small")
    return last


def _ragb(page: Page, row: int, rating: str | None, blank: str) -> None:
    """The plan's four narrow columns, with the one that applies filled and lettered."""
    for column, each in enumerate(WORST_FIRST, FIRST_RAGB):
        applies = each.word == rating
        page.put(row, column, each.letter if applies else None, f"brag.{each.word}" if applies else blank)


def _kpis(page: Page, row: int, view: PeriodView, kpis: tuple[Kpi, ...]) -> int:
    quarters = view.plan.year_of(view.period)[:4]
    names = [quarter.name for quarter in quarters] + [""] * (4 - len(quarters))
    put_headings(
        page, row, ("Ref", "Key performance indicator", *names, "How it is counted, and comments", "", "", "", "", "Target and trend")
    )
    for kpi in kpis:
        row += 1
        page.put(row, 1, kpi.ref, "action.head")
        page.put(row, 2, kpi.measure, "action.part")
        for column, quarter in enumerate(quarters, 3):
            page.put(row, column, total_words(kpi, kpi_total(view.merged, kpi.ref, quarter.id)), "total.count")
        for column in range(3 + len(quarters), 7):
            page.put(row, column, None, "action.part")
        page.put(row, 7, _counted(view, kpi), "action.part")
        for column in range(8, 12):
            page.put(row, column, None, "action.part")
        history = view.history(kpi)
        page.put(row, 12, "\n".join(_target_and_trend(kpi, history)), "action.part")
        row = _kpi_lines(page, row, view, kpi, quarters)
    return row


def _target_and_trend(kpi: Kpi, history: list[tuple[Period, int | float]]) -> Iterator[str]:
    """`Target 50`, the totals drawn as bars, and where they are going."""
    if kpi.target is not None:
        yield f"Target {kpi_target(kpi)}"
    yield from (words for words in (bars_in_text(history), trend(kpi, history)) if words)


def _counted(view: PeriodView, kpi: Kpi) -> str:
    """How a KPI comes about: `Sum of 12 agencies. 11 of 12 gave a figure this time. Higher is better.`"""
    several = len(kpi.agencies) > 1
    how = {"sum": f"Sum of {len(kpi.agencies)} agencies", "ratio": "Percentage of all answers taken together"}
    parts = [how[kpi.combine]] if several and kpi.combine in how else []
    given = view.figures_given(kpi)
    if kpi.live and several and kpi.combine in how and given < len(kpi.agencies) and view.plan.is_due(kpi, view.period):
        parts.append(f"{given} of {len(kpi.agencies)} gave a figure this time")
    if doubtful := view.in_doubt(kpi.ref):
        parts.append(f"{doubtful} in doubt: see Findings")
    if kpi.unit == "percent" and kpi.numerator:
        parts.append(f"{kpi.numerator.capitalize()}, out of {kpi.denominator}")
    if kpi.good:
        parts.append("Higher is better" if kpi.good == "up" else "Lower is better")
    if not kpi.live:
        parts.append(f"Measure {kpi.status}: optional, in no total")
    if kpi.baseline is not None:
        parts.append(f"Baseline {kpi.baseline}")
    return "".join(f"{part}. " for part in parts).strip()


def _kpi_lines(page: Page, row: int, view: PeriodView, kpi: Kpi, quarters: tuple[Period, ...]) -> int:
    """A line for each agency, where there are several or one has something to say."""
    lines = {(line.agency, quarter.id): line for quarter in quarters for line in view.merged.figures.get((kpi.ref, quarter.id), ())}
    for agency in view.plan.agencies:
        own = {period: line for (whose, period), line in lines.items() if whose == agency.id}
        said = {period: words for period, line in own.items() if (words := agency_figure(line))}
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
        doubt = (agency.id, kpi.ref) in view.doubts
        last = page.put_long_text(row, 7, "\n".join(words for words in (comment, IN_DOUBT if doubt else "") if words), "locked")
        for column in range(8, 13):
            page.put(row, column, None, "locked")
        row = last
    return row


def _narrative(page: Page, row: int, view: PeriodView, objective: Objective) -> int:
    """What the agencies say in their own words, under the plan's three headings."""
    rows: pd.DataFrame = view.merged.tables["narrative"]
    rows = rows[(rows["period"] == view.period.id) & (rows["objective"] == objective.number)]
    page.put(row, 1, "In the agencies' own words", "heading")
    said = False
    for item in NARRATIVE_FIELDS:
        for line in records(rows[rows[item.column].notna()]):
            said = True
            last = page.put_long_text(row + 1, 7, getattr(line, item.column), "locked")
            for here in range(row + 1, last + 1):
                page.put(here, 1, None, "locked")
                page.put(here, 2, item.heading, "locked")
                page.put(here, 4, view.plan.agency_by_id[line.agency].name, "locked")
                for column in (3, 5, 6):
                    page.put(here, column, None, "locked")
            row = last
    if not said:
        row += 1
        page.put(row, 1, "No agency has added any this period.", "lead")
    return row
