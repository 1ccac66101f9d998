"""What the pages of one period are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from cedg_excel.master.merge import merge
from cedg_excel.master.period_view import period_view
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, RATED, Fill, checked, table_rows

OVERDUE = """
    | Target date of 2.4 | Its rating | Overdue |
    | 01/10/2019         | Amber      | yes     |
    | 30/12/2019         | Amber      | yes     |
    | 31/12/2019         | Amber      | no      |
    | 01/01/2020         | Amber      | no      |
    |                    | Amber      | no      |
    | 30/12/2019         | Red        | yes     |
    | 30/12/2019         | Green      | yes     |
    | 30/12/2019         |            | yes     |
    | 30/12/2019         | Blue       | no      |
"""


@pytest.mark.parametrize(("target", "rating", "overdue"), table_rows(OVERDUE))
def test_work_is_overdue_when_its_date_is_before_the_end_of_the_period(
    fill: Fill, small: Plan, target: str, rating: str, overdue: str
) -> None:
    """On the last day, the 31st of December, there is still a day left."""
    assert small.period_by_id[PERIOD].end == date(2019, 12, 31)
    day = datetime.strptime(target, "%d/%m/%Y").date() if target else None
    values: dict[str, Any] = {**RATED, "action/2.4/target_date": day, "action/2.4/rating": rating or None}
    found = period_view(merge(checked(small, fill(values)), small)).overdue()
    assert [(item.agency.id, item.target, item.rating) for item in found if item.action.ref == "2.4"] == (
        [("north", day, rating or None)] if overdue == "yes" else []
    )
