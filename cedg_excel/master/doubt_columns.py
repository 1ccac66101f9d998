"""The columns of the data tables that say how far a row can be trusted, and what the totals of its KPI mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cedg_excel.master.doubt import Answers, doubtful_answers
from cedg_excel.master.merged import Merged
from cedg_excel.master.ratings_and_totals import AnswersByPeriod
from cedg_excel.master.store import object_frame, records

KINDS = {"actions": "action", "kpis": "kpi"}
"""The tables with a column `doubt`, and how the keys of their answers begin."""


def with_doubt(merged: Merged) -> Merged:
    """The same master with `doubt`, `variation` and `assurance` filled in: they depend on all the other tables."""
    doubtful = doubtful_answers(merged)
    tables = dict(merged.tables)
    for name, kind in KINDS.items():
        tables[name] = tables[name].assign(doubt=_objects(_doubt(doubtful, kind, row) for row in records(tables[name])))
    trends = _trends(merged)
    words = [trends.get((row.ref, row.period), (None, None)) for row in records(tables["kpis"])]
    for position, column in enumerate(("variation", "assurance")):
        tables["kpis"] = tables["kpis"].assign(**{column: _objects(pair[position] for pair in words)})
    return replace(merged, tables=tables)


def _objects(values: Iterable[Any]) -> Any:
    return object_frame(("_",), [(value,) for value in values])["_"]


def _doubt(doubtful: Answers, kind: str, row: Any) -> str | None:
    """`in_error` where an answer of the row has an error and counts as typed, `held_back` where one could not be used."""
    agencies_in_error, held_answers = doubtful.get((row.period, f"{kind}/{row.ref}"), (frozenset(), ()))
    in_error = row.agency in agencies_in_error
    held_back = any(agency == row.agency for agency, _ in held_answers)
    # With both, what matters to a total or an overall rating is whether the row is counted in it.
    if in_error and (not held_back or _counts(kind, row)):
        return "in_error"
    return "held_back" if held_back else None


def _counts(kind: str, row: Any) -> bool:
    if kind == "action":
        return row.rating is not None
    return row.value is not None or (row.numerator is not None and row.denominator is not None)


def _trends(merged: Merged) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Variation and assurance of every KPI that is in the plan, by ref and period; None before there are enough periods."""
    answers, plan = AnswersByPeriod(merged), merged.plan
    places = [(plan.kpi_by_ref[ref], plan.period_by_id[period]) for ref, period in merged.kpi_rows if _known(merged, ref, period)]
    found = {(kpi.ref, period.id): answers.trend(kpi, period) for kpi, period in places}
    return {place: (trend.variation or None, trend.assurance or None) for place, trend in found.items()}


def _known(merged: Merged, ref: str, period: str) -> bool:
    return ref in merged.plan.kpi_by_ref and period in merged.plan.period_by_id
