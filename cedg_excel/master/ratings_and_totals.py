"""Every action's ratings and every KPI's figures, by period, from the master's tables. What is compared is in `comparison`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from cedg_excel.master.comparison import ActionRatings, KpiFigure, KpiPeriod, LastHeard
from cedg_excel.master.derived_tables import ref_order
from cedg_excel.master.doubt import doubt_about, doubtful_answers
from cedg_excel.master.merged import Merged
from cedg_excel.master.store import records
from cedg_excel.master.trends import IMPROVEMENT, Point, Trend, trend_of
from cedg_excel.plan.model import Action, Kpi, Period


class AnswersByPeriod:
    """The ratings and figures of a master. The tables are sorted once; pages look up hundreds of them."""

    def __init__(self, merged: Merged) -> None:
        self.plan = merged.plan
        self._merged = merged
        self._kpi_rows = merged.kpi_rows
        self._doubtful = doubtful_answers(merged)
        self._ratings: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in records(merged.tables["actions"]):
            if row.rating and merged.is_asked(row.agency, row.period):
                self._ratings[row.agency, row.ref][row.period] = row.rating
        self._group = {(row.period, row.ref): (row.rating, row.note) for row in records(merged.tables["group"])}
        self._actions: dict[tuple[str, str], ActionRatings] = {}
        self._kpis: dict[tuple[str, str], KpiPeriod] = {}

    def action(self, action: Action, period: Period) -> ActionRatings:
        """An action's ratings by the agencies that are asked in a period, and the last ones of those that have not rated it."""
        place = action.ref, period.id
        if place not in self._actions:
            action = self._merged.plan_at(period.id).action_by_ref.get(action.ref, action)
            given = {name: self._ratings[name, action.ref].get(period.id) for name in action.agencies}
            ratings = {name: rating for name, rating in given.items() if rating}
            doubt = doubt_about(self._doubtful, period.id, f"action/{action.ref}", action.agencies, ratings)
            heard = tuple(found for name in doubt.silent if (found := self._last_heard(name, action, period)))
            self._actions[place] = ActionRatings(action, ratings, heard, doubt, *self._group.get((period.id, action.ref), (None, None)))
        return self._actions[place]

    def actions(self, period: Period) -> dict[str, ActionRatings]:
        """The ratings of every action that the plan has in a period, by ref."""
        return {action.ref: self.action(action, period) for action in self._merged.plan_at(period.id).actions}

    def _last_heard(self, agency: str, action: Action, period: Period) -> LastHeard | None:
        ratings = self._ratings[agency, action.ref]
        earlier = self.plan.periods[: self.plan.periods.index(period)]
        return next((LastHeard(agency, ratings[p.id], p) for p in reversed(earlier) if p.id in ratings), None)

    def kpi(self, kpi: Kpi, period: Period) -> KpiPeriod:
        """A KPI's figures in a period. Agencies are asked only in the periods in which it is due, and they are active."""
        place = kpi.ref, period.id
        if place not in self._kpis:
            rows = [row for row in self._kpi_rows.get(place, ()) if self._merged.is_asked(row.agency, period.id)]
            figures = {row.agency: KpiFigure(_number(row.value), row.numerator, row.denominator) for row in rows}
            then = self._merged.plan_at(period.id).kpi_by_ref.get(kpi.ref, kpi)
            asked = self._agencies_of(kpi, period) if self.plan.is_due(kpi, period) else ()
            answered = [agency for agency, figure in figures.items() if figure.is_complete]
            reasons = {row.agency: row.reason for row in rows if row.reason}
            doubt = doubt_about(self._doubtful, period.id, f"kpi/{kpi.ref}", asked, answered, reasons)
            self._kpis[place] = KpiPeriod(then, period, figures, doubt)
        return self._kpis[place]

    def _agencies_of(self, kpi: Kpi, period: Period) -> tuple[str, ...]:
        """The agencies that give a KPI's figure in a period."""
        then = self._merged.plan_at(period.id).kpi_by_ref.get(kpi.ref)
        return then.agencies if then else ()

    def kpi_periods(self, kpi: Kpi, until: Period) -> list[KpiPeriod]:
        """A KPI in every period up to this one that has a total, oldest first. Where it was counted otherwise, it was another KPI."""
        found = [self.kpi(kpi, period) for period in self.plan.periods[: self.plan.periods.index(until) + 1]]
        counted = kpi.unit, kpi.combine
        return [each for each in found if (each.kpi.unit, each.kpi.combine) == counted and each.total() is not None]

    def trend(self, kpi: Kpi, until: Period) -> Trend:
        """
        What a KPI's totals up to a period mean. A period in which not all agencies gave a figure, or one with an error, is left out of the
        limits; so is one in which other agencies were asked than in the latest, because some have joined or left since.

        With such a period in the chart no change is called an improvement: it could rest on who was silent.
        """
        found = self.kpi_periods(kpi, until)
        if not found:
            return Trend(())  # of a KPI in words as well, which has no totals
        now = self._agencies_of(kpi, found[-1].period)
        comparable = [p.doubt.is_complete and not p.doubt.in_error and self._agencies_of(kpi, p.period) == now for p in found]
        points = [Point(p.period.name, p.total() or 0, ok) for p, ok in zip(found, comparable, strict=True)]
        target = kpi.target if isinstance(kpi.target, int | float) else None
        trend = trend_of(points, unit=kpi.unit, good=kpi.good, target=target)
        return replace(trend, judgement="") if trend.judgement == IMPROVEMENT and not all(comparable) else trend


def former_refs(merged: Merged, table: str, objective: int) -> list[str]:
    """The refs of an objective that the table has and the plan has no longer, in their order."""
    known = merged.plan.action_by_ref if table == "actions" else merged.plan.kpi_by_ref
    refs = {row.ref for row in records(merged.tables[table]) if row.objective == objective}
    return sorted(refs - set(known), key=ref_order)


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) else None
