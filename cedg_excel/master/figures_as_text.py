"""The figures and totals of KPIs as people read them."""

from __future__ import annotations

from typing import Any

from cedg_excel.plan.model import Kpi, Period

UP, DOWN = "\u25b2 up", "\u25bc down"


def total_with_unit(kpi: Kpi, total: int | float | None) -> str | int | float | None:
    """A KPI's total with its unit: `47 %`, `12 days`, 7."""
    if total is None:
        return None
    match kpi.unit:
        case "count":
            return total
        case "percent":
            return f"{total:.0f} %"
        case "days":
            return f"{total:g} days"
        case "words":
            raise ValueError(f"{kpi.ref} is answered in words and has no total")


def trend(kpi: Kpi, totals: list[tuple[Period, int | float]]) -> str:
    """`▲ up 4 since Q3 2019-20 (better)`, or "" if there are fewer than two totals."""
    if len(totals) < 2:
        return ""
    (old_period, old), (_, new) = totals[-2:]
    if new == old:
        return f"no change since {old_period.name}"
    judgement = {True: " (better)", False: " (worse)", None: ""}[is_improvement(kpi, old, new)]
    return f"{UP if new > old else DOWN} {difference_text(kpi, old, new)} since {old_period.name}{judgement}"


def is_improvement(kpi: Kpi, old: float, new: float) -> bool | None:
    """Whether a change is an improvement; None when there is no change, or when the plan names no good direction."""
    return None if new == old or not kpi.good else (new > old) == (kpi.good == "up")


def difference_text(kpi: Kpi, old: float, new: float) -> str:
    """The difference between two totals: `4`, or `4 points` for a percentage."""
    gap = abs(new - old)
    # Four significant figures, but never in the form 1.234e+04.
    return f"{f'{gap:.4g}' if gap < 1000 else f'{gap:,.0f}'}{' points' if kpi.unit == 'percent' else ''}"


_BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


def bar_chart_text(totals: list[tuple[Period, int | float]]) -> str:
    """The totals as a row of bars for one cell, scaled from the lowest to the highest; "" if there are fewer than three."""
    numbers = [number for _, number in totals]
    if len(numbers) < 3:
        return ""
    low, high = min(numbers), max(numbers)
    return "".join(_BARS[round((number - low) / (high - low) * 7)] if high > low else _BARS[3] for number in numbers)


def agency_figure(row: Any) -> str | int | float | None:
    """One agency's figure for a KPI as people read it: 7, or `9 of 20`."""
    if row.numerator is not None or row.denominator is not None:
        return f"{'?' if row.numerator is None else row.numerator} of {'?' if row.denominator is None else row.denominator}"
    value: str | int | float | None = row.value
    return value
