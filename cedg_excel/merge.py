"""
Checked returns and what the master held, merged into tables. A pure function: no files, no clock.

The master keeps the values of every return it has ever read, by the file's SHA-256. Everything else is worked out
from that store, so neither the order of the returns nor the batches they came in can make a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

from cedg_excel import brag
from cedg_excel.check import Checked, is_late
from cedg_excel.findings import Finding, Place, Severity
from cedg_excel.form import Kind, Value
from cedg_excel.lines import TABLES, split_key
from cedg_excel.plan import Plan
from cedg_excel.returns import Entry
from cedg_excel.rules import BY_CODE

Status = Literal["accepted", "held_back", "nil", "superseded", "rejected", "withdrawn", "not_received"]

SOURCE = ("source_file", "source_sha256", "source_sheet", "source_row")
COLUMNS: dict[str, tuple[str, ...]] = {
    "actions": ("period", "agency", "objective", "ref", *TABLES["actions"], *SOURCE),
    "kpis": ("period", "agency", "objective", "ref", *TABLES["kpis"], *SOURCE),
    "narrative": ("period", "agency", "objective", *TABLES["narrative"], *SOURCE),
    "returns": (
        "period", "agency", "status", "late", "file", "sha256", "modified", "completed_by", "role", "completed_on",
        "declared", "nil_return",
    ),
    "findings": (
        "period", "agency", "code", "severity", "file", "sheet", "cell", "key", "value", "message", "fix", "held_back",
    ),
    "changes": ("period", "agency", "key", "old", "new", "old_sha256", "new_sha256"),
    "group": ("period", "ref", "rating", "note"),
}  # fmt: skip
"""The tables other programs may rely on, and their columns in order."""

STORE: dict[str, tuple[str, ...]] = {
    "files": ("sha256", "file", "agency", "period", "version", "modified", "cells"),
    "values": ("sha256", "key", "kind", "state", "value", "sheet", "row", "column"),
    "notes": ("sha256", "code", "severity", "sheet", "row", "column", "key", "value", "message", "fix", "held_back"),
    "decisions": ("sha256", "decision"),
}
"""What the master remembers. `state` is value, held or blank; `decision` is strict, preferred or withdrawn."""

CURRENT = ("accepted", "nil")
"""The statuses of returns whose values stand in the tables."""


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})


def frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """A frame of objects, so that no value is ever converted on the way."""
    rows = list(rows)
    if not rows:
        return _empty(columns)
    return pd.DataFrame(dict(zip(columns, map(_objects, zip(*rows, strict=True)), strict=True)))


def records(rows: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, each with its columns as attributes."""
    return rows.itertuples(index=False)


def _objects(values: Iterable[Any]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a master remembers, as frames with the columns of STORE."""

    files: pd.DataFrame = field(default_factory=lambda: _empty(STORE["files"]))
    values: pd.DataFrame = field(default_factory=lambda: _empty(STORE["values"]))
    notes: pd.DataFrame = field(default_factory=lambda: _empty(STORE["notes"]))
    decisions: pd.DataFrame = field(default_factory=lambda: _empty(STORE["decisions"]))


@dataclass(frozen=True, slots=True)
class Merged:
    """
    A master's content: the store, and the tables worked out from it, by the names of COLUMNS.

    `statuses` says what became of each file, by SHA-256; `clashes` names the others of those that cannot be ordered.
    """

    plan: Plan
    store: Store
    tables: Mapping[str, pd.DataFrame]
    statuses: Mapping[str, Status]
    clashes: Mapping[str, str]

    @property
    def period(self) -> str | None:
        """The latest period anything was returned for."""
        seen = set(self.tables["returns"]["period"])
        return next((p.id for p in reversed(self.plan.periods) if p.id in seen), None)



def merge(
    checked: Sequence[Checked], plan: Plan, held: Store | None = None, *, strict: bool = False,
    prefer: Iterable[str] = (),
) -> Merged:  # fmt: skip
    """
    Merge checked returns into what the master held. Merging the same return twice changes nothing.

    `strict` holds back every return of this batch that has errors; `prefer` names files by SHA-256.
    """
    batch = {item.returned.sha256: item for item in checked if not item.returned.skipped}
    store = _remember(held or Store(), [item for item in checked if not item.returned.skipped], batch)
    store = _decide(store, batch, strict, prefer)
    return derive(plan, store)


def derive(plan: Plan, store: Store) -> Merged:
    """Every table from the store alone."""
    values = _Values(store.values)
    statuses, clashes = _statuses(plan, store, values)
    ledger = _ledger(plan, store, values, statuses)
    tables = {name: _table(name, plan, store, values, statuses) for name in ("actions", "kpis", "narrative")}
    tables["returns"] = ledger
    tables["findings"] = _findings(plan, store, statuses, clashes)
    tables["changes"] = _empty(COLUMNS["changes"])
    tables["group"] = _empty(COLUMNS["group"])
    return Merged(plan, store, tables, statuses, clashes)


# The store


def _remember(held: Store, items: Sequence[Checked], batch: Mapping[str, Checked]) -> Store:
    """The store with this batch in it. A file read again replaces what was known of it, but for its first name."""
    files, values, notes = [], [], []
    names: dict[str, str] = dict(zip(held.files["sha256"], held.files["file"], strict=True))
    for item in items:
        returned = item.returned
        names[returned.sha256] = min(returned.file, names.get(returned.sha256, returned.file))
    for sha256, item in batch.items():
        returned, stamp = item.returned, item.returned.stamp
        whose = (stamp.agency, stamp.period, stamp.version) if stamp else (None, None, None)
        modified = returned.modified.strftime("%Y-%m-%dT%H:%M:%SZ") if returned.modified else None
        cells = None if returned.entries is None else len(returned.entries)
        files.append((sha256, names[sha256], *whose, modified, cells))
        values += [_value_row(sha256, key, entry) for key, entry in (returned.entries or {}).items()]
        notes += [_note_row(sha256, finding) for finding in item.findings]
    return Store(
        _renewed(held.files, batch, "files", files),
        _renewed(held.values, batch, "values", values),
        _renewed(held.notes, batch, "notes", notes),
        held.decisions,
    )


def _renewed(old: pd.DataFrame, batch: Mapping[str, Checked], name: str, rows: list[Any]) -> pd.DataFrame:
    """Old rows of other files and new ones of these, in an order that does not tell which came when."""
    kept = old[~old["sha256"].isin(list(batch))]
    both = pd.concat([kept, frame(STORE[name], rows)], ignore_index=True)
    # Stable: the rows of one file stay in the order in which they were read.
    return both.sort_values("sha256", kind="stable", ignore_index=True)


def _value_row(sha256: str, key: str, entry: Entry) -> tuple[Any, ...]:
    state = "blank" if entry.blank else "held" if entry.value is None else "value"
    place = entry.place
    return (sha256, key, entry.field.kind, state, written(entry.value), place.sheet, place.row, place.column)


def _note_row(sha256: str, note: Finding) -> tuple[Any, ...]:
    place = note.place
    row = (
        sha256, note.code, note.severity.value, place.sheet, place.row, place.column, note.key, note.value, note.message,
        note.fix, note.held_back,
    )  # fmt: skip
    # A sheet cannot tell an empty text from nothing, and what is read back must be what was written.
    return tuple(None if part == "" else part for part in row)


def written(value: Value) -> str | None:
    """A value as text that `typed` reads back exactly."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else repr(value)


def typed(text: str | None, kind: Kind) -> Value:
    """The value that `written` wrote."""
    if text is None or kind in ("text", "rating", "choice"):
        return text
    if kind == "date":
        return date.fromisoformat(text)
    return float(text) if any(mark in text for mark in ".en") else int(text)


def _decide(store: Store, batch: Mapping[str, Checked], strict: bool, prefer: Iterable[str]) -> Store:
    """Record what was decided in this run. Whether a return is held back whole is decided anew each time it is read."""
    old = set(store.decisions.itertuples(index=False, name=None))
    new = {(sha, decision) for sha, decision in old if decision != "strict" or sha not in batch}
    new |= {(sha, "strict") for sha, item in batch.items() if strict and item.has_errors and not item.returned.rejected}
    new |= {(sha, "preferred") for sha in prefer}
    return Store(store.files, store.values, store.notes, frame(STORE["decisions"], sorted(new)))


class _Values:
    """The stored values of each file, by key."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.by_file: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for row in rows.itertuples(index=False, name=None):
            self.by_file[row[0]][row[1]] = row[2:]

    def value(self, sha256: str, key: str) -> Value:
        """One value as it is used; None when blank, held back or not there."""
        row = self.by_file[sha256].get(key)
        return typed(row[2], row[0]) if row and row[1] == "value" else None

    def content(self, sha256: str) -> tuple[Any, ...]:
        """All that a return says, to tell whether two say the same."""
        return tuple(sorted((key, row[1], row[2]) for key, row in self.by_file[sha256].items() if row[1] != "blank"))


# What became of each file


def _statuses(plan: Plan, store: Store, values: _Values) -> tuple[dict[str, Status], dict[str, str]]:
    """The status of each file by SHA-256, and the name of the other file for those that cannot be ordered."""
    statuses: dict[str, Status] = {}
    clashes: dict[str, str] = {}
    decided: dict[str, set[str]] = defaultdict(set)
    for sha, decision in store.decisions.itertuples(index=False, name=None):
        decided[decision].add(sha)
    rivals: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for sha, name, agency, period, _, modified, cells in store.files.itertuples(index=False, name=None):
        if cells is None or period not in plan.period_by_id or agency not in plan.agency_by_id:
            statuses[sha] = "rejected"
        elif sha in decided["withdrawn"]:
            statuses[sha] = "withdrawn"
        else:
            rivals[agency, period].append((modified or "", sha, name))
    for files in rivals.values():
        _order(files, values, decided["preferred"], statuses, clashes)
    for sha, status in statuses.items():
        if status == "accepted":
            statuses[sha] = _standing(sha, values, decided["strict"])
    return statuses, clashes


def _standing(sha: str, values: _Values, strict: set[str]) -> Status:
    if sha in strict:
        return "held_back"
    return "nil" if values.value(sha, "cover/nil_return") == "Yes" else "accepted"


def _order(
    files: list[tuple[str, str, str]], values: _Values, preferred: set[str], statuses: dict[str, Status],
    clashes: dict[str, str],
) -> None:  # fmt: skip
    """
    Which of several returns from one agency and period stands. The later by the file's own time supersedes the earlier.

    Two of the same time that say the same need no order; two that differ are both refused until one is preferred,
    and the one before them stands.
    """
    for group in _latest_first(files):
        chosen = [file for file in group if file[1] in preferred] or group
        if len({values.content(sha) for _, sha, _ in chosen}) == 1:
            winner = min(chosen)[1]
            statuses.update({sha: "superseded" for _, sha, _ in files if sha not in clashes})
            statuses[winner] = "accepted"
            return
        for _, sha, _ in group:
            statuses[sha] = "rejected"
            clashes[sha] = ", ".join(name for _, other, name in sorted(group, key=lambda f: f[2]) if other != sha)


def _latest_first(files: list[tuple[str, str, str]]) -> list[list[tuple[str, str, str]]]:
    """The files grouped by the time they were saved, latest first; one without a time cannot be ordered among others."""
    if len(files) > 1 and any(not time for time, _, _ in files):
        return [files]
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for file in files:
        groups[file[0]].append(file)
    return [groups[time] for time in sorted(groups, reverse=True)]


# The tables


def _orders(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    return ({p.id: n for n, p in enumerate(plan.periods)}, {a.id: n for n, a in enumerate(plan.agencies)})


def _ledger(plan: Plan, store: Store, values: _Values, statuses: Mapping[str, Status]) -> pd.DataFrame:
    rows = []
    for sha, name, agency, period, _, modified, _ in store.files.itertuples(index=False, name=None):
        when = datetime.fromisoformat(modified) if modified else None
        late = is_late(when, plan.period_by_id[period]) if period in plan.period_by_id else None
        cover = [values.value(sha, f"cover/{key}") for key in ("completed_by", "role", "completed_on", "status", "nil_return")]
        rows.append((period, agency, statuses[sha], late, name, sha, modified, *cover))
    rows += _silent(plan, rows)
    periods, agencies = _orders(plan)
    rows.sort(key=lambda r: (periods.get(r[0], 999), agencies.get(r[1], 999), r[6] or "", r[5] or ""))
    return frame(COLUMNS["returns"], rows)


def _silent(plan: Plan, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """A row for each agency from which nothing was received, in every period that has any return."""
    blank = (None,) * (len(COLUMNS["returns"]) - 3)
    known = {(row[0], row[1]) for row in rows}
    periods = [period.id for period in plan.periods if any(row[0] == period.id for row in rows)]
    return [
        (period, agency.id, "not_received", *blank)
        for period in periods
        for agency in plan.agencies
        if (period, agency.id) not in known
    ]


def _table(
    name: str, plan: Plan, store: Store, values: _Values, statuses: Mapping[str, Status]
) -> pd.DataFrame:
    """One data table: a row for each line of every return that stands."""
    fields = tuple(TABLES[name])
    rows = []
    for sha, file, agency, period, *_ in store.files.itertuples(index=False, name=None):
        if statuses[sha] not in CURRENT:
            continue
        lines: dict[str, dict[str, Value]] = defaultdict(dict)
        where: dict[str, tuple[str, int]] = {}
        for key, (_, _, _, sheet, row, _) in values.by_file[sha].items():
            table, ref, part = split_key(key)
            if table == name:
                lines[ref][part] = values.value(sha, key)
                where[ref] = min(where.get(ref, (sheet, row)), (sheet, row))
        for ref, found in lines.items():
            agreed = _agreed(plan, name, ref)
            cells = [found.get(part, agreed.get(part)) for part in fields]
            rows.append((period, agency, *_numbered(name, ref), *cells, file, sha, *where[ref]))
    periods, agencies = _orders(plan)
    width = len(_numbered(name, "1"))
    rows.sort(key=lambda r: (periods.get(r[0], 999), agencies.get(r[1], 999), ref_order(str(r[1 + width]))))
    return frame(COLUMNS[name], rows)


def _numbered(name: str, ref: str) -> tuple[Any, ...]:
    """Objective and ref of a line; narrative lines are named by their objective alone."""
    if name == "narrative":
        return (int(ref),)
    return (int(ref.lstrip("K").split(".")[0]), ref)


def _agreed(plan: Plan, table: str, ref: str) -> dict[str, Value]:
    """Dates the plan has settled: the copy shows them locked, and the tables show them too."""
    action = plan.action_by_ref.get(ref) if table == "actions" else None
    return {"date_commenced": action.date_commenced, "target_date": action.target_date} if action else {}


def ref_order(ref: str) -> tuple[int, int, str]:
    """Sorts 2.10 after 2.9, and K1.1a after K1.1."""
    first, _, second = ref.lstrip("K").partition(".")
    digits = second.rstrip("abcdefghijklmnopqrstuvwxyz")
    return (int(first or 0), int(digits or 0), second[len(digits) :])


_SEVERITIES = {severity.value: number for number, severity in enumerate(Severity)}


def _findings(
    plan: Plan, store: Store, statuses: Mapping[str, Status], clashes: Mapping[str, str]
) -> pd.DataFrame:
    """Every finding on the returns that stand, were held back or were rejected; those put right since are gone."""
    files = {row[0]: row[1:4] for row in store.files.itertuples(index=False, name=None)}
    rows: list[tuple[Any, ...]] = []
    for sha, code, severity, sheet, row, column, key, value, message, fix, held in store.notes.itertuples(
        index=False, name=None
    ):
        if statuses[sha] in (*CURRENT, "held_back", "rejected"):
            name, agency, period = files[sha]
            place = Place(sheet or "", int(row), int(column))
            finding = Finding(code, Severity(severity), name, place, message, fix or "", key, value, bool(held))
            rows.append((period, agency, finding))
    for sha, status in statuses.items():
        name, agency, period = files[sha]
        if sha in clashes:
            rows.append((period, agency, BY_CODE["CANNOT_ORDER"].finding(name, other=clashes[sha])))
        elif status == "held_back":
            rows.append((period, agency, BY_CODE["STRICT"].finding(name)))
    periods, agencies = _orders(plan)
    rows.sort(
        key=lambda r: (periods.get(r[0], 999), _SEVERITIES[r[2].severity.value], agencies.get(r[1], 999), r[2].order)
    )
    return frame(COLUMNS["findings"], [(period, agency, *finding.as_dict().values()) for period, agency, finding in rows])


# What a run did


def account(checked: Sequence[Checked], merged: Merged) -> dict[str, int]:
    """
    Every input cell that was read, once for each file: `read == merged + held_back + blank`.

    `merged` cells stand in the tables; `held_back` ones were filled in and do not.
    """
    cells = {"read": 0, "merged": 0, "held_back": 0, "blank": 0}
    batch = {item.returned.sha256: item.returned for item in checked if item.returned.entries is not None}
    for sha, returned in batch.items():
        stands = merged.statuses[sha] in CURRENT
        for entry in (returned.entries or {}).values():
            cells["read"] += 1
            fate = "blank" if entry.blank else "merged" if stands and entry.value is not None else "held_back"
            cells[fate] += 1
    return cells


@dataclass(frozen=True, slots=True)
class Overall:
    """An action's overall rating in a period, and how many of its accountable agencies rated it."""

    rating: str
    rated: int
    asked: int


def overall_ratings(merged: Merged, period: str) -> dict[str, Overall]:
    """The overall rating of every action of the plan in one period, by ref."""
    rows = merged.tables["actions"]
    rows = rows[(rows["period"] == period) & rows["rating"].notna()]
    given = {(agency, ref): rating for agency, ref, rating in zip(rows["agency"], rows["ref"], rows["rating"], strict=True)}
    result = {}
    for action in merged.plan.actions:
        ratings = [given.get((agency, action.ref)) for agency in action.agencies]
        result[action.ref] = Overall(brag.overall(ratings), sum(r is not None for r in ratings), len(ratings))
    return result


def kpi_total(merged: Merged, ref: str, period: str) -> int | float | None:
    """A KPI across agencies for one period, as `combine` has it. A percentage is from 0 to 100; None when nothing came."""
    kpi = merged.plan.kpi_by_ref[ref]
    rows = merged.tables["kpis"]
    rows = rows[(rows["ref"] == ref) & (rows["period"] == period)]
    if kpi.combine == "ratio":
        both = rows[rows["numerator"].notna() & rows["denominator"].notna()]
        below = sum(both["denominator"])
        return 100 * sum(both["numerator"]) / below if below else None
    numbers = [value for value in rows["value"] if isinstance(value, int | float)]
    if not numbers or (kpi.combine == "single" and len(numbers) > 1):
        return None
    return sum(numbers)
