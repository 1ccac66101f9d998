"""
Checked returns and what the master held, merged into tables. A pure function: no files, no clock.

The master keeps the values of every return it has ever read, by the file's SHA-256. Everything else is worked out
from that store, so neither the order of the returns nor the batches they came in can make a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from cedg_excel.checking.check import Checked, is_late, waive
from cedg_excel.excel.save import midnight
from cedg_excel.findings import Finding, Place, Severity
from cedg_excel.form.fields import FIELDS, FormField, field_names, split_key
from cedg_excel.form.model import Value
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.consistency import consistency_findings
from cedg_excel.master.return_status import CURRENT, ReturnStatus, decide_statuses
from cedg_excel.master.store import STORE, Store, StoredValues, add_returns, object_frame, record_decisions, records, row_tuples
from cedg_excel.master.tables import COLUMNS, SOURCE
from cedg_excel.personal_data import had_identifiers, masked
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import as_rating
from cedg_excel.text import squeeze


@dataclass(frozen=True)
class Merged:
    """
    A master's content: the store, and the tables worked out from it, by the names of COLUMNS.

    `statuses` says what became of each file, by SHA-256; `clashes` names the others of those that cannot be ordered;
    `asked` is what does not make sense beside the return before.
    """

    plan: Plan
    store: Store
    tables: Mapping[str, pd.DataFrame]
    statuses: Mapping[str, ReturnStatus]
    clashes: Mapping[str, str]
    show: str | None = None
    asked: Mapping[str, Sequence[Finding]] = field(default_factory=dict)

    @property
    def period(self) -> str | None:
        """The period the pages show: the one asked for, else the latest anything was returned for."""
        if self.show:
            return self.show
        seen = set(self.tables["returns"]["period"])
        return next((p.id for p in reversed(self.plan.periods) if p.id in seen), None)

    @property
    def last_change(self) -> datetime:
        """The time of the latest return: the clock would make two outputs of the same returns differ."""
        times = [text for text in self.store.files["modified"] if text]
        return datetime.fromisoformat(max(times)) if times else midnight(self.plan.about.start)

    # Pages ask for hundreds of figures: the rows are sorted out once for all of them.

    @cached_property
    def figures(self) -> Mapping[tuple[str, str], list[Any]]:
        """The rows of the table of KPIs by ref and period."""
        found: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in records(self.tables["kpis"]):
            found[row.ref, row.period].append(row)
        return dict(found)


def merge(
    checked: Sequence[Checked], plan: Plan, held: Store | None = None, *, strict: bool = False,
    prefer: Iterable[str] = (), show: str | None = None,
) -> Merged:  # fmt: skip
    """
    Merge checked returns into what the master held. Merging the same return twice changes nothing.

    `strict` holds back every return of this batch that has errors; `prefer` names files by SHA-256;
    `show` is the period its pages are for, the latest with a return unless given.
    """
    held = held or Store()
    # The same bytes, without the password this time: what they said is known.
    items = [item for item in checked if not item.returned.skipped and not known_but_locked(item, held)]
    batch = {item.returned.sha256: item for item in items}
    store = add_returns(held, items, batch)
    store = record_decisions(store, batch, strict, prefer)
    return derive(plan, store, show)


def known_but_locked(item: Checked, held: Store) -> bool:
    """Whether an encrypted file could not be opened now, but was on an earlier day."""
    locked = any(finding.code in ("ENCRYPTED", "WRONG_PASSWORD") for finding in item.returned.findings)
    files = held.files
    return locked and bool(((files["sha256"] == item.returned.sha256) & files["cells"].notna()).any())


def withdraw(plan: Plan, held: Store, agency: str, period: str) -> Merged | None:
    """
    Take every return of one agency for one period out of the tables, though its files may still lie in returns/.

    It is remembered by SHA-256: a new return is merged as ever. None when there is nothing to withdraw.
    """
    statuses = derive(plan, held).statuses
    shas = [
        sha
        for sha, whose, when in zip(held.files["sha256"], held.files["agency"], held.files["period"], strict=True)
        if (whose, when) == (agency, period) and statuses[sha] != "withdrawn"
    ]
    if not shas:
        return None
    decisions = set(row_tuples(held.decisions)) | {(sha, "withdrawn") for sha in shas}
    return derive(plan, replace(held, decisions=object_frame(STORE["decisions"], sorted(decisions))))


def derive(plan: Plan, store: Store, show: str | None = None) -> Merged:
    """Every table from the store alone."""
    values = StoredValues(store.values)
    fates = decide_statuses(plan, store, values)
    tables = {name: _table(name, plan, store, values, fates.statuses) for name in ("actions", "kpis", "narrative")}
    tables["returns"] = _ledger(plan, store, values, fates.statuses)
    asked = consistency_findings(plan, tables, values)
    tables["findings"] = _findings(plan, store, fates.statuses, fates.clashes, asked)
    tables["changes"] = _changes(plan, store, values, fates.steps)
    tables["group"] = _group(plan, store)
    return Merged(plan, store, tables, fates.statuses, fates.clashes, show, asked)


def _orders(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    return ({p.id: n for n, p in enumerate(plan.periods)}, {a.id: n for n, a in enumerate(plan.agencies)})


def _ledger(plan: Plan, store: Store, values: StoredValues, statuses: Mapping[str, ReturnStatus]) -> pd.DataFrame:
    rows = []
    for sha, file, agency, period, _, modified, _ in row_tuples(store.files):
        when = datetime.fromisoformat(modified) if modified else None
        late = is_late(when, plan.period_by_id[period]) if period in plan.period_by_id else None
        cover = [values.value(sha, f"cover/{name}") for name in field_names("cover")]
        rows.append((period, agency, statuses[sha], late, file, sha, modified, *cover))
    rows += _silent(plan, rows)
    periods, agencies = _orders(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), agencies.get(r[1], 999), r[6] or "", r[5] or ""))
    return object_frame(COLUMNS["returns"], rows)


def _silent(plan: Plan, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """A row for each agency from which nothing was received, in every period that has any return."""
    blank = (None,) * (len(COLUMNS["returns"]) - 3)
    known = {(row[0], row[1]) for row in rows}
    periods = [period.id for period in plan.periods if any(row[0] == period.id for row in rows)]
    return [
        (period, agency.id, "not_received", *blank) for period in periods for agency in plan.agencies if (period, agency.id) not in known
    ]


def _table(name: str, plan: Plan, store: Store, values: StoredValues, statuses: Mapping[str, ReturnStatus]) -> pd.DataFrame:
    """One data table: a row for each line of every return that counts."""
    rows = []
    for sha, file, agency, period, *_ in row_tuples(store.files):
        if statuses[sha] not in CURRENT:
            continue
        lines: dict[str, dict[str, Value]] = defaultdict(dict)
        where: dict[str, tuple[str, int]] = {}
        for key, (_, _, _, sheet, row, _) in values.by_file[sha].items():
            table, ref, part = split_key(key)
            if table == name:
                lines[ref][part] = values.value(sha, key)
                where[ref] = min(where.get(ref, (sheet, row)), (sheet, row))
        for ref, answers in lines.items():
            cells = {field.column: answers.get(field.name, _from_plan(plan, field, ref)) for field in FIELDS[name]}
            whose = {"period": period, "agency": agency, **_numbered(name, ref)}
            source = dict(zip(SOURCE, (file, sha, *where[ref]), strict=True))
            rows.append({**whose, **cells, **source})
    periods, agencies = _orders(plan)
    rows.sort(key=lambda r: (periods.get(r["period"], 999), agencies.get(r["agency"], 999), ref_order(str(r.get("ref", r["objective"])))))
    return object_frame(COLUMNS[name], [[row[column] for column in COLUMNS[name]] for row in rows])


def _numbered(name: str, ref: str) -> dict[str, int | str]:
    """Objective and ref of a line; narrative lines are named by their objective alone."""
    if name == "narrative":
        return {"objective": int(ref)}
    return {"objective": int(ref.lstrip("K").split(".")[0]), "ref": ref}


def _from_plan(plan: Plan, field: FormField, ref: str) -> Value:
    """What the plan has settled: the copy shows it locked, and the tables show it too."""
    action = plan.action_by_ref.get(ref) if field.from_plan else None
    return getattr(action, field.name) if action else None


def ref_order(ref: str) -> tuple[int, int, str]:
    """Sorts 2.10 after 2.9, and K1.1a after K1.1."""
    first, _, second = ref.lstrip("K").partition(".")
    digits = second.rstrip("abcdefghijklmnopqrstuvwxyz")
    return (int(first or 0), int(digits or 0), second[len(digits) :])


def _findings(
    plan: Plan, store: Store, statuses: Mapping[str, ReturnStatus], clashes: Mapping[str, str], asked: Mapping[str, Sequence[Finding]]
) -> pd.DataFrame:
    """Every finding on the returns that stand, were held back or were rejected; those put right since are gone."""
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows: list[tuple[Any, ...]] = []
    for sha, code, severity, sheet, row, column, key, value, message, fix, held in row_tuples(store.notes):
        if statuses[sha] in (*CURRENT, "held_back", "rejected"):
            name, agency, period = files[sha]
            place = Place(sheet or "", int(row), int(column))
            finding = Finding(code, Severity(severity), name, place, message, fix or "", key, value, bool(held))
            rows.append((period, agency, finding))
    for sha, status in statuses.items():
        name, agency, period = files[sha]
        if sha in clashes:
            rows.append((period, agency, BY_CODE["CANNOT_ORDER"].finding(name, other=clashes[sha])))
        rows += [(period, agency, waive(finding, agency, period, plan)) for finding in asked.get(sha, ())]
        if status == "held_back":
            rows.append((period, agency, BY_CODE["STRICT"].finding(name)))
    periods, agencies = _orders(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), r[2].severity.rank, agencies.get(r[1], 999), r[2].order))
    return object_frame(COLUMNS["findings"], [(period, agency, *finding.as_dict().values()) for period, agency, finding in rows])


def _changes(plan: Plan, store: Store, values: StoredValues, steps: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Every cell that a later return from the same agency and period changed, as it was and as it is, with both sources."""
    files = {row[0]: row[1:4] for row in row_tuples(store.files)}
    rows = []
    for old, new in steps:
        _, agency, period = files[new]
        keys = {**values.by_file[old], **values.by_file[new]}
        for place, key in enumerate(keys):
            before, after = values.typed_in(old, key), values.typed_in(new, key)
            if before != after:
                rows.append((place, (period, agency, key, _masked(before), _masked(after), old, new)))
    periods, agencies = _orders(plan)
    rows.sort(key=lambda r: (periods.get(r[1][0], 999), agencies.get(r[1][1], 999), files[r[1][6]][0], r[1][5], r[0]))
    return object_frame(COLUMNS["changes"], [row for _, row in rows])


def _masked(value: Value) -> Value:
    return masked(value) if isinstance(value, str) else value


def _group(plan: Plan, store: Store) -> pd.DataFrame:
    """The group's own rating and the coordinator's note of each action it has written about, even one that has left the plan."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for period, key, value in row_tuples(store.group):
        kind, ref, name = key.split("/")
        if kind == "group":
            found[period, ref][name] = value
    periods, _ = _orders(plan)
    order = sorted(found, key=lambda place: (periods.get(place[0], 999), ref_order(place[1])))
    rows = [(*place, as_rating(squeeze(found[place].get("rating", ""))), found[place].get("note")) for place in order]
    return object_frame(COLUMNS["group"], rows)


def agreed_words(merged: Merged, period: str) -> dict[str, str]:
    """The words the group has agreed for a period, by key: `agreed/2/impact`."""
    rows = merged.store.group
    return {key: value for when, key, value in row_tuples(rows) if when == period and key.startswith("agreed/")}


def masked_words(merged: Merged) -> list[str]:
    """The refs and objectives of the period shown on which the group's own words were identifying."""
    rows = row_tuples(merged.store.group)
    return sorted({key.split("/")[1] for when, key, text in rows if when == merged.period and had_identifiers(text)})
