"""The lines of returns as frames for the rules, and a cell that breaks one as a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

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
    line: ReturnRow


def rows_of_returns(returns: Iterable[Return]) -> dict[str, list[ReturnRow]]:
    """The lines of every table, in the order of the returns and down each of them."""
    tables: dict[str, list[ReturnRow]] = {name: [] for name in FIELDS}
    for returned in returns:
        rows: dict[tuple[str, str], dict[str, Entry]] = {}
        for key, entry in (returned.entries or {}).items():
            table, ref, name = split_key(key)
            rows.setdefault((table, ref), {})[name] = entry
        for (table, ref), entries in rows.items():
            tables[table].append(ReturnRow(returned, ref, entries))
    return tables


def frame_of(table: str, lines: list[ReturnRow], plan: Plan) -> pd.DataFrame:
    """
    One row a line. For each field: its value (days and numbers as floats, NaN when blank or typed as text; texts as str,
    "" when blank), `.read` (what reading it met), `.blank`, `.held` (cannot be used), `.length` (of texts, in characters as
    Excel counts them).
    """
    data: dict[str, Any] = {}
    for name, kind in field_kinds(table).items():
        entries = [line.entries.get(name) for line in lines]
        values = [None if entry is None else entry.value for entry in entries]
        if kind == "date":
            agreed = [_agreed(plan, line, form_field(table, name)) for line in lines]
            days = [_days(v if v is not None else a) for v, a in zip(values, agreed, strict=True)]
            data[name] = np.where(_typed_as_text(entries, "DATE_AS_TEXT"), np.nan, days)
        elif kind == "number":
            numbers = np.array([v if isinstance(v, int | float) else np.nan for v in values], dtype=float)
            data[name] = np.where(_typed_as_text(entries, "NUMBER_AS_TEXT"), np.nan, numbers)
        else:
            data[name] = pd.Series([v if isinstance(v, str) else "" for v in values], dtype=object)
        data[f"{name}.length"] = np.array([text_length(v) if isinstance(v, str) else 0 for v in values])
        data[f"{name}.read"] = pd.Series([(e.rule_code or "") if e else "" for e in entries], dtype=object)
        # A cell that could not be found is held too: no rule may say of it that it is blank.
        data[f"{name}.blank"] = np.array([e is not None and e.blank for e in entries], dtype=bool)
        data[f"{name}.held"] = np.array([e is None or (e.value is None and not e.blank) for e in entries], dtype=bool)
    return pd.DataFrame({**data, **_context(table, lines, plan)})


def _typed_as_text(entries: Sequence[Entry | None], note: str) -> list[bool]:
    """Where the sheet has a text that it cannot compare, though it could be read."""
    return [entry is not None and entry.rule_code == note for entry in entries]


def _context(table: str, lines: list[ReturnRow], plan: Plan) -> dict[str, Any]:
    """What the rules compare a line with: the plan, the period, and the rest of its return."""
    stamps = [line.returned.stamp for line in lines]
    nil = [_is_nil(line.returned) for line in lines]
    context: dict[str, Any] = {
        "plan_start": float(plan.about.start.toordinal()),
        "plan_end": float(plan.about.end.toordinal()),
        "period_end": np.array([_days(plan.period_by_id[s.period].end) if s else np.nan for s in stamps]),
        "text_limit": plan.about.text_limit,
        "nil": np.array(nil, dtype=bool),
    }
    if table == "actions":
        context["rates"] = np.array(["rating" in line.entries for line in lines], dtype=bool)
    if table == "kpis":
        whole = [plan.kpi_by_ref[line.ref].unit in ("count", "percent") for line in lines]
        context["whole"] = np.array(whole, dtype=bool)
    if table == "cover":
        context["filled"] = np.array([len(filled_keys(line.returned)) for line in lines])
    return context


def _is_nil(returned: Return) -> bool:
    entry = (returned.entries or {}).get("cover/nil_return")
    return entry is not None and entry.value == "Yes"


def filled_keys(returned: Return) -> list[str]:
    """The keys of every cell filled in on the objective tabs."""
    return [key for key, entry in (returned.entries or {}).items() if not key.startswith("cover/") and not entry.blank]


def _agreed(plan: Plan, line: ReturnRow, field: FormField) -> date | None:
    """A date the plan has settled, which the copy shows locked."""
    action = plan.action_by_ref.get(line.ref) if field.from_plan else None
    return getattr(action, field.name) if action else None


def _days(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, date) else np.nan


def finding_of(failure: Failure, plan: Plan) -> Finding:
    """The failure as a finding, with the words its sentence needs."""
    line = failure.line
    entry = line.entries[failure.field]
    period = plan.period_by_id[line.returned.stamp.period] if line.returned.stamp else plan.periods[0]
    words = {name: other.place.cell or "" for name, other in line.entries.items() if name != "value"}
    words |= sentence_constants(plan, period)
    words |= {
        "label": entry.field.label,
        "read": shown(entry.value) or "",
        "other_half": words.get(OTHER_HALF.get(failure.field, ""), ""),
    }
    return failure.rule.finding(line.returned.file, entry.place, key=entry.field.key, value=shown(entry.raw), **words)
