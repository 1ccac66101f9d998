"""Advice on a plan that loads: what may be a mistake, though the plan can be used as it is. Also a summary of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from cedg_excel.form.rules import BY_CODE
from cedg_excel.plan.model import Kpi, Period, Plan
from cedg_excel.text import nearest


def advice_on(plan: Plan) -> list[str]:
    """A sentence for each point, in the order of the plan."""
    return [*_on_agencies(plan), *_on_objectives(plan), *_on_kpis(plan), *_on_periods(plan), *_on_versions(plan), *_on_waivers(plan)]


def summary_of(plan: Plan) -> list[str]:
    """The plan in a few lines: its title and dates, and how many entries it has."""
    about, periods = plan.about, plan.periods
    continuing = sum(action.continues for action in plan.actions)
    without_end = f", {continuing} of them without an end" if continuing else ""
    live = sum(kpi.is_live for kpi in plan.kpis)
    not_live = f", {live} of them live" if live < len(plan.kpis) else ""
    return [
        f"{about.title} ({about.id}), version {about.version}, {about.start:%d/%m/%Y} to {about.end:%d/%m/%Y}.",
        f"{_count(len(plan.agencies), 'agency', 'agencies')}; {_count(len(plan.objectives), 'objective')}; "
        f"{_count(len(plan.actions), 'action')}{without_end}; {_count(len(plan.kpis), 'KPI')}{not_live}.",
        f"{_count(len(periods), 'period')}, {periods[0].name} to {periods[-1].name}.",
    ]


def _count(number: int, word: str, plural: str = "") -> str:
    return f"{number} {word if number == 1 else plural or word + 's'}"


def _on_agencies(plan: Plan) -> Iterator[str]:
    for agency in plan.agencies:
        has_actions = any(agency.id in action.agencies or action.contributes(agency.id) for action in plan.actions)
        if not has_actions and not any(agency.id in kpi.agencies for kpi in plan.kpis):
            yield f"{agency.name} ({agency.id}) has nothing to do: no action or KPI names it."


def _on_objectives(plan: Plan) -> Iterator[str]:
    for objective in plan.objectives:
        if not plan.actions_of(objective.number):
            yield f"{objective.sheet} has no actions."
    for action in plan.actions:
        if not action.agencies:
            yield f"Action {action.ref} has no accountable agency, so nobody rates it."
        for day, name in ((action.date_commenced, "date commenced"), (action.target_date, "target date")):
            if day and day > plan.about.end:
                yield f"Action {action.ref}: its {name}, {day:%d/%m/%Y}, is after the end of the plan."


def _on_kpis(plan: Plan) -> Iterator[str]:
    for kpi in plan.kpis:
        if not kpi.agencies:
            yield f"KPI {kpi.ref} names no agency, so nobody gives its figure."
        if kpi.agencies and (without := [period.name for period in plan.periods if not _agencies_of(plan, kpi, period)]):
            yield f"KPI {kpi.ref}: none of its agencies is active in {', '.join(without)}, so nobody gives its figure then."
        if kpi.combine == "single" and len(kpi.agencies) > 1:
            yield f"KPI {kpi.ref} is a single agency's figure, but {len(kpi.agencies)} are asked for it, so it has no total."
        for name, value in (("baseline", kpi.baseline), ("target", kpi.target)):
            if kpi.unit == "percent" and isinstance(value, float) and 0 < value < 1:
                yield f"KPI {kpi.ref}: its {name} is {value:g} per cent. If {value * 100:g} is meant, type that."


def _agencies_of(plan: Plan, kpi: Kpi, period: Period) -> tuple[str, ...]:
    return plan.at(period.id).kpi_by_ref[kpi.ref].agencies


def _on_periods(plan: Plan) -> Iterator[str]:
    about, periods = plan.about, plan.periods
    for one, following in pairwise(periods):
        if following.start < one.start:
            yield f"Period {following.id} is listed after {one.id}, but begins before it. Put the periods in order."
        elif following.start <= one.end:
            yield f"Periods {one.id} and {following.id} overlap."
        elif following.start > one.end + timedelta(days=1):
            yield f"Between periods {one.id} and {following.id}, {(following.start - one.end).days - 1} days belong to neither."
    for period in periods:
        if period.end < about.start or period.start > about.end:
            yield f"Period {period.id} is outside the dates of the plan."
        if period.due and period.due < period.end:
            yield f"Period {period.id} is due before it has ended."
        if len(plan.year_of(period)) > 4 and plan.year_of(period)[0] == period:
            yield f"The plan year {period.year!r} has {len(plan.year_of(period))} periods; the pages show its first four side by side."


def _on_versions(plan: Plan) -> Iterator[str]:
    numbers = [version.number for version in plan.versions]
    if numbers and plan.about.version not in numbers:
        yield f"Version {plan.about.version} is in use, but is not in the list of versions ({', '.join(numbers)})."


def _on_waivers(plan: Plan) -> Iterator[str]:
    for waiver in plan.waivers:
        if waiver.rule not in BY_CODE:
            yield f"There is no rule {waiver.rule}, so its waiver has no effect.{nearest(waiver.rule, BY_CODE)}"
