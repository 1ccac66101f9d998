"""Which version of the plan a copy was made from, and what the plan has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Plan

Plans = Sequence[Plan]
"""Earlier versions of a plan, the newest first."""


def versions_of(stamp: Stamp, plan: Plan, earlier: Plans) -> list[int]:
    """
    The plans that make copies with this stamp: 0 for the present one, and positions from 1 among the earlier ones.

    Only [0] where none does: the copy is then read by the present plan, as far as it goes.
    """
    plans = [plan, *earlier]
    return [number for number, each in enumerate(plans) if _makes(each, stamp)] or [0]


def _makes(plan: Plan, stamp: Stamp) -> bool:
    # The layout takes time, so it is only worked out for the version that the stamp names.
    if (plan.about.id, plan.about.version) != (stamp.plan, stamp.version):
        return False
    if stamp.agency not in plan.agency_by_id or stamp.period not in plan.period_by_id:
        return False
    return layout_for(plan, stamp.agency, stamp.period).stamp == stamp


def changes_since(stamp: Stamp, plan: Plan, version: Plan) -> str:
    """`it also asks for 2.6 and no longer for 2.3`; "" where the plan asks this agency for the same."""
    if stamp.agency not in plan.agency_by_id or stamp.period not in plan.period_by_id:
        return "it no longer asks this agency"
    now, then = (list(_refs(layout_for(each, stamp.agency, stamp.period))) for each in (plan, version))
    added, gone = [ref for ref in now if ref not in then], [ref for ref in then if ref not in now]
    parts = [f"it {word} {', '.join(refs)}" for word, refs in (("also asks for", added), ("no longer asks for", gone)) if refs]
    return " and ".join(parts)


def _refs(layout: Layout) -> Iterator[str]:
    """The actions and KPIs that a copy asks for, in its order."""
    keys = (item.key.split("/") for _, _, item in layout.fields() if item.key.startswith(("action/", "kpi/")))
    return iter(dict.fromkeys(ref for _, ref, _ in keys))
