"""
Which answers count when an agency has sent several returns for a period.

Sorted by when they were saved: a return that answers what the one before leaves blank is its other half, and the two are combined.
Any other supersedes the one before whole. Nothing is lost in silence: answers that are cleared or go back are findings, and a return
that would change a closed period is held back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import combinations

from cedg_excel.findings import Finding
from cedg_excel.form.fields import FIELDS
from cedg_excel.master.decisions import COMBINED, PASSED_OVER, PREFERRED, STRICT, WITHDRAWN, Decisions, Place, decisions_in
from cedg_excel.master.record_findings import RecordFindings
from cedg_excel.master.return_status import ReturnStatus
from cedg_excel.master.store import Store, StoredValues, row_tuples
from cedg_excel.master.stored_plans import stored_versions
from cedg_excel.plan.model import Plan

CARRIED = frozenset(field.name for field in FIELDS["actions"] if field.carried)
"""The fields with which a copy is filled in from the period before."""


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file as the store knows it; `saved` is "" where the file does not say when it was saved."""

    sha: str
    name: str
    saved: str

    @property
    def day(self) -> date | None:
        """The day it was saved."""
        return datetime.fromisoformat(self.saved).date() if self.saved else None


@dataclass(frozen=True, slots=True)
class InUse:
    """The answers that count: `members` are the files they come from, in the order saved; `sources` has the file of each key."""

    members: tuple[str, ...]
    sources: Mapping[str, str]


@dataclass(slots=True)
class Record:
    """
    By SHA-256: the status of every file, the names of others that it cannot be ordered with, and what was found in ordering them.

    `in_use` has the answers that count, by agency and period; `replacements` are pairs: those before and those that replaced them.
    """

    statuses: dict[str, ReturnStatus] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    in_use: dict[Place, InUse] = field(default_factory=dict)
    replacements: list[tuple[InUse, InUse]] = field(default_factory=list)


def record_of(plan: Plan, store: Store, values: StoredValues) -> Record:
    """The status of every file in the store, and the answers that count."""
    record, decisions = Record(), decisions_in(store)
    files_by_place: dict[Place, list[SavedFile]] = defaultdict(list)
    withdrawn: dict[Place, str] = {}
    names = {sha: name for sha, name, *_ in row_tuples(store.files)}
    agencies = {agency.id for version in (plan, *stored_versions(store)) for agency in version.agencies}
    for sha, name, agency, period, _, modified, cells in row_tuples(store.files):
        if cells is None or period not in plan.period_by_id or agency not in agencies:
            record.statuses[sha] = "rejected"
        elif sha in decisions.of(WITHDRAWN):
            record.statuses[sha] = "withdrawn"
            withdrawn[agency, period] = sha
        elif sha in decisions.of(PASSED_OVER):
            record.statuses[sha] = "superseded"
        else:
            files_by_place[agency, period].append(SavedFile(sha, name, modified or ""))
    order = {period.id: number for number, period in enumerate(plan.periods)}
    issued: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for agency, period in sorted(files_by_place, key=lambda place: (place[0], order[place[1]])):
        findings = RecordFindings(values, names, record.findings)
        place = agency, period
        ordering = _Ordering(plan, place, values, decisions, issued[agency], record, findings, withdrawn.get(place))
        if in_use := ordering.decide(files_by_place[place]):
            _remember(in_use, values, issued[agency])
    return record


def _remember(in_use: InUse, values: StoredValues, issued: dict[str, set[str]]) -> None:
    """Note what the agency's next copies are filled in with."""
    for key, sha in in_use.sources.items():
        table, _, name = key.rpartition("/")
        if table.startswith("action/") and name in CARRIED and (text := values.text(sha, key)) is not None:
            issued[key].add(text)


@dataclass(slots=True)
class _Ordering:
    """
    The returns of one agency and period. `issued` has the texts that its copy may have been filled in with, by key; `withdrawn` is a file
    that was taken out: one for the wrong quarter must not take its place.
    """

    plan: Plan
    place: Place
    values: StoredValues
    decisions: Decisions
    issued: Mapping[str, set[str]]
    record: Record
    findings: RecordFindings
    withdrawn: str | None = None
    current: InUse | None = None
    earlier: list[InUse] = field(default_factory=list)
    conflicting: list[SavedFile] = field(default_factory=list)

    def decide(self, files: Sequence[SavedFile]) -> InUse | None:
        """Decide the status of each file. Returns the answers that count; None where none do."""
        self.record.statuses.update(dict.fromkeys((file.sha for file in files), "superseded"))
        for same_time in _by_time(files):
            self._take(same_time)
        for file in self.conflicting:
            self.record.statuses[file.sha] = "rejected"
            self.record.conflicts[file.sha] = ", ".join(sorted(f.name for f in self.conflicting if f.sha != file.sha))
        if self.current is None:
            return None
        if len(files) > 1:
            self.findings.doubtful_times(self.current.members[-1], files, self.plan.period_by_id[self.place[1]])
        return self._accepted(self.current)

    def _accepted(self, current: InUse) -> InUse | None:
        """Set the status of the files in use. Returns None where they are held back whole."""
        last = current.members[-1]
        if self.decisions.of(STRICT).intersection(current.members):
            status: ReturnStatus = "held_back"
        elif len(current.members) > 1:
            status = "combined"
        else:
            status = "nil" if self.values.value(last, "cover/nil_return") == "Yes" else "accepted"
        self.record.statuses.update(dict.fromkeys(current.members, status))
        if status == "held_back":
            return None
        self.record.in_use[self.place] = current
        return current

    def _take(self, same_time: Sequence[SavedFile]) -> None:
        """Take in the files that were saved at the same time: one of those with the same answers, or all if they are parts of one."""
        candidates = [file for file in same_time if file.sha in self.decisions.of(PREFERRED)] or same_time
        distinct = {self.values.content(file.sha): file for file in sorted(candidates, key=lambda file: file.sha, reverse=True)}
        units = [self._alone(file.sha) for file in sorted(distinct.values(), key=lambda file: file.sha)]
        if all(self._are_parts(one, other) for one, other in combinations(units, 2)):
            self.conflicting = []
            unit = units[0]
            for other in units[1:]:
                unit = self._combined(unit, other)
            self._follow(unit, same_time)
        else:
            self.conflicting += same_time

    def _alone(self, sha: str) -> InUse:
        return InUse((sha,), dict.fromkeys(self.values.by_file[sha], sha))

    def _follow(self, unit: InUse, files: Sequence[SavedFile]) -> None:
        """Let a return, or several parts of one, follow what was in use before."""
        before = self.current
        accepted = before or (self._alone(self.withdrawn) if self.withdrawn else None)
        if before and self._are_parts(before, unit):
            self.current = self._combined(before, unit)
        elif accepted and self._is_of_closed_period(accepted, unit, files):
            for sha in unit.members:
                self.record.statuses[sha] = "held_back"
                self.findings.closed_period(sha, accepted, self.plan.period_by_id[self.place[1]])
        elif before is None:
            self.current = unit
        else:
            self.findings.superseding(before, unit, self.earlier, self.issued)
            self.record.replacements.append((before, unit))
            self.earlier.append(before)
            self.current = unit

    def _combined(self, before: InUse, unit: InUse) -> InUse:
        """Both together. Where both answer, as on the Cover, the later one counts; a blank cell replaces no answer."""
        answered = {key: sha for key, sha in before.sources.items() if self.values.text(sha, key) is not None}
        new = {key: sha for key, sha in unit.sources.items() if key not in answered or self.values.text(sha, key) is not None}
        self.findings.combined(before, unit)
        return InUse((*before.members, *unit.members), {**before.sources, **new})

    def _are_parts(self, one: InUse, other: InUse) -> bool:
        """Whether each answers only what the other leaves blank, or as it was issued; or --combine says so."""
        if {*one.members, *other.members} <= self.decisions.of(COMBINED):
            return True
        first, second = set(self._own_keys(one)), set(self._own_keys(other))
        return bool(first and second) and not first & second

    def _own_keys(self, unit: InUse) -> Iterator[str]:
        """The keys, except of the Cover, that hold something else than what the copy may have been issued with."""
        for key, sha in unit.sources.items():
            text = self.values.text(sha, key)
            if text is not None and not key.startswith("cover/") and text not in self.issued.get(key, ()):
                yield key

    def _is_of_closed_period(self, before: InUse, unit: InUse, files: Iterable[SavedFile]) -> bool:
        """Whether the return was saved after the next period had ended, and would change what was accepted."""
        periods = self.plan.periods
        following = periods[periods.index(self.plan.period_by_id[self.place[1]]) + 1 :][:1]
        days = [file.day for file in files if file.sha in unit.members]
        closed = bool(following) and any(day is not None and day > following[0].end for day in days)
        decided = {*self.decisions.of(PREFERRED), *self.decisions.of(COMBINED)}
        return closed and not decided.intersection(unit.members) and self._differ(before, unit)

    def _differ(self, before: InUse, unit: InUse) -> bool:
        keys = {key for key in (*before.sources, *unit.sources) if not key.startswith("cover/")}
        return any(self.values.text_in(before.sources, key) != self.values.text_in(unit.sources, key) for key in keys)


def _by_time(files: Sequence[SavedFile]) -> list[list[SavedFile]]:
    """The files grouped by the time they were saved, earliest first; all in one group if any of them has no time."""
    if any(not file.saved for file in files):
        return [list(files)]
    groups: dict[str, list[SavedFile]] = defaultdict(list)
    for file in files:
        groups[file.saved].append(file)
    return [groups[time] for time in sorted(groups)]
