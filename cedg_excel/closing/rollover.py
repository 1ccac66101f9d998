"""The next plan, made from one that ends: what is unfinished, the latest figures as baselines, and the same periods years later."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta
from typing import Any

from cedg_excel.closing.data_quality import notice
from cedg_excel.closing.kpi_figures import given_by
from cedg_excel.closing.report_words import last_answer
from cedg_excel.errors import CannotWrite
from cedg_excel.master.merge import Merged
from cedg_excel.master.period_view import PeriodView, period_view
from cedg_excel.plan.model import Action, Kpi, Period, Plan, Version
from cedg_excel.ratings import BLUE, NOT_RATED

_YEAR = re.compile(r"(?<!\d)(\d{4})(?:([-/–])(\d{2})(?!\d))?(?!\d)")
"""`2019`, or `2019-20`."""


def next_plan(plan: Plan, merged: Merged) -> Plan:
    """
    The plan that follows this one, as its master stands in the period it shows.

    Refs stay as they are, those of actions and of KPIs: the closure report, the minutes and the agencies' own words name
    them, and a gap in the numbers says that something is finished. Targets, target dates and meetings are left blank, since
    the group has yet to agree them; waivers end with the plan.
    """
    view = period_view(merged)
    years = _years(plan)
    ends = (plan.about.end, *(day for period in plan.periods for day in (period.end, period.due or period.end)))
    if max(ends).year + years > MAXYEAR:
        raise CannotWrite(f"The next plan would go beyond the year {MAXYEAR}. Check the dates of the plan; nothing was written.")
    start, end = plan.about.end + timedelta(days=1), later(plan.about.end, years)
    about = plan.about.model_copy(update={
        "id": _next_id(plan, years, f"-{start.year}-{end.year}"),
        "title": _renamed(plan, plan.about.title, years, f", {start.year} to {end.year}"),
        "start": start, "end": end, "version": "1", "next_steps": "",
    })  # fmt: skip
    actions = tuple(_carried(view, action, start) for action in unfinished(view))
    return Plan.model_validate({
        "plan": about, "agency": plan.agencies, "objective": plan.objectives, "action": actions,
        "kpi": tuple(_kpi(view, kpi) for kpi in plan.kpis),
        "period": tuple(_period(plan, period, years) for period in plan.periods),
        "version": (_version(view, start, len(actions)),),
    })  # fmt: skip


def unfinished(view: PeriodView) -> Iterator[Action]:
    """The actions that go on: those not Blue in the period shown, and work that continues."""
    return (action for action in view.plan.actions if action.continues or view.overall[action.ref].rating != BLUE.word)


def doubts(view: PeriodView) -> Iterator[str]:
    """What the group should look at before it agrees the next plan, a sentence each."""
    plan = view.plan
    if sample := notice(view):
        yield sample
    if view.period != plan.periods[-1]:
        yield (f"The last returns are for {view.period.name}, and the plan goes on to {plan.periods[-1].name}: "
               "make the next plan again when the rest have come.")  # fmt: skip
    unrated = [action.ref for action in unfinished(view) if view.overall[action.ref].rating == NOT_RATED]
    if unrated:
        yield f"Carried over because not rated, though some may be finished: {', '.join(unrated)}."
    blank = [kpi.ref for kpi in plan.kpis if kpi.unit != "words" and not view.kpi_totals(kpi)]
    if blank:
        yield f"Without a baseline, since no figure has come: {', '.join(blank)}."
    partly = [f"{kpi.ref} ({given} of {len(kpi.agencies)})" for kpi, given in _baselines_of_some(view)]
    if partly:
        yield f"With a baseline from some of its agencies only: {', '.join(partly)}."
    older = [
        f"{kpi.ref} ({history[-1][0].name})" for kpi in plan.kpis if (history := view.kpi_totals(kpi)) and history[-1][0] != view.period
    ]
    if older:
        yield f"With a baseline from an earlier period: {', '.join(older)}."


def _baselines_of_some(view: PeriodView) -> Iterator[tuple[Kpi, int]]:
    for kpi in view.plan.kpis:
        history = view.kpi_totals(kpi)
        if history and (given := len(given_by(view, kpi, history[-1][0]))) < len(kpi.agencies):
            yield kpi, given


def _carried(view: PeriodView, action: Action, start: date) -> Action:
    """An action with where it came from, and the day it began where the agencies agree on one."""
    began = {found[0].date_commenced for name in action.agencies if (found := last_answer(view, view.plan.agency_by_id[name], action.ref))}
    began -= {None}
    target = action.target_date
    return action.model_copy(update={
        "detail": (*action.detail, _from(view, action)),
        "date_commenced": action.date_commenced or (began.pop() if len(began) == 1 else None),
        "target_date": target if target and target >= start else None,
    })  # fmt: skip


def _from(view: PeriodView, action: Action) -> str:
    """`Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q2 2022-23)`."""
    first, last = view.plan.about.start.year, view.plan.about.end.year
    which = str(first) if first == last else f"{first} to {last}"
    rating = f"{view.overall[action.ref].rating} in {view.period.name}"
    return f"Carried over from {action.ref} of the {which} plan ({rating}{'; work that continues' if action.continues else ''})"


def _kpi(view: PeriodView, kpi: Kpi) -> Kpi:
    history = view.kpi_totals(kpi)
    latest = history[-1][1] if history else None
    if kpi.unit == "percent" and latest is not None:
        latest = round(latest, 1)
    return kpi.model_copy(update={"baseline": latest, "target": None})


def _period(plan: Plan, period: Period, years: int) -> Period:
    moved: dict[str, Any] = {name: _text_later(plan, getattr(period, name), years) for name in ("id", "label", "year")}
    due = later(period.due, years) if period.due else None
    return period.model_copy(
        update={**moved, "start": later(period.start, years), "end": later(period.end, years), "due": due, "meeting": ""}
    )


def _version(view: PeriodView, start: date, carried: int) -> Version:
    """Dated the day the plan starts: when it was really written, only its author can say."""
    number = "1 action" if carried == 1 else f"{carried} actions"
    proposed = f"Proposed from {view.plan.about.id} after {view.period.name}; {number} carried over"
    return Version(date=start, number="1", change=f"Sample data. {proposed}" if notice(view) else proposed)


def _years(plan: Plan) -> int:
    """The fewest whole years that bring the first period behind the end of the plan: quarters stay quarters, years years."""
    after = max(plan.about.end, *(period.end for period in plan.periods))
    first = min(period.start for period in plan.periods)
    years = 1
    while first.year + years <= MAXYEAR and later(first, years) <= after:
        years += 1
    return years


def later(when: date, years: int) -> date:
    """The same day so many years later; the last of February stays the last of February."""
    last = monthrange(when.year + years, when.month)[1]
    was_last = when.day == monthrange(when.year, when.month)[1]
    return when.replace(year=when.year + years, day=last if was_last or when.day > last else when.day)


def _next_id(plan: Plan, years: int, otherwise: str) -> str:
    """An id of its own, no longer than an id may be: what was cut off would leave the old one, and its returns would be taken for new."""
    moved = _text_later(plan, plan.about.id, years)
    return moved if moved != plan.about.id else plan.about.id[: 63 - len(otherwise)] + otherwise


def _renamed(plan: Plan, text: str, years: int, otherwise: str) -> str:
    """A text with its years moved; where it names none, with the new ones put behind it."""
    moved = _text_later(plan, text, years)
    return moved if moved != text else text + otherwise


def _text_later(plan: Plan, text: str, years: int) -> str:
    """`Q3 2019-20` as `Q3 2022-23`. Years outside the plan, such as that of an Act, stay."""
    first, last = plan.about.start.year, plan.about.end.year

    def moved(match: re.Match[str]) -> str:
        year, mark, short = int(match[1]), match[2], match[3]
        if not first <= year <= last:
            return match[0]
        if mark and int(short) == (year + 1) % 100:
            return f"{year + years}{mark}{(year + years + 1) % 100:02d}"
        return f"{year + years}{mark or ''}{short or ''}"

    return _YEAR.sub(moved, text)
