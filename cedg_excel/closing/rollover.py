"""The next plan, from one that ends: unfinished actions, the latest figures as baselines, and the same periods some years later."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta
from typing import Any

from cedg_excel.errors import CannotWrite
from cedg_excel.master.ended import last_answer
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_view import PeriodView, period_view
from cedg_excel.plan.model import Action, Agency, Kpi, Period, Plan, Version

_YEAR = re.compile(r"(?<!\d)(\d{4})(?:([-/–])(\d{2})(?!\d))?(?!\d)")
"""`2019`, or `2019-20`."""


def next_plan(plan: Plan, merged: Merged) -> Plan:
    """
    The plan that follows this one, based on the period that its master shows.

    The refs of actions and KPIs are kept: the closure report, the minutes and the agencies' own texts name them, and a gap
    in the numbers shows that something is finished. Targets, target dates and meetings are left blank, because the group
    has yet to agree them; waivers end with the plan. Agencies that leave during the plan are not in the next one, nor are actions
    that end. Raises CannotWrite when it would go beyond the last year there is, or when every agency leaves.
    """
    view = period_view(merged)
    agencies = _agencies_that_stay(plan)
    if not agencies:
        raise CannotWrite("Every agency leaves by the end of the plan, so the next one would have none. Change until of those that stay; "
                          "nothing was written.")  # fmt: skip
    staying = frozenset(agency.id for agency in agencies)
    years = _years_to_move(plan)
    ends = (plan.about.end, *(day for period in plan.periods for day in (period.end, period.due or period.end)))
    if max(ends).year + years > MAXYEAR:
        raise CannotWrite(f"The next plan would go beyond the year {MAXYEAR}. Check the dates of the plan; nothing was written.")
    start, end = plan.about.end + timedelta(days=1), years_later(plan.about.end, years)
    about = plan.about.model_copy(update={
        "id": _next_id(plan, years, f"-{start.year}-{end.year}"),
        "title": _next_title(plan, plan.about.title, years, f", {start.year} to {end.year}"),
        "start": start, "end": end, "version": "1", "next_steps": "",
    })  # fmt: skip
    actions = tuple(_carry_over(view, action, start, staying) for action in actions_to_carry_over(view))
    return Plan.model_validate({
        "plan": about, "agency": agencies, "objective": plan.objectives, "action": actions,
        "kpi": tuple(_next_kpi(view, kpi, staying) for kpi in plan.kpis),
        "period": tuple(_next_period(plan, period, years) for period in plan.periods),
        "version": (_first_version(view, start, len(actions)),),
    })  # fmt: skip


def _agencies_that_stay(plan: Plan) -> tuple[Agency, ...]:
    """The agencies that do not leave, without the period in which they joined: the next plan has other periods."""
    return tuple(agency.model_copy(update={"from_": ""}) for agency in plan.agencies if not agency.until)


def actions_to_carry_over(view: PeriodView) -> Iterator[Action]:
    """The actions to carry over: those not Blue in the period shown, and work that continues; none that ends during the plan."""
    for action in view.merged.plan.actions:
        is_done = action.ref in view.overall and view.overall[action.ref].is_done
        if not action.until and (action.continues or not is_done):
            yield action


def to_review(view: PeriodView) -> Iterator[str]:
    """What the group should review before it agrees the next plan: a sentence on each point."""
    plan = view.plan
    if plan.about.notice:
        yield plan.about.notice
    if view.period != plan.periods[-1]:
        yield (f"The last returns are for {view.period.name}, and the plan continues to {plan.periods[-1].name}: "
               "run this again when the other returns are in.")  # fmt: skip
    unrated = [action.ref for action in actions_to_carry_over(view) if action.ref in view.overall and not view.overall[action.ref].rated]
    if unrated:
        yield f"Carried over because not rated, though some may be finished: {', '.join(unrated)}."
    staying = frozenset(agency.id for agency in _agencies_that_stay(view.merged.plan))
    nobody = [action.ref for action in actions_to_carry_over(view) if action.agencies and not _among(action.agencies, staying)]
    if nobody:
        yield f"Without an accountable agency, because it leaves: {', '.join(nobody)}."
    without = [kpi.ref for kpi in plan.kpis if kpi.unit != "words" and not view.kpi_periods(kpi)]
    if without:
        yield f"Without a baseline, because no figure has been reported: {', '.join(without)}."
    partial = [f"{kpi.ref} ({given} of {len(kpi.agencies)})" for kpi, given in _partial_baselines(view)]
    if partial:
        yield f"With a baseline from some of its agencies only: {', '.join(partial)}."
    older = [
        f"{kpi.ref} ({history[-1].period.name})" for kpi in plan.kpis
        if (history := view.kpi_periods(kpi)) and history[-1].period != view.period
    ]  # fmt: skip
    if older:
        yield f"With a baseline from an earlier period: {', '.join(older)}."


def _partial_baselines(view: PeriodView) -> Iterator[tuple[Kpi, int]]:
    """The KPIs whose baseline is from some of their agencies only, and from how many."""
    for kpi in view.plan.kpis:
        if (history := view.kpi_periods(kpi)) and not history[-1].doubt.is_complete:
            yield kpi, history[-1].doubt.answered


def _carry_over(view: PeriodView, action: Action, start: date, staying: frozenset[str]) -> Action:
    """The action with a line that says where it comes from, and the date it commenced where the agencies agree on one."""
    agencies = [view.merged.plan.agency_by_id[agency_id] for agency_id in action.agencies]
    commenced = {answer.row.date_commenced for agency in agencies if (answer := last_answer(view, agency, action.ref))} - {None}
    target = action.target_date
    contributors = action.contributors if action.contributors == "all" else _among(action.contributors, staying)
    return action.model_copy(update={
        "agencies": _among(action.agencies, staying), "contributors": contributors,
        "detail": (*action.detail, _origin(view, action)),
        "date_commenced": action.date_commenced or (commenced.pop() if len(commenced) == 1 else None),
        "target_date": target if target and target >= start else None,
    })  # fmt: skip


def _origin(view: PeriodView, action: Action) -> str:
    """`Carried over from 2.3 of the 2019 to 2022 plan (Amber in Q2 2022-23)`."""
    first, last = view.plan.about.start.year, view.plan.about.end.year
    years = str(first) if first == last else f"{first} to {last}"
    overall = view.overall.get(action.ref)
    rating = f"{overall.rating if overall else 'not begun'} in {view.period.name}"
    return f"Carried over from {action.ref} of the {years} plan ({rating}{'; work that continues' if action.continues else ''})"


def _among(ids: tuple[str, ...], staying: frozenset[str]) -> tuple[str, ...]:
    return tuple(agency for agency in ids if agency in staying)


def _next_kpi(view: PeriodView, kpi: Kpi, staying: frozenset[str]) -> Kpi:
    history = view.kpi_periods(kpi)
    latest = history[-1].total() if history else None
    if kpi.unit == "percent" and latest is not None:
        latest = round(latest, 1)
    return kpi.model_copy(update={"agencies": _among(kpi.agencies, staying), "baseline": latest, "target": None})


def _next_period(plan: Plan, period: Period, years: int) -> Period:
    names: dict[str, Any] = {name: _move_years(plan, getattr(period, name), years) for name in ("id", "label", "year")}
    due = years_later(period.due, years) if period.due else None
    return period.model_copy(
        update={**names, "start": years_later(period.start, years), "end": years_later(period.end, years), "due": due, "meeting": ""}
    )


def _first_version(view: PeriodView, start: date, carried: int) -> Version:
    """Dated the day the plan starts; when it was really written, only its author can say."""
    number = "1 action" if carried == 1 else f"{carried} actions"
    return Version(date=start, number="1", change=f"Proposed from {view.plan.about.id} after {view.period.name}; {number} carried over")


def _years_to_move(plan: Plan) -> int:
    """The fewest whole years that move the first period beyond the end of the plan. Whole, so that a Q3 stays a Q3."""
    after = max(plan.about.end, *(period.end for period in plan.periods))
    first = min(period.start for period in plan.periods)
    years = 1
    while first.year + years <= MAXYEAR and years_later(first, years) <= after:
        years += 1
    return years


def years_later(when: date, years: int) -> date:
    """The same day a number of years later; the last day of February stays the last day of February."""
    last = monthrange(when.year + years, when.month)[1]
    was_last = when.day == monthrange(when.year, when.month)[1]
    return when.replace(year=when.year + years, day=last if was_last or when.day > last else when.day)


def _next_id(plan: Plan, years: int, suffix: str) -> str:
    """An id that differs from the old one, or the old plan's returns would be taken for the new plan's. An id has 63 characters at most."""
    moved = _move_years(plan, plan.about.id, years)
    return moved if moved != plan.about.id else plan.about.id[: 63 - len(suffix)] + suffix


def _next_title(plan: Plan, title: str, years: int, suffix: str) -> str:
    """The title with its years moved, or with the new years added where it names none."""
    moved = _move_years(plan, title, years)
    return moved if moved != title else title + suffix


def _move_years(plan: Plan, text: str, years: int) -> str:
    """`Q3 2019-20` becomes `Q3 2022-23`. Years outside the plan, such as that of an Act, stay."""
    first, last = plan.about.start.year, plan.about.end.year

    def moved(match: re.Match[str]) -> str:
        year, separator, second = int(match[1]), match[2], match[3]
        if not first <= year <= last:
            return match[0]
        if separator and int(second) == (year + 1) % 100:
            return f"{year + years}{separator}{(year + years + 1) % 100:02d}"
        return f"{year + years}{separator or ''}{second or ''}"

    return _YEAR.sub(moved, text)
