"""The KPIs of an objective, as a table on its page in the master."""

from __future__ import annotations

from collections.abc import Iterator

from cedg_excel.excel.page import Page, put_headings, style_for
from cedg_excel.master.figures_as_text import (
    agency_answer,
    bar_chart_text,
    change_text,
    marked_total,
    target_result,
    target_text,
    trend_text,
)
from cedg_excel.master.objective_columns import FIRST_RATING_COLUMN, IN_DOUBT_NOTE, RATED, TEXTS
from cedg_excel.master.period_view import PeriodView
from cedg_excel.plan.model import Kpi, Period


def kpi_table(page: Page, row: int, view: PeriodView, kpis: tuple[Kpi, ...]) -> int:
    """An objective's KPIs in the year of the period shown, with each agency's figures. Returns the last row used."""
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
            page.put(row, column, marked_total(view.kpi(kpi, quarter)), "total.count")
        for column in range(3 + len(quarters), TEXTS):
            page.put(row, column, None, "action.part")
        page.put(row, TEXTS, _calculation_note(view, kpi), "action.part")
        for column in range(FIRST_RATING_COLUMN, RATED):
            page.put(row, column, None, "action.part")
        page.put(row, RATED, "\n".join(_target_and_change(view, kpi)), "action.part")
        row = _agency_rows_of_kpi(page, row, view, kpi, quarters)
    return row


def _target_and_change(view: PeriodView, kpi: Kpi) -> Iterator[str]:
    """`Target 50 met`, the totals as bars, and how the latest differs from the one before, over the same agencies."""
    totals = [total for period in view.kpi_periods(kpi) if (total := period.total()) is not None]
    if kpi.target is not None:
        yield f"Target {target_text(kpi)} {target_result(kpi, totals[-1] if totals else None)}".rstrip()
    yield from (text for text in (bar_chart_text(totals), trend_text(change_text(view.kpi_change(kpi)), view.trend(kpi))) if text)


def _calculation_note(view: PeriodView, kpi: Kpi) -> str:
    """How a KPI's total is calculated: `Sum of 12 agencies. 11 of 12 gave a figure this time. Higher is better.`"""
    several = len(kpi.agencies) > 1
    how = {"sum": f"Sum of {len(kpi.agencies)} agencies", "ratio": "Percentage across all agencies together"}
    parts = [how[kpi.combine]] if several and kpi.combine in how else []
    doubt = view.kpi(kpi).doubt
    if kpi.is_live and doubt.asked and (doubt.reasons or (several and kpi.combine in how)) and not doubt.is_complete:
        parts.append(f"{doubt.answered} of {len(doubt.asked)} gave a figure this time; {doubt.without_figure}")
    if doubt.in_error:
        parts.append(f"{len(doubt.in_error)} with an error: see Findings")
    for name, typed in doubt.held_back:
        parts.append(f"{view.plan.agency_by_id[name].name} typed “{typed}”, which is held back")
    if kpi.unit == "percent" and kpi.numerator:
        parts.append(f"{kpi.numerator.capitalize()}, out of {kpi.denominator}")
    if kpi.good:
        parts.append("Higher is better" if kpi.good == "up" else "Lower is better")
    if not kpi.is_live:
        parts.append(f"Measure {kpi.status}: optional, not in any total")
    if kpi.baseline is not None:
        parts.append(f"Baseline {kpi.baseline}")
    return "".join(f"{part}. " for part in parts).strip()


def _agency_rows_of_kpi(page: Page, row: int, view: PeriodView, kpi: Kpi, quarters: tuple[Period, ...]) -> int:
    """A row for each agency, if there are several or one of them gave a comment or text."""
    kpi_rows = {
        (kpi_row.agency, quarter.id): kpi_row
        for quarter in quarters
        for kpi_row in view.merged.kpi_rows.get((kpi.ref, quarter.id), ())
        if view.merged.is_asked(kpi_row.agency, quarter.id)
    }
    several = len(view.merged.plan.kpi_by_ref.get(kpi.ref, kpi).agencies) > 1  # also where all but one of them have left
    for agency in view.merged.plan.agencies:
        by_period = {period: kpi_row for (agency_id, period), kpi_row in kpi_rows.items() if agency_id == agency.id}
        figures = {period: figure for period, kpi_row in by_period.items() if (figure := agency_answer(kpi_row)) is not None}
        comment = by_period[view.period.id].comment if view.period.id in by_period else None
        if not comment and not (figures and (several or kpi.unit == "words")):
            continue
        row += 1
        page.put(row, 1, None, "locked")
        page.put(row, 2, agency.name, "small")
        for column in range(3, TEXTS):
            period = quarters[column - 3].id if column - 3 < len(quarters) else ""
            value = figures.get(period)
            page.put(row, column, value, style_for(value, "small", "small", "count"))
        doubt = (agency.id, kpi.ref) in view.doubtful_answers
        last = page.put_long_text(row, TEXTS, "\n".join(text for text in (comment, IN_DOUBT_NOTE if doubt else "") if text), "locked")
        for column in range(FIRST_RATING_COLUMN, RATED + 1):
            page.put(row, column, None, "locked")
        row = last
    return row
