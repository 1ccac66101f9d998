"""The master's data tables, derived from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import pandas as pd

from cedg_excel.checking.check import is_late, waive
from cedg_excel.findings import Finding, Place, Severity
from cedg_excel.form.fields import FIELDS, FormField, field_names, split_key
from cedg_excel.form.model import Value
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.halves import Halves, Resolved
from cedg_excel.master.return_status import CURRENT, ReturnStatus
from cedg_excel.master.returns_in_use import InUse, Record
from cedg_excel.master.store import Store, StoredValues, object_frame, row_tuples
from cedg_excel.master.tables import COLUMNS, SOURCE
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import as_rating
from cedg_excel.text import squeeze

COUNTING = (*CURRENT, "held_back", "rejected")
"""The statuses of returns whose findings still matter."""


def _positions(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    """The position of each period and of each agency in the plan, by id."""
    return ({p.id: n for n, p in enumerate(plan.periods)}, {a.id: n for n, a in enumerate(plan.agencies)})


def returns_table(
    plan: Plan, plans: Mapping[str, Plan], store: Store, values: StoredValues, statuses: Mapping[str, ReturnStatus]
) -> pd.DataFrame:
    """The table of returns: a row for each file, and for each agency from which nothing was received."""
    rows = []
    for sha, file, agency, period, _, modified, _ in row_tuples(store.files):
        saved_at = datetime.fromisoformat(modified) if modified else None
        late = is_late(saved_at, plan.period_by_id[period]) if period in plan.period_by_id else None
        cover = [values.value(sha, f"cover/{name}") for name in field_names("cover")]
        rows.append((period, agency, statuses[sha], late, file, sha, modified, *cover))
    rows += _not_received(plan, plans, rows)
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), agencies.get(r[1], 999), r[6] or "", r[5] or ""))
    return object_frame(COLUMNS["returns"], rows)


def _not_received(plan: Plan, plans: Mapping[str, Plan], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """A row for each agency that is asked and from which nothing was received, in every period that has any return."""
    blank = (None,) * (len(COLUMNS["returns"]) - 3)
    received = {(row[0], row[1]) for row in rows}
    periods = [period.id for period in plan.periods if any(row[0] == period.id for row in rows)]
    return [
        (period, agency.id, "not_received", *blank)
        for period in periods
        for agency in plans.get(period, plan).at(period).agencies
        if (period, agency.id) not in received
    ]


def answer_table(
    name: str, plan: Plan, plans: Mapping[str, Plan], store: Store, values: StoredValues, in_use: Mapping[tuple[str, str], InUse]
) -> pd.DataFrame:
    """
    One table of answers: a row for each row of every return that is used. Two halves of a return share their rows.

    `plans` has the version of the plan that an earlier period goes by.
    """
    files = {sha: file for sha, file, *_ in row_tuples(store.files)}
    rows = []
    for (agency, period), used in in_use.items():
        keys_by_ref: dict[str, dict[str, str]] = defaultdict(dict)
        for key in used.sources:
            table, ref, field_name = split_key(key)
            if table == name:
                keys_by_ref[ref][field_name] = key
        for ref, keys in keys_by_ref.items():
            answers = {field_name: values.value(used.sources[key], key) for field_name, key in keys.items()}
            cells = {field.column: answers.get(field.name, _from_plan(plans.get(period, plan), field, ref)) for field in FIELDS[name]}
            sha = _row_source(used, values, keys)
            place = min(values.by_file[sha][key][3:5] for key in keys.values() if used.sources[key] == sha)
            names = {"period": period, "agency": agency, **_objective_and_ref(name, ref)}
            rows.append({**names, **cells, **dict(zip(SOURCE, (files[sha], sha, *place), strict=True))})
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r["period"], 999), agencies.get(r["agency"], 999), ref_order(str(r.get("ref", r["objective"])))))
    return object_frame(COLUMNS[name], [[row.get(column) for column in COLUMNS[name]] for row in rows])


def _row_source(used: InUse, values: StoredValues, keys: Mapping[str, str]) -> str:
    """The file that a row is said to come from: of two halves, the later one that answers anything in it."""
    answered = [used.sources[key] for key in keys.values() if values.text(used.sources[key], key) is not None]
    return max(answered or [used.sources[key] for key in keys.values()], key=used.members.index)


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


def findings_of_merge(
    plan: Plan, store: Store, record: Record, consistency: Mapping[str, Sequence[Finding]], halves: Iterable[Halves]
) -> dict[str, list[Finding]]:
    """What was found in merging each file, by SHA-256: in comparing it with others, and with the agency's previous period."""
    found: dict[str, list[Finding]] = defaultdict(list)
    of_halves = {sha: findings for each in halves for sha, findings in (each.added or {}).items()}
    for sha, name, agency, period, *_ in row_tuples(store.files):
        if record.statuses[sha] not in COUNTING:
            continue
        own = [*record.findings.get(sha, ())]
        if sha in record.conflicts:
            own.append(BY_CODE["CANNOT_ORDER"].finding(name, other=record.conflicts[sha]))
        elif record.statuses[sha] == "held_back" and all(finding.code != "CLOSED_PERIOD" for finding in own):
            own.append(BY_CODE["STRICT"].finding(name))
        own += [waive(finding, agency, period, plan) for finding in (*of_halves.get(sha, ()), *consistency.get(sha, ()))]
        if own:
            found[sha] = own
    return found


def findings_table(
    plan: Plan, store: Store, record: Record, of_merge: Mapping[str, Sequence[Finding]], resolved: Set[Resolved]
) -> pd.DataFrame:
    """
    The table of findings: those on returns that are used, held back or rejected; superseded returns no longer count.

    Of a return that waits while another one is in use, only why it waits: its other findings would cast doubt on the other's answers.
    `resolved` are those on one half of a return that the other half resolves.
    """
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows: list[tuple[Any, ...]] = []
    for sha, code, severity, sheet, row, column, key, value, message, fix, held in row_tuples(store.notes):
        name, agency, period = files[sha]
        waits = (agency, period) in record.in_use and sha not in record.in_use[agency, period].members
        if record.statuses[sha] in COUNTING and not waits and (sha, code, key) not in resolved:
            place = Place(sheet or "", int(row), int(column))
            finding = Finding(code, Severity(severity), name, place, message, fix or "", key, value, bool(held))
            rows.append((period, agency, finding))
    rows += [(*reversed(files[sha][1:]), finding) for sha, findings in of_merge.items() for finding in findings]
    periods, agencies = _positions(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), r[2].severity.rank, agencies.get(r[1], 999), r[2].order))
    return object_frame(COLUMNS["findings"], [(period, agency, *finding.as_dict().values()) for period, agency, finding in rows])


def changes_table(plan: Plan, store: Store, values: StoredValues, replacements: Sequence[tuple[InUse, InUse]]) -> pd.DataFrame:
    """The table of changes: every cell that a later return from the same agency and period changed, before and after, with both files."""
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows = []
    for old, new in replacements:
        _, agency, period = files[new.members[0]]
        for position, key in enumerate({**old.sources, **new.sources}):
            old_sha, new_sha = old.sources.get(key, old.members[-1]), new.sources.get(key, new.members[-1])
            before, after = values.as_typed(old_sha, key), values.as_typed(new_sha, key)
            if before != after:
                rows.append((position, (period, agency, key, _masked(before), _masked(after), old_sha, new_sha)))
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
