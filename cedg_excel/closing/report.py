"""The content of a closure or progress report as plain data, from the plan and a master's tables. `word_report` lays it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from cedg_excel.closing.actions import Ended, Finished, Unfinished, ended, finished, unfinished
from cedg_excel.closing.data_quality import reliability
from cedg_excel.closing.kpi_figures import KpiFigures, kpi_figures
from cedg_excel.closing.left_plan import left_the_plan
from cedg_excel.closing.report_text import ReportText, missing_text
from cedg_excel.master.ended import periods_so_far
from cedg_excel.master.group_entries import agreed_texts
from cedg_excel.master.period_view import OVERALL_RATINGS, Overdue, PeriodView
from cedg_excel.master.store import records
from cedg_excel.plan.model import Objective, Period, Plan
from cedg_excel.plan.period_words import for_meeting, long_date
from cedg_excel.ratings import NOT_RATED

CLOSURE_TITLE, PROGRESS_TITLE = "Closure Report", "Progress Report"


@dataclass(frozen=True, slots=True)
class ObjectiveSection:
    """The section on one objective. `impact` is the group's agreed text, then the agencies'; `agreed` the group's text on achievements."""

    objective: Objective
    counts: Mapping[str, int]
    agreed: tuple[ReportText, ...]
    finished: tuple[Finished, ...]
    achievements: tuple[ReportText, ...]
    ended: tuple[Ended, ...]
    left_plan: tuple[ReportText, ...]
    impact: tuple[ReportText, ...]
    unfinished: tuple[Unfinished, ...]
    kpis: KpiFigures
    next_steps: tuple[ReportText, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """
    A closure report; or a progress report, if `interim`.

    `as_of` is the time of the latest return it is based on; `reliability` says how far it can be relied on.
    """

    interim: bool
    plan: Plan
    period: Period
    as_of: datetime
    notice: str
    heading: tuple[ReportText, ...]
    introduction: tuple[ReportText, ...]
    purpose: ReportText
    governance: ReportText
    sections: tuple[ObjectiveSection, ...]
    overdue: tuple[Overdue, ...]
    next_steps: tuple[ReportText, ...]
    reliability: tuple[str, ...]

    @property
    def title(self) -> str:
        return PROGRESS_TITLE if self.interim else CLOSURE_TITLE

    @property
    def counts(self) -> Counter[str]:
        """How many of the plan's actions have each overall rating."""
        return sum((Counter(section.counts) for section in self.sections), Counter())

    @property
    def to_write(self) -> list[str]:
        """Every request for a missing text, in the order of the report."""
        return [text.text for text in _texts_in(self) if text.missing]


def _texts_in(part: Any) -> Iterator[ReportText]:
    if isinstance(part, ReportText):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _texts_in(item)
    elif is_dataclass(part):
        for item in fields(part):
            yield from _texts_in(getattr(part, item.name))


def report_of(view: PeriodView, interim: bool = False) -> Report:
    """The closure report of a plan as its master shows it; or, if `interim`, the progress report."""
    plan, period = view.plan, view.period
    sections = tuple(_section(view, objective) for objective in plan.objectives)
    return Report(
        interim, plan, period, view.merged.last_change, plan.about.notice,
        heading=tuple(_heading(view)),
        introduction=tuple(_introduction(view, interim)),
        purpose=_from_plan(plan.about.purpose, "the purpose of the plan"),
        governance=_from_plan(plan.about.governance, "how the plan is governed and scrutinised"),
        sections=sections,
        overdue=tuple(view.overdue()) if interim else (),
        next_steps=tuple(_next_steps(plan, sections, interim)),
        reliability=tuple(reliability(view, interim)),
    )  # fmt: skip


def _next_steps(plan: Plan, sections: tuple[ObjectiveSection, ...], interim: bool) -> Iterator[ReportText]:
    """The plan's next steps are for its end; in a progress report only the group and the agencies give any."""
    if not interim:
        yield _from_plan(plan.about.next_steps, "what happens after the end of the plan")
    elif not any(section.next_steps for section in sections):
        yield missing_text("the next steps", "Neither the group nor any agency has given them this time.")


def counts_in_words(counts: Mapping[str, int]) -> str:
    """`7 actions: 1 Blue, 6 Green`."""
    number = sum(counts.values())
    if not number:
        return "No actions"
    each = ", ".join(f"{counts[word]} {word}" for word in (*reversed(OVERALL_RATINGS[:-1]), NOT_RATED) if counts.get(word))
    return f"{number} {'action' if number == 1 else 'actions'}: {each}"


def _heading(view: PeriodView) -> Iterator[ReportText]:
    about = view.plan.about
    yield ReportText(about.title)
    yield from (ReportText(name) for name in (about.group, about.partnership) if name)
    yield ReportText(f"{long_date(about.start)} to {long_date(about.end)}")
    yield ReportText(f"Position at {long_date(view.period.end)}, the end of {view.period.name}")
    if view.period.meeting:
        yield ReportText(for_meeting(view.period).removeprefix(". "))
    else:
        yield missing_text("who this report is for, and the date of the meeting", "The plan does not say.")


def _introduction(view: PeriodView, interim: bool) -> Iterator[ReportText]:
    about = view.plan.about
    if interim:
        when = long_date(view.period.end)
        yield ReportText(
            f"This report describes the progress of the work under “{about.title}” up to {when}: what has been achieved, "
            "what difference it has made, what is under way, and what is overdue."
        )
    else:
        when = f"{long_date(about.start)} to {long_date(about.end)}"
        yield ReportText(
            f"This report closes the plan “{about.title}”, set for {when}. It says what has been achieved, "
            "what difference it has made, which work continues, and what comes next."
        )
        if view.period != view.plan.periods[-1]:
            yield ReportText(f"It shows the position at the end of {view.period.name}, before the end of the plan.")


def _from_plan(text: str, what: str) -> ReportText:
    return ReportText(text) if text else missing_text(what, "The plan does not say.")


def _section(view: PeriodView, objective: Objective) -> ObjectiveSection:
    done = tuple(finished(view, objective))
    agreed = tuple(_agreed(view, objective, "achievements"))
    achievements = tuple(_agency_narrative(view, objective, "achievements"))
    if not (agreed or done or achievements or any(left_the_plan(view, objective))):
        achievements = (_missing(objective, "the achievements", "No action is Blue, and no agency has given any."),)
    return ObjectiveSection(
        objective, view.rating_counts(objective), agreed,
        done, achievements, tuple(ended(view, objective)), tuple(left_the_plan(view, objective)),
        (*_agreed(view, objective, "impact"), *_agency_narrative(view, objective, "impact"))
        or (_missing(objective, "the impact", "No agency has given any."),),
        tuple(unfinished(view, objective)),
        kpi_figures(view, objective),
        # Only the latest: steps named in earlier periods have been taken since, or are named again.
        (*list(_agreed(view, objective, "next_steps"))[-1:], *_agency_narrative(view, objective, "next_steps", latest=True)),
    )  # fmt: skip


def _missing(objective: Objective, what: str, why: str) -> ReportText:
    return missing_text(f"{what} of objective {objective.number}", why)


def _agreed(view: PeriodView, objective: Objective, name: str) -> Iterator[ReportText]:
    """The text that the group has agreed, the oldest first; a repeated text only once."""
    seen = set()
    for period in periods_so_far(view):
        text = agreed_texts(view.merged, period.id).get(f"agreed/{objective.number}/{name}")
        if text and text not in seen:
            seen.add(text)
            yield ReportText(text, f"agreed by the group, {period.name}")


def _agency_narrative(view: PeriodView, objective: Objective, name: str, latest: bool = False) -> Iterator[ReportText]:
    """What the agencies have written in one of the three narrative fields, the oldest first; `latest` leaves out earlier periods."""
    rows = view.merged.tables["narrative"]
    rows = rows[(rows["objective"] == objective.number) & rows[name].notna()]
    seen = set()
    for period in [view.period] if latest else periods_so_far(view):
        for row in records(rows[rows["period"] == period.id]):
            text = getattr(row, name)
            if (row.agency, text) not in seen:
                seen.add((row.agency, text))
                yield ReportText(text, f"{view.merged.agency_name(row.agency)}, {period.name}")
