"""A plan as it is in one period: agencies that join or leave during the plan, and actions that end before it does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cedg_excel.plan.model import Action, Agency, Plan


def is_active(plan: Plan, agency: Agency, period_id: str) -> bool:
    """Whether a period is one of the agency's: not before its `from`, and not after its `until`."""
    return _is_within(plan, agency.from_, period_id, agency.until)


def has_ended(plan: Plan, action: Action, period_id: str) -> bool:
    """Whether an action ended before this period."""
    return not _is_within(plan, "", period_id, action.until)


def has_begun(plan: Plan, action: Action, period_id: str) -> bool:
    """Whether any of its accountable agencies has joined by this period; one that names no agency is there from the start."""
    joined = [_is_within(plan, plan.agency_by_id[agency].from_, period_id, "") for agency in action.agencies]
    return any(joined) or not joined


def has_left(plan: Plan, agency: Agency, period_id: str) -> bool:
    """Whether an agency left before this period."""
    return not _is_within(plan, "", period_id, agency.until)


def absence_text(plan: Plan, agency: Agency, period_id: str) -> str:
    """Why an agency is not active in a period: `left after Q3 2019-20`, `joins in Q1 2020-21`; "" where it is active."""
    if is_active(plan, agency, period_id):
        return ""
    if has_left(plan, agency, period_id):
        return f"left after {plan.period_by_id[agency.until].name}"
    return f"joins in {plan.period_by_id[agency.from_].name}"


def _is_within(plan: Plan, first: str, period_id: str, last: str) -> bool:
    """Whether a period is between two others, both included; a blank one is no bound."""
    position = _position(plan, period_id)
    return (not first or _position(plan, first) <= position) and (not last or position <= _position(plan, last))


def _position(plan: Plan, period_id: str) -> int:
    return plan.periods.index(plan.period_by_id[period_id])


@lru_cache(maxsize=256)
def plan_at(plan: Plan, period_id: str, also: str) -> Plan:
    """See `Plan.at`. The plan itself where all of it applies in the period, so that everything cached for it is used again."""
    agencies = tuple(agency for agency in plan.agencies if agency.id == also or is_active(plan, agency, period_id))
    actions = tuple(action for action in plan.actions if _is_in_plan(plan, action, period_id, also))
    if len(agencies) == len(plan.agencies) and len(actions) == len(plan.actions):
        return plan
    active = frozenset(agency.id for agency in agencies)
    parts = {name: getattr(plan, name) for name in type(plan).model_fields}
    parts |= {
        "agencies": agencies,
        "actions": tuple(_action_among(action, active) for action in actions),
        "kpis": tuple(kpi.model_copy(update={"agencies": _among(kpi.agencies, active)}) for kpi in plan.kpis),
    }
    # Not model_copy, which would also copy the cached look-ups of the whole plan.
    return type(plan).model_construct(**parts)


def _is_in_plan(plan: Plan, action: Action, period_id: str, also: str) -> bool:
    return (also in action.agencies or has_begun(plan, action, period_id)) and not has_ended(plan, action, period_id)


def _action_among(action: Action, active: frozenset[str]) -> Action:
    contributors = action.contributors if action.contributors == "all" else _among(action.contributors, active)
    return action.model_copy(update={"agencies": _among(action.agencies, active), "contributors": contributors})


def _among(ids: tuple[str, ...], active: frozenset[str]) -> tuple[str, ...]:
    return tuple(agency for agency in ids if agency in active)
