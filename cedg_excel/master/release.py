"""
The master for wider reading: overall ratings and totals as plain values, without small counts or any agency's own answers.

A small count can identify a child. Counts under 5 are suppressed. So are percentages of so few, and there are no totals across
quarters, because a suppressed count could be derived from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel.styles import rating_style
from cedg_excel.form.fields import NARRATIVE_FIELDS
from cedg_excel.master.comparison import KpiPeriod, marked_rating
from cedg_excel.master.doubt import LEGEND
from cedg_excel.master.ended import ended_actions
from cedg_excel.master.figures_as_text import target_text, total_with_unit
from cedg_excel.master.group_entries import agreed_texts
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_view import PeriodView, period_view, periods_with_returns
from cedg_excel.master.store import records
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Period
from cedg_excel.plan.notice import notice_line
from cedg_excel.ratings import NOT_RATED, RATINGS, WORST_FIRST

MIN_COUNT = 5
SUPPRESSED, NO_FIGURE = f"under {MIN_COUNT}", "no figure"
SMALL_NUMBERS = "small numbers"


def release_bytes(merged: Merged, narrative: bool = False) -> bytes:
    """
    The release as an .xlsx file, the same bytes for the same master: no formulas, no agency's own figures, evidence or names.

    `narrative` adds the texts of the period that the master shows: those agreed by the group, else those of the agencies.
    """
    plan = merged.plan
    book = Book(f"{plan.about.title}: for wider reading", notice_line(plan.about.notice))
    view = period_view(merged)
    so_far = plan.periods[: plan.periods.index(view.period) + 1]
    periods = [period for period in periods_with_returns(merged) if period in so_far]
    pages = [_about(book, view, narrative), _ratings(book, view, periods), _kpis(book, view, periods)]
    pages += [_narrative(book, view)] if narrative else []
    for page in pages:
        page.finish()
    return to_bytes(book.workbook, merged.last_change)


def _about(book: Book, view: PeriodView, narrative: bool) -> Page:
    plan = view.plan
    page = book.page("About", (92,))
    with_texts = "It includes the narrative texts of each objective, with personal data removed. Read them before you pass them on."
    without_texts = "Evidence, remedial action, comments and narrative are left out."
    lines = [
        (plan.about.title, "title"),
        (f"For wider reading: up to {view.period.name}", "subtitle"),
        *([(book.notice, "notice")] if book.notice else []),
        ("What this is", "heading"),
        ("The overall BRAG rating of each action and the totals of each indicator, as values. No agency's own answers are in it.", "text"),
        (with_texts if narrative else without_texts, "text"),
        ("Small numbers", "heading"),
        (f"A count below {MIN_COUNT} is shown as \u201c{SUPPRESSED}\u201d, including zero. A percentage is shown as "
         f"\u201c{SMALL_NUMBERS}\u201d when it is of fewer than {MIN_COUNT}, or when fewer than {MIN_COUNT} are on either side of it. "
         "No totals across quarters are given, because a suppressed figure could be calculated from them.", "text"),
        ("With numbers published elsewhere, these totals may still reveal a suppressed figure. Compare them before you publish.", "text"),
        ("The ratings", "heading"),
        *((f"{rating.word}: {plan.about.brag.of(rating.word)}", "text") for rating in RATINGS),
    ]  # fmt: skip
    for row, (text, style) in enumerate(lines, 1):
        page.put(row, 1, text, style)
    page.print_on_a4(plan.about.title, landscape=False)
    return page


def _ratings(book: Book, view: PeriodView, periods: list[Period]) -> Page:
    plan = view.plan
    page = book.page("Ratings", (8, 70, *(16 for _ in periods)))
    page.put(1, 1, "Overall rating of each action", "title")
    page.put(
        2, 1, "The worst rating of the accountable agencies, or the group's own. Blue only if all of them rate it Blue. " + LEGEND, "lead"
    )
    page.put_notice(3)
    overall = [view.answers.actions(period) for period in periods]
    row = 4
    for objective in plan.objectives:
        ended = {item.action.ref: item for item in ended_actions(view, objective.number)}
        actions = [action for action in view.merged.plan.actions_of(objective.number) if action.ref in view.overall or action.ref in ended]
        page.put(row, 1, f"{objective.number}. {objective.title}", "heading")
        if overall:
            now = (overall[-1][action.ref].rating for action in actions if action.ref in overall[-1])
            page.put(row + 1, 1, _rating_counts(Counter(now)), "lead")
        put_headings(page, row + 2, ("Ref", "Action", *(period.name for period in periods)))
        for page_row, action in enumerate(actions, row + 3):
            page.put(page_row, 1, action.ref, "ref")
            became = f": {ended[action.ref].text}" if action.ref in ended else ""
            page.put(page_row, 2, f"{action.title}{became}", "locked")
            for column, ratings in enumerate(overall, 3):
                found = ratings.get(action.ref)
                page.put(page_row, column, marked_rating(found) if found else "\u2013", rating_style(found.rating if found else None))
        row += len(actions) + 4
    page.print_on_a4(plan.about.title)
    return page


def _rating_counts(counts: Counter[str]) -> str:
    """`Now: 3 Red, 2 Amber, 2 Green, 0 Blue`."""
    ratings = [*(rating.word for rating in WORST_FIRST), *([NOT_RATED] if counts[NOT_RATED] else [])]
    return "Now: " + ", ".join(f"{counts[word]} {word}" for word in ratings)


def _kpis(book: Book, view: PeriodView, periods: list[Period]) -> Page:
    plan = view.plan
    page = book.page("Indicators", (8, 62, 12, 14, *(22 for _ in periods)))
    page.put(1, 1, "Key performance indicators, agencies together", "title")
    page.put(2, 1, f"Counts below {MIN_COUNT} are not given. {LEGEND}", "lead")
    page.put_notice(3)
    put_headings(page, 4, ("Ref", "Measure", "Unit", "Target", *(period.name for period in periods)))
    listed_kpis = [kpi for kpi in plan.kpis if kpi.is_live and kpi.unit != "words"]
    for row, kpi in enumerate(listed_kpis, 5):
        page.put(row, 1, kpi.ref, "ref")
        page.put(row, 2, kpi.measure, "locked")
        page.put(row, 3, kpi.unit, "count")
        page.put(row, 4, target_text(kpi), "count")
        for column, period in enumerate(periods, 5):
            page.put(row, column, released_total(view.kpi(kpi, period)), "count")
    page.sheet.freeze_panes = "C5"
    page.print_on_a4(plan.about.title, "4:4")
    return page


def released_total(figures: KpiPeriod) -> str | int | float:
    """A KPI's total as it may be published: `under 5`, `small numbers`, `no figure`, or the total with its unit; with its marks."""
    kpi, total = figures.kpi, figures.total()
    if total is None:
        why = f" ({figures.doubt.without_figure})" if figures.doubt.reasons else ""
        return f"{NO_FIGURE}{why} {figures.marks}".rstrip()
    part, whole = figures.parts
    if kpi.unit == "count" and total < MIN_COUNT:
        shown: str | int | float = SUPPRESSED
    elif kpi.unit == "percent" and min(part, whole - part) < MIN_COUNT:
        shown = SMALL_NUMBERS
    else:
        shown = total_with_unit(kpi, total) or total
    coverage = f" ({figures.doubt.coverage})" if figures.doubt.coverage else ""
    marks = f" {figures.marks}" if figures.marks else ""
    return f"{shown}{marks}{coverage}" if marks or coverage else shown


def _narrative(book: Book, view: PeriodView) -> Page:
    plan = view.plan
    page = book.page("Narrative", (34, 16, 96))
    page.put(1, 1, f"In words: {view.period.name}", "title")
    page.put(2, 1, "Personal data with a recognisable format was removed. Read the texts before you pass them on.", "lead")
    page.put_notice(3)
    put_headings(page, 4, ("Objective", "About", "Words"))
    row = 5
    for objective in plan.objectives:
        for field, label in ((item.name, item.heading) for item in NARRATIVE_FIELDS):
            for text in _texts(view.merged, view.period.id, objective.number, field):
                page.put(row, 1, f"{objective.number}. {objective.title}", "locked")
                page.put(row, 2, label, "locked")
                row = page.put_long_text(row, 3, masked(text), "locked") + 1
    if row == 5:
        page.put(row, 1, "No texts were given.", "lead")
    page.print_on_a4(plan.about.title, "4:4")
    return page


def _texts(merged: Merged, period: str, objective: int, field: str) -> Iterator[str]:
    """The text that the group agreed, else the text of each agency, without its name."""
    if agreed := agreed_texts(merged, period).get(f"agreed/{objective}/{field}"):
        yield agreed
        return
    for line in records(merged.tables["narrative"]):
        if (line.period, line.objective) == (period, objective) and (text := getattr(line, field)):
            yield text
