"""What a closure or progress report says, as plain data worked out from the plan and a master's tables. No Word here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from cedg_excel.closing.data_quality import notice, reliance
from cedg_excel.closing.kpi_figures import Figures, figures
from cedg_excel.closing.report_words import ReportWords, attribution, last_answer, periods, to_be_written
from cedg_excel.master.group_entries import agreed_texts
from cedg_excel.master.period_view import OVERALL_RATINGS, Overdue, PeriodView, answer_texts
from cedg_excel.master.store import records
from cedg_excel.plan.model import Action, Agency, Objective, Period, Plan
from cedg_excel.plan.period_words import for_meeting, long_date
from cedg_excel.ratings import BLUE, NOT_RATED

CLOSURE, PROGRESS = "Closure Report", "Progress Report"
NO_LEAD = "None named in the plan"


@dataclass(frozen=True, slots=True)
class Finished:
    """An action that is Blue: the day it was achieved, and the evidence."""

    action: Action
    achieved: ReportWords
    evidence: tuple[ReportWords, ...]
    by_group: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An action that is not Blue, or goes on all the same. `remarks` go with the rating; `left` is where it stands."""

    action: Action
    rating: str
    remarks: tuple[str, ...]
    lead: str
    targets: str
    left: tuple[ReportWords, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All that is said of one objective. `achievements` and `impact` are the group's agreed words, then the agencies'."""

    objective: Objective
    counts: Mapping[str, int]
    agreed: tuple[ReportWords, ...]
    finished: tuple[Finished, ...]
    achievements: tuple[ReportWords, ...]
    impact: tuple[ReportWords, ...]
    unfinished: tuple[Unfinished, ...]
    figures: Figures
    next_steps: tuple[ReportWords, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `when` is the time of the latest return behind it; `reliance` says how far it can be relied on."""

    title: str
    plan: Plan
    period: Period
    when: datetime
    notice: str
    heading: tuple[ReportWords, ...]
    introduction: tuple[ReportWords, ...]
    purpose: ReportWords
    governance: ReportWords
    chapters: tuple[Chapter, ...]
    overdue: tuple[Overdue, ...]
    next_steps: tuple[ReportWords, ...]
    reliance: tuple[str, ...]

    @property
    def interim(self) -> bool:
        """Whether the plan still runs, and this is no closure."""
        return self.title == PROGRESS

    @property
    def counts(self) -> Counter[str]:
        """How many of all actions have each overall rating."""
        return sum((Counter(chapter.counts) for chapter in self.chapters), Counter())

    @property
    def to_write(self) -> list[str]:
        """Every place where words are asked for, in the order of the report."""
        return [words.text for words in _words_in(self) if words.missing]


def _words_in(part: Any) -> Iterator[ReportWords]:
    if isinstance(part, ReportWords):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _words_in(item)
    elif is_dataclass(part):
        for item in fields(part):
            yield from _words_in(getattr(part, item.name))


def report_of(view: PeriodView, interim: bool = False) -> Report:
    """The closure report of a plan as its master shows it, or, `interim`, the report on its progress so far."""
    plan, period = view.plan, view.period
    chapters = tuple(_chapter(view, objective) for objective in plan.objectives)
    return Report(
        PROGRESS if interim else CLOSURE, plan, period, view.merged.last_change, notice(view),
        heading=tuple(_heading(view)),
        introduction=tuple(_introduction(view, interim)),
        purpose=_of_the_plan(plan.about.purpose, "the purpose of the plan"),
        governance=_of_the_plan(plan.about.governance, "how the plan is governed and scrutinised"),
        chapters=chapters,
        overdue=tuple(view.overdue()) if interim else (),
        next_steps=tuple(_next_steps(plan, chapters, interim)),
        reliance=tuple(reliance(view, interim)),
    )  # fmt: skip


def _next_steps(plan: Plan, chapters: tuple[Chapter, ...], interim: bool) -> Iterator[ReportWords]:
    """What the plan says of next steps, which is meant for its end."""
    if not interim:
        yield _of_the_plan(plan.about.next_steps, "what happens after the end of the plan")
    elif not any(chapter.next_steps for chapter in chapters):
        yield to_be_written("the next steps", "Neither the group nor any agency has given them this time.")


def counted(counts: Mapping[str, int]) -> str:
    """`7 actions: 1 Blue, 6 Green`."""
    number = sum(counts.values())
    if not number:
        return "No actions"
    each = ", ".join(f"{counts[word]} {word}" for word in (*reversed(OVERALL_RATINGS[:-1]), NOT_RATED) if counts.get(word))
    return f"{number} {'action' if number == 1 else 'actions'}: {each}"


def _heading(view: PeriodView) -> Iterator[ReportWords]:
    about = view.plan.about
    yield ReportWords(about.title)
    yield from (ReportWords(name) for name in (about.group, about.partnership) if name)
    yield ReportWords(f"{long_date(about.start)} to {long_date(about.end)}")
    yield ReportWords(f"Position at {long_date(view.period.end)}, the end of {view.period.name}")
    if view.period.meeting:
        yield ReportWords(for_meeting(view.period).removeprefix(". "))
    else:
        yield to_be_written("who this report is for, and the date of the meeting", "The plan does not say.")


def _introduction(view: PeriodView, interim: bool) -> Iterator[ReportWords]:
    about = view.plan.about
    if interim:
        when = long_date(view.period.end)
        yield ReportWords(
            f"This report says how far the work under “{about.title}” had come by {when}: what has been achieved, "
            "what difference it has made, what is under way, and what is overdue."
        )
    else:
        when = f"{long_date(about.start)} to {long_date(about.end)}"
        yield ReportWords(
            f"This report closes the plan “{about.title}”, set for {when}. It says what has been achieved, "
            "what difference it has made, which work goes on, and what comes next."
        )
        if view.period != view.plan.periods[-1]:
            yield ReportWords(f"It shows the position at the end of {view.period.name}, before the plan's own end.")


def _of_the_plan(text: str, what: str) -> ReportWords:
    return ReportWords(text) if text else to_be_written(what, "The plan does not say.")


def _chapter(view: PeriodView, objective: Objective) -> Chapter:
    actions = view.plan.actions_of(objective.number)
    done = [action for action in actions if _is_blue(view, action)]
    agreed = tuple(_agreed(view, objective, "achievements"))
    achievements = tuple(_agency_narrative(view, objective, "achievements"))
    if not (agreed or done or achievements):
        achievements = (_wanted(objective, "the achievements", "No action is Blue, and no agency has given any."),)
    return Chapter(
        objective, view.rating_counts(objective), agreed,
        tuple(_finished(view, action) for action in done), achievements,
        (*_agreed(view, objective, "impact"), *_agency_narrative(view, objective, "impact"))
        or (_wanted(objective, "the impact", "No agency has given any."),),
        tuple(_unfinished(view, action) for action in actions if action.continues or not _is_blue(view, action)),
        figures(view, objective),
        # Only the latest: the steps of earlier periods have been taken, or put anew.
        (*list(_agreed(view, objective, "next_steps"))[-1:], *_agency_narrative(view, objective, "next_steps", now=True)),
    )  # fmt: skip


def _wanted(objective: Objective, what: str, why: str) -> ReportWords:
    return to_be_written(f"{what} of objective {objective.number}", why)


def _is_blue(view: PeriodView, action: Action) -> bool:
    return view.overall[action.ref].rating == BLUE.word


def _agreed(view: PeriodView, objective: Objective, name: str) -> Iterator[ReportWords]:
    """What the group has agreed to say, the oldest first; the same words once."""
    seen = set()
    for period in periods(view):
        text = agreed_texts(view.merged, period.id).get(f"agreed/{objective.number}/{name}")
        if text and text not in seen:
            seen.add(text)
            yield ReportWords(text, f"agreed by the group, {period.name}")


def _agency_narrative(view: PeriodView, objective: Objective, name: str, now: bool = False) -> Iterator[ReportWords]:
    """What the agencies say under one of the three headings, the oldest first; `now` leaves out earlier periods."""
    rows = view.merged.tables["narrative"]
    rows = rows[(rows["objective"] == objective.number) & rows[name].notna()]
    seen = set()
    for period in [view.period] if now else periods(view):
        for line in records(rows[rows["period"] == period.id]):
            text = getattr(line, name)
            if (line.agency, text) not in seen:
                seen.add((line.agency, text))
                yield ReportWords(text, f"{view.plan.agency_by_id[line.agency].name}, {period.name}")


def _finished(view: PeriodView, action: Action) -> Finished:
    lines = {agency.id: found for agency in _concerned(view, action) if (found := last_answer(view, agency, action.ref))}
    days = [line.date_achieved for agency, (line, _) in lines.items() if agency in action.agencies and line.date_achieved]
    evidence = tuple(ReportWords(line.evidence, attribution(view, agency, when)) for agency, (line, when) in lines.items() if line.evidence)
    return Finished(
        action,
        ReportWords(long_date(max(days))) if days else to_be_written(f"the date {action.ref} was achieved", "No agency has given it."),
        evidence or (to_be_written(f"the evidence that {action.ref} is done", "No agency has given any."),),
        view.overall[action.ref].by_group is not None,
    )


def _concerned(view: PeriodView, action: Action) -> list[Agency]:
    """The accountable agencies first, then those who help."""
    agencies = view.plan.agencies
    return [a for a in agencies if a.id in action.agencies] + [a for a in agencies if action.contributes(a.id)]


def _unfinished(view: PeriodView, action: Action) -> Unfinished:
    accountable = [view.plan.agency_by_id[name] for name in action.agencies]
    lines = [(agency, *found) for agency in accountable if (found := last_answer(view, agency, action.ref))]
    left = tuple(
        ReportWords("\n".join(answer_texts(line)), attribution(view, agency.id, when))
        for agency, line, when in lines
        if line.evidence or line.remedial_action
    )
    return Unfinished(
        action, view.overall[action.ref].rating, tuple(_remarks(view, action)), action.leads or NO_LEAD,
        _targets([(agency, line.target_date or action.target_date) for agency, line, _ in lines]),
        left or (to_be_written(f"where {action.ref} stands, and what is left to do", "No accountable agency has said."),),
    )  # fmt: skip


def _remarks(view: PeriodView, action: Action) -> Iterator[str]:
    """What a reader should know about an action's rating."""
    overall = view.overall[action.ref]
    if action.continues:
        yield "Work that continues"
    if overall.by_group:
        yield f"The group's own rating; by the agencies: {overall.by_agencies}"
    for name in action.agencies:
        if view.rating(name, action.ref) is None:
            agency = view.plan.agency_by_id[name]
            yield f"{agency.name}: {view.rating_text(action, agency)}"


def _targets(given: list[tuple[Agency, Any]]) -> str:
    """`30 June 2020`, or whose it is where they differ; nothing when nobody has given one."""
    days = {target for _, target in given if target}
    if len(days) < 2:
        return long_date(days.pop()) if days else ""
    return "; ".join(f"{long_date(target)} ({agency.name})" for agency, target in given if target)
