"""What the pages of one period are made from: ratings now and before, what moved, what is overdue, who has answered."""

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
from cedg_excel.master.merge import Merged, derive
from cedg_excel.master.ratings_and_totals import Overall, kpi_total, overall_ratings
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import Store, records
from cedg_excel.plan.model import Action, Agency, Kpi, Objective, Period, Plan
from cedg_excel.ratings import BLUE, NOT_RATED, RANK, WORST_FIRST
from cedg_excel.text import shown

STATUS_WORDS = {
    "accepted": "Received", "held_back": "Held back", "nil": "Nothing to report", "superseded": "Replaced by a later one",
    "rejected": "Could not be read", "withdrawn": "Withdrawn", "not_received": "Not received",
}  # fmt: skip
OVERALL_WORDS = (*(rating.word for rating in WORST_FIRST), NOT_RATED)
"""Every overall rating there is, the worst first."""

BETTER, WORSE, UP, DOWN = "\u25b2 better", "\u25bc worse", "\u25b2 up", "\u25bc down"


@dataclass(frozen=True, slots=True)
class RatingChange:
    """An action whose overall rating has changed since the period before."""

    action: Action
    before: str
    after: str

    @property
    def worse(self) -> bool:
        return RANK[self.after] < RANK[self.before]

    @property
    def words(self) -> str:
        """`▼ worse: Green to Red`."""
        return f"{WORSE if self.worse else BETTER}: {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class Overdue:
    """An action whose target date has passed for an agency that has not finished it."""

    action: Action
    agency: Agency
    target: date
    rating: str | None


@dataclass(frozen=True)
class PeriodView:
    """One period of a master. `before` is the period before it with any return, if there is one."""

    merged: Merged
    period: Period
    before: Period | None
    overall: Mapping[str, Overall]
    overall_before: Mapping[str, Overall]
    actions: Mapping[tuple[str, str, str], Any]
    statuses: Mapping[str, str]

    @property
    def plan(self) -> Plan:
        return self.merged.plan

    def line(self, agency: str, ref: str, period: str = "") -> Any:
        """An agency's row for an action in this or another period; None when it has none."""
        return self.actions.get((period or self.period.id, agency, ref))

    def rating(self, agency: str, ref: str, period: str = "") -> str | None:
        """An agency's rating of an action in this or another period."""
        line = self.line(agency, ref, period)
        return line.rating if line is not None else None

    def move(self, action: Action) -> RatingChange | None:
        """How an action has moved; None when it has not, or was not rated both times."""
        now = self.overall[action.ref].rating
        before = self.overall_before[action.ref].rating if self.before else NOT_RATED
        return RatingChange(action, before, now) if before != now and {before, now} <= set(RANK) else None

    def moves(self) -> list[RatingChange]:
        """Every action that has moved, the worse first."""
        moved = [move for action in self.plan.actions if (move := self.move(action))]
        return sorted(moved, key=lambda move: (not move.worse, RANK[move.after]))

    def overdue(self) -> list[Overdue]:
        """Every target date that has passed with the work not finished, the longest first. Passed is before the period's end."""
        found = []
        for action in self.plan.actions:
            for agency in action.agencies:
                line = self.line(agency, action.ref)
                target = line.target_date if line is not None else action.target_date
                rating = line.rating if line is not None else None
                if target and target < self.period.end and rating != BLUE.word:
                    found.append(Overdue(action, self.plan.agency_by_id[agency], target, rating))
        return sorted(found, key=lambda item: item.target)

    def worst(self, agency: Agency, objective: Objective) -> str | None:
        """An agency's worst rating under an objective; Not rated when it gave none, None when it is asked for none."""
        asked = [a.ref for a in self.plan.actions_of(objective.number) if agency.id in a.agencies]
        if not asked:
            return None
        given = [rating for ref in asked if (rating := self.rating(agency.id, ref))]
        return min(given, key=RANK.__getitem__) if given else NOT_RATED

    def counts(self, objective: Objective) -> Counter[str]:
        """How many actions of an objective have each overall rating."""
        return Counter(self.overall[action.ref].rating for action in self.plan.actions_of(objective.number))

    def late(self, agency: Agency) -> bool:
        """Whether the return that counts came late."""
        rows = self.merged.tables["returns"]
        rows = rows[(rows["period"] == self.period.id) & (rows["agency"] == agency.id) & rows["status"].isin(CURRENT)]
        return bool(rows["late"].eq(True).any())

    def held_back(self, period: str = "") -> int:
        """How many cells of the returns that count for this or another period are held back."""
        values, files = self.merged.store.values, self.merged.store.files
        own = {
            sha for sha, when in zip(files["sha256"], files["period"], strict=True)
            if when == (period or self.period.id) and self.merged.statuses[sha] in CURRENT
        }  # fmt: skip
        return int((values["sha256"].isin(sorted(own)) & (values["state"] == "held")).sum())

    def doubted(self, period: str = "") -> pd.DataFrame:
        """The findings on answers for this or another period that have an error, and are shown and counted as typed all the same."""
        found = self.merged.tables["findings"]
        own = found[found["period"] == (period or self.period.id)]
        return own[(own["severity"] == "error") & own["key"].notna() & ~own["held_back"].eq(True)]

    def rated_words(self, action: Action, agency: Agency) -> str:
        """`Green`, or why there is no rating: `Not returned (Green in Q3 2019-20)`."""
        if agency.id not in action.agencies:
            return "Evidence only"
        if rating := self.rating(agency.id, action.ref):
            return rating
        status = self.statuses.get(agency.id, "not_received")
        why = {"accepted": "Not rated", "nil": "Nothing to report", "held_back": "Held back", "rejected": "Could not be read"}
        return why.get(status, "Not returned") + self._before(action, agency)

    def _before(self, action: Action, agency: Agency) -> str:
        """The latest earlier rating, for information: nothing is carried over."""
        periods = self.plan.periods
        for period in reversed(periods[: periods.index(self.period)]):
            if rating := self.rating(agency.id, action.ref, period.id):
                return f" ({rating} in {period.name})"
        return ""

    @cached_property
    def doubts(self) -> set[tuple[str, str]]:
        """The agency and ref of every answer of the period that is counted as typed, though it has an error."""
        own = self.doubted()
        return {(agency, key.split("/")[1]) for agency, key in zip(own["agency"], own["key"], strict=True) if key.count("/") == 2}

    def in_doubt(self, ref: str) -> int:
        """How many agencies' answers for an action or indicator are in doubt."""
        return sum(about == ref for _, about in self.doubts)

    def figures_given(self, kpi: Kpi) -> int:
        """How many of the agencies that are asked for an indicator have given a figure for the period."""
        rows = self.merged.figures.get((kpi.ref, self.period.id), ())
        return sum((row.value is not None or row.numerator is not None) and row.agency in kpi.agencies for row in rows)

    def history(self, kpi: Kpi) -> list[tuple[Period, int | float]]:
        """A KPI's totals up to this period, oldest first, leaving out periods without any."""
        periods = self.plan.periods[: self.plan.periods.index(self.period) + 1]
        totals = [(period, kpi_total(self.merged, kpi.ref, period.id)) for period in periods]
        return [(period, total) for period, total in totals if total is not None]


def period_view(merged: Merged) -> PeriodView:
    """The period a master shows: the one asked for, else the latest with a return, else the plan's first."""
    plan = merged.plan
    period = plan.period_by_id[merged.period or plan.periods[0].id]
    returns = merged.tables["returns"]
    seen = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    before = next((p for p in reversed(plan.periods[: plan.periods.index(period)]) if p.id in seen), None)
    actions = {(row.period, row.agency, row.ref): row for row in records(merged.tables["actions"])}
    own = returns[returns["period"] == period.id]
    # A superseded return stands beside the one that replaced it; the one that counts is told last.
    ranked = sorted(zip(own["agency"], own["status"], strict=True), key=lambda r: r[1] in (*CURRENT, "held_back"))
    earlier = overall_ratings(merged, before.id) if before else {}
    return PeriodView(merged, period, before, overall_ratings(merged, period.id), earlier, actions, dict(ranked))


def last_view(plan: Plan, store: Store, wanted: str | None = None) -> PeriodView:
    """
    The view of the last period with a return that counts: what the end of a plan is judged by. Or of the period `wanted`.

    Raises CannotRead when no return counts.
    """
    returns = derive(plan, store).tables["returns"]
    counted = set(returns.loc[returns["status"].isin(CURRENT), "period"])
    last = next((period.id for period in reversed(plan.periods) if period.id in counted), None)
    if last is None:
        raise CannotRead("The master holds no return that counts, so there is nothing to report. Merge returns and run this again.")
    return period_view(derive(plan, store, wanted if wanted in plan.period_by_id else last))


def agency_words(line: Any) -> Iterator[str]:
    """What an agency says of an action: its evidence, and then its other answers in words, each under its heading."""
    for item in FIELDS["actions"]:
        if item.shown in ("words", "named words") and (text := shown(getattr(line, item.column))):
            yield text if item.shown == "words" else f"{item.heading}: {text}"


def total_words(kpi: Kpi, total: int | float | None) -> str | int | float | None:
    """A KPI's total with its unit: `47 %`, `12 days`, 7."""
    if total is None or kpi.unit == "count":
        return total
    return f"{total:.0f} %" if kpi.unit == "percent" else f"{total:g} days"


def trend(kpi: Kpi, history: list[tuple[Period, int | float]]) -> str:
    """`▲ up 4 since Q3 2019-20 (better)`, or nothing before there are two totals."""
    if len(history) < 2:
        return ""
    (old_period, old), (_, new) = history[-2:]
    if new == old:
        return f"no change since {old_period.name}"
    sense = {True: " (better)", False: " (worse)", None: ""}[improved(kpi, old, new)]
    return f"{UP if new > old else DOWN} {difference(kpi, old, new)} since {old_period.name}{sense}"


def improved(kpi: Kpi, old: float, new: float) -> bool | None:
    """Whether a change is for the better; None when there is none, or when neither direction is good."""
    return None if new == old or not kpi.good else (new > old) == (kpi.good == "up")


def difference(kpi: Kpi, old: float, new: float) -> str:
    """How far apart two totals are: `4`, `4 points` of a percentage."""
    apart = abs(new - old)
    # Four figures are enough to read, but never as 1.234e+04.
    return f"{f'{apart:.4g}' if apart < 1000 else f'{apart:,.0f}'}{' points' if kpi.unit == 'percent' else ''}"


_BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


def bars_in_text(history: list[tuple[Period, int | float]]) -> str:
    """The totals drawn in a cell, a bar each, from the lowest to the highest; nothing before there are three."""
    numbers = [number for _, number in history]
    if len(numbers) < 3:
        return ""
    low, high = min(numbers), max(numbers)
    return "".join(_BARS[round((number - low) / (high - low) * 7)] if high > low else _BARS[3] for number in numbers)


def agency_figure(row: Any) -> str | int | float | None:
    """One agency's figure for a KPI as it is read: 7, or `9 of 20`."""
    if row.numerator is not None or row.denominator is not None:
        return f"{'?' if row.numerator is None else row.numerator} of {'?' if row.denominator is None else row.denominator}"
    value: str | int | float | None = row.value
    return value
