"""A piece of text for a report: whose it is, or that it is still to be written."""

from __future__ import annotations

from dataclasses import dataclass

from cedg_excel.master.period_view import PeriodView
from cedg_excel.plan.model import Period


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


def attribution(view: PeriodView, agency_id: str, period: Period) -> str:
    """`Early Help`, with the period where it is not the one shown: `Early Help, Q3 2019-20`."""
    name = view.merged.agency_name(agency_id)
    return name if period == view.period else f"{name}, {period.name}"
