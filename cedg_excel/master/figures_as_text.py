"""The figures and totals of KPIs as people read them: as precise as the data, with a unit, and with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cedg_excel.master.comparison import DOWN, UP, Figure, KpiComparison, KpiPeriod
from cedg_excel.master.trends import Trend
from cedg_excel.plan.model import Kpi


def rounded(kpi: Kpi, total: Figure) -> Figure:
    """
    A total as precise as it can be read: a count as it is, a percentage in whole points, days with one decimal.

    A percentage below 10 keeps one decimal: 0.4 and 0.9 are not the same.
    """
    match kpi.unit:
        case "percent":
            return _plain(round(total, 0 if abs(total) >= 10 else 1))
        case "days":
            return _plain(round(total, 1))
        case "count":
            return _plain(total)
        case "words":
            raise ValueError(f"{kpi.ref} is answered in words and has no total")


def _plain(number: Figure) -> Figure:
    return int(number) if number == int(number) else number


def total_with_unit(kpi: Kpi, total: Figure | None) -> str | Figure | None:
    """A KPI's total with its unit: `47%`, `12 days`, 7. A count stays a number, so that a cell can be added up."""
    if total is None:
        return None
    number = rounded(kpi, total)
    if kpi.unit == "count":
        return number
    return f"{number:g}%" if kpi.unit == "percent" else f"{number:g} {'day' if number == 1 else 'days'}"


def figure_text(kpi: Kpi, total: Figure) -> str:
    """The same always as a text: `1,204`, `47%`, `12 days`."""
    text = total_with_unit(kpi, total)
    return text if isinstance(text, str) else f"{text:,}"


def marked_total(period: KpiPeriod) -> str | Figure | None:
    """A period's total with its unit and the marks of its doubt: `275 ‡`; a number where nothing is doubtful."""
    total = total_with_unit(period.kpi, period.total())
    if total is None or not period.marks:
        return period.marks or total
    return f"{total if isinstance(total, str) else format(total, ',')} {period.marks}"


def difference_text(kpi: Kpi, old: Figure, new: Figure) -> str:
    """The difference between two totals as they are shown: `4`, `4 points` of a percentage, `2 days`; never more precise than they are."""
    gap = _plain(round(abs(rounded(kpi, new) - rounded(kpi, old)), 1))
    unit = {"percent": " point", "days": " day"}.get(kpi.unit, "")
    return f"{gap:,}{unit}{'s' if unit and gap != 1 else ''}"


def change_text(change: KpiComparison | None) -> str:
    """
    How a KPI has changed since the period before, in neutral words: two points are no trend.

    `▲ up 11 since Q3 2019-20`; over some of the agencies `the same 9 of 12 agencies: 264 → 275 since Q3 2019-20`.
    """
    if change is None:
        return ""
    kpi, since = change.later.kpi, change.earlier.period.name
    if change.before is None or change.after is None:
        return f"no agency answered both now and in {since}, so no change can be given"
    if change.same_agencies and change.later.doubt.is_complete:
        moved = _moved(kpi, change.before, change.after)
        return f"{moved} since {since}" if moved else f"no change since {since}"
    same = f"the same {len(change.common)} of {len(change.later.doubt.asked) or len(change.common)} agencies"
    return f"{same}: {figure_text(kpi, change.before)} → {figure_text(kpi, change.after)} since {since}"


def trend_text(change: str, trend: Trend) -> str:
    """A change, and from eight quarters on what it means: `≈ no significant change`. Before that, two points are no trend."""
    if not trend.variation:
        return change
    return f"{change}\n{trend.icon} {trend.words}".strip()


def no_figure_text(asked: KpiPeriod, latest: KpiPeriod) -> str:
    """`no figure this time (1 not collected, 1 silent); 41 is from Q3 2019-20`, and what was typed where it is held back."""
    since = f"{figure_text(asked.kpi, latest.total() or 0)} is from {latest.period.name}"
    if asked.doubt.held_back:
        typed = ", ".join(f"“{text}”" for _, text in asked.doubt.held_back)
        return f"{typed} is held back; {since}"
    why = f" ({asked.doubt.without_figure})" if asked.doubt.reasons else ""
    return f"no figure this time{why}; {since}" if asked.doubt.asked else f"not asked for this time; {since}"


def _moved(kpi: Kpi, old: Figure, new: Figure) -> str:
    if rounded(kpi, old) == rounded(kpi, new):
        return ""
    return f"{UP if new > old else DOWN} {difference_text(kpi, old, new)}"


def target_text(kpi: Kpi) -> str:
    """A KPI's target with its unit, or that none is set."""
    if kpi.target is None:
        return "none set"
    return kpi.target if isinstance(kpi.target, str) else figure_text(kpi, kpi.target)


def target_result(kpi: Kpi, total: Figure | None) -> str:
    """`met`, `missed by 4`, or "" where it is not known: without a figure or a number as target, or a good direction."""
    if total is None or not kpi.good or not isinstance(kpi.target, int | float):
        return ""
    met = total >= kpi.target if kpi.good == "up" else total <= kpi.target
    return "met" if met else f"missed by {difference_text(kpi, kpi.target, total)}"


_BARS = "▁▂▃▄▅▆▇█"


def bar_chart_text(totals: Sequence[Figure]) -> str:
    """The totals as a row of bars for one cell, scaled from the lowest to the highest; "" if there are fewer than three."""
    if len(totals) < 3:
        return ""
    low, high = min(totals), max(totals)
    return "".join(_BARS[round((number - low) / (high - low) * 7)] if high > low else _BARS[3] for number in totals)


def coverage_text(period: KpiPeriod) -> str:
    """`9 of 12 gave a figure; 2 not available yet, 1 silent`, or "" where all gave one."""
    doubt = period.doubt
    return "" if doubt.is_complete else f"{doubt.answered} of {len(doubt.asked)} gave a figure; {doubt.without_figure}"


def agency_answer(row: Any) -> str | Figure | None:
    """One agency's figure for a KPI, or the reason why there is none."""
    figure, reason = agency_figure(row), row.reason
    return reason if figure is None else figure


def agency_figure(row: Any) -> str | Figure | None:
    """One agency's figure for a KPI as people read it: 7, or `9 of 20`."""
    if row.numerator is not None or row.denominator is not None:
        return f"{'?' if row.numerator is None else row.numerator} of {'?' if row.denominator is None else row.denominator}"
    value: str | Figure | None = row.value
    return value
