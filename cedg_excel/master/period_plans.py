"""Which version of the plan each period goes by: an earlier period keeps the actions, agencies and KPIs that it had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pydantic import ValidationError

from cedg_excel.master.returns_in_use import InUse
from cedg_excel.master.store import Store
from cedg_excel.plan.model import Plan
from cedg_excel.plan.versions import PlanVersions, with_tables


def plans_by_period(plan: Plan, versions: PlanVersions, in_use: Mapping[tuple[str, str], InUse], store: Store) -> dict[str, Plan]:
    """The plan of each period before the last one with a return. The others go by the present plan and are left out."""
    version_of = dict(zip(store.files["sha256"], store.files["version"], strict=True))
    used: dict[str, set[str]] = defaultdict(set)
    for (_, period), answers in in_use.items():
        used[period] |= {version_of[sha] for sha in answers.members}
    periods = [period.id for period in plan.periods if period.id in used]
    return {period: _plan_of(plan, versions, used[period]) for period in periods[:-1]}


def _plan_of(plan: Plan, versions: PlanVersions, used: set[str]) -> Plan:
    """The newest of the versions used; of several plans with the same number the last, which has its corrections."""
    if plan.about.version in used:
        return plan
    found = next((version for version in versions.newest_first if version.about.version in used), None)
    return _with_present_periods(found, plan) if found else plan


def _with_present_periods(version: Plan, plan: Plan) -> Plan:
    """An earlier version with the title and periods of the present plan, where they go together."""
    about = plan.about.model_copy(update={"version": version.about.version})
    try:
        return with_tables(version, plan=about, period=plan.periods, version=plan.versions)
    except ValidationError:
        return plan
