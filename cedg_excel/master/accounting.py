"""Checks that every cell that was read is accounted for. The counts come from different places, so that they can disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cedg_excel.checking.check import Checked
from cedg_excel.errors import CountsDisagree
from cedg_excel.form.fields import FIELDS, make_key
from cedg_excel.master.merged import Merged
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.store import records
from cedg_excel.master.tables import ANSWERS
from cedg_excel.returns.model import Entry

EntriesByKey = Mapping[str, Entry]
"""The answers of a return by key."""


def count_cells(checked: Sequence[Checked], merged: Merged) -> dict[str, int]:
    """
    The number of input cells in these returns, each file counted once: `read == merged + held_back + superseded + blank`.

    `read` is counted in the returns; `merged` in the master's tables; `held_back` in the findings, and in returns that are held back
    whole or rejected; `superseded` in returns that were replaced or withdrawn, including blank cells; `blank` in all the others.
    Raises CountsDisagree when they do not add up: the program has then lost an answer or counted one twice.
    """
    checked_by_sha = {item.returned.sha256: item for item in checked if item.returned.entries is not None}
    current_returns = {sha: item for sha, item in checked_by_sha.items() if merged.statuses[sha] in CURRENT}
    replaced = {sha: _replaced_keys(sha, item, merged) for sha, item in current_returns.items()}
    superseded_returns = [item for sha, item in checked_by_sha.items() if merged.statuses[sha] in ("superseded", "withdrawn")]
    held_back_returns = [item for sha, item in checked_by_sha.items() if merged.statuses[sha] in ("held_back", "rejected")]
    cells = {
        "read": _cell_count(checked_by_sha.values()),
        "merged": sum(1 for sha, key in merged_cells(merged) if sha in current_returns and key in _entries(current_returns[sha])),
        "held_back": sum(_held_back_count(item, replaced[sha]) for sha, item in current_returns.items())
        + _cell_count(held_back_returns)
        - _blank_count(held_back_returns),
        "superseded": _cell_count(superseded_returns) + sum(map(len, replaced.values())),
        "blank": _blank_count(current_returns.values()) + _blank_count(held_back_returns),
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
            in_use = merged.in_use.get((row.agency, row.period))
            for field in FIELDS[form_table]:
                if getattr(row, field.column) is not None:
                    key = make_key(form_table, _ref(name, row), field.name)
                    sha = row.sha256 if name == "returns" else in_use.sources.get(key) if in_use else None
                    if sha is not None:
                        yield sha, key


def _ref(name: str, row: Any) -> str:
    """The part of a row's key between table and field: the objective's number, the ref of the action or KPI, or ""."""
    return "" if name == "returns" else str(row.objective if name == "narrative" else row.ref)


def _entries(item: Checked) -> EntriesByKey:
    return item.returned.entries or {}


def _cell_count(checked_returns: Iterable[Checked]) -> int:
    return sum(len(_entries(item)) for item in checked_returns)


def _blank_count(checked_returns: Iterable[Checked]) -> int:
    return sum(entry.blank for item in checked_returns for entry in _entries(item).values())


def _replaced_keys(sha: str, item: Checked, merged: Merged) -> set[str]:
    """The answers of a half of a return that the other half has as well: the later one counts. Each Cover is in the tables."""
    stamp = item.returned.stamp
    in_use = merged.in_use.get((stamp.agency, stamp.period)) if stamp else None
    if in_use is None or sha not in in_use.members:
        return set()
    answered = [key for key, entry in _entries(item).items() if not entry.blank and not key.startswith("cover/")]
    return {key for key in answered if in_use.sources[key] != sha}


def _held_back_count(item: Checked, replaced: set[str]) -> int:
    """How many cells of a return are held back by a finding, and not replaced."""
    return len({finding.key for finding in item.findings if finding.held_back and finding.key} - replaced)
