"""Turns the rows of returns into frames for the rules, and a cell that breaks a rule into a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cedg_excel.child_cues import describes_one_child
from cedg_excel.excel_facts import text_length
from cedg_excel.findings import Finding
from cedg_excel.form.conditions import OTHER_HALF
from cedg_excel.form.fields import FIELDS, FormField, field_kinds, form_field, split_key
from cedg_excel.form.rule import Rule, sentence_constants
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Entry, Return
from cedg_excel.text import shown


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One row of a frame: which return it is from, its ref (or objective), and its entries by field name."""

    returned: Return
    ref: str
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that breaks a rule, and the first rule it breaks."""

    rule: Rule
    field: str
    row: ReturnRow


def rows_of_returns(returns: Iterable[Return]) -> dict[str, list[ReturnRow]]:
    """The rows of every table, in the order of the returns and of the rows in each."""
    tables: dict[str, list[ReturnRow]] = {name: [] for name in FIELDS}
    for returned in returns:
        entries_by_row: dict[tuple[str, str], dict[str, Entry]] = {}
        for key, entry in (returned.entries or {}).items():
            table, ref, name = split_key(key)
            entries_by_row.setdefault((table, ref), {})[name] = entry
        for (table, ref), entries in entries_by_row.items():
            tables[table].append(ReturnRow(returned, ref, entries))
    return tables


def frame_of(table: str, rows: list[ReturnRow], plan: Plan) -> pd.DataFrame:
    """
    One frame row for each row of a return. For each field: its value (dates as ordinals and numbers, both floats, NaN when blank
    or typed as text; texts as str, "" when blank), `.read` (the code of the rule that reading found broken, or ""), `.blank`,
    `.held` (cannot be used), `.length` (of texts, in characters as Excel counts them) and `.one_child` (of texts: may describe one).
    """
    data: dict[str, Any] = {}
    for name, kind in field_kinds(table).items():
        entries = [row.entries.get(name) for row in rows]
        values = [None if entry is None else entry.value for entry in entries]
        if kind == "date":
            from_plan = [_plan_date(plan, row, form_field(table, name)) for row in rows]
            days = [_ordinal(own if own is not None else planned) for own, planned in zip(values, from_plan, strict=True)]
            data[name] = np.where(_typed_as_text(entries, "DATE_AS_TEXT"), np.nan, days)
        elif kind == "number":
            numbers = np.array([v if isinstance(v, int | float) else np.nan for v in values], dtype=float)
            data[name] = np.where(_typed_as_text(entries, "NUMBER_AS_TEXT"), np.nan, numbers)
        else:
            data[name] = pd.Series([v if isinstance(v, str) else "" for v in values], dtype=object)
        data[f"{name}.length"] = np.array([text_length(v) if isinstance(v, str) else 0 for v in values])
        if kind == "text" or name == "value":
            data[f"{name}.one_child"] = np.array([isinstance(v, str) and describes_one_child(v) for v in values], dtype=bool)
        data[f"{name}.read"] = pd.Series([(entry.rule_code or "") if entry else "" for entry in entries], dtype=object)
        # A cell that could not be found counts as held: no rule may report it as blank.
        data[f"{name}.blank"] = np.array([entry is not None and entry.blank for entry in entries], dtype=bool)
        data[f"{name}.held"] = np.array([entry is None or (entry.value is None and not entry.blank) for entry in entries], dtype=bool)
    return pd.DataFrame({**data, **_context(table, rows, plan)})


def _typed_as_text(entries: Sequence[Entry | None], rule_code: str) -> list[bool]:
    """Where the cell contains text: it could be read, but Excel cannot compare it."""
    return [entry is not None and entry.rule_code == rule_code for entry in entries]


def _context(table: str, rows: list[ReturnRow], plan: Plan) -> dict[str, Any]:
    """What the rules compare a row with: the plan, the period, and the rest of its return."""
    stamps = [row.returned.stamp for row in rows]
    nil = [_is_nil(row.returned) for row in rows]
    context: dict[str, Any] = {
        "plan_start": float(plan.about.start.toordinal()),
        "plan_end": float(plan.about.end.toordinal()),
        "period_end": np.array([_ordinal(plan.period_by_id[stamp.period].end) if stamp else np.nan for stamp in stamps]),
        "text_limit": plan.about.text_limit,
        "nil": np.array(nil, dtype=bool),
    }
    if table == "actions":
        context["rates"] = np.array(["rating" in row.entries for row in rows], dtype=bool)
    if table == "kpis":
        is_whole = [plan.kpi_by_ref[row.ref].unit in ("count", "percent") for row in rows]
        context["whole"] = np.array(is_whole, dtype=bool)
    if table == "cover":
        context["filled"] = np.array([len(filled_keys(row.returned)) for row in rows])
    return context


def _is_nil(returned: Return) -> bool:
    entry = (returned.entries or {}).get("cover/nil_return")
    return entry is not None and entry.value == "Yes"


def filled_keys(returned: Return) -> list[str]:
    """The keys of every cell filled in on the objective tabs."""
    return [key for key, entry in (returned.entries or {}).items() if not key.startswith("cover/") and not entry.blank]


def _plan_date(plan: Plan, row: ReturnRow, field: FormField) -> date | None:
    """A date that the plan has set, which the copy shows locked."""
    action = plan.action_by_ref.get(row.ref) if field.from_plan else None
    return getattr(action, field.name) if action else None


def _ordinal(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, date) else np.nan


def finding_of(failure: Failure, plan: Plan) -> Finding:
    """The failure as a finding, with the values for the placeholders of its message."""
    row = failure.row
    entry = row.entries[failure.field]
    period = plan.period_by_id[row.returned.stamp.period] if row.returned.stamp else plan.periods[0]
    placeholders = {name: other.place.cell or "" for name, other in row.entries.items() if name != "value"}
    placeholders |= sentence_constants(plan, period)
    placeholders |= {
        "label": entry.field.label,
        "read": shown(entry.value) or "",
        "other": entry.other,
        "other_half": placeholders.get(OTHER_HALF.get(failure.field, ""), ""),
    }
    return failure.rule.finding(row.returned.file, entry.place, key=entry.field.key, value=shown(entry.raw), **placeholders)
