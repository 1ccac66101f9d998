"""A plan from nested tables, as a TOML file or a workbook gives them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from cedg_excel.plan.membership_mistakes import membership_mistakes
from cedg_excel.plan.mistakes import Data, Mistake, plan_error, toml_line
from cedg_excel.plan.model import Plan
from cedg_excel.plan.references import reference_mistakes
from cedg_excel.plan.validation_errors import mistake_from


def plan_from(data: Data, name: str = "plan") -> Plan:
    """A plan from its nested tables. Raises PlanError with every mistake, one a line, in the words of TOML."""
    plan, mistakes = read_plan(data)
    if plan is None:
        raise plan_error(name, [toml_line(data, mistake) for mistake in mistakes])
    return plan


def read_plan(data: Data) -> tuple[Plan | None, list[Mistake]]:
    """The plan, or else every mistake in it."""
    mistakes: list[Mistake] = []
    plan = None
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        # pydantic calls a list too short when each of its entries has a mistake. Those mistakes are reported already.
        errors = [item for item in error.errors() if item["type"] != "too_short" or not data.get(str(item["loc"][0]))]
        mistakes = [mistake_from(data, item) for item in errors]
    incomplete = {mistake.loc[0] for mistake in mistakes if mistake.key in ("", "id", "number")}
    mistakes += [*reference_mistakes(data, incomplete), *membership_mistakes(data, incomplete)]
    return (_with_agencies_in_order(plan), []) if plan and not mistakes else (None, mistakes)


def _with_agencies_in_order(plan: Plan) -> Plan:
    """The plan with the agencies of each action and KPI in the plan's own order, which is the only one that means anything."""
    order = {agency.id: number for number, agency in enumerate(plan.agencies)}

    def sort(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(ids, key=order.__getitem__))

    actions = tuple(
        action.model_copy(update={
            "agencies": sort(action.agencies),
            "contributors": "all" if action.contributors == "all" else sort(action.contributors),
        })
        for action in plan.actions
    )  # fmt: skip
    kpis = tuple(kpi.model_copy(update={"agencies": sort(kpi.agencies)}) for kpi in plan.kpis)
    return plan.model_copy(update={"actions": actions, "kpis": kpis})
