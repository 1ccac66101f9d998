"""
The master for wider reading: overall ratings and totals as plain values, small counts suppressed, nobody's own entries.

A small count can point to a child. Under 5 it is not given; neither is a percentage of so few, nor a total across quarters,
from which it could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.fields import NARRATIVE_FIELDS
from cedg_excel.master.merge import Merged, agreed_words
from cedg_excel.master.period_view import period_view, total_words
from cedg_excel.master.ratings_and_totals import kpi_total, overall_ratings, ratio_parts
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import records
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Kpi, Period
from cedg_excel.ratings import NOT_RATED, RATING_BY_WORD, RATINGS, WORST_FIRST

SMALLEST = 5
SUPPRESSED, NO_FIGURE = f"under {SMALLEST}", "no figure"
SMALL_BASE = "small numbers"


def release_bytes(merged: Merged, narrative: bool = False) -> bytes:
    """
    The release as an .xlsx file, the same bytes for the same master: no formulas, no agency's own figures, evidence or names.

    With `narrative` the words agreed by the group, and where there are none the agencies', of the period the master shows.
    """
    plan = merged.plan
    book = Book(f"{plan.about.title}: for wider reading")
    periods = _periods(merged)
    pages = [_about(book, merged, narrative), _ratings(book, merged, periods), _kpis(book, merged, periods)]
    pages += [_narrative(book, merged)] if narrative else []
    for page in pages:
        page.finish()
    return to_bytes(book.workbook, merged.last_change)


def _periods(merged: Merged) -> list[Period]:
    """The periods with a return, up to the one the master shows."""
    returns = merged.tables["returns"]
    seen = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    last = merged.plan.periods.index(period_view(merged).period)
    return [period for period in merged.plan.periods[: last + 1] if period.id in seen]


def _about(book: Book, merged: Merged, narrative: bool) -> Page:
    plan, view = merged.plan, period_view(merged)
    page = book.page("About", (92,))
    words = "It gives the words of each objective with personal data taken out. Read them before you pass them on." if narrative else (
        "Evidence, remedial action, comments and narrative are left out.")  # fmt: skip
    lines = [
        (plan.about.title, "title"),
        (f"For wider reading: up to {view.period.name}", "subtitle"),
        ("What this is", "heading"),
        ("The overall BRAG rating of each action and the totals of each indicator, as values. No agency's own answers are in it.", "text"),
        (words, "text"),
        ("Small numbers", "heading"),
        (f"A count below {SMALLEST} is shown as \u201c{SUPPRESSED}\u201d, nought included. A percentage is shown as "
         f"\u201c{SMALL_BASE}\u201d when it is of fewer than {SMALLEST}, or when fewer than {SMALLEST} are on either side of it. "
         "No totals across quarters are given, since a suppressed figure could be worked out from them.", "text"),
        ("Other numbers published elsewhere can still give one away when set beside these: compare before you publish.", "text"),
        ("The ratings", "heading"),
        *((f"{rating.word}: {plan.about.brag.of(rating.word)}", "text") for rating in RATINGS),
    ]  # fmt: skip
    for row, (text, style) in enumerate(lines, 1):
        page.put(row, 1, text, style)
    page.print_on_a4(plan.about.title, landscape=False)
    return page


def _ratings(book: Book, merged: Merged, periods: list[Period]) -> Page:
    plan = merged.plan
    page = book.page("Ratings", (8, 70, *(16 for _ in periods)))
    page.put(1, 1, "Overall rating of each action", "title")
    page.put(2, 1, "The worst rating of the accountable agencies, or the group's own; Blue only when all of them say so.", "lead")
    overall = [overall_ratings(merged, period.id) for period in periods]
    row = 4
    for objective in plan.objectives:
        actions = plan.actions_of(objective.number)
        page.put(row, 1, f"{objective.number}. {objective.title}", "heading")
        if overall:
            page.put(row + 1, 1, _counted(Counter(overall[-1][action.ref].rating for action in actions)), "lead")
        put_headings(page, row + 2, ("Ref", "Action", *(period.name for period in periods)))
        for here, action in enumerate(actions, row + 3):
            page.put(here, 1, action.ref, "ref")
            page.put(here, 2, action.title, "locked")
            for column, ratings in enumerate(overall, 3):
                word = ratings[action.ref].rating
                page.put(here, column, word, f"brag.{word}" if word in RATING_BY_WORD else "brag.none")
        row += len(actions) + 4
    page.print_on_a4(plan.about.title)
    return page


def _counted(counts: Counter[str]) -> str:
    """`Now: 3 Red, 2 Amber, 2 Green, 0 Blue`."""
    words = [*(rating.word for rating in WORST_FIRST), *([NOT_RATED] if counts[NOT_RATED] else [])]
    return "Now: " + ", ".join(f"{counts[word]} {word}" for word in words)


def _kpis(book: Book, merged: Merged, periods: list[Period]) -> Page:
    plan = merged.plan
    page = book.page("Indicators", (8, 62, 12, 14, *(14 for _ in periods)))
    page.put(1, 1, "Key performance indicators, all agencies together", "title")
    page.put(2, 1, f"Counts below {SMALLEST} are not given.", "lead")
    put_headings(page, 4, ("Ref", "Measure", "Unit", "Target", *(period.name for period in periods)))
    shown = [kpi for kpi in plan.kpis if kpi.live and kpi.unit != "words"]
    for row, kpi in enumerate(shown, 5):
        page.put(row, 1, kpi.ref, "ref")
        page.put(row, 2, kpi.measure, "locked")
        page.put(row, 3, kpi.unit, "count")
        page.put(row, 4, "none set" if kpi.target is None else kpi.target, "count")
        for column, period in enumerate(periods, 5):
            page.put(row, column, released(merged, kpi, period.id), "count")
    page.sheet.freeze_panes = "C5"
    page.print_on_a4(plan.about.title, "4:4")
    return page


def released(merged: Merged, kpi: Kpi, period: str) -> str | int | float:
    """A KPI's total as it may be given: `under 5`, `small numbers`, `no figure`, or the total with its unit."""
    total = kpi_total(merged, kpi.ref, period)
    if total is None:
        return NO_FIGURE
    if kpi.unit == "count" and total < SMALLEST:
        return SUPPRESSED
    if kpi.unit == "percent":
        part, whole = ratio_parts(merged, kpi.ref, period)
        if min(part, whole - part) < SMALLEST:
            return SMALL_BASE
    return total_words(kpi, total) or total


def _narrative(book: Book, merged: Merged) -> Page:
    plan, view = merged.plan, period_view(merged)
    page = book.page("Narrative", (34, 16, 96))
    page.put(1, 1, f"In words: {view.period.name}", "title")
    page.put(2, 1, "Personal data that is known by its form was taken out. Read it before you pass it on.", "lead")
    put_headings(page, 4, ("Objective", "About", "Words"))
    row = 5
    for objective in plan.objectives:
        for field, label in ((item.name, item.heading) for item in NARRATIVE_FIELDS):
            for text in _words(merged, view.period.id, objective.number, field):
                page.put(row, 1, f"{objective.number}. {objective.title}", "locked")
                page.put(row, 2, label, "locked")
                row = page.put_long_text(row, 3, masked(text), "locked") + 1
    if row == 5:
        page.put(row, 1, "No words were given.", "lead")
    page.print_on_a4(plan.about.title, "4:4")
    return page


def _words(merged: Merged, period: str, objective: int, field: str) -> Iterator[str]:
    """What the group agreed, else what each agency said, without its name."""
    if agreed := agreed_words(merged, period).get(f"agreed/{objective}/{field}"):
        yield agreed
        return
    for line in records(merged.tables["narrative"]):
        if (line.period, line.objective) == (period, objective) and (text := getattr(line, field)):
            yield text
