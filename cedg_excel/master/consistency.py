"""Compares each return with the previous one: a few findings on what seems inconsistent, all of them warnings."""

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

MAX_FINDINGS_PER_RETURN = 5
"""More findings of this kind on one return would hide its errors."""

MIN_JUMP_RATIO, MIN_JUMP_DIFFERENCE = 3.0, 10
"""A count has jumped if it is at least three times what it was, or at most a third, and has changed by ten or more."""

CODES_BY_PRIORITY = ("REOPENED", "WORSENED_NO_WORD", "KPI_JUMPED", "EVIDENCE_SAME", "KPI_MISSING")


def consistency_findings(plan: Plan, tables: Mapping[str, pd.DataFrame], values: StoredValues) -> dict[str, list[Finding]]:
    """Findings on each return in the tables, by SHA-256: each of its rows is compared with the agency's latest earlier one."""
    order = {period.id: number for number, period in enumerate(plan.periods)}
    findings_by_return: dict[str, list[Finding]] = {}
    for name, find in (("actions", _action_findings), ("kpis", _kpi_findings)):
        latest_rows: dict[tuple[str, str], Any] = {}
        for row in sorted(records(tables[name]), key=lambda row: order[row.period]):
            previous = latest_rows.get((row.agency, row.ref))
            if previous is not None:
                findings_by_return.setdefault(row.source_sha256, []).extend(find(plan, row, previous, values))
            if row.rating if name == "actions" else has_figure(row):
                latest_rows[row.agency, row.ref] = row
    return {sha: sorted(findings, key=_priority)[:MAX_FINDINGS_PER_RETURN] for sha, findings in findings_by_return.items()}


def _priority(finding: Finding) -> tuple[Any, ...]:
    return (CODES_BY_PRIORITY.index(finding.code), finding.order)


def _finding(code: str, row: Any, key: str, values: StoredValues, value: Any, **words: str) -> Finding:
    sheet, sheet_row, column = values.by_file[row.source_sha256][key][3:6]
    place = Place(sheet, int(sheet_row), int(column))
    return BY_CODE[code].finding(row.source_file, place, key=key, value=None if value is None else str(value), **words)


def _action_findings(_plan: Plan, row: Any, previous: Any, values: StoredValues) -> Iterator[Finding]:
    rating, previous_rating = row.rating, previous.rating
    if not rating or rating == previous_rating:
        return
    key = f"action/{row.ref}/rating"
    texts = [getattr(row, name) for name in field_names("actions", "text")]
    same_texts = texts == [getattr(previous, name) for name in field_names("actions", "text")]
    if previous_rating == BLUE.word:
        yield _finding("REOPENED", row, key, values, rating)
    elif RANK[rating] < RANK[previous_rating] and (same_texts or not any(texts)):
        yield _finding("WORSENED_NO_WORD", row, key, values, rating, other=previous_rating)
    elif row.evidence and row.evidence == previous.evidence:
        yield _finding("EVIDENCE_SAME", row, f"action/{row.ref}/evidence", values, row.evidence)


def has_figure(row: Any) -> bool:
    """Whether a row of the KPI table has any figure."""
    return any(getattr(row, name) is not None for name in ("value", "numerator", "denominator"))


def _blank_figure_key(row: Any, values: StoredValues) -> str | None:
    """
    The key of the figure that the copy asked for, if nothing was typed. A figure that is held back has its own finding.

    What the copy asked for decides, not the plan: the plan may now ask for a percentage instead of a count.
    """
    stored = values.by_file[row.source_sha256]
    keys = [key for name in ("value", "numerator", "denominator") if (key := f"kpi/{row.ref}/{name}") in stored]
    nil = values.value(row.source_sha256, "cover/nil_return") == "Yes"
    # A reason is an answer, also one that is held back and asked about.
    reason = stored.get(f"kpi/{row.ref}/reason")
    silent = all(stored[key][1] == "blank" for key in keys) and (reason is None or reason[1] == "blank")
    return keys[0] if keys and not nil and silent else None


def _kpi_findings(plan: Plan, row: Any, previous: Any, values: StoredValues) -> Iterator[Finding]:
    kpi = plan.kpi_by_ref.get(row.ref)
    figure, previous_figure = row.value, previous.value
    if kpi and kpi.is_live and not has_figure(row) and (key := _blank_figure_key(row, values)):
        yield _finding("KPI_MISSING", row, key, values, None)
    if (
        kpi is None
        or not isinstance(figure, int | float)
        or not isinstance(previous_figure, int | float)
        or abs(figure - previous_figure) < MIN_JUMP_DIFFERENCE
    ):
        return
    if min(figure, previous_figure) <= 0 or max(figure, previous_figure) / min(figure, previous_figure) >= MIN_JUMP_RATIO:
        yield _finding("KPI_JUMPED", row, f"kpi/{row.ref}/value", values, figure, other=f"{previous_figure:g}")
