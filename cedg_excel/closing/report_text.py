"""A piece of text for a report: whose it is, or that it is still to be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cedg_excel.form.fields import FIELDS
from cedg_excel.master.period_view import PeriodView
from cedg_excel.plan.model import Agency, Period


@dataclass(frozen=True, slots=True)
class ReportText:
    """
    A text for the report.

    `source` says whose it is, such as `Early Help, Q4 2019-20`; it is blank for the plan's own text. `missing` marks a
    request for a text that nobody has given.
    """

    text: str
    source: str = ""
    missing: bool = False


def missing_text(what: str, why: str) -> ReportText:
    """A request for a text that nobody has given: `[To be written: the impact of objective 3. No agency has given any.]`."""
    return ReportText(f"[To be written: {what}. {why}]", missing=True)


_AGENCY_COLUMNS = tuple(field.column for field in FIELDS["actions"] if not field.from_plan)
"""The columns of an action that only agencies fill in."""


def periods_so_far(view: PeriodView) -> tuple[Period, ...]:
    """The plan's periods up to the one shown, oldest first."""
    return view.plan.periods[: view.plan.periods.index(view.period) + 1]


def last_answer(view: PeriodView, agency: Agency, ref: str) -> tuple[Any, Period] | None:
    """An agency's row for an action from the latest period in which it reported anything on it, and that period; None if it never did."""
    for period in reversed(periods_so_far(view)):
        row = view.action_row(agency.id, ref, period.id)
        if row is not None and any(getattr(row, name) for name in _AGENCY_COLUMNS):
            return row, period
    return None


def attribution(view: PeriodView, agency_id: str, period: Period) -> str:
    """`Early Help`, with the period where it is not the one shown: `Early Help, Q3 2019-20`."""
    name = view.plan.agency_by_id[agency_id].name
    return name if period == view.period else f"{name}, {period.name}"
