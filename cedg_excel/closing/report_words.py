"""Words for a report: who has said them, or that they are still to be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cedg_excel.form.fields import FIELDS
from cedg_excel.master.period_view import PeriodView
from cedg_excel.plan.model import Agency, Period


@dataclass(frozen=True, slots=True)
class ReportWords:
    """A text for the report. `by` says whose it is: `Early Help, Q4 2019-20`; blank for the plan's. `missing` asks for one."""

    text: str
    by: str = ""
    missing: bool = False


def to_be_written(what: str, why: str) -> ReportWords:
    """Words that nobody has given, asked for by name: `[To be written: the impact of objective 3. No agency has given any.]`."""
    return ReportWords(f"[To be written: {what}. {why}]", missing=True)


_OWN_ANSWERS = tuple(field.column for field in FIELDS["actions"] if not field.from_plan)
"""The columns of an action that only agencies fill in."""


def periods(view: PeriodView) -> tuple[Period, ...]:
    """The plan's periods up to the one shown, oldest first."""
    return view.plan.periods[: view.plan.periods.index(view.period) + 1]


def last_answer(view: PeriodView, agency: Agency, ref: str) -> tuple[Any, Period] | None:
    """An agency's row for an action from the latest period in which it said anything of it, and that period."""
    for period in reversed(periods(view)):
        line = view.action_row(agency.id, ref, period.id)
        if line is not None and any(getattr(line, name) for name in _OWN_ANSWERS):
            return line, period
    return None


def attribution(view: PeriodView, agency: str, period: Period) -> str:
    """`Early Help`, with the period where it is not the one shown: `Early Help, Q3 2019-20`."""
    name = view.plan.agency_by_id[agency].name
    return name if period == view.period else f"{name}, {period.name}"
