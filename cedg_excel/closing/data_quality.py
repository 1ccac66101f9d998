"""How far a report can be relied on: who has not answered, what is held back or doubtful, and whether it is only a sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cedg_excel.closing.report_words import periods
from cedg_excel.form.fields import field_names
from cedg_excel.master.period_view import STATUS_LABELS, PeriodView
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import records
from cedg_excel.plan.model import Period
from cedg_excel.plan.period_words import period_span

INVENTED = "Invented:"
"""How the sample answers begin, every one of them."""

_TEXTS = {
    "actions": field_names("actions", "text"),
    "kpis": ("value", *field_names("kpis", "text")),
    "narrative": field_names("narrative", "text"),
}


def notice(view: PeriodView) -> str:
    """That something is made from invented answers, or nothing: `Sample data. The answers behind this are invented: ...`"""
    texts = [
        text for name, columns in _TEXTS.items() for column in columns
        for text in view.merged.tables[name][column] if isinstance(text, str)
    ]  # fmt: skip
    invented = sum(text.startswith(INVENTED) for text in texts)
    if not invented:
        return ""
    if invented == len(texts):
        return "Sample data. The answers behind this are invented: no figure, date or statement of an agency is real."
    return f"Sample data. Of the {len(texts)} texts behind this, {invented} say that they are invented."


def reliance(view: PeriodView, interim: bool) -> Iterator[str]:
    """Everything a reader should know before trusting the figures, a sentence or two each."""
    yield from _reach(view, interim)
    yield from _answers(view)
    yield from _held_back(view)
    yield from _doubtful(view)
    yield ("The worst rating that any accountable agency gives is an action's overall rating. An action is Blue only if all of them say "
           "so, and not rated where nobody says Red, Amber or Green and not all say Blue. No rating is carried over from an earlier "
           "period.")  # fmt: skip
    if own := sum(overall.by_group is not None for overall in view.overall.values()):
        yield f"{own} {'rating is' if own == 1 else 'ratings are'} the group's own, instead of the agencies'."


def _reach(view: PeriodView, interim: bool) -> Iterator[str]:
    """How much of the plan the returns cover."""
    plan, shown = view.plan, periods(view)
    after = plan.periods[len(shown) :]
    yield f"This is the position in {view.period.name} ({period_span(view.period)}), period {len(shown)} of the plan's {len(plan.periods)}."
    if after and not interim:
        until = f" to {after[-1].name}" if len(after) > 1 else ""
        yield (f"The plan goes on after that: nothing that counts has been returned for {after[0].name}{until}. "
               "What has happened since is not in this report.")  # fmt: skip
    returns = view.merged.tables["returns"]
    answered = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    if silent := [period.name for period in shown if period.id not in answered]:
        yield f"No agency answered for {_listed(silent)}."


def _listed(field_names: Iterable[str]) -> str:
    """`A`, `A and B`, or `A, B and C`."""
    *most, last = field_names
    return f"{', '.join(most)} and {last}" if most else last


def _answers(view: PeriodView) -> Iterator[str]:
    """Who has answered in the period shown, and who has not."""
    plan = view.plan
    by_status: dict[str, list[str]] = {}
    for agency in plan.agencies:
        by_status.setdefault(view.statuses.get(agency.id, "not_received"), []).append(agency.name)
    answered = sum(len(by_status.get(status, ())) for status in CURRENT)
    yield f"{answered} of {len(plan.agencies)} agencies answered for {view.period.name}."
    if silent := by_status.pop("not_received", None):
        yield f"Nothing has come from {_listed(silent)} for {view.period.name}."
    if nil := by_status.pop("nil", None):
        yield f"Nothing to report was the answer of {_listed(nil)}."
    for status, agencies in by_status.items():
        if status not in CURRENT:
            yield f"{STATUS_LABELS[status]}: the return of {_listed(agencies)}."
    returns = view.merged.tables["returns"]
    drafts = returns[(returns["period"] == view.period.id) & returns["status"].isin(CURRENT) & (returns["declared"] == "Draft")]
    if len(drafts):
        yield f"Marked as a draft: the return of {_listed(plan.agency_by_id[name].name for name in drafts['agency'])}."


def _held_back(view: PeriodView) -> Iterator[str]:
    """Each answer of the period shown that could not be used, and how many there were before."""
    found = view.merged.tables["findings"]
    rows = found[(found["period"] == view.period.id) & found["key"].notna() & found["held_back"].eq(True)]
    for line in records(rows):
        yield f"Left out, since it could not be used: {_whose(view, line)}"
    earlier = sum(view.held_back_count(period.id) for period in _before(view))
    if earlier:
        answers = "1 answer" if earlier == 1 else f"{earlier} answers"
        yield f"{answers} from earlier periods could not be used either; see Findings in the master."


def _doubtful(view: PeriodView) -> Iterator[str]:
    """Each answer of the period shown that has an error and counts all the same, and how many there were before."""
    for line in records(view.unresolved_errors()):
        yield f"Doubtful, but shown and counted as typed: {_whose(view, line)}"
    if earlier := sum(len(view.unresolved_errors(period.id)) for period in _before(view)):
        answers = "1 answer" if earlier == 1 else f"{earlier} answers"
        yield f"Shown and counted as typed too: {answers} with errors from earlier periods; see Findings in the master."


def _before(view: PeriodView) -> tuple[Period, ...]:
    return periods(view)[:-1]


def _whose(view: PeriodView, line: Any) -> str:
    """`the value of K2.5 of Children's Services. This is not a number.`"""
    return f"{_what(line.key)} of {view.plan.agency_by_id[line.agency].name}. {line.message}"


def _what(key: str) -> str:
    """`action/2.3/date_achieved` as a reader would say it: `the date achieved of 2.3`."""
    kind, _, rest = key.partition("/")
    ref, _, name = rest.rpartition("/")
    ref = f"objective {ref}" if kind == "narrative" else ref or "the cover"
    return f"the {name.replace('_', ' ')} of {ref}"
