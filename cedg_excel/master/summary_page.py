"""The master's first page: the ratings, what has changed, what is overdue, who has not answered, and how reliable it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.pagebreak import Break

from cedg_excel.checking.check import was_waived
from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.styles import rating_style
from cedg_excel.form.fields import REASON_LIST
from cedg_excel.master.comparison import marked_rating
from cedg_excel.master.doubt import HELD_BACK, LEGEND, all_marks
from cedg_excel.master.ended import absences, ended_actions
from cedg_excel.master.figures_as_text import (
    change_text,
    coverage_text,
    marked_total,
    no_figure_text,
    target_result,
    target_text,
    trend_text,
)
from cedg_excel.master.master_stamp import MasterStamp
from cedg_excel.master.period_view import OVERALL_RATINGS, STATUS_LABELS, PeriodView
from cedg_excel.master.return_status import CURRENT, SILENT
from cedg_excel.plan.model import Agency, Objective
from cedg_excel.plan.period_words import for_meeting, long_date, period_span
from cedg_excel.ratings import NOT_RATED_FILL, RATING_BY_WORD, WORST_FIRST

WIDTHS = (50.0, 30.0)
OBJECTIVE_WIDTH = 13.0
CHART_COLUMN = 6
CHART_WIDTH, CHART_HEIGHT = 13.0, 7.0
"""In centimetres."""

CHART_TITLE = "Actions by overall rating"
CHART_TEXT = "Stacked bars: how many actions of each objective are Red, Amber, Green, Blue or not rated, as in the table above."


def summary_page(book: Book, view: PeriodView) -> Page:
    """The whole page, two sheets of A4 at most for a plan of this size."""
    columns = max(6, len(view.plan.objectives)) + 2
    page = book.page("Summary", (*WIDTHS, *(OBJECTIVE_WIDTH for _ in range(columns))))
    row = count(1)
    page.put(next(row), 1, view.plan.about.title, "title")
    page.put(next(row), 1, f"{view.period.name}: {period_span(view.period)}{for_meeting(view.period)}", "subtitle")
    page.put(next(row), 1, _completeness(view), "lead")
    page.put_notice(next(row))
    first = next(row)
    last = _ratings(page, first, view)
    last = _agencies(page, last + 2, view)
    # Next to the lists, which are narrow: next to the tables it would make the whole page print smaller.
    _chart(page, first + 2, first + 1 + len(view.plan.objectives), page.sheet.cell(last + 2, CHART_COLUMN).coordinate)
    if not page.fits_a_page(last + 1, CHART_HEIGHT * 72 / 2.54):
        page.sheet.row_breaks.append(Break(id=last + 1))  # or the chart would be cut in two
    last = _attention(page, last + 2, view)
    last = _rating_changes(page, last + 2, view)
    last = _overdue(page, last + 2, view)
    last = _kpis(page, last + 2, view)
    _about(page, last + 2, view)
    page.print_on_a4(view.plan.about.title)
    return page


def _completeness(view: PeriodView) -> str:
    """`9 of 12 agencies have answered; 4 cells are held back; 1 finding is waived.`"""
    answered = sum(view.statuses.get(agency.id) in CURRENT for agency in view.plan.agencies)
    held = view.held_back_count()
    findings = view.findings()
    waived = sum(map(was_waived, findings["code"], findings["severity"]))
    cells = "no cell is" if held == 0 else "1 cell is" if held == 1 else f"{held} cells are"
    extra = f"; {waived} {'finding is' if waived == 1 else 'findings are'} waived" if waived else ""
    if doubtful := len(view.unresolved_errors()):
        shown = "answer with an error is" if doubtful == 1 else "answers with errors are"
        extra += f"; {doubtful} {shown} shown and counted as typed"
    extra += _reasons(view)
    return f"{answered} of {len(view.plan.agencies)} agencies have answered; {cells} held back{extra}. See Returns and Findings."


def _reasons(view: PeriodView) -> str:
    """`; instead of a figure, 3 KPI answers say why: 2 not available yet, 1 not collected`, or ""."""
    counts = Counter(reason for kpi in view.plan.kpis for _, reason in view.kpi(kpi).doubt.reasons)
    if not counts:
        return ""
    answers = "1 KPI answer says" if counts.total() == 1 else f"{counts.total()} KPI answers say"
    named = ", ".join(f"{counts[word]} {word.lower()}" for word in REASON_LIST.words if counts[word])
    return f"; instead of a figure, {answers} why: {named}"


def _ratings(page: Page, row: int, view: PeriodView) -> int:
    """BRAG by objective. Returns the last row used."""
    page.put(row, 1, "Overall BRAG rating of each action, by objective", "heading")
    put_headings(page, row + 1, ("Objective", "Lead", "Actions", *OVERALL_RATINGS))
    first = row + 2
    totals: Counter[str] = Counter()
    for page_row, objective in enumerate(view.plan.objectives, first):
        counts = view.rating_counts(objective)
        totals += counts
        marks = all_marks(view.overall[action.ref].marks for action in view.plan.actions_of(objective.number))
        _counts_row(page, page_row, f"{objective.number}. {objective.title} {marks}".rstrip(), objective.lead, counts)
    last = first + len(view.plan.objectives)
    marks = all_marks(ratings.marks for ratings in view.overall.values())
    _counts_row(page, last, f"All objectives {marks}".rstrip(), "", totals, "total")
    note = (
        "The overall rating is the worst that any accountable agency gives; a Red or Amber holds until its agency answers again. "
        "An action is Blue only if all of them rate it Blue."
    )
    page.put(last + 1, 1, note, "line")
    page.put(last + 2, 1, _fully_rated(view), "line")
    page.put(last + 3, 1, LEGEND, "line")
    return last + 3


def _fully_rated(view: PeriodView) -> str:
    """`24 of 26 actions are fully rated. Not by all: 2.3 (Police), 2.4 (RDaSH).`"""
    partly = [
        f"{ref} ({', '.join(view.plan.agency_by_id[name].name for name in ratings.doubt.silent)})"
        for ref, ratings in view.overall.items() if not ratings.is_complete and ratings.doubt.silent
    ]  # fmt: skip
    rated = f"{len(view.overall) - len(partly)} of {len(view.overall)} actions are fully rated."
    return f"{rated} Not by all: {', '.join(partly)}." if partly else rated


def _counts_row(page: Page, row: int, name: str, lead: str, counts: Counter[str], kind: str = "") -> None:
    text, number = ("total", "total.count") if kind else ("locked", "count")
    page.put(row, 1, name, text)
    page.put(row, 2, lead, text)
    page.put(row, 3, sum(counts.values()), number)
    for column, word in enumerate(OVERALL_RATINGS, 4):
        page.put(row, column, counts[word], f"brag.{word}" if counts[word] and word in RATING_BY_WORD else number)


def _chart(page: Page, first: int, last: int, anchor: str) -> None:
    """The same counts as stacked bars in the colours of the ratings; the numbers are in the table."""
    chart: Any = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 40
    chart.title, chart.width, chart.height = CHART_TITLE, CHART_WIDTH, CHART_HEIGHT
    chart.add_data(Reference(page.sheet, min_col=4, max_col=8, min_row=first - 1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(page.sheet, min_col=1, min_row=first, max_row=last))
    for series, fill in zip(chart.series, (*(r.fill for r in WORST_FIRST), NOT_RATED_FILL), strict=True):
        series.graphicalProperties.solidFill = fill
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.y_axis.majorGridlines = None
    chart.legend.position = "b"
    page.sheet.add_chart(chart, anchor)
    page.book.chart_texts.append(CHART_TEXT)


def _agencies(page: Page, row: int, view: PeriodView) -> int:
    """Who has answered, with each agency's worst rating under every objective, in words and colour."""
    page.put(row, 1, "Each agency: whether it has answered, and its worst rating under each objective", "heading")
    objectives = view.plan.objectives
    put_headings(page, row + 1, ("Agency", "Return", *(o.sheet for o in objectives), "Errors", "Warnings"))
    for page_row, agency in enumerate(view.plan.agencies, row + 2):
        _agency(page, page_row, view, agency, objectives)
    last = row + 1 + len(view.plan.agencies)
    if not_asked := absences(view):
        last += 1
        page.put(last, 1, f"Not asked for {view.period.name}: {', '.join(not_asked)}.", "line")
    return last


def _agency(page: Page, row: int, view: PeriodView, agency: Agency, objectives: tuple[Objective, ...]) -> None:
    status = STATUS_LABELS[view.statuses.get(agency.id, "not_received")]
    page.put(row, 1, agency.name, "locked")
    page.put(row, 2, f"{status}, late" if view.is_late(agency) else status, "locked")
    for column, objective in enumerate(objectives, 3):
        word = view.worst_rating(agency, objective)
        page.put(row, column, word or "\u2013", rating_style(word))
    findings = view.merged.tables["findings"]
    findings = findings[(findings["period"] == view.period.id) & (findings["agency"] == agency.id)]
    # Of an agency that has sent nothing it is not known whether it would have errors.
    silent = view.statuses.get(agency.id, "not_received") in SILENT
    for column, severity in enumerate(("error", "warning"), 3 + len(objectives)):
        page.put(row, column, "\u2013" if silent else int((findings["severity"] == severity).sum()), "count")


def _attention(page: Page, row: int, view: PeriodView) -> int:
    """Every action that is off track, the worst first, and then those of which it is not known: what the meeting is about."""
    row = _needs_attention(page, row, view)
    for item in ended_actions(view):
        row += 1
        page.put(row, 1, f"{item.action.ref} {item.action.title}: {item.text}.", "line")
    return row


def _needs_attention(page: Page, row: int, view: PeriodView) -> int:
    page.put(row, 1, "Needs attention: Red and Amber, and what is not rated by all", "heading")
    found = view.need_attention()
    if not found:
        page.put(row + 1, 1, "No action is Red or Amber, and all are fully rated.", "lead")
        return row + 1
    for page_row, ratings in enumerate(found, row + 1):
        action = ratings.action
        leads = action.leads or ", ".join(view.plan.agency_by_id[name].name for name in action.agencies)
        page.put(page_row, 1, f"{action.ref} {action.title}", "locked")
        page.put(page_row, 2, "\n".join([leads, *view.last_heard_texts(ratings)]), "locked")
        page.put(page_row, 3, marked_rating(ratings), rating_style(ratings.rating))
    return row + len(found)


def _rating_changes(page: Page, row: int, view: PeriodView) -> int:
    since = f" since {view.previous.name}" if view.previous else ""
    page.put(row, 1, f"Ratings that have changed{since}", "heading")
    changes = view.rating_changes()
    if not changes:
        page.put(row + 1, 1, "No rating has changed." if view.previous else "This is the first period with returns.", "lead")
        return row + 1
    for page_row, change in enumerate(changes, row + 1):
        page.put(page_row, 1, f"{change.action.ref} {change.action.title}", "locked")
        page.put(page_row, 2, change.text, "locked")
        now_rated = view.overall[change.action.ref]
        page.put(page_row, 3, marked_rating(now_rated), rating_style(now_rated.rating))
    return row + len(changes)


def _overdue(page: Page, row: int, view: PeriodView) -> int:
    page.put(row, 1, "Overdue: the target date has passed and the work is not finished", "heading")
    overdue = view.overdue()
    for page_row, item in enumerate(overdue, row + 1):
        page.put(page_row, 1, f"{item.action.ref} {item.action.title}", "locked")
        page.put(page_row, 2, f"{item.agency.name}, by {long_date(item.target)}: {_days(item.days)} late", "locked")
        page.put(page_row, 3, item.marked_rating, rating_style(item.rating))
    if not overdue:
        row += 1
        page.put(row, 1, "Nothing is overdue.", "lead")
    row += len(overdue)
    for sentence in _target_sentences(view):
        row += 1
        page.put(row, 1, sentence, "lead")
    return row


def _days(number: int) -> str:
    return f"{number} {'day' if number == 1 else 'days'}"


def _target_sentences(view: PeriodView) -> Iterator[str]:
    """`7 unfinished actions have no target date, so they cannot be overdue: 1.1, 1.2.` and what is due in the next period."""
    if without := view.without_target():
        actions = "1 unfinished action has" if len(without) == 1 else f"{len(without)} unfinished actions have"
        yield f"{actions} no target date, and so cannot be overdue: {', '.join(action.ref for action in without)}."
    if due := view.due_next():
        yield f"Due in the next period: {', '.join(action.ref for action in due)}."


def _kpis(page: Page, row: int, view: PeriodView) -> int:
    """The KPIs for which the plan names a good direction: the latest total, from how many agencies, how it has changed, its target."""
    page.put(row, 1, "Key performance indicators with a good direction", "heading")
    shown = [(kpi, periods[-1]) for kpi in view.plan.kpis if kpi.good and kpi.is_live and (periods := view.kpi_periods(kpi))]
    if not shown:
        page.put(row + 1, 1, "No figures have been returned yet.", "lead")
        return row + 1
    if not any(view.trend(kpi).variation for kpi, _ in shown):
        row += 1
        page.put(row, 1, "There are too few quarters to call a trend, so each change is given as it is.", "lead")
    put_headings(page, row + 1, ("Indicator", "Change, over the same agencies", "Latest", "From", "Target", "Good is"))
    for page_row, (kpi, latest) in enumerate(shown, row + 2):
        page.put(page_row, 1, f"{kpi.ref} {kpi.measure}", "locked")
        late = latest.period != view.period
        change = no_figure_text(view.kpi(kpi), latest) if late else change_text(view.kpi_change(kpi))
        coverage = coverage_text(latest) if latest.doubt.reasons else ""
        page.put(page_row, 2, "\n".join(filter(None, (trend_text(change, view.trend(kpi)), coverage))), "locked")
        held_back = late and view.kpi(kpi).doubt.held_back
        page.put(page_row, 3, f"{marked_total(latest)} {HELD_BACK}" if held_back else marked_total(latest), "total.count")
        page.put(page_row, 4, f"{latest.doubt.answered} of {len(latest.doubt.asked)}" if latest.doubt.asked else "\u2013", "count")
        page.put(page_row, 5, " ".join(filter(None, (target_text(kpi), target_result(kpi, latest.total())))), "brag.none")
        page.put(page_row, 6, "higher" if kpi.good == "up" else "lower", "count")
    return row + 1 + len(shown)


def _about(page: Page, row: int, view: PeriodView) -> None:
    about = view.plan.about
    page.put(row, 1, "About this workbook", "heading")
    page.put(row + 1, 1, "Made by cedg merge from the agencies' returns. The pages are for reading and the Data sheets for pivot tables. "
             "The Store sheets keep every return that was read; please leave them as they are.", "line")  # fmt: skip
    page.put(row + 2, 1, str(MasterStamp(about.id, about.version, view.period.id)), "stamp")
