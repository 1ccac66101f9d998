"""
Merges checked returns into what the master held. A pure function: it reads no files and no clock.

The master keeps the values of every return it has ever read, by the file's SHA-256. Everything else is derived from that
store, so neither the order of the returns nor the batches they came in make a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cedg_excel.checking.check import Checked
from cedg_excel.master.consistency import consistency_findings
from cedg_excel.master.derived_tables import answer_table, changes_table, findings_table, group_table, returns_table
from cedg_excel.master.doubt_columns import with_doubt
from cedg_excel.master.merged import Merged
from cedg_excel.master.return_status import decide_statuses
from cedg_excel.master.store import STORE, Store, StoredValues, add_returns, object_frame, record_decisions, row_tuples
from cedg_excel.plan.model import Plan


def merge(
    checked: Sequence[Checked], plan: Plan, held: Store | None = None, *, strict: bool = False,
    prefer: Iterable[str] = (), show: str | None = None,
) -> Merged:  # fmt: skip
    """
    Merge checked returns into what the master held. Merging the same return twice changes nothing.

    `strict` holds back every return of this batch that has errors; `prefer` names files by SHA-256;
    `show` is the period that the pages show, by default the latest with a return.
    """
    held = held or Store()
    # A file that was read before, and is locked this time because no password was given, stays as it was read.
    items = [item for item in checked if not item.returned.skipped and not is_known_but_locked(item, held)]
    batch = {item.returned.sha256: item for item in items}
    store = add_returns(held, items, batch)
    store = record_decisions(store, batch, strict, prefer)
    return derive(plan, store, show)


def is_known_but_locked(item: Checked, held: Store) -> bool:
    """Whether an encrypted file could not be opened now, but was read before."""
    locked = any(finding.code in ("ENCRYPTED", "WRONG_PASSWORD") for finding in item.returned.findings)
    files = held.files
    return locked and bool(((files["sha256"] == item.returned.sha256) & files["cells"].notna()).any())


def withdraw(plan: Plan, held: Store, agency: str, period: str) -> Merged | None:
    """
    Remove every return of one agency for one period from the tables, even if its files are still in returns/.

    The files are remembered by SHA-256, so a new return is merged as usual. None when there is nothing to withdraw.
    """
    statuses = derive(plan, held).statuses
    shas = [
        sha
        for sha, *source in zip(held.files["sha256"], held.files["agency"], held.files["period"], strict=True)
        if source == [agency, period] and statuses[sha] != "withdrawn"
    ]
    if not shas:
        return None
    decisions = set(row_tuples(held.decisions)) | {(sha, "withdrawn") for sha in shas}
    return derive(plan, replace(held, decisions=object_frame(STORE["decisions"], sorted(decisions))))


def derive(plan: Plan, store: Store, show: str | None = None) -> Merged:
    """Every table from the store alone."""
    values = StoredValues(store.values)
    result = decide_statuses(plan, store, values)
    tables = {name: answer_table(name, plan, store, values, result.statuses) for name in ("actions", "kpis", "narrative")}
    tables["returns"] = returns_table(plan, store, values, result.statuses)
    consistency = consistency_findings(plan, tables, values)
    tables["findings"] = findings_table(plan, store, result, consistency)
    tables["changes"] = changes_table(plan, store, values, result.replacements)
    tables["group"] = group_table(plan, store)
    return with_doubt(Merged(plan, store, tables, result.statuses, result.conflicts, show, consistency))
