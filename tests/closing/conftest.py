"""Shared by the tests of the end of a plan: answers of two agencies, and the view of the master that they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cedg_excel.master.merge import merge
from cedg_excel.master.period_view import PeriodView, last_view
from cedg_excel.master.store import with_group_entries
from cedg_excel.plan.model import Plan
from tests.conftest import Fill, checked

Q3, Q4 = "2019-20-Q3", "2019-20-Q4"
BLUE = {"rating": "Blue", "date_achieved": date(2019, 12, 2), "evidence": "Minutes of 2 December"}
ViewOf = Callable[..., PeriodView]


def action(ref: str, **answers: Any) -> dict[str, Any]:
    return {f"action/{ref}/{name}": value for name, value in answers.items()}


NORTH = {
    **action("2.3", rating="Amber", evidence="Half are trained", remedial_action="A second trainer", target_date=date(2020, 3, 1)),
    **action("2.4", **BLUE), **action("2.5", rating="Red", evidence="Not begun"), **action("2.1", evidence="Our services are sent in"),
    "kpi/K2.1/value": 4, "kpi/K2.2/numerator": 1, "kpi/K2.2/denominator": 2, "kpi/K2.3/value": 30,
    "narrative/2/achievements": "North's achievement", "narrative/2/next_steps": "North's next step",
}  # fmt: skip
SOUTH = {**action("2.1", **BLUE), **action("2.3", rating="Green"), "kpi/K2.1/value": 6}


@pytest.fixture
def view_of(fill: Fill, small: Plan) -> ViewOf:
    """The view of these returns: `view_of({("north", Q3): answers}, group={"agreed/2/impact": "..."})`."""

    def view(returns: Mapping[tuple[str, str], Any], group: Mapping[str, str] | None = None, plan: Plan = small) -> PeriodView:
        paths = [
            fill(answers, agency, period, sent=datetime(2020, 1 if period == Q3 else 4, 14, 10, tzinfo=UTC), plan=plan)
            for (agency, period), answers in returns.items()
        ]
        store = merge(checked(plan, *paths), plan).store
        return last_view(plan, with_group_entries(store, max(period for _, period in returns), group or {}))

    return view
