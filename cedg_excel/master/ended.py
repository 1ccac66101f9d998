"""What ended and who left before the period that is shown: what they last said stays in the story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cedg_excel.form.fields import FIELDS
from cedg_excel.master.comparison import ActionRatings, marked_rating
from cedg_excel.master.period_view import PeriodView
from cedg_excel.plan.at_period import absence_text, has_ended, has_left
from cedg_excel.plan.model import Action, Agency, Period


@dataclass(frozen=True, slots=True)
class EndedAction:
    """An action that ended before the period shown, as it was in its last period. `continued_by` is the action that it became."""

    action: Action
    last: Period
    overall: ActionRatings
    continued_by: Action | None

    @property
    def text(self) -> str:
        """`ended after Q3 2019-20 (Amber); continues as 2.7 Train all staff`."""
        continues = f"; continues as {self.continued_by.ref} {self.continued_by.title}" if self.continued_by else ""
        return f"ended after {self.last.name} ({marked_rating(self.overall)}){continues}"


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What an agency last reported on an action, and when."""

    agency: Agency
    row: Any
    period: Period


def ended_actions(view: PeriodView, objective: int | None = None) -> list[EndedAction]:
    """The actions of an objective, or of all, that ended before the period shown, in the plan's order."""
    plan, found = view.merged.plan, []
    for action in plan.actions:
        if objective in (None, action.objective) and has_ended(plan, action, view.period.id):
            last = plan.period_by_id[action.until]
            if then := view.merged.plan_at(last.id).action_by_ref.get(action.ref):
                found.append(EndedAction(then, last, view.answers.action(then, last), plan.action_by_ref.get(action.became)))
    return found


def absences(view: PeriodView) -> list[str]:
    """Each agency that is not asked in the period shown, and why: `Barnardo's (left after Q3 2019-20)`."""
    plan = view.merged.plan
    reasons = ((agency, absence_text(plan, agency, view.period.id)) for agency in plan.agencies)
    return [f"{agency.name} ({reason})" for agency, reason in reasons if reason]


def answers_of_those_who_left(view: PeriodView, action: Action) -> Iterator[LastAnswer]:
    """What each agency that has left last reported on an action, in the plan's order of agencies."""
    plan = view.merged.plan
    whole = plan.action_by_ref.get(action.ref, action)
    for agency in plan.agencies:
        involved = agency.id in whole.agencies or whole.contributes(agency.id)
        if involved and has_left(plan, agency, view.period.id) and (answer := last_answer(view, agency, action.ref)):
            yield answer


def last_answers(view: PeriodView, action: Action) -> Iterator[LastAnswer]:
    """What each agency, also one that has left, last reported on an action."""
    for agency in view.merged.plan.agencies:
        if answer := last_answer(view, agency, action.ref):
            yield answer


def last_answer(view: PeriodView, agency: Agency, ref: str) -> LastAnswer | None:
    """What an agency reported on an action in the latest period in which it reported anything on it; None if it never did."""
    for period in reversed(periods_so_far(view)):
        row = view.action_row(agency.id, ref, period.id)
        if row is not None and any(getattr(row, name) for name in _AGENCY_COLUMNS):
            return LastAnswer(agency, row, period)
    return None


_AGENCY_COLUMNS = tuple(field.column for field in FIELDS["actions"] if not field.from_plan)
"""The columns of an action that only agencies fill in."""


def periods_so_far(view: PeriodView) -> tuple[Period, ...]:
    """The plan's periods up to the one shown, oldest first."""
    return view.plan.periods[: view.plan.periods.index(view.period) + 1]
