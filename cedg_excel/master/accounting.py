"""Is every cell that was read accounted for? Each count is taken where its cells are, so that one can contradict the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cedg_excel.checking.check import Checked
from cedg_excel.errors import CountsDisagree
from cedg_excel.form.fields import FIELDS, make_key
from cedg_excel.master.merge import Merged
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import records
from cedg_excel.master.tables import ANSWERS
from cedg_excel.returns.model import Entry

Entries = Mapping[str, Entry]
"""The answers of a return by key."""


def count_cells(checked: Sequence[Checked], merged: Merged) -> dict[str, int]:
    """
    The input cells of these returns, once for each file: `read == merged + held_back + superseded + blank`.

    `read` is counted in the returns; `merged` in the master's tables; `held_back` in the findings, and in returns that wait as a
    whole; `superseded` in returns that a later one has replaced or that were withdrawn, blank cells too; `blank` in the others.
    Raises CountsDisagree when they do not add up: then the program has lost an answer or counted one twice.
    """
    batch = {item.returned.sha256: item for item in checked if item.returned.entries is not None}
    current = {sha: item for sha, item in batch.items() if merged.statuses[sha] in CURRENT}
    replaced = [item for sha, item in batch.items() if merged.statuses[sha] in ("superseded", "withdrawn")]
    waiting = [item for sha, item in batch.items() if merged.statuses[sha] in ("held_back", "rejected")]
    cells = {
        "read": _cells(batch.values()),
        "merged": sum(1 for sha, key in merged_cells(merged) if sha in current and key in _entries(current[sha])),
        "held_back": sum(map(_held_back, current.values())) + _cells(waiting) - _blanks(waiting),
        "superseded": _cells(replaced),
        "blank": _blanks(current.values()) + _blanks(waiting),
    }
    if cells["read"] != sum(cells.values()) - cells["read"]:
        raise CountsDisagree(
            "{read:,} cells were read, but {merged:,} merged, {held_back:,} held back, {superseded:,} superseded and {blank:,} blank "
            "do not add up to that. Nothing was changed. This is a fault in the program: please report it.".format(**cells)
        )
    return cells


def merged_cells(merged: Merged) -> Iterator[tuple[str, str]]:
    """Every answer in the master's tables, by the SHA-256 of its file and its key."""
    for form_table, name in ANSWERS.items():
        for row in records(merged.tables[name]):
            sha = row.sha256 if name == "returns" else row.source_sha256
            if sha is not None:
                for field in FIELDS[form_table]:
                    if getattr(row, field.column) is not None:
                        yield sha, make_key(form_table, _ref(name, row), field.name)


def _ref(name: str, row: Any) -> str:
    """The part of a row's key between its table and its name: the objective's number, the action's or KPI's ref, or nothing."""
    return "" if name == "returns" else str(row.objective if name == "narrative" else row.ref)


def _entries(item: Checked) -> Entries:
    return item.returned.entries or {}


def _cells(items: Iterable[Checked]) -> int:
    return sum(len(_entries(item)) for item in items)


def _blanks(items: Iterable[Checked]) -> int:
    return sum(entry.blank for item in items for entry in _entries(item).values())


def _held_back(item: Checked) -> int:
    """How many cells a finding holds back."""
    return len({finding.key for finding in item.findings if finding.held_back and finding.key})
