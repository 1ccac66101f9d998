"""An action in a report: finished, ended during the plan, or unfinished, with what each agency last said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cedg_excel.closing.report_text import ReportText, attribution, missing_text
from cedg_excel.master.comparison import ActionRatings, marked_rating
from cedg_excel.master.ended import LastAnswer, answers_of_those_who_left, ended_actions, last_answer, last_answers
from cedg_excel.master.period_view import PeriodView, answer_texts
from cedg_excel.plan.model import Action, Agency, Objective
from cedg_excel.plan.period_words import long_date
from cedg_excel.ratings import BLUE

NO_LEAD = "None named in the plan"


@dataclass(frozen=True, slots=True)
class Finished:
    """An action that is Blue, or was when it ended: the day it was achieved, the evidence, and how it ended, if during the plan."""

    action: Action
    achieved: ReportText
    evidence: tuple[ReportText, ...]
    by_group: bool
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """An action that ended during the plan without being Blue: how, and what each agency last reported."""

    action: Action
    text: str
    position: tuple[ReportText, ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """
    An action that is not Blue, or that continues although it is.

    `marked_rating` has the marks of its doubt, `remarks` explain it; `position` is what the agencies report as done and as left to do.
    """

    action: Action
    rating: str
    marked_rating: str
    remarks: tuple[str, ...]
    lead: str
    target_dates: str
    position: tuple[ReportText, ...]


def finished(view: PeriodView, objective: Objective) -> Iterator[Finished]:
    """The actions of an objective that are Blue, and then those that were Blue when they ended."""
    for action in view.plan.actions_of(objective.number):
        if _is_blue(view.overall[action.ref]):
            yield _finished(view, action, view.overall[action.ref])
    for item in ended_actions(view, objective.number):
        if _is_blue(item.overall):
            yield _finished(view, item.action, item.overall, item.text)


def unfinished(view: PeriodView, objective: Objective) -> Iterator[Unfinished]:
    """The actions of an objective that are not Blue, and work that continues."""
    for action in view.plan.actions_of(objective.number):
        if action.continues or not _is_blue(view.overall[action.ref]):
            yield _unfinished(view, action)


def ended(view: PeriodView, objective: Objective) -> Iterator[Ended]:
    """The actions of an objective that ended during the plan without being Blue."""
    for item in ended_actions(view, objective.number):
        if not _is_blue(item.overall):
            yield Ended(item.action, item.text, _positions(view, last_answers(view, item.action)))


def _is_blue(overall: ActionRatings) -> bool:
    return overall.rating == BLUE.word


def _finished(view: PeriodView, action: Action, overall: ActionRatings, ended_text: str = "") -> Finished:
    # With the agencies that have left since: they did the work too.
    whole = view.merged.plan.action_by_ref.get(action.ref, action)
    answers = [answer for agency in _involved(view, whole) if (answer := last_answer(view, agency, action.ref))]
    dates = [answer.row.date_achieved for answer in answers if answer.agency.id in whole.agencies and answer.row.date_achieved]
    evidence = tuple(ReportText(a.row.evidence, attribution(view, a.agency.id, a.period)) for a in answers if a.row.evidence)
    return Finished(
        action,
        ReportText(long_date(max(dates))) if dates else missing_text(f"the date {action.ref} was achieved", "No agency has given it."),
        evidence or (missing_text(f"the evidence that {action.ref} is done", "No agency has given any."),),
        overall.by_group is not None, ended_text,
    )  # fmt: skip


def _involved(view: PeriodView, action: Action) -> list[Agency]:
    """The accountable agencies first, then the contributors."""
    agencies = view.merged.plan.agencies
    return [a for a in agencies if a.id in action.agencies] + [a for a in agencies if action.contributes(a.id)]


def _unfinished(view: PeriodView, action: Action) -> Unfinished:
    accountable = [view.plan.agency_by_id[agency_id] for agency_id in action.agencies]
    answers = [answer for agency in accountable if (answer := last_answer(view, agency, action.ref))]
    position = _positions(view, [*answers, *answers_of_those_who_left(view, action)])
    overall = view.overall[action.ref]
    return Unfinished(
        action, overall.rating, marked_rating(overall), tuple(_remarks(view, action)), action.leads or NO_LEAD,
        _target_dates([(answer.agency, answer.row.target_date or action.target_date) for answer in answers]),
        position or (missing_text(f"the position of {action.ref}, and what is left to do", "No accountable agency has reported it."),),
    )  # fmt: skip


def _positions(view: PeriodView, answers: Iterator[LastAnswer] | list[LastAnswer]) -> tuple[ReportText, ...]:
    """What the agencies say in words, each with its name."""
    return tuple(
        ReportText("\n".join(answer_texts(answer.row)), attribution(view, answer.agency.id, answer.period))
        for answer in answers
        if any(answer_texts(answer.row))
    )


def _remarks(view: PeriodView, action: Action) -> Iterator[str]:
    """What a reader should know about an action's rating."""
    overall = view.overall[action.ref]
    if action.continues:
        yield "Work that continues"
    if overall.by_group:
        yield f"The group's own rating; by the agencies: {overall.by_agencies}"
    for agency_id in action.agencies:
        if view.rating(agency_id, action.ref) is None:
            agency = view.plan.agency_by_id[agency_id]
            yield f"{agency.name}: {view.rating_text(action, agency)}"


def _target_dates(given: list[tuple[Agency, Any]]) -> str:
    """`30 June 2020`; with the names of the agencies where their dates differ; empty when no agency has given one."""
    dates = {target for _, target in given if target}
    if len(dates) < 2:
        return long_date(dates.pop()) if dates else ""
    return "; ".join(f"{long_date(target)} ({agency.name})" for agency, target in given if target)
