"""The KPIs in a report: each from its baseline to the latest figure, and whether it has improved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cedg_excel.closing.report_text import ReportText, attribution, missing_text, periods_so_far
from cedg_excel.master.figures_as_text import difference_text, is_improvement, total_with_unit
from cedg_excel.master.period_view import PeriodView
from cedg_excel.master.store import records
from cedg_excel.plan.model import Kpi, Objective, Period

History = list[tuple[Period, int | float]]


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One KPI as the report's table shows it: figures with their unit, and as their `source` the period they are for."""

    kpi: Kpi
    baseline: ReportText
    latest: ReportText
    change: str
    target: str
    total: ReportText


@dataclass(frozen=True, slots=True)
class KpiFigures:
    """An objective's KPIs: those with figures, those answered in words, and the agencies' comments on the latest figures."""

    rows: tuple[KpiRow, ...]
    in_words: tuple[tuple[Kpi, tuple[ReportText, ...]], ...]
    comments: tuple[tuple[Kpi, ReportText], ...]


def kpi_figures(view: PeriodView, objective: Objective) -> KpiFigures:
    """What has been reported on each KPI of an objective up to the period shown."""
    kpis = view.plan.kpis_of(objective.number)
    return KpiFigures(
        tuple(_kpi_row(view, kpi) for kpi in kpis if kpi.unit != "words"),
        tuple((kpi, _in_words(view, kpi)) for kpi in kpis if kpi.unit == "words"),
        tuple((kpi, comment) for kpi in kpis for comment in _comments(view, kpi)),
    )


def figure_with_unit(kpi: Kpi, number: int | float) -> str:
    """`1,204`, `47%` or `12 days`."""
    words = total_with_unit(kpi, number)
    return words.replace(" %", "%") if isinstance(words, str) else f"{words:,.10g}"


def _kpi_row(view: PeriodView, kpi: Kpi) -> KpiRow:
    history = view.kpi_totals(kpi)
    start = kpi.baseline if isinstance(kpi.baseline, int | float) else history[0][1] if len(history) > 1 else None
    return KpiRow(kpi, _baseline(view, kpi, history), _latest(view, kpi, history), _change(view, kpi, start, history),
                   _target(kpi, history), _total(kpi, history))  # fmt: skip


def _baseline(view: PeriodView, kpi: Kpi, history: History) -> ReportText:
    """The plan's baseline; where it has none, the figure first reported."""
    if kpi.baseline is not None:
        return ReportText(figure_with_unit(kpi, kpi.baseline) if isinstance(kpi.baseline, int | float) else kpi.baseline, "baseline")
    if len(history) < 2:
        return ReportText("None set")
    period, total = history[0]
    return ReportText(figure_with_unit(kpi, total), f"first reported, {period.name}{_from_how_many(view, kpi, period)}")


def _latest(view: PeriodView, kpi: Kpi, history: History) -> ReportText:
    if history:
        period, total = history[-1]
        return ReportText(figure_with_unit(kpi, total), f"{period.name}{_from_how_many(view, kpi, period)}")
    return missing_text(f"the latest figure for {kpi.ref}", "No agency has given one.") if kpi.live else ReportText("None yet")


def _from_how_many(view: PeriodView, kpi: Kpi, period: Period) -> str:
    """`, from 11 of 12 agencies`; empty where all of them gave a figure."""
    given = len(agencies_with_figure(view, kpi, period))
    return f", from {given} of {len(kpi.agencies)} agencies" if given < len(kpi.agencies) else ""


def agencies_with_figure(view: PeriodView, kpi: Kpi, period: Period) -> frozenset[str]:
    """The ids of the agencies whose figure for a period counts."""
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & (rows["period"] == period.id)]
    complete = rows["numerator"].notna() & rows["denominator"].notna() if kpi.combine == "ratio" else rows["value"].notna()
    return frozenset(rows.loc[complete, "agency"])


def _change(view: PeriodView, kpi: Kpi, start: int | float | None, history: History) -> str:
    """`Improved: up 30`, or why there is nothing to say."""
    if start is None or not history:
        return "Nothing to compare"
    latest = history[-1][1]
    if latest == start:
        return "Unchanged"
    movement = f"{'up' if latest > start else 'down'} {difference_text(kpi, start, latest)}"
    by_verdict = {True: f"Improved: {movement}", False: f"Worsened: {movement}", None: movement.capitalize()}
    change = by_verdict[is_improvement(kpi, start, latest)]
    return change if _comparable(view, kpi, history) else f"{change}, but not from the same agencies"


def _comparable(view: PeriodView, kpi: Kpi, history: History) -> bool:
    """Whether the plan set the baseline, or the first and the latest figure are from the same agencies."""
    if isinstance(kpi.baseline, int | float):
        return True
    return agencies_with_figure(view, kpi, history[0][0]) == agencies_with_figure(view, kpi, history[-1][0])


def _target(kpi: Kpi, history: History) -> str:
    """`50 (met)`. Whether it is met is known only for a number, and only where the plan says which direction is good."""
    if kpi.target is None:
        return "None set"
    if isinstance(kpi.target, str):
        return kpi.target
    words = figure_with_unit(kpi, kpi.target)
    if not history or not kpi.good:
        return words
    latest = history[-1][1]
    met = latest >= kpi.target if kpi.good == "up" else latest <= kpi.target
    return f"{words} ({'met' if met else 'not met'})"


def _total(kpi: Kpi, history: History) -> ReportText:
    """The sum of the periods, where the plan says that they may be added up."""
    if kpi.over_time != "sum" or not history:
        return ReportText("\u2013")
    number = len(history)
    return ReportText(figure_with_unit(kpi, sum(total for _, total in history)), f"{number} {'period' if number == 1 else 'periods'}")


def _in_words(view: PeriodView, kpi: Kpi) -> tuple[ReportText, ...]:
    """The latest answers to a KPI that is answered in words."""
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & rows["value"].notna()]
    for period in reversed(periods_so_far(view)):
        if answers := tuple(
            ReportText(str(row.value), attribution(view, row.agency, period)) for row in records(rows[rows["period"] == period.id])
        ):
            return answers
    return (missing_text(f"what is known of {kpi.ref}", "No agency has answered."),) if kpi.live else (ReportText("Nothing yet."),)


def _comments(view: PeriodView, kpi: Kpi) -> Iterator[ReportText]:
    """The agencies' comments on the latest figure."""
    history = view.kpi_totals(kpi)
    period = history[-1][0] if history else view.period
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & (rows["period"] == period.id) & rows["comment"].notna()]
    for row in records(rows):
        yield ReportText(row.comment, attribution(view, row.agency, period))
