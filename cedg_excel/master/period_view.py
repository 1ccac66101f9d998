"""One period of the master as its pages need it: ratings now and before, rating changes, what is overdue, who has answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from cedg_excel.errors import CannotRead
from cedg_excel.form.fields import FIELDS
from cedg_excel.master.comparison import OFF_TRACK, ActionRatings, KpiComparison, KpiPeriod, RatingChange, compare_kpi, compare_ratings
from cedg_excel.master.doubt import IN_ERROR
from cedg_excel.master.merge import derive
from cedg_excel.master.merged import Merged
from cedg_excel.master.ratings_and_totals import AnswersByPeriod
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import Store, records
from cedg_excel.master.trends import Trend
from cedg_excel.plan.model import Action, Agency, Kpi, Objective, Period, Plan
from cedg_excel.ratings import BLUE, NOT_RATED, RANK, WORST_FIRST
from cedg_excel.text import shown

STATUS_LABELS = {
    "accepted": "Received", "combined": "Received in parts", "held_back": "Held back", "nil": "Nothing to report",
    "superseded": "Replaced by a later one", "rejected": "Could not be read", "withdrawn": "Withdrawn", "not_received": "Not received",
}  # fmt: skip
OVERALL_RATINGS = (*(rating.word for rating in WORST_FIRST), NOT_RATED)
"""Every overall rating, the worst first."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """An action whose target date has passed for an agency that has not finished it. `days` are up to the period's end."""

    action: Action
    agency: Agency
    target: date
    rating: str | None
    days: int
    in_error: bool

    @property
    def marked_rating(self) -> str:
        """The agency's own rating: `Green †` where it rests on an answer with an error."""
        return f"{self.rating or NOT_RATED} {IN_ERROR}" if self.in_error else self.rating or NOT_RATED


@dataclass(frozen=True)
class PeriodView:
    """One period of a master. `previous` is the latest earlier period with a return that is used, if there is one."""

    merged: Merged
    period: Period
    previous: Period | None
    answers: AnswersByPeriod
    overall: Mapping[str, ActionRatings]
    previous_overall: Mapping[str, ActionRatings]
    actions: Mapping[tuple[str, str, str], Any]
    statuses: Mapping[str, str]

    @cached_property
    def plan(self) -> Plan:
        """The plan as it is in this period. What is about other periods too, such as a name, is looked up in `merged.plan`."""
        return self.merged.plan_at(self.period.id)

    def action_row(self, agency: str, ref: str, period: str = "") -> Any:
        """An agency's row for an action in this or another period; None if there is none."""
        return self.actions.get((period or self.period.id, agency, ref))

    def rating(self, agency: str, ref: str, period: str = "") -> str | None:
        """An agency's rating of an action in this or another period."""
        row = self.action_row(agency, ref, period)
        return row.rating if row is not None else None

    def rating_change(self, action: Action) -> RatingChange | None:
        """How the overall rating of an action has changed among the same agencies; None if it has not, or cannot be compared."""
        if self.previous is None or action.ref not in self.previous_overall:
            return None
        periods = self.plan.periods
        consecutive = periods.index(self.previous) + 1 == periods.index(self.period)
        return compare_ratings(self.previous_overall[action.ref], self.overall[action.ref], consecutive)

    def rating_changes(self) -> list[RatingChange]:
        """Every change of an overall rating, those for the worse first."""
        changes = [change for action in self.plan.actions if (change := self.rating_change(action))]
        return sorted(changes, key=lambda change: (not change.worse, RANK[change.after]))

    def need_attention(self) -> list[ActionRatings]:
        """Every action that is off track, now or when last heard, the worst first; then those that are not rated by all."""
        found = [ratings for ratings in self.overall.values() if ratings.needs_attention]
        return sorted(found, key=lambda item: OFF_TRACK.index(item.rating) if item.rating in OFF_TRACK else len(OFF_TRACK))

    def last_heard_texts(self, ratings: ActionRatings) -> list[str]:
        """Who has not rated an action, and what was last heard: `RDaSH: Not returned (Amber in Q3 2019-20)`."""
        agencies = (self.plan.agency_by_id[name] for name in ratings.doubt.silent)
        return [f"{agency.name}: {self.rating_text(ratings.action, agency)}" for agency in agencies]

    def target_of(self, action: Action, agency: str) -> date | None:
        """The target date an agency gave last, else the plan's."""
        row = self._last_row(agency, action.ref)
        target: date | None = row.target_date if row is not None else None
        return target or action.target_date

    def _last_row(self, agency: str, ref: str) -> Any:
        """An agency's row for an action in this period, or in the latest earlier one in which it said anything of it."""
        periods = self.plan.periods[: self.plan.periods.index(self.period) + 1]
        rows = (self.action_row(agency, ref, period.id) for period in reversed(periods))
        return next((row for row in rows if row is not None and (row.rating or row.target_date or row.date_achieved)), None)

    def _last_rating(self, agency: str, ref: str) -> str | None:
        row = self._last_row(agency, ref)
        return row.rating if row is not None else None

    def overdue(self) -> list[Overdue]:
        """Every target date before the period's end of work that is not finished, the longest overdue first."""
        overdue = []
        for action in self.plan.actions:
            for agency in action.agencies:
                target = self.target_of(action, agency)
                if target and target < self.period.end and self._last_rating(agency, action.ref) != BLUE.word:
                    days = (self.period.end - target).days
                    in_error = (agency, action.ref) in self.doubtful_answers
                    rating = self.rating(agency, action.ref)
                    overdue.append(Overdue(action, self.plan.agency_by_id[agency], target, rating, days, in_error))
        return sorted(overdue, key=lambda item: item.target)

    def without_target(self) -> list[Action]:
        """The unfinished actions for which neither the plan nor any accountable agency has given a target date."""
        return [
            action for action in self.plan.actions
            if not self.overall[action.ref].is_done and not action.continues
            and not (action.target_date or any(self.target_of(action, agency) for agency in action.agencies))
        ]  # fmt: skip

    def due_next(self) -> list[Action]:
        """The unfinished actions with a target date in the next period, for agencies that are asked then."""
        periods = self.plan.periods
        following = periods[periods.index(self.period) + 1 :][:1]
        return [
            action for period in following for action in self.merged.plan_at(period.id).actions
            if not (action.ref in self.overall and self.overall[action.ref].is_done)
            and any((target := self.target_of(action, a)) and period.start <= target <= period.end for a in action.agencies)
        ]  # fmt: skip

    def worst_rating(self, agency: Agency, objective: Objective) -> str | None:
        """An agency's worst rating under an objective; Not rated if it gave none, None if it has no action to rate."""
        to_rate = [a.ref for a in self.plan.actions_of(objective.number) if agency.id in a.agencies]
        if not to_rate:
            return None
        given = [rating for ref in to_rate if (rating := self.rating(agency.id, ref))]
        return min(given, key=RANK.__getitem__) if given else NOT_RATED

    def rating_counts(self, objective: Objective) -> Counter[str]:
        """How many actions of an objective have each overall rating."""
        return Counter(self.overall[action.ref].rating for action in self.plan.actions_of(objective.number))

    def is_late(self, agency: Agency) -> bool:
        """Whether the return that is used was late."""
        rows = self.merged.tables["returns"]
        rows = rows[(rows["period"] == self.period.id) & (rows["agency"] == agency.id) & rows["status"].isin(CURRENT)]
        return bool(rows["late"].eq(True).any())

    def held_back_count(self, period: str = "") -> int:
        """How many cells are held back in the returns that are used for this or another period."""
        values, files = self.merged.store.values, self.merged.store.files
        shas = {
            sha for sha, agency, file_period in zip(files["sha256"], files["agency"], files["period"], strict=True)
            if file_period == (period or self.period.id) and self.merged.statuses[sha] in CURRENT
            and self.merged.is_asked(agency, file_period)
        }  # fmt: skip
        return int((values["sha256"].isin(sorted(shas)) & (values["state"] == "held")).sum())

    def findings(self, period: str = "") -> pd.DataFrame:
        """The findings of this or another period on the returns of agencies that are asked in it."""
        period = period or self.period.id
        findings = self.merged.tables["findings"]
        asked = sorted(self.merged.plan_at(period).agency_by_id)
        return findings[(findings["period"] == period) & findings["agency"].isin(asked)]

    def unresolved_errors(self, period: str = "") -> pd.DataFrame:
        """The errors in answers for this or another period that are not held back: these answers are shown and counted as typed."""
        findings = self.findings(period)
        return findings[(findings["severity"] == "error") & findings["key"].notna() & ~findings["held_back"].eq(True)]

    def rating_text(self, action: Action, agency: Agency) -> str:
        """`Green`, or why there is no rating: `Not returned (Green in Q3 2019-20)`."""
        if agency.id not in action.agencies:
            return "Evidence only"
        if rating := self.rating(agency.id, action.ref):
            return rating
        status = self.statuses.get(agency.id, "not_received")
        reasons = {
            "accepted": "Not rated",
            "combined": "Not rated",
            "nil": "Nothing to report",
            "held_back": "Held back",
            "rejected": "Could not be read",
        }
        earlier = (f" ({item.rating} in {item.period.name})" for item in self.overall[action.ref].last_heard if item.agency == agency.id)
        return reasons.get(status, "Not returned") + next(earlier, "")

    @cached_property
    def doubtful_answers(self) -> set[tuple[str, str]]:
        """The agency and ref of every answer of the period that is counted as typed although it has an error."""
        errors = self.unresolved_errors()
        return {(agency, key.split("/")[1]) for agency, key in zip(errors["agency"], errors["key"], strict=True) if key.count("/") == 2}

    def kpi(self, kpi: Kpi, period: Period | None = None) -> KpiPeriod:
        """A KPI's figures in this or another period."""
        return self.answers.kpi(kpi, period or self.period)

    def kpi_periods(self, kpi: Kpi) -> list[KpiPeriod]:
        """A KPI in every period up to this one that has a total, oldest first."""
        return self.answers.kpi_periods(kpi, self.period)

    def trend(self, kpi: Kpi) -> Trend:
        """What a KPI's totals up to this period mean."""
        return self.answers.trend(kpi, self.period)

    def kpi_change(self, kpi: Kpi) -> KpiComparison | None:
        """A KPI's latest period beside the one before it; None before there are two."""
        found = self.kpi_periods(kpi)
        return compare_kpi(found[-2], found[-1]) if len(found) > 1 else None


def periods_with_returns(merged: Merged) -> list[Period]:
    """The periods with a return that is used, in the plan's order."""
    returns = merged.tables["returns"]
    used = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    return [period for period in merged.plan.periods if period.id in used]


def period_view(merged: Merged) -> PeriodView:
    """The view of the period that a master shows: the requested one, else the latest with a return, else the plan's first."""
    plan = merged.plan
    period = plan.period_by_id[merged.period or plan.periods[0].id]
    returns = merged.tables["returns"]
    earlier = plan.periods[: plan.periods.index(period)]
    previous = next((p for p in reversed(periods_with_returns(merged)) if p in earlier), None)
    rows = (row for row in records(merged.tables["actions"]) if merged.is_asked(row.agency, row.period))
    actions = {(row.period, row.agency, row.ref): row for row in rows}
    received = returns[returns["period"] == period.id]
    # An agency may have several returns. The one that is used comes last, so that its status overwrites the others.
    ranked = sorted(zip(received["agency"], received["status"], strict=True), key=lambda r: (r[1] in CURRENT, r[1] == "held_back"))
    answers = AnswersByPeriod(merged)
    previous_overall = answers.actions(previous) if previous else {}
    return PeriodView(merged, period, previous, answers, answers.actions(period), previous_overall, actions, dict(ranked))


def last_view(plan: Plan, store: Store, show: str | None = None) -> PeriodView:
    """
    The view of the last period with a return that is used, which shows how a plan ended; or of the period `show`.

    Raises CannotRead when no return is used.
    """
    periods = periods_with_returns(derive(plan, store))
    if not periods:
        raise CannotRead("The master contains no return that can be used, so there is nothing to report. Merge returns and run this again.")
    return period_view(derive(plan, store, show if show in plan.period_by_id else periods[-1].id))


def answer_texts(row: Any) -> Iterator[str]:
    """An agency's texts about an action: its evidence, then its other texts, each after its heading."""
    for item in FIELDS["actions"]:
        if item.shown in ("words", "named words") and (text := shown(getattr(row, item.column))):
            yield text if item.shown == "words" else f"{item.heading}: {text}"
