"""
Merges checked returns into what the master held. A pure function: it reads no files and no clock.

The master keeps the values of every return it has ever read, by the file's SHA-256. Everything else is derived from that
store, so neither the order of the returns nor the batches they came in make a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cedg_excel.checking.check import Checked
from cedg_excel.master.consistency import consistency_findings
from cedg_excel.master.decisions import files_of, with_combined, with_preferred, with_strict, with_withdrawn, without_withdrawn
from cedg_excel.master.derived_tables import answer_table, changes_table, findings_of_merge, findings_table, group_table, returns_table
from cedg_excel.master.doubt_columns import with_doubt
from cedg_excel.master.halves import Halves, check_halves
from cedg_excel.master.merged import Merged
from cedg_excel.master.period_plans import plans_by_period
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.returns_in_use import Record, record_of
from cedg_excel.master.store import Store, StoredValues, add_returns, row_tuples
from cedg_excel.master.stored_plans import stored_versions, with_plans
from cedg_excel.plan.model import Plan
from cedg_excel.plan.versions import PlanVersions

NO_VERSIONS = PlanVersions()


def merge(
    checked: Sequence[Checked], plan: Plan, held: Store | None = None, *, strict: bool = False,
    prefer: Iterable[str] = (), combine: Sequence[str] = (), show: str | None = None, versions: PlanVersions = NO_VERSIONS,
) -> Merged:  # fmt: skip
    """
    Merge checked returns into what the master held. Merging the same return twice changes nothing.

    `strict` holds back every return of this batch that has errors; `prefer` names files by SHA-256, and `combine` two of them;
    `show` is the period that the pages show, by default the latest with a return; `versions` are earlier versions of the plan.
    Raises CannotRead when a file named so cannot be used as requested.
    """
    held = held or Store()
    # A file that was read before, and is locked this time because no password was given, stays as it was read.
    items = [item for item in checked if not item.returned.skipped and not is_known_but_locked(item, held)]
    # Of one file under several names, bare and by e-mail, the first name counts, whatever the order in which they are read.
    batch = {item.returned.sha256: item for item in sorted(items, key=lambda item: item.returned.file, reverse=True)}
    store = with_plans(add_returns(held, items, batch), versions, plan)
    with_errors = [sha for sha, item in batch.items() if strict and item.has_errors and not item.returned.rejected]
    store = with_strict(store, batch, with_errors)
    for sha in prefer:
        store = with_preferred(store, sha)
    if combine:
        store = with_combined(store, combine)
    return derive(plan, store, show)


def is_known_but_locked(item: Checked, held: Store) -> bool:
    """Whether an encrypted file could not be opened now, but was read before."""
    locked = any(finding.code in ("ENCRYPTED", "WRONG_PASSWORD") for finding in item.returned.findings)
    files = held.files
    return locked and bool(((files["sha256"] == item.returned.sha256) & files["cells"].notna()).any())


def withdraw(plan: Plan, held: Store, agency: str, period: str) -> Merged | None:
    """
    Take the return of an agency for a period out of the tables, even if its file is still in returns/. The one before counts again.

    Of two halves the later one is taken out; of returns that cannot be ordered, all. The files are remembered by SHA-256, so a new
    return is merged as usual. None when there is nothing to withdraw.
    """
    merged = derive(plan, held)
    files = files_of(held, (agency, period))
    in_use = [sha for sha in files if merged.statuses[sha] in CURRENT]
    waiting = [sha for sha in files if merged.statuses[sha] == "held_back"]
    conflicting = [sha for sha in files if sha in merged.conflicts]
    latest = next((found for shas in (conflicting, in_use, waiting) if (found := _saved_at(held, shas, max))), None)
    return derive(plan, with_withdrawn(held, (agency, period), latest)) if latest else None


def undo_withdraw(plan: Plan, held: Store, agency: str, period: str) -> Merged | None:
    """Take the return in again that was withdrawn last. None when none was."""
    statuses = derive(plan, held).statuses
    withdrawn = [sha for sha in files_of(held, (agency, period)) if statuses[sha] == "withdrawn"]
    # The latest is withdrawn first, so the earliest of them was withdrawn last.
    earliest = _saved_at(held, withdrawn, min)
    return derive(plan, without_withdrawn(held, earliest)) if earliest else None


def _saved_at(store: Store, shas: Sequence[str], choose: Callable[[Iterable[str]], str]) -> list[str]:
    """Those of the files with the earliest or the latest time of saving."""
    times = {sha: modified or "" for sha, _, _, _, _, modified, _ in row_tuples(store.files) if sha in shas}
    return [sha for sha, time in times.items() if time == choose(times.values())]


def derive(plan: Plan, store: Store, show: str | None = None) -> Merged:
    """Every table from the store alone."""
    values = StoredValues(store.values)
    record = record_of(plan, store, values)
    plans = plans_by_period(plan, stored_versions(store), record.in_use, store)
    tables = {name: answer_table(name, plan, plans, store, values, record.in_use) for name in ("actions", "kpis", "narrative")}
    tables["returns"] = returns_table(plan, plans, store, values, record.statuses)
    halves = _halves(plan, plans, record, values, store)
    findings = findings_of_merge(plan, store, record, consistency_findings(plan, tables, values, record.in_use), halves)
    resolved = frozenset(item for each in halves for item in each.resolved)
    tables["findings"] = findings_table(plan, store, record, findings, resolved)
    tables["changes"] = changes_table(plan, store, values, record.replacements)
    tables["group"] = group_table(plan, store)
    return with_doubt(Merged(plan, store, tables, record.statuses, record.conflicts, record.in_use, show, findings, plans, resolved))


def _halves(plan: Plan, plans: Mapping[str, Plan], record: Record, values: StoredValues, store: Store) -> list[Halves]:
    """The halves of every return that came in several, checked together."""
    names = {sha: name for sha, name, *_ in row_tuples(store.files)}
    combined = {place: used for place, used in record.in_use.items() if len(used.members) > 1}
    return [check_halves(plans.get(place[1], plan), place, used, values, names) for place, used in combined.items()]
