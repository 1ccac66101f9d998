"""The figures of a report: each KPI from its baseline to the latest, and whether that is for the better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cedg_excel.closing.report_words import ReportWords, attribution, periods, to_be_written
from cedg_excel.master.figures_as_text import difference_text, is_improvement, total_with_unit
from cedg_excel.master.period_view import PeriodView
from cedg_excel.master.store import records
from cedg_excel.plan.model import Kpi, Objective, Period

History = list[tuple[Period, int | float]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One KPI as the report's table shows it, each figure with its unit; `by` says which period it is of."""

    kpi: Kpi
    baseline: ReportWords
    latest: ReportWords
    change: str
    target: str
    total: ReportWords


@dataclass(frozen=True, slots=True)
class Figures:
    """An objective's KPIs: those counted, those told in words, and what the agencies add to the latest figures."""

    measures: tuple[Measure, ...]
    in_words: tuple[tuple[Kpi, tuple[ReportWords, ...]], ...]
    notes: tuple[tuple[Kpi, ReportWords], ...]


def figures(view: PeriodView, objective: Objective) -> Figures:
    """What is known of each KPI of an objective up to the period shown."""
    kpis = view.plan.kpis_of(objective.number)
    return Figures(
        tuple(_measure(view, kpi) for kpi in kpis if kpi.unit != "words"),
        tuple((kpi, _in_words(view, kpi)) for kpi in kpis if kpi.unit == "words"),
        tuple((kpi, note) for kpi in kpis for note in _notes(view, kpi)),
    )


def figure_words(kpi: Kpi, number: int | float) -> str:
    """`1,204`, `47%` or `12 days`."""
    words = total_with_unit(kpi, number)
    return words.replace(" %", "%") if isinstance(words, str) else f"{words:,.10g}"


def _measure(view: PeriodView, kpi: Kpi) -> Measure:
    history = view.kpi_totals(kpi)
    start = kpi.baseline if isinstance(kpi.baseline, int | float) else history[0][1] if len(history) > 1 else None
    return Measure(kpi, _baseline(view, kpi, history), _latest(view, kpi, history), _change(view, kpi, start, history),
                   _target(kpi, history), _total(kpi, history))  # fmt: skip


def _baseline(view: PeriodView, kpi: Kpi, history: History) -> ReportWords:
    """The plan's baseline; where it has none, the figure first reported."""
    if kpi.baseline is not None:
        return ReportWords(figure_words(kpi, kpi.baseline) if isinstance(kpi.baseline, int | float) else kpi.baseline, "baseline")
    if len(history) < 2:
        return ReportWords("None set")
    period, total = history[0]
    return ReportWords(figure_words(kpi, total), f"first reported, {period.name}{_of_how_many(view, kpi, period)}")


def _latest(view: PeriodView, kpi: Kpi, history: History) -> ReportWords:
    if history:
        period, total = history[-1]
        return ReportWords(figure_words(kpi, total), f"{period.name}{_of_how_many(view, kpi, period)}")
    return to_be_written(f"the latest figure for {kpi.ref}", "No agency has given one.") if kpi.live else ReportWords("None yet")


def _of_how_many(view: PeriodView, kpi: Kpi, period: Period) -> str:
    """`, from 11 of 12 agencies` where some gave none."""
    given = len(given_by(view, kpi, period))
    return f", from {given} of {len(kpi.agencies)} agencies" if given < len(kpi.agencies) else ""


def given_by(view: PeriodView, kpi: Kpi, period: Period) -> frozenset[str]:
    """The ids of the agencies that gave a figure for a period that counts."""
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & (rows["period"] == period.id)]
    full = rows["numerator"].notna() & rows["denominator"].notna() if kpi.combine == "ratio" else rows["value"].notna()
    return frozenset(rows.loc[full, "agency"])


def _change(view: PeriodView, kpi: Kpi, start: int | float | None, history: History) -> str:
    """`Improved: up 30`, or why that cannot be said."""
    if start is None or not history:
        return "Nothing to compare"
    latest = history[-1][1]
    if latest == start:
        return "Unchanged"
    way = f"{'up' if latest > start else 'down'} {difference_text(kpi, start, latest)}"
    sense = {True: f"Improved: {way}", False: f"Worsened: {way}", None: way.capitalize()}[is_improvement(kpi, start, latest)]
    own = isinstance(kpi.baseline, int | float)
    same = own or given_by(view, kpi, history[0][0]) == given_by(view, kpi, history[-1][0])
    return sense if same else f"{sense}, but not from the same agencies"


def _target(kpi: Kpi, history: History) -> str:
    """`50 (met)`; whether it is met can be said of a number when the plan says which way is good."""
    if kpi.target is None:
        return "None set"
    if isinstance(kpi.target, str):
        return kpi.target
    words = figure_words(kpi, kpi.target)
    if not history or not kpi.good:
        return words
    latest = history[-1][1]
    met = latest >= kpi.target if kpi.good == "up" else latest <= kpi.target
    return f"{words} ({'met' if met else 'not met'})"


def _total(kpi: Kpi, history: History) -> ReportWords:
    """What the periods add up to, where the plan says that they may be added."""
    if kpi.over_time != "sum" or not history:
        return ReportWords("\u2013")
    number = len(history)
    return ReportWords(figure_words(kpi, sum(total for _, total in history)), f"{number} {'period' if number == 1 else 'periods'}")


def _in_words(view: PeriodView, kpi: Kpi) -> tuple[ReportWords, ...]:
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & rows["value"].notna()]
    for period in reversed(periods(view)):
        if said := tuple(
            ReportWords(str(line.value), attribution(view, line.agency, period)) for line in records(rows[rows["period"] == period.id])
        ):
            return said
    return (to_be_written(f"what is known of {kpi.ref}", "No agency has said anything."),) if kpi.live else (ReportWords("Nothing yet."),)


def _notes(view: PeriodView, kpi: Kpi) -> Iterator[ReportWords]:
    """The agencies' comments on the latest figure."""
    history = view.kpi_totals(kpi)
    when = history[-1][0] if history else view.period
    rows = view.merged.tables["kpis"]
    rows = rows[(rows["ref"] == kpi.ref) & (rows["period"] == when.id) & rows["comment"].notna()]
    for line in records(rows):
        yield ReportWords(line.comment, attribution(view, line.agency, when))
