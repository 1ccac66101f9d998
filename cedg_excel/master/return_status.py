"""Decides the status of each file: which of several returns from one agency and period is used."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from cedg_excel.master.store import Store, StoredValues, row_tuples
from cedg_excel.plan.model import Plan

ReturnStatus = Literal["accepted", "held_back", "nil", "superseded", "rejected", "withdrawn", "not_received"]

CURRENT = ("accepted", "nil")
"""The statuses of returns whose values are in the tables."""


SavedFile = tuple[str, str, str]
"""When a file was saved ("" if unknown), its SHA-256, and its name."""


@dataclass(slots=True)
class ReturnStatuses:
    """
    By SHA-256: the status of every file, and the names of other files that it cannot be ordered with.

    `replacements` are pairs of SHA-256: the superseded file and the one that replaced it.
    """

    statuses: dict[str, ReturnStatus] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    replacements: list[tuple[str, str]] = field(default_factory=list)


def decide_statuses(plan: Plan, store: Store, values: StoredValues) -> ReturnStatuses:
    """The status of every file in the store."""
    result = ReturnStatuses()
    shas_by_decision: dict[str, set[str]] = defaultdict(set)
    for sha, decision in row_tuples(store.decisions):
        shas_by_decision[decision].add(sha)
    files_by_return: dict[tuple[str, str], list[SavedFile]] = defaultdict(list)
    for sha, name, agency, period, _, modified, cells in row_tuples(store.files):
        if cells is None or period not in plan.period_by_id or agency not in plan.agency_by_id:
            result.statuses[sha] = "rejected"
        elif sha in shas_by_decision["withdrawn"]:
            result.statuses[sha] = "withdrawn"
        else:
            files_by_return[agency, period].append((modified or "", sha, name))
    for files in files_by_return.values():
        _decide_among(files, values, shas_by_decision["preferred"], result)
    for sha, status in result.statuses.items():
        if status == "accepted":
            result.statuses[sha] = _accepted_status(sha, values, shas_by_decision["strict"])
    return result


def _accepted_status(sha: str, values: StoredValues, strict: set[str]) -> ReturnStatus:
    if sha in strict:
        return "held_back"
    return "nil" if values.value(sha, "cover/nil_return") == "Yes" else "accepted"


def _decide_among(files: list[SavedFile], values: StoredValues, preferred: set[str], result: ReturnStatuses) -> None:
    """
    Decide which of several returns from one agency and period is used. One saved later supersedes the earlier ones.

    Two that were saved at the same time need no order if their content is the same; if it differs, both are rejected until one
    is preferred, and the last one before them is used.
    """
    accepted: list[str] = []
    conflicting: list[SavedFile] = []
    for same_time in _by_time(files):
        candidates = [file for file in same_time if file[1] in preferred] or same_time
        if len({values.content(sha) for _, sha, _ in candidates}) == 1:
            accepted.append(min(candidates)[1])
            conflicting = []
        else:
            conflicting += same_time
    result.statuses.update(dict.fromkeys((sha for _, sha, _ in files), "superseded"))
    if accepted:
        result.statuses[accepted[-1]] = "accepted"
    result.replacements += itertools.pairwise(accepted)
    for _, sha, _ in conflicting:
        result.statuses[sha] = "rejected"
        result.conflicts[sha] = ", ".join(sorted(name for _, other, name in conflicting if other != sha))


def _by_time(files: list[SavedFile]) -> list[list[SavedFile]]:
    """The files grouped by the time they were saved, earliest first; all in one group if any of them has no time."""
    if any(not time for time, _, _ in files):
        return [files]
    groups: dict[str, list[SavedFile]] = defaultdict(list)
    for file in files:
        groups[file[0]].append(file)
    return [groups[time] for time in sorted(groups)]
