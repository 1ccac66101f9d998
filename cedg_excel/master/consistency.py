"""Compares each return with the previous one: a few findings on what seems inconsistent, all of them warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import field_names
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.returns_in_use import InUse
from cedg_excel.master.store import StoredValues, records
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import BLUE, RANK

MAX_FINDINGS_PER_RETURN = 5
"""More findings of this kind on one return would hide its errors."""

MIN_JUMP_RATIO, MIN_JUMP_DIFFERENCE = 3.0, 10
"""A count has jumped if it is at least three times what it was, or at most a third, and has changed by ten or more."""

CODES_BY_PRIORITY = ("REOPENED", "WORSENED_NO_WORD", "KPI_JUMPED", "EVIDENCE_SAME", "KPI_MISSING")


def consistency_findings(
    plan: Plan, tables: Mapping[str, pd.DataFrame], values: StoredValues, in_use: Mapping[tuple[str, str], InUse]
) -> dict[str, list[Finding]]:
    """Findings on each return in the tables, by SHA-256: each of its rows is compared with the agency's latest earlier one."""
    stored = _ValuesInUse(values, in_use)
    order = {period.id: number for number, period in enumerate(plan.periods)}
    findings_by_return: dict[str, list[Finding]] = {}
    for name, find in (("actions", _action_findings), ("kpis", _kpi_findings)):
        latest_rows: dict[tuple[str, str], Any] = {}
        for row in sorted(records(tables[name]), key=lambda row: order[row.period]):
            previous = latest_rows.get((row.agency, row.ref))
            if previous is not None:
                findings_by_return.setdefault(row.source_sha256, []).extend(find(plan, row, previous, stored))
            if row.rating if name == "actions" else has_figure(row):
                latest_rows[row.agency, row.ref] = row
    return {sha: sorted(findings, key=_priority)[:MAX_FINDINGS_PER_RETURN] for sha, findings in findings_by_return.items()}


@dataclass(frozen=True, slots=True)
class _ValuesInUse:
    """The stored values of the row of a table, of which two halves of a return may each have a part."""

    values: StoredValues
    in_use: Mapping[tuple[str, str], InUse]

    def place(self, row: Any, key: str) -> Place:
        """Where the answer is."""
        sheet, sheet_row, column = self._stored(row)[key][3:6]
        return Place(sheet, int(sheet_row), int(column))

    def is_blank(self, row: Any, key: str) -> bool | None:
        """Whether the cell is blank; None where the copy did not have it."""
        stored = self._stored(row).get(key)
        return None if stored is None else stored[1] == "blank"

    def is_nil(self, row: Any) -> bool:
        """Whether the return says that there is nothing to report."""
        return self.values.value(row.source_sha256, "cover/nil_return") == "Yes"

    def _stored(self, row: Any) -> Mapping[str, tuple[Any, ...]]:
        sources = self.in_use[row.agency, row.period].sources
        return {key: self.values.by_file[sha][key] for key, sha in sources.items() if key.split("/")[1] == row.ref}


def _priority(finding: Finding) -> tuple[Any, ...]:
    return (CODES_BY_PRIORITY.index(finding.code), finding.order)


def _finding(code: str, row: Any, key: str, values: _ValuesInUse, value: Any, **words: str) -> Finding:
    return BY_CODE[code].finding(row.source_file, values.place(row, key), key=key, value=None if value is None else str(value), **words)


def _action_findings(_plan: Plan, row: Any, previous: Any, values: _ValuesInUse) -> Iterator[Finding]:
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


def _blank_figure_key(row: Any, values: _ValuesInUse) -> str | None:
    """
    The key of the figure that the copy asked for, if nothing was typed. A figure that is held back has its own finding.

    What the copy asked for decides, not the plan: the plan may now ask for a percentage instead of a count.
    """
    keys = [f"kpi/{row.ref}/{name}" for name in ("value", "numerator", "denominator")]
    blank = {key: is_blank for key in keys if (is_blank := values.is_blank(row, key)) is not None}
    # A reason is an answer, also one that is held back and asked about.
    has_reason = values.is_blank(row, f"kpi/{row.ref}/reason") is False
    return next(iter(blank)) if blank and not has_reason and not values.is_nil(row) and all(blank.values()) else None


def _kpi_findings(plan: Plan, row: Any, previous: Any, values: _ValuesInUse) -> Iterator[Finding]:
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
