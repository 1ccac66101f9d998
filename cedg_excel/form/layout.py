"""
Where every field sits in an agency's copy, cell by cell.

The template is written from a layout and a return is read against one, so writer and reader cannot disagree.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cedg_excel.form.as_issued import as_issued_tab
from cedg_excel.form.check_tab import answer_count_formula, check_tab, nil_return_formula, with_progress
from cedg_excel.form.cover import cover_tab, stamped
from cedg_excel.form.formulas import FormulaContext, with_checks
from cedg_excel.form.model import Layout, Sheet
from cedg_excel.form.objective_tab import objective_tab
from cedg_excel.form.reference_tabs import reference_tab, versions_tab
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Plan


@lru_cache(maxsize=256)
def layout_for(plan: Plan, agency_id: str, period_id: str, notice: str = "") -> Layout:
    """
    The layout of one agency's copy for one period, both given by id. Raises KeyError for an id that the plan does not have.

    It has what the plan asks for in that period; for an agency that is not active then, what it would be asked if it were, so that
    a return from it can be read.

    `notice` appears at the top of every tab. Only a copy that is written has one: it is not part of the form that a return is
    read against, because it may have changed in the meantime.
    """
    plan = plan.at(period_id, also=agency_id)
    agency, period = plan.agency_by_id[agency_id], plan.period_by_id[period_id]
    cover = cover_tab(plan, agency, period, notice)
    tabs = [cover, *(objective_tab(plan, objective, agency, period, notice) for objective in plan.objectives)]
    # The first copies of a plan have nothing to be filled in with.
    issued = as_issued_tab(tabs, notice) if period != plan.periods[0] else None
    context = FormulaContext.of(plan, period, nil_return_formula(cover), answer_count_formula(tabs), issued is not None)
    tabs = [with_checks(tab, context) for tab in tabs]
    last_tabs = [check_tab(tabs, notice, issued), *([issued] if issued else []), reference_tab(plan, notice), versions_tab(plan, notice)]
    sheets = [with_progress(tabs), *tabs[1:], *last_tabs]
    stamp = Stamp(plan.about.id, plan.about.version, agency_id, period_id, _fingerprint(sheets))
    return Layout(plan, agency, period, stamp, (stamped(sheets[0], stamp), *sheets[1:]))


def _fingerprint(sheets: list[Sheet]) -> str:
    """Twelve hexadecimal digits that change when an input cell is moved, added or removed."""
    places = [f"{item.key}={sheet.title}!{cell.row},{cell.column}" for sheet in sheets for cell, item in sheet.fields()]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:12]
