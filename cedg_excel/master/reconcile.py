"""Checks that the master matches its returns: the master is rebuilt from them, and the two are compared cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cedg_excel.checking.check import Checked
from cedg_excel.excel_facts import a1
from cedg_excel.findings import shortened
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.differences import Difference, MasterValues, compare_masters
from cedg_excel.master.group_cells import group_key
from cedg_excel.master.merge import derive, merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.read_workbook import HeldMaster, read_held
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import Store, records, row_tuples
from cedg_excel.master.workbook import bytes_and_formulas
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Plan


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """
    One of the group's own cells that has changed since the last merge; or, with no `key`, a cell that the next merge will change
    because of them. `before` and `after` are None where it is blank.
    """

    sheet: str
    cell: str | None
    key: str | None
    before: str | None
    after: str | None

    def as_line(self) -> str:
        """`Objective 2!N8: the group's own entry since the last merge (2.3, Coordinator's note): "Agreed".`"""
        words = f" ({group_key(self.key).words})" if self.key else ""
        after = f'"{shortened(self.after)}"' if self.after else "cleared"
        return f"{self.sheet}!{self.cell}: the group's own entry since the last merge{words}: {after}."


@dataclass(frozen=True, slots=True)
class MemoryRows:
    """The rows of one data table that rest only on the master's memory: their return was not among the files given."""

    table: str
    period: str
    agency: str
    refs: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """
    The result. `missing` names returns that the master uses but that were not among the files given; `memory` are the rows of the
    data tables that come from these. `group_entries` are the group's own, and no differences.
    """

    cells: int
    returns: int
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]
    group_entries: tuple[GroupEntry, ...] = ()
    memory: tuple[MemoryRows, ...] = ()


def reconcile(path: Path, checked: Sequence[Checked], plan: Plan) -> Reconciled:
    """
    Compare a master with the returns it was made from. Nothing is written. Raises CountsDisagree.

    For files that the master stores but that are not given (superseded or withdrawn ones), its stored values are used unchecked.
    """
    held = read_held(path, plan.about.id)
    stored = held.stored
    stored_shas = set(stored.files["sha256"])
    stored_returns = [item for item in checked if item.returned.sha256 in stored_shas]
    shas_read = {item.returned.sha256 for item in stored_returns}
    statuses = derive(plan, stored).statuses
    names = zip(stored.files["sha256"], stored.files["file"], strict=True)
    missing = sorted(name for sha, name in names if statuses[sha] in CURRENT and sha not in shas_read)
    strict = set(stored.decisions.loc[stored.decisions["decision"] == "strict", "sha256"])
    # Whether a whole return is held back was decided when it was merged. Merging it again here would drop that decision.
    to_merge = [item for item in stored_returns if item.returned.sha256 not in strict]
    merged = _rebuilt(to_merge, plan, stored, held)
    count_cells(to_merge, merged)
    rebuilt, formulas = bytes_and_formulas(merged)
    returns = MasterValues(rebuilt, formulas)
    cells, differences = compare_masters(MasterValues(path.read_bytes(), formulas, path), returns)
    entries = list(_group_entries(held))
    if entries:
        after = MasterValues(*bytes_and_formulas(_rebuilt(to_merge, plan, held.store, held)))
        entries += [GroupEntry(d.place.sheet, d.cell, None, d.returns, d.master) for d in compare_masters(after, returns)[1]]
    current_count = sum(statuses[sha] in CURRENT for sha in shas_read)
    memory = tuple(_memory(merged, shas_read))
    return Reconciled(cells, current_count, tuple(differences), tuple(missing), tuple(entries), memory)


def _rebuilt(to_merge: Sequence[Checked], plan: Plan, store: Store, held: HeldMaster) -> Merged:
    # A period that has left the plan cannot be shown any more.
    period = held.period if len(store.files) and held.period in plan.period_by_id else None
    return merge(to_merge, plan, store, show=period)


def _group_entries(held: HeldMaster) -> Iterator[GroupEntry]:
    """The group's cells in the pages that differ from what is stored of them. Personal data is masked."""
    stored = {key: text for period, key, text in row_tuples(held.stored.group) if period == held.period}
    for key, (sheet, address) in held.places.items():
        now, was = held.entries[key] or None, stored.get(key)
        if now != was:
            yield GroupEntry(sheet, a1(*address), key, was and masked(was), now and masked(now))


def _memory(merged: Merged, shas_read: Collection[str]) -> Iterator[MemoryRows]:
    """The rows of each data table whose return was not read again, by return."""
    for table, ref in (("actions", "ref"), ("kpis", "ref"), ("narrative", "objective")):
        refs: dict[tuple[str, str, str], list[Any]] = {}
        for row in records(merged.tables[table]):
            if row.source_sha256 not in shas_read:
                refs.setdefault((row.period, row.agency, row.source_file), []).append(getattr(row, ref))
        for (period, agency, file), found in refs.items():
            yield MemoryRows(table, period, agency, tuple(map(str, found)), file)
