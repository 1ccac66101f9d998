"""The rules on two halves of a return together: a rating that one leaves blank is not missing when the other has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cedg_excel.checking.check import check
from cedg_excel.findings import Finding, Place
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.master.returns_in_use import InUse
from cedg_excel.master.store import StoredValues, text_to_value
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Entry, Return

Resolved = tuple[str, str, str | None]
"""The SHA-256 of a file, the code of a finding on it, and its key."""


@dataclass(frozen=True, slots=True)
class Halves:
    """What the halves have to say together: findings on one alone that the other resolves, and new ones, by SHA-256."""

    resolved: frozenset[Resolved] = frozenset()
    added: Mapping[str, tuple[Finding, ...]] | None = None


def check_halves(plan: Plan, place: tuple[str, str], in_use: InUse, values: StoredValues, names: Mapping[str, str]) -> Halves:
    """Check the halves of a return alone and together, by the plan of their period."""
    agency, period = place
    if agency not in plan.agency_by_id:
        return Halves()
    layout, last = layout_for(plan, agency, period), in_use.members[-1]
    together = _return(layout, in_use.sources, values, names[last])
    alone = [_return(layout, dict.fromkeys(values.by_file[sha], sha), values, names[sha]) for sha in in_use.members]
    whole, *parts = check([together, *alone], plan)
    remaining = {(finding.code, finding.key) for finding in whole.findings}
    resolved = frozenset(
        (sha, finding.code, finding.key)
        for sha, part in zip(in_use.members, parts, strict=True)
        for finding in part.findings
        if finding.key and _is_resolved(finding, sha, remaining, in_use)
    )
    known = {(finding.code, finding.key) for part in parts for finding in part.findings}
    added = tuple(finding for finding in whole.findings if finding.key and (finding.code, finding.key) not in known)
    return Halves(resolved, {last: added} if added else {})


def _is_resolved(finding: Finding, sha: str, remaining: Iterable[tuple[str, str | None]], in_use: InUse) -> bool:
    """Whether the rule is kept once the halves are together, or the answer of the other half counts at this cell."""
    return (finding.code, finding.key) not in remaining or in_use.sources.get(finding.key or "", sha) != sha


def _return(layout: Layout, sources: Mapping[str, str], values: StoredValues, name: str) -> Return:
    """The stored answers as a return, to be checked again. How each was read is not known any more, only whether it could be used."""
    entries = {}
    for _, _, field in layout.fields():
        if field.key in sources:
            kind, state, text, sheet, row, column = values.by_file[sources[field.key]][field.key]
            used = text_to_value(text, kind) if state == "value" else None
            raw = None if state == "blank" else used if state == "value" else text
            entries[field.key] = Entry(field, Place(sheet, int(row), int(column)), raw, used, None)
    return Return(name, "", layout.stamp, None, entries)
