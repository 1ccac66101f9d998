"""What was finished and then left the plan: the master still holds it, and the report still owes it to those who did it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cedg_excel.closing.report_text import ReportText, attribution
from cedg_excel.master.ended import periods_so_far
from cedg_excel.master.period_view import PeriodView, answer_texts
from cedg_excel.master.ratings_and_totals import former_refs
from cedg_excel.master.store import records
from cedg_excel.plan.model import Objective, Period
from cedg_excel.plan.period_words import long_date
from cedg_excel.ratings import BLUE


def left_the_plan(view: PeriodView, objective: Objective) -> Iterator[ReportText]:
    """
    Each agency's answer to an action that it rated Blue, and its last figure for a KPI, that the plan no longer has.

    The plan has let go of their titles with them, so they are named by ref.
    """
    for ref in former_refs(view.merged, "actions", objective.number):
        yield from (_finished(view, row, period) for row, period in _last_rows(view, "actions", ref) if row.rating == BLUE.word)
    for ref in former_refs(view.merged, "kpis", objective.number):
        for row, period in _last_rows(view, "kpis", ref):
            parts = f"{row.numerator} of {row.denominator}" if row.numerator is not None else row.value
            if parts is not None:
                yield ReportText(f"{ref}, no longer in the plan: last figure {parts}", attribution(view, row.agency, period))


def _finished(view: PeriodView, row: Any, period: Period) -> ReportText:
    achieved = f", achieved {long_date(row.date_achieved)}" if row.date_achieved else ""
    texts = "; ".join(answer_texts(row))
    return ReportText(
        f"{row.ref}, finished and no longer in the plan{achieved}{': ' if texts else ''}{texts}", attribution(view, row.agency, period)
    )


def _last_rows(view: PeriodView, table: str, ref: str) -> list[tuple[Any, Period]]:
    """Each agency's latest row for a ref up to the period shown, in the plan's order of agencies."""
    rows = {(row.agency, row.period): row for row in records(view.merged.tables[table]) if row.ref == ref}
    found = []
    for agency in view.merged.plan.agencies:
        latest = next((period for period in reversed(periods_so_far(view)) if (agency.id, period.id) in rows), None)
        if latest:
            found.append((rows[agency.id, latest.id], latest))
    return found
