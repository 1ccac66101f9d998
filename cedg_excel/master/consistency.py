"""Does a return make sense beside the one before it? A few soft questions, ranked, and always after the errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import field_names
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.store import StoredValues, records
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import BLUE, RANK

MOST = 5
"""How many are asked of one return: more would drown the errors."""

JUMP, LEAST = 3.0, 10
"""A count has jumped when it is three times what it was, or a third of it, and has changed by ten or more."""

IN_ORDER = ("REOPENED", "WORSENED_NO_WORD", "KPI_JUMPED", "EVIDENCE_SAME", "KPI_MISSING")


def consistency_findings(plan: Plan, tables: Mapping[str, pd.DataFrame], values: StoredValues) -> dict[str, list[Finding]]:
    """What to ask about each return that stands, by SHA-256: each of its lines beside the agency's latest one before it."""
    order = {period.id: number for number, period in enumerate(plan.periods)}
    found: dict[str, list[Finding]] = {}
    for name, questions in (("actions", _action), ("kpis", _kpi)):
        past: dict[tuple[str, str], Any] = {}
        for row in sorted(records(tables[name]), key=lambda row: order[row.period]):
            before = past.get((row.agency, row.ref))
            if before is not None:
                found.setdefault(row.source_sha256, []).extend(questions(plan, row, before, values))
            if row.rating if name == "actions" else has_figure(row):
                past[row.agency, row.ref] = row
    return {sha: sorted(own, key=lambda f: (IN_ORDER.index(f.code), f.order))[:MOST] for sha, own in found.items()}


def _finding(code: str, row: Any, key: str, values: StoredValues, value: Any, **words: str) -> Finding:
    sheet, line, column = values.by_file[row.source_sha256][key][3:6]
    place = Place(sheet, int(line), int(column))
    return BY_CODE[code].finding(row.source_file, place, key=key, value=None if value is None else str(value), **words)


def _action(_plan: Plan, row: Any, before: Any, values: StoredValues) -> Iterator[Finding]:
    now, then = row.rating, before.rating
    if not now or now == then:
        return
    key = f"action/{row.ref}/rating"
    words = [getattr(row, name) for name in field_names("actions", "text")]
    same = words == [getattr(before, name) for name in field_names("actions", "text")]
    if then == BLUE.word:
        yield _finding("REOPENED", row, key, values, now)
    elif RANK[now] < RANK[then] and (same or not any(words)):
        yield _finding("WORSENED_NO_WORD", row, key, values, now, other=then)
    elif row.evidence and row.evidence == before.evidence:
        yield _finding("EVIDENCE_SAME", row, f"action/{row.ref}/evidence", values, row.evidence)


def has_figure(row: Any) -> bool:
    """Whether a line of the KPI table has any figure."""
    return any(getattr(row, name) is not None for name in ("value", "numerator", "denominator"))


def _left_blank(row: Any, values: StoredValues) -> str | None:
    """
    The key of the figure that was asked for, when nothing was typed: what is held back has a finding of its own.

    By what the return was asked, not by the plan: since then the plan may ask for a percentage instead of a count.
    """
    own = values.by_file[row.source_sha256]
    keys = [key for name in ("value", "numerator", "denominator") if (key := f"kpi/{row.ref}/{name}") in own]
    nil = values.value(row.source_sha256, "cover/nil_return") == "Yes"
    return keys[0] if keys and not nil and all(own[key][1] == "blank" for key in keys) else None


def _kpi(plan: Plan, row: Any, before: Any, values: StoredValues) -> Iterator[Finding]:
    kpi = plan.kpi_by_ref.get(row.ref)
    now, then = row.value, before.value
    if kpi and kpi.live and not has_figure(row) and (key := _left_blank(row, values)):
        yield _finding("KPI_MISSING", row, key, values, None)
    if kpi is None or not isinstance(now, int | float) or not isinstance(then, int | float) or abs(now - then) < LEAST:
        return
    if min(now, then) <= 0 or max(now, then) / min(now, then) >= JUMP:
        yield _finding("KPI_JUMPED", row, f"kpi/{row.ref}/value", values, now, other=f"{then:g}")
