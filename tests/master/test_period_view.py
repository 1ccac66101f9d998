"""What the pages of one period are made from."""

from __future__ import annotations

from datetime import date

from cedg_excel.master.merge import merge
from cedg_excel.master.period_view import period_view
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, Fill, checked, plan_with, table_rows, typed

OVERDUE = """
    | Ref  | Target date | Its rating | Overdue |
    | 2.11 | 01/10/2019  | Amber      | yes     |
    | 2.12 | 30/12/2019  | Amber      | yes     |
    | 2.13 | 31/12/2019  | Amber      | no      |
    | 2.14 | 01/01/2020  | Amber      | no      |
    | 2.15 |             | Amber      | no      |
    | 2.16 | 30/12/2019  | Red        | yes     |
    | 2.17 | 30/12/2019  | Green      | yes     |
    | 2.18 | 30/12/2019  |            | yes     |
    | 2.19 | 30/12/2019  | Blue       | no      |
"""


def test_work_is_overdue_when_its_date_is_before_the_end_of_the_period(fill: Fill, small: Plan) -> None:
    """On the last day, the 31st of December, there is still a day left."""
    rows = table_rows(OVERDUE)
    actions = tuple(small.action_by_ref["2.4"].model_copy(update={"ref": ref}) for ref, *_ in rows)
    plan = plan_with(small, action=actions)
    dates = {f"action/{ref}/target_date": typed(day) for ref, day, *_ in rows}
    ratings = {f"action/{ref}/rating": typed(word) for ref, _, word, _ in rows}
    overdue = {item.action.ref for item in period_view(merge(checked(plan, fill(dates | ratings, plan=plan)), plan)).overdue()}
    assert plan.period_by_id[PERIOD].end == date(2019, 12, 31)
    assert [(ref, "yes" if ref in overdue else "no") for ref, *_ in rows] == [(ref, expected) for ref, *_, expected in rows]
