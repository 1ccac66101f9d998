"""The rules as pandera schemas: one frame for each kind of table over all returns at once, one lazy pass over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from cedg_excel.form import Kind
from cedg_excel.plan import Plan
from cedg_excel.returns import Entry, Return
from cedg_excel.rules import VALUE_RULES, Rule

TABLES: dict[str, dict[str, Kind]] = {
    "actions": {
        "date_commenced": "date", "target_date": "date", "date_achieved": "date",
        "evidence": "text", "rating": "rating", "remedial_action": "text",
    },
    "kpis": {"value": "number", "numerator": "number", "denominator": "number", "comment": "text"},
    "narrative": {"achievements": "text", "impact": "text", "next_steps": "text"},
    "cover": {"completed_by": "text", "role": "text", "completed_on": "date", "status": "choice", "nil_return": "choice"},
}  # fmt: skip
"""The fields of each table, as the data sheets of the master have them too."""

TABLE_OF = {"action": "actions", "kpi": "kpis", "narrative": "narrative", "cover": "cover"}
"""From the first part of a key to its table."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a frame: which return it is from, its ref (or objective), and its entries by field name."""

    returned: Return
    ref: str
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that breaks a rule, and the first rule it breaks."""

    rule: Rule
    field: str
    line: Line


def split_key(key: str) -> tuple[str, str, str]:
    """`split_key("action/2.3/rating") == ("actions", "2.3", "rating")`; a cover key has no ref."""
    parts = key.split("/")
    return TABLE_OF[parts[0]], parts[1] if len(parts) == 3 else "", parts[-1]


def lines_of(returns: Iterable[Return]) -> dict[str, list[Line]]:
    """The lines of every table, in the order of the returns and down each of them."""
    tables: dict[str, list[Line]] = {name: [] for name in TABLES}
    for returned in returns:
        rows: dict[tuple[str, str], dict[str, Entry]] = {}
        for key, entry in (returned.entries or {}).items():
            table, ref, name = split_key(key)
            rows.setdefault((table, ref), {})[name] = entry
        for (table, ref), entries in rows.items():
            tables[table].append(Line(returned, ref, entries))
    return tables


def failures(returns: Sequence[Return], plan: Plan) -> Iterator[Failure]:
    """Every cell of these returns that breaks a rule, once, with the first rule it breaks."""
    for table, lines in lines_of(returns).items():
        if lines:
            yield from _failures(table, lines, plan)


def _failures(table: str, lines: list[Line], plan: Plan) -> Iterator[Failure]:
    first: dict[tuple[int, str], int] = {}
    try:
        schema_for(table).validate(frame_of(table, lines, plan), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases[["check", "index"]].drop_duplicates()
        if cases["index"].isna().any():
            raise  # a check that could not run at all is our mistake, and never a silent pass
        for check, index in cases.itertuples(index=False):
            _, rank, field = str(check).split(" ")
            cell = (int(index), field)
            first[cell] = min(int(rank), first.get(cell, int(rank)))
    for (line, field), number in sorted(first.items()):
        yield Failure(VALUE_RULES[number], field, lines[line])


@cache
def schema_for(table: str) -> pa.DataFrameSchema:
    """The schema of one table: a named check for each rule and each field it is on."""
    columns = {}
    for name, kind in TABLES[table].items():
        columns[name] = pa.Column(float if kind in ("date", "number") else object, nullable=True)
        columns[f"{name}.read"] = pa.Column(object)
        columns[f"{name}.held"] = pa.Column(bool)
    return pa.DataFrameSchema(columns, checks=list(_checks(table)))


def _checks(table: str) -> Iterator[pa.Check]:
    for number, rule in enumerate(VALUE_RULES):
        fields = dict(rule.where).get(table, ()) if rule.where else tuple(TABLES[table])
        for field in fields:
            # The name leads back to the rule and the cell: pandera returns the names of the checks that failed.
            yield pa.Check(_bound(rule, field), name=f"{rule.code} {number} {field}", ignore_na=False)


def _bound(rule: Rule, field: str) -> Any:
    if rule.keeps is None:
        raise LookupError(f"{rule.code} has no check")
    return partial(rule.keeps, name=field)


def frame_of(table: str, lines: list[Line], plan: Plan) -> pd.DataFrame:
    """
    One row a line. For each field: its value (days and numbers as floats, NaN when blank; texts as str, "" when blank),
    `.read` (what reading it met), `.held` (cannot be used), `.length` (of texts, in characters as Excel counts them).
    """
    data: dict[str, Any] = {}
    for name, kind in TABLES[table].items():
        entries = [line.entries.get(name) for line in lines]
        values = [None if entry is None else entry.value for entry in entries]
        if kind == "date":
            agreed = [_agreed(plan, line, name) for line in lines] if table == "actions" else [None] * len(lines)
            data[name] = np.array([_days(v if v is not None else a) for v, a in zip(values, agreed, strict=True)])
        elif kind == "number":
            data[name] = np.array([v if isinstance(v, int | float) else np.nan for v in values], dtype=float)
        else:
            data[name] = pd.Series([v if isinstance(v, str) else "" for v in values], dtype=object)
        data[f"{name}.length"] = np.array([utf16_length(v) if isinstance(v, str) else 0 for v in values])
        data[f"{name}.read"] = pd.Series([(e.note or "") if e else "" for e in entries], dtype=object)
        # A cell that could not be found is held too: no rule may say of it that it is blank.
        data[f"{name}.held"] = np.array([e is None or (e.value is None and not e.blank) for e in entries], dtype=bool)
    return pd.DataFrame({**data, **_context(table, lines, plan)})


def _context(table: str, lines: list[Line], plan: Plan) -> dict[str, Any]:
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


def _agreed(plan: Plan, line: Line, name: str) -> date | None:
    """A date the plan has settled, which the copy shows locked."""
    action = plan.action_by_ref.get(line.ref)
    return getattr(action, name, None) if action else None


def _days(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, date) else np.nan


def utf16_length(text: str) -> int:
    """The length as Excel's LEN has it: an emoji counts two."""
    return len(text) + sum(character > "\uffff" for character in text)
