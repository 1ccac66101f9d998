"""Overall ratings and KPI totals, calculated from the tables."""

from __future__ import annotations

from dataclasses import dataclass

from cedg_excel.master.merge import Merged
from cedg_excel.master.store import records
from cedg_excel.ratings import overall_rating


@dataclass(frozen=True, slots=True)
class Overall:
    """
    An action's overall rating in a period, and how many of its accountable agencies rated it.

    `by_agencies` is the overall rating that results from theirs; the group's own rating replaces it if there is one.
    """

    by_agencies: str
    rated: int
    to_rate: int
    by_group: str | None = None
    note: str | None = None

    @property
    def rating(self) -> str:
        return self.by_group or self.by_agencies


def overall_ratings(merged: Merged, period: str) -> dict[str, Overall]:
    """The overall rating of every action of the plan in one period, by ref."""
    rows = merged.tables["actions"]
    rows = rows[(rows["period"] == period) & rows["rating"].notna()]
    ratings_given = {(agency, ref): rating for agency, ref, rating in zip(rows["agency"], rows["ref"], rows["rating"], strict=True)}
    group_entries = {row.ref: (row.rating, row.note) for row in records(merged.tables["group"]) if row.period == period}
    result = {}
    for action in merged.plan.actions:
        ratings = [ratings_given.get((agency, action.ref)) for agency in action.agencies]
        group_entry = group_entries.get(action.ref, (None, None))
        result[action.ref] = Overall(overall_rating(ratings), sum(r is not None for r in ratings), len(ratings), *group_entry)
    return result


def kpi_total(merged: Merged, ref: str, period: str) -> int | float | None:
    """A KPI's total across agencies for one period, by its `combine`. A percentage is from 0 to 100; None if there is no figure."""
    kpi = merged.plan.kpi_by_ref[ref]
    if kpi.combine == "ratio":
        part, whole = ratio_parts(merged, ref, period)
        return 100 * part / whole if whole else None
    numbers = [row.value for row in merged.kpi_rows.get((ref, period), ()) if isinstance(row.value, int | float)]
    if not numbers or (kpi.combine == "single" and len(numbers) > 1):
        return None
    return sum(numbers)


def ratio_parts(merged: Merged, ref: str, period: str) -> tuple[int | float, int | float]:
    """The sum of numerators and the sum of denominators, over the agencies that gave both."""
    complete_rows = [row for row in merged.kpi_rows.get((ref, period), ()) if row.numerator is not None and row.denominator is not None]
    return sum(row.numerator for row in complete_rows), sum(row.denominator for row in complete_rows)
