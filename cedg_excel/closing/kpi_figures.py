"""The KPIs in a report: each from its baseline to the latest figure, with change and target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cedg_excel.closing.report_text import ReportText, attribution, missing_text
from cedg_excel.master.comparison import KpiPeriod, compare_kpi
from cedg_excel.master.doubt import PARTIAL
from cedg_excel.master.ended import periods_so_far
from cedg_excel.master.figures_as_text import difference_text, figure_text, marked_total, rounded, target_result, target_text
from cedg_excel.master.period_view import PeriodView
from cedg_excel.master.store import records
from cedg_excel.plan.model import Kpi, Objective

History = Sequence[KpiPeriod]
"""A KPI in the periods that have a total, oldest first."""


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


def _kpi_row(view: PeriodView, kpi: Kpi) -> KpiRow:
    history = view.kpi_periods(kpi)
    change = _change(kpi, history, _agencies_of_baseline(view, kpi, history))
    return KpiRow(kpi, _baseline(kpi, history), _latest(kpi, history), change, _target(kpi, history), _total(kpi, history))


def _agencies_of_baseline(view: PeriodView, kpi: Kpi, history: History) -> str:
    """`1 of 2`, where some of the agencies that the plan names for a KPI had left, or had not joined, when it was last reported."""
    whole = view.merged.plan.kpi_by_ref.get(kpi.ref, kpi)
    then = [agency for agency in whole.agencies if history and view.merged.is_asked(agency, history[-1].period.id)]
    return f"{len(then)} of {len(whole.agencies)}" if history and len(then) < len(whole.agencies) else ""


def _baseline(kpi: Kpi, history: History) -> ReportText:
    """The plan's baseline; where it has none, the figure first reported."""
    if kpi.baseline is not None:
        return ReportText(figure_text(kpi, kpi.baseline) if isinstance(kpi.baseline, int | float) else kpi.baseline, "baseline")
    if len(history) < 2:
        return ReportText("None set")
    return ReportText(_marked(history[0]), f"first reported, {_source(history[0])}")


def _latest(kpi: Kpi, history: History) -> ReportText:
    if history:
        return ReportText(_marked(history[-1]), _source(history[-1]))
    return missing_text(f"the latest figure for {kpi.ref}", "No agency has given one.") if kpi.is_live else ReportText("None yet")


def _marked(period: KpiPeriod) -> str:
    total = marked_total(period)
    return total if isinstance(total, str) else figure_text(period.kpi, total or 0)


def _source(period: KpiPeriod) -> str:
    """`Q4 2019-20, from 11 of 12 agencies`."""
    coverage = period.doubt.coverage
    return f"{period.period.name}, {coverage} agencies" if coverage else period.period.name


def _change(kpi: Kpi, history: History, agencies_now: str) -> str:
    """`Up 30`, over the agencies that answered both times, or why there is nothing to say. A good direction is judged by the target."""
    if not history:
        return "Nothing to compare"
    if isinstance(kpi.baseline, int | float):
        if not history[-1].doubt.is_complete:
            return f"Not comparable with the baseline: {history[-1].doubt.coverage} agencies"
        if agencies_now:
            return f"Not comparable with the baseline: now from {agencies_now} agencies"
        return _movement(kpi, kpi.baseline, history[-1].total() or 0)
    if len(history) < 2:
        return "Nothing to compare"
    change = compare_kpi(history[0], history[-1])
    if change.before is None or change.after is None:
        return "No agency answered both times"
    movement = _movement(kpi, change.before, change.after)
    return movement if change.same_agencies else f"{movement}, the same {len(change.common)} of {len(kpi.agencies)} agencies"


def _movement(kpi: Kpi, old: float, new: float) -> str:
    if rounded(kpi, old) == rounded(kpi, new):
        return "Unchanged"
    return f"{'Up' if new > old else 'Down'} {difference_text(kpi, old, new)}"


def _target(kpi: Kpi, history: History) -> str:
    """`50 (met)`, `50 (missed by 4)`. Whether it is met is known only where the plan says which direction is good."""
    if kpi.target is None:
        return "None set"
    result = target_result(kpi, history[-1].total() if history else None)
    return f"{target_text(kpi)} ({result})" if result else target_text(kpi)


def _total(kpi: Kpi, history: History) -> ReportText:
    """The sum of the periods, where the plan says that they may be added up."""
    if kpi.over_time != "sum" or not history:
        return ReportText("\u2013")
    number = len(history)
    partial = f" {PARTIAL}" if any(not period.doubt.is_complete for period in history) else ""
    periods = f"{number} {'period' if number == 1 else 'periods'}"
    return ReportText(f"{figure_text(kpi, sum(period.total() or 0 for period in history))}{partial}", periods)


def _in_words(view: PeriodView, kpi: Kpi) -> tuple[ReportText, ...]:
    """The latest answers to a KPI that is answered in words."""
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & rows["value"].notna()]
    for period in reversed(periods_so_far(view)):
        if answers := tuple(
            ReportText(str(row.value), attribution(view, row.agency, period)) for row in records(rows[rows["period"] == period.id])
        ):
            return answers
    return (missing_text(f"what is known of {kpi.ref}", "No agency has answered."),) if kpi.is_live else (ReportText("Nothing yet."),)


def _comments(view: PeriodView, kpi: Kpi) -> Iterator[ReportText]:
    """The agencies' comments on the latest figure."""
    history = view.kpi_periods(kpi)
    period = history[-1].period if history else view.period
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & (rows["period"] == period.id) & rows["comment"].notna()]
    for row in records(rows):
        yield ReportText(row.comment, attribution(view, row.agency, period))
