"""How dates and periods are written for people."""

from __future__ import annotations

from datetime import date

from cedg_excel.plan.model import Period


def long_date(value: date) -> str:
    """`long_date(date(2019, 10, 1)) == "1 October 2019"`."""
    return f"{value.day} {value:%B %Y}"


def period_span(period: Period) -> str:
    """`1 October to 31 December 2019`."""
    first = f"{period.start.day} {period.start:%B}" if period.start.year == period.end.year else long_date(period.start)
    return f"{first} to {long_date(period.end)}"


def for_meeting(period: Period) -> str:
    """`. For the meeting of 3 February`, or "" for a period without a meeting."""
    return f". For the meeting of {period.meeting}" if period.meeting else ""
