"""What became of each file: which of several returns from one agency and period stands."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from cedg_excel.master.store import Store, StoredValues, row_tuples
from cedg_excel.plan.model import Plan

ReturnStatus = Literal["accepted", "held_back", "nil", "superseded", "rejected", "withdrawn", "not_received"]

CURRENT = ("accepted", "nil")
"""The statuses of returns whose values stand in the tables."""


File = tuple[str, str, str]
"""When it was saved ("" when it does not say), its SHA-256, and its name."""


@dataclass(slots=True)
class ReturnStatuses:
    """What became of every file: its status; the others it cannot be ordered with; what superseded what."""

    statuses: dict[str, ReturnStatus] = field(default_factory=dict)
    clashes: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)


def decide_statuses(plan: Plan, store: Store, values: StoredValues) -> ReturnStatuses:
    """What became of every file in the store."""
    fates = ReturnStatuses()
    decided: dict[str, set[str]] = defaultdict(set)
    for sha, decision in row_tuples(store.decisions):
        decided[decision].add(sha)
    rivals: dict[tuple[str, str], list[File]] = defaultdict(list)
    for sha, name, agency, period, _, modified, cells in row_tuples(store.files):
        if cells is None or period not in plan.period_by_id or agency not in plan.agency_by_id:
            fates.statuses[sha] = "rejected"
        elif sha in decided["withdrawn"]:
            fates.statuses[sha] = "withdrawn"
        else:
            rivals[agency, period].append((modified or "", sha, name))
    for files in rivals.values():
        _order(files, values, decided["preferred"], fates)
    for sha, status in fates.statuses.items():
        if status == "accepted":
            fates.statuses[sha] = _standing(sha, values, decided["strict"])
    return fates


def _standing(sha: str, values: StoredValues, strict: set[str]) -> ReturnStatus:
    if sha in strict:
        return "held_back"
    return "nil" if values.value(sha, "cover/nil_return") == "Yes" else "accepted"


def _order(files: list[File], values: StoredValues, preferred: set[str], fates: ReturnStatuses) -> None:
    """
    Which of several returns from one agency and period stands. The later by the file's own time supersedes the earlier.

    Two of the same time that say the same need no order; two that differ are both refused until one is preferred,
    and the one before them stands.
    """
    stood: list[str] = []
    refused: list[File] = []
    for group in _by_time(files):
        chosen = [file for file in group if file[1] in preferred] or group
        if len({values.content(sha) for _, sha, _ in chosen}) == 1:
            stood.append(min(chosen)[1])
            refused = []
        else:
            refused += group
    fates.statuses.update(dict.fromkeys((sha for _, sha, _ in files), "superseded"))
    if stood:
        fates.statuses[stood[-1]] = "accepted"
    fates.steps += itertools.pairwise(stood)
    for _, sha, _ in refused:
        fates.statuses[sha] = "rejected"
        fates.clashes[sha] = ", ".join(sorted(name for _, other, name in refused if other != sha))


def _by_time(files: list[File]) -> list[list[File]]:
    """The files grouped by the time they were saved, earliest first; one without a time cannot be ordered among others."""
    if any(not time for time, _, _ in files):
        return [files]
    groups: dict[str, list[File]] = defaultdict(list)
    for file in files:
        groups[file[0]].append(file)
    return [groups[time] for time in sorted(groups)]
