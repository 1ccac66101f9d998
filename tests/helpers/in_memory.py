"""Returns without a file: what an agency answered, read as it would be from its copy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cedg_excel.checking.check import check
from cedg_excel.findings import Place
from cedg_excel.form import values
from cedg_excel.form.layout import layout_for
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Entry, Return
from cedg_excel.text import is_blank

Answers = Mapping[tuple[str, str], Mapping[str, Any]]
"""By agency and period, the answers of a return by key."""


def returned(
    plan: Plan, agency: str, period: str, answers: Mapping[str, Any], name: str = "", saved: datetime | None = None
) -> Return:  # fmt: skip
    """The return of one agency for one period; by default saved ten days after its end."""
    layout = layout_for(plan, agency, period)
    entries = {}
    for sheet, cell, item in layout.fields():
        raw = answers.get(item.key)
        read = values.read(raw, item)
        place = Place(sheet.title, cell.row, cell.column)
        entries[item.key] = Entry(item, place, None if is_blank(raw) else raw, read.value, read.rule_code)
    name = name or f"{agency}_{period}.xlsx"
    sha256 = hashlib.sha256(f"{name} {sorted(answers.items(), key=str)} {saved}".encode()).hexdigest()
    saved = saved or datetime.combine(plan.period_by_id[period].end, datetime.min.time(), UTC) + timedelta(days=10)
    return Return(name, sha256, layout.stamp, saved, entries)


def merged(plan: Plan, answers: Answers, show: str) -> Merged:
    """All these returns, checked and merged, with pages for the period `show`."""
    returns = [returned(plan, agency, period, given) for (agency, period), given in answers.items()]
    return merge(check(returns, plan), plan, show=show)
