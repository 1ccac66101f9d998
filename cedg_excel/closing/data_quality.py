"""How far a report can be relied on: who has not answered, and what is held back or doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cedg_excel.master.ended import absences, periods_so_far
from cedg_excel.master.period_view import STATUS_LABELS, PeriodView
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import records
from cedg_excel.plan.model import Period
from cedg_excel.plan.period_words import period_span


def reliability(view: PeriodView, interim: bool) -> Iterator[str]:
    """Everything a reader should know before relying on the report: one or two sentences on each point."""
    yield from _coverage(view, interim)
    yield from _who_answered(view)
    yield from _held_back(view)
    yield from _doubtful(view)
    yield ("An action's overall rating is the worst that any accountable agency gives. It is Blue only if all of them rate it Blue, "
           "and Not rated when none rates it Red, Amber or Green and not all rate it Blue. A Red or Amber from an earlier period holds "
           "until its agency answers again; no other rating is carried over.")  # fmt: skip
    if own := sum(overall.by_group is not None for overall in view.overall.values()):
        yield f"{own} {'rating is' if own == 1 else 'ratings are'} the group's own, instead of the agencies'."


def _coverage(view: PeriodView, interim: bool) -> Iterator[str]:
    """How much of the plan the returns cover."""
    plan, covered = view.plan, periods_so_far(view)
    later = plan.periods[len(covered) :]
    number = f"period {len(covered)} of the plan's {len(plan.periods)}"
    yield f"This is the position in {view.period.name} ({period_span(view.period)}), {number}."
    if later and not interim:
        last = f" to {later[-1].name}" if len(later) > 1 else ""
        yield (f"The plan continues after that, but no return has been accepted for {later[0].name}{last}. "
               "What has happened since is not in this report.")  # fmt: skip
    returns = view.merged.tables["returns"]
    answered = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    if silent := [period.name for period in covered if period.id not in answered]:
        yield f"No agency answered for {_join(silent)}."


def _join(names: Iterable[str]) -> str:
    """`A`, `A and B`, or `A, B and C`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _who_answered(view: PeriodView) -> Iterator[str]:
    """Who has answered in the period shown, and who has not."""
    plan = view.plan
    by_status: dict[str, list[str]] = {}
    for agency in plan.agencies:
        by_status.setdefault(view.statuses.get(agency.id, "not_received"), []).append(agency.name)
    answered = sum(len(by_status.get(status, ())) for status in CURRENT)
    yield f"{answered} of {len(plan.agencies)} agencies answered for {view.period.name}."
    if not_asked := absences(view):
        yield f"Not asked for {view.period.name}: {_join(not_asked)}."
    if silent := by_status.pop("not_received", None):
        yield f"No return has come from {_join(silent)} for {view.period.name}."
    if nil := by_status.pop("nil", None):
        yield f"Answered “Nothing to report”: {_join(nil)}."
    for status, names in by_status.items():
        if status not in CURRENT:
            yield f"{STATUS_LABELS[status]}: the return from {_join(names)}."
    returns = view.merged.tables["returns"]
    returns = returns[returns["agency"].isin(sorted(plan.agency_by_id))]
    drafts = returns[(returns["period"] == view.period.id) & returns["status"].isin(CURRENT) & (returns["declared"] == "Draft")]
    if len(drafts):
        yield f"Marked as a draft: the return from {_join(map(view.merged.agency_name, drafts['agency']))}."


def _held_back(view: PeriodView) -> Iterator[str]:
    """Each answer of this period that could not be used, and how many there were in earlier periods."""
    findings = view.findings()
    own = findings[findings["key"].notna() & findings["held_back"].eq(True)]
    for finding in records(own):
        yield f"Left out, because it could not be used: {_describe(view, finding)}"
    if earlier := sum(view.held_back_count(period.id) for period in _earlier_periods(view)):
        yield f"Also left out: {_count_answers(earlier)} from earlier periods; see Findings in the master."


def _doubtful(view: PeriodView) -> Iterator[str]:
    """Each answer of this period that has an error and counts all the same, and how many there were in earlier periods."""
    for finding in records(view.unresolved_errors()):
        yield f"Doubtful, but shown and counted as typed: {_describe(view, finding)}"
    if earlier := sum(len(view.unresolved_errors(period.id)) for period in _earlier_periods(view)):
        yield f"Also shown and counted as typed: {_count_answers(earlier)} with errors from earlier periods; see Findings in the master."


def _count_answers(number: int) -> str:
    return "1 answer" if number == 1 else f"{number} answers"


def _earlier_periods(view: PeriodView) -> tuple[Period, ...]:
    return periods_so_far(view)[:-1]


def _describe(view: PeriodView, finding: Any) -> str:
    """`the value of K2.5 from Children's Services. This is not a number.`"""
    return f"{_answer_name(finding.key)} from {view.merged.agency_name(finding.agency)}. {finding.message}"


def _answer_name(key: str) -> str:
    """`action/2.3/date_achieved` in words: `the date achieved of 2.3`."""
    kind, _, rest = key.partition("/")
    ref, _, name = rest.rpartition("/")
    ref = f"objective {ref}" if kind == "narrative" else ref or "the cover"
    return f"the {name.replace('_', ' ')} of {ref}"
