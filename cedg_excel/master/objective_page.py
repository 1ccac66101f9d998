"""The master's objective pages: each prints on A4 like the plan, with the answers of every agency below the action."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd
from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.datavalidation import DataValidation

from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.styles import differential
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.fields import NARRATIVE_FIELDS
from cedg_excel.form.objective_tab import action_title, evidence_expected
from cedg_excel.master.comparison import ActionRatings
from cedg_excel.master.doubt import LEGEND
from cedg_excel.master.group_entries import agreed_texts
from cedg_excel.master.objective_columns import (
    AGREED,
    COLUMN_OF,
    FIRST_RATING_COLUMN,
    GROUP_RATING,
    IN_DOUBT_NOTE,
    LEADS,
    NOTE,
    PAGE_COLUMNS,
    RATED,
    TEXTS,
)
from cedg_excel.master.objective_ended import ended_table
from cedg_excel.master.objective_kpis import kpi_table
from cedg_excel.master.period_view import PeriodView, answer_texts
from cedg_excel.master.store import records
from cedg_excel.plan.model import Action, Agency, Objective
from cedg_excel.plan.period_words import for_meeting, period_span
from cedg_excel.ratings import NOT_RATED, RATING_WORDS, RATINGS, WORST_FIRST


def objective_page(book: Book, view: PeriodView, objective: Objective) -> Page:
    """One objective's page for the period the master shows."""
    page = book.page(objective.sheet, tuple(column.width for column in PAGE_COLUMNS))
    row = 1
    page.put(row, 1, f"{objective.sheet}: {objective.title}", "title")
    page.put(row + 1, 1, f"Lead: {objective.lead or 'none named in the plan'}. {view.period.name}, {period_span(view.period)}"
             f"{for_meeting(view.period)}.", "lead")  # fmt: skip
    page.put(row + 2, 1, objective.purpose, "lead")
    page.put_notice(row + 3)
    first = row = row + 4
    put_headings(page, row, (column.heading for column in PAGE_COLUMNS))
    for action in view.plan.actions_of(objective.number):
        row = _action(page, row + 1, view, action)
    kpis = view.plan.kpis_of(objective.number)
    table = row + 2
    if kpis:
        row = kpi_table(page, table, view, kpis)
    page.put(row + 1, 1, LEGEND, "lead")
    row = ended_table(page, row + 1, view, objective) - 1
    row = _agreed_texts_table(page, row + 3, view, objective)
    row = _narrative(page, row + 2, view, objective)
    _add_group_rating_list(page, view, objective, first)
    repeat = page.break_before(table, first, row)
    # Repeat the heading only if the actions continue on a second page: otherwise it would head other tables there.
    page.print_on_a4(view.plan.about.title, None if page.fits_a_page(table - 1) else repeat)
    page.sheet.freeze_panes = "C2"
    return page


def _action(page: Page, row: int, view: PeriodView, action: Action) -> int:
    """An action's own row, then a row for each agency that is accountable or gave evidence. Returns the last row used."""
    overall = view.overall[action.ref]
    values = {"title": action_title(action), "texts": evidence_expected(action)}
    for column, name in enumerate((column.name for column in PAGE_COLUMNS[:TEXTS]), 1):
        value = values.get(name, getattr(action, name, None))
        style = "action.date" if isinstance(value, date) else "action.head" if column == 1 else "action.part"
        page.put(row, column, value, style)
    _rating_formulas(page, row, overall)
    page.put(row, RATED, "\n".join(_overall_texts(view, action, overall)), "action.head")
    page.put(row, GROUP_RATING, overall.by_group, "input.rating")
    page.put(row, NOTE, overall.note, "input.text")
    for agency in view.plan.agencies:
        if agency.id in action.agencies or _has_evidence(view, action, agency):
            row = _agency_row(page, row + 1, view, action, agency)
    return row


def _overall_texts(view: PeriodView, action: Action, overall: ActionRatings) -> Iterator[str]:
    """`Green so far †‡`, `2 of 3 rated`, who is silent, and how the rating has changed; marked where it is the group's own."""
    so_far = "" if overall.is_complete or overall.rating == NOT_RATED else " so far"
    yield f"{overall.rating}{so_far} {overall.marks}".rstrip()
    if overall.by_group:
        yield f"the group's own; by the agencies: {overall.by_agencies}"
    yield f"{overall.rated} of {overall.to_rate} rated"
    for heard in overall.still_off_track:
        yield f"{view.plan.agency_by_id[heard.agency].name} has not rated it: {heard.rating} in {heard.period.name}"
    if change := view.rating_change(action):
        yield change.text


def _rating_formulas(page: Page, row: int, overall: ActionRatings) -> None:
    """The four narrow rating columns as formulas, so that they change when the group chooses a rating in the meeting."""
    group_rating = f"TRIM(INDEX(${column_letter(GROUP_RATING)}:${column_letter(GROUP_RATING)},ROW()))"
    for column, option in enumerate(WORST_FIRST, FIRST_RATING_COLUMN):
        formula = f'=IF(IF({group_rating}="","{overall.by_agencies}",{group_rating})="{option.word}","{option.letter}","")'
        page.formula(row, column, formula, "action.ragb", option.letter if overall.rating == option.word else "")


def _agreed_texts_table(page: Page, row: int, view: PeriodView, objective: Objective) -> int:
    """Where the group writes the texts it has agreed; the closure report prefers them to the agencies' texts."""
    texts = agreed_texts(view.merged, view.period.id)
    page.put(row, 1, "Agreed by the group for the report (type into the pale yellow cells; what you type is kept)", "heading")
    for item_row, item in enumerate(NARRATIVE_FIELDS, row + 1):
        page.put(item_row, 1, AGREED, "small")
        page.put(item_row, 2, item.heading, "locked")
        page.put(item_row, TEXTS, texts.get(f"agreed/{objective.number}/{item.name}"), "input.text")
    return row + len(NARRATIVE_FIELDS)


def _add_group_rating_list(page: Page, view: PeriodView, objective: Objective, first: int) -> None:
    """The dropdown list of Group rating, and the colours that depend on it."""
    refs = {action.ref for action in view.plan.actions_of(objective.number)}
    rows = [cell.row for (cell,) in page.sheet.iter_rows(min_row=first, max_col=1) if cell.value in refs]
    if not rows:
        return
    validation = DataValidation(
        type="list", formula1='"' + ",".join(RATING_WORDS) + '"', allow_blank=True, promptTitle="Group rating",
        prompt="The group's own rating. It replaces the agencies' rating until you clear it.", errorTitle="Choose from the list",
        error="Choose Blue, Red, Amber or Green, or clear the cell.", errorStyle="stop", showErrorMessage=True, showInputMessage=True,
    )  # fmt: skip
    for row in rows:
        validation.add(f"{column_letter(GROUP_RATING)}{row}")
    page.sheet.add_data_validation(validation)
    left, right = column_letter(FIRST_RATING_COLUMN), column_letter(RATED - 1)
    addresses = " ".join(f"{left}{row}:{right}{row}" for row in rows)
    for rating in RATINGS:
        style = differential(rating.ink, rating.fill)
        page.sheet.conditional_formatting.add(addresses, Rule(type="expression", dxf=style, formula=[f'{left}{rows[0]}="{rating.letter}"']))


def _has_evidence(view: PeriodView, action: Action, agency: Agency) -> bool:
    answers_row = view.action_row(agency.id, action.ref)
    return answers_row is not None and bool(answers_row.evidence)


def _agency_row(page: Page, row: int, view: PeriodView, action: Action, agency: Agency) -> int:
    answers_row = view.action_row(agency.id, action.ref)
    answers = {column: getattr(answers_row, name) for name, column in COLUMN_OF.items()} if answers_row else {}
    text = "\n".join(answer_texts(answers_row)) if answers_row else ""
    last = page.put_long_text(row, TEXTS, text, "locked")
    for page_row in range(row, last + 1):
        first = page_row == row
        for column in (1, 2, *COLUMN_OF.values()):
            page.put(page_row, column, answers.get(column) if first else None, "locked.date")
        page.put(page_row, LEADS, agency.name if first else f"{agency.name} (continued)", "locked")
        _rating_letter(page, page_row, answers_row.rating if answers_row and first else None, "brag.blank")
        doubt = [IN_DOUBT_NOTE] if (agency.id, action.ref) in view.doubtful_answers else []
        page.put(page_row, RATED, "\n".join([view.rating_text(action, agency), *doubt]) if first else None, "small")
    return last


def _rating_letter(page: Page, row: int, rating: str | None, blank: str) -> None:
    """The four narrow rating columns: the one that applies has its letter and colour."""
    for column, option in enumerate(WORST_FIRST, FIRST_RATING_COLUMN):
        applies = option.word == rating
        page.put(row, column, option.letter if applies else None, f"brag.{option.word}" if applies else blank)


def _narrative(page: Page, row: int, view: PeriodView, objective: Objective) -> int:
    """The agencies' narrative answers, by question."""
    rows: pd.DataFrame = view.merged.tables["narrative"]
    rows = rows[(rows["period"] == view.period.id) & (rows["objective"] == objective.number)]
    page.put(row, 1, "In the agencies' own words", "heading")
    has_text = False
    for item in NARRATIVE_FIELDS:
        for answers_row in records(rows[rows[item.column].notna()]):
            has_text = True
            last = page.put_long_text(row + 1, TEXTS, getattr(answers_row, item.column), "locked")
            for page_row in range(row + 1, last + 1):
                page.put(page_row, 1, None, "locked")
                page.put(page_row, 2, item.heading, "locked")
                page.put(page_row, LEADS, view.merged.agency_name(answers_row.agency), "locked")
                for column in {*range(3, TEXTS)} - {LEADS}:
                    page.put(page_row, column, None, "locked")
            row = last
    if not has_text:
        row += 1
        page.put(row, 1, "No agency has added any text this period.", "lead")
    return row
