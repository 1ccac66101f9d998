"""
Where every field sits in an agency's copy, cell by cell.

The template is written from a layout and a return is read against one, so writer and reader cannot disagree.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cedg_excel.form.check_tab import check_tab, filled_formula, nil_formula, with_progress
from cedg_excel.form.cover import cover_tab, stamped
from cedg_excel.form.formulas import Setting, with_checks
from cedg_excel.form.model import (
    Layout,
    Sheet,
)
from cedg_excel.form.objective_tab import objective_tab
from cedg_excel.form.reference_tabs import reference_tab, versions_tab
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Plan


@lru_cache(maxsize=256)
def layout_for(plan: Plan, agency: str, period: str, notice: str = "") -> Layout:
    """
    The layout of one agency's copy for one period, both given by id. Raises KeyError for an id the plan has not.

    `notice` is a line printed at the top of every tab, such as a protective marking; reading ignores it.
    """
    whose, when = plan.agency_by_id[agency], plan.period_by_id[period]
    cover = cover_tab(plan, whose, when, notice)
    tabs = [cover, *(objective_tab(plan, objective, whose, when, notice) for objective in plan.objectives)]
    setting = Setting.of(plan, when, nil_formula(cover), filled_formula(tabs))
    tabs = [with_checks(tab, setting) for tab in tabs]
    sheets = [with_progress(tabs), *tabs[1:], check_tab(tabs, notice), reference_tab(plan, notice), versions_tab(plan, notice)]
    stamp = Stamp(plan.about.id, plan.about.version, agency, period, _fingerprint(sheets))
    return Layout(plan, whose, when, stamp, (stamped(sheets[0], stamp), *sheets[1:]))


def _fingerprint(sheets: list[Sheet]) -> str:
    """Twelve hexadecimal digits that change when any input cell moves, comes or goes."""
    places = [f"{item.key}={sheet.title}!{cell.row},{cell.column}" for sheet in sheets for cell, item in sheet.fields()]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:12]
