"""The master's data tables, derived from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from cedg_excel.checking.check import is_late, waive
from cedg_excel.findings import Finding, Place, Severity
from cedg_excel.form.fields import FIELDS, FormField, field_names, split_key
from cedg_excel.form.model import Value
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.return_status import CURRENT, ReturnStatus, ReturnStatuses
from cedg_excel.master.store import Store, StoredValues, object_frame, row_tuples
from cedg_excel.master.tables import COLUMNS, SOURCE
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import as_rating
from cedg_excel.text import squeeze


def _positions(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    """The position of each period and of each agency in the plan, by id."""
    return ({p.id: n for n, p in enumerate(plan.periods)}, {a.id: n for n, a in enumerate(plan.agencies)})


def returns_table(plan: Plan, store: Store, values: StoredValues, statuses: Mapping[str, ReturnStatus]) -> pd.DataFrame:
    """The table of returns: a row for each file, and for each agency from which nothing was received."""
    rows = []
    for sha, file, agency, period, _, modified, _ in row_tuples(store.files):
        saved_at = datetime.fromisoformat(modified) if modified else None
        late = is_late(saved_at, plan.period_by_id[period]) if period in plan.period_by_id else None
        cover = [values.value(sha, f"cover/{name}") for name in field_names("cover")]
        rows.append((period, agency, statuses[sha], late, file, sha, modified, *cover))
    rows += _not_received(plan, rows)
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), agencies.get(r[1], 999), r[6] or "", r[5] or ""))
    return object_frame(COLUMNS["returns"], rows)


def _not_received(plan: Plan, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """A row for each agency that is asked and from which nothing was received, in every period that has any return."""
    blank = (None,) * (len(COLUMNS["returns"]) - 3)
    received = {(row[0], row[1]) for row in rows}
    periods = [period.id for period in plan.periods if any(row[0] == period.id for row in rows)]
    return [
        (period, agency.id, "not_received", *blank)
        for period in periods
        for agency in plan.at(period).agencies
        if (period, agency.id) not in received
    ]


def answer_table(name: str, plan: Plan, store: Store, values: StoredValues, statuses: Mapping[str, ReturnStatus]) -> pd.DataFrame:
    """One table of answers: a row for each row of every return that is used."""
    rows = []
    for sha, file, agency, period, *_ in row_tuples(store.files):
        if statuses[sha] not in CURRENT:
            continue
        answers_by_ref: dict[str, dict[str, Value]] = defaultdict(dict)
        places: dict[str, tuple[str, int]] = {}
        for key, (_, _, _, sheet, row, _) in values.by_file[sha].items():
            table, ref, field_name = split_key(key)
            if table == name:
                answers_by_ref[ref][field_name] = values.value(sha, key)
                places[ref] = min(places.get(ref, (sheet, row)), (sheet, row))
        for ref, answers in answers_by_ref.items():
            cells = {field.column: answers.get(field.name, _from_plan(plan, field, ref)) for field in FIELDS[name]}
            names = {"period": period, "agency": agency, **_objective_and_ref(name, ref)}
            source = dict(zip(SOURCE, (file, sha, *places[ref]), strict=True))
            rows.append({**names, **cells, **source})
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r["period"], 999), agencies.get(r["agency"], 999), ref_order(str(r.get("ref", r["objective"])))))
    return object_frame(COLUMNS[name], [[row.get(column) for column in COLUMNS[name]] for row in rows])


def _objective_and_ref(name: str, ref: str) -> dict[str, int | str]:
    """The columns for objective and ref; narrative rows have only an objective."""
    if name == "narrative":
        return {"objective": int(ref)}
    return {"objective": int(ref.lstrip("K").split(".")[0]), "ref": ref}


def _from_plan(plan: Plan, field: FormField, ref: str) -> Value:
    """A value that the plan has set: it is locked in the copy, and shown in the tables too."""
    action = plan.action_by_ref.get(ref) if field.from_plan else None
    return getattr(action, field.name) if action else None


def ref_order(ref: str) -> tuple[int, int, str]:
    """Sorts 2.10 after 2.9, and K1.1a after K1.1."""
    first, _, second = ref.lstrip("K").partition(".")
    digits = second.rstrip("abcdefghijklmnopqrstuvwxyz")
    return (int(first or 0), int(digits or 0), second[len(digits) :])


def findings_table(plan: Plan, store: Store, result: ReturnStatuses, consistency: Mapping[str, Sequence[Finding]]) -> pd.DataFrame:
    """The table of findings: those on returns that are used, held back or rejected; superseded returns no longer count."""
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows: list[tuple[Any, ...]] = []
    statuses = result.statuses
    for sha, code, severity, sheet, row, column, key, value, message, fix, held in row_tuples(store.notes):
        if statuses[sha] in (*CURRENT, "held_back", "rejected"):
            name, agency, period = files[sha]
            place = Place(sheet or "", int(row), int(column))
            finding = Finding(code, Severity(severity), name, place, message, fix or "", key, value, bool(held))
            rows.append((period, agency, finding))
    for sha, status in statuses.items():
        name, agency, period = files[sha]
        if sha in result.conflicts:
            rows.append((period, agency, BY_CODE["CANNOT_ORDER"].finding(name, other=result.conflicts[sha])))
        rows += [(period, agency, waive(finding, agency, period, plan)) for finding in consistency.get(sha, ())]
        if status == "held_back":
            rows.append((period, agency, BY_CODE["STRICT"].finding(name)))
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), r[2].severity.rank, agencies.get(r[1], 999), r[2].order))
    return object_frame(COLUMNS["findings"], [(period, agency, *finding.as_dict().values()) for period, agency, finding in rows])


def changes_table(plan: Plan, store: Store, values: StoredValues, replacements: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """The table of changes: every cell that a later return from the same agency and period changed, before and after, with both files."""
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows = []
    for old, new in replacements:
        _, agency, period = files[new]
        keys = {**values.by_file[old], **values.by_file[new]}
        for position, key in enumerate(keys):
            before, after = values.as_typed(old, key), values.as_typed(new, key)
            if before != after:
                rows.append((position, (period, agency, key, _masked(before), _masked(after), old, new)))
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r[1][0], 999), agencies.get(r[1][1], 999), files[r[1][6]][0], r[1][5], r[0]))
    return object_frame(COLUMNS["changes"], [row for _, row in rows])


def _masked(value: Value) -> Value:
    return masked(value) if isinstance(value, str) else value


def group_table(plan: Plan, store: Store) -> pd.DataFrame:
    """The table of the group's own ratings and the coordinator's notes, including those on actions that have left the plan."""
    entries: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for period, key, value in row_tuples(store.group):
        kind, ref, name = key.split("/")
        if kind == "group":
            entries[period, ref][name] = value
    periods, _ = _positions(plan)
    order = sorted(entries, key=lambda item: (periods.get(item[0], 999), ref_order(item[1])))
    rows = [(*item, as_rating(squeeze(entries[item].get("rating", ""))), entries[item].get("note")) for item in order]
    return object_frame(COLUMNS["group"], rows)
