"""What has changed between two versions of a plan: added, ended, renamed, moved, re-dated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from cedg_excel.plan.field_types import fields_by_key
from cedg_excel.plan.model import Action, Kpi, Plan

ChangeKind = Literal["added", "ended", "renamed", "moved", "redated", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One difference. `table` is as in TOML; `ref` is the entry's ref, id or number, empty for the plan itself.

    `moved` is between agencies, or to another objective under another ref (`new` is then the new ref). `key`, `old` and
    `new` are as the plan has them, and None where a whole entry was added or ended.
    """

    kind: ChangeKind
    table: str
    ref: str
    title: str
    key: str | None = None
    old: Any = None
    new: Any = None

    def as_dict(self) -> dict[str, Any]:
        """The change for other programs: dates in ISO 8601, None for a blank."""
        return {
            "kind": self.kind, "table": self.table, "ref": self.ref or None, "title": self.title, "key": self.key,
            "old": _as_json(self.old), "new": _as_json(self.new),
        }  # fmt: skip

    def as_line(self) -> str:
        """`Action 2.3 was renamed: "Review training" is now "Review all training".`"""
        name = f"{_TABLE_NAMES[self.table]} {self.ref}".strip()
        if self.kind == "added":
            return f'{name} is new: "{self.title}".'
        if self.kind == "ended":
            return f'{name} has ended: "{self.title}".'
        if sentence := _STAYS.get((self.table, self.key or "")):
            return f"{name} {sentence(self.old, self.new)}."
        if self.kind == "moved" and self.key == "ref":
            return f'{name} is now {self.new}: "{self.title}". Returns made before this change still use {self.ref}.'
        if self.kind == "moved":
            return f"{name}, {_key_name(self.key)}: {_agency_changes(self.old, self.new)}."
        verb = " was renamed" if self.kind == "renamed" else f", {_key_name(self.key)}"
        return f"{name}{verb}: {_shown(self.old)} is now {_shown(self.new)}."


_TABLE_NAMES = {
    "plan": "The plan", "agency": "Agency", "objective": "Objective", "action": "Action", "kpi": "KPI", "period": "Period",
    "version": "Version", "waiver": "Waiver",
}  # fmt: skip


def _turn(was: str, not_any_more: str, old: str, new: str) -> str:
    """`leaves after 2019-20-Q3`; `leaves after 2019-20-Q4 instead of 2019-20-Q3`; `no longer leaves after 2019-20-Q3`."""
    if not new:
        return f"{not_any_more} {old}"
    return f"{was} {new} instead of {old}" if old else f"{was} {new}"


_STAYS: Mapping[tuple[str, str], Callable[[str, str], str]] = {
    ("agency", "from"): partial(_turn, "joins in", "is there from the start, and no longer joins in"),
    ("agency", "until"): partial(_turn, "leaves after", "no longer leaves after"),
    ("action", "until"): partial(_turn, "ends after", "no longer ends after"),
    ("action", "became"): partial(_turn, "continues as", "no longer continues as"),
}
"""What is said when an agency joins or leaves and an action ends during the plan, from the id before and the one after."""

_TITLE_KEYS = {
    "agency": "name", "objective": "title", "action": "title", "kpi": "measure", "period": "label", "version": "change",
    "waiver": "reason",
}  # fmt: skip
_DATE_KEYS = ("date_commenced", "target_date", "start", "end", "due", "date_to_group", "from", "until", "date")
_AGENCY_KEYS = ("agencies", "contributors")


def plan_diff(old: Plan, new: Plan) -> list[Change]:
    """Every difference, in the order of the plan: the plan itself, agencies, objectives, actions, KPIs, periods, and the rest."""
    changes = list(_field_changes("plan", "", old.about.title, old.about, new.about))
    for table in ("agency", "objective", "action", "kpi", "period", "version", "waiver"):
        changes += _entry_changes(table, _entries_by_ref(table, old), _entries_by_ref(table, new))
    return changes


def _entries_by_ref(table: str, plan: Plan) -> dict[str, Any]:
    """The entries of a table by their ref, id or number; waivers by what they are about."""
    match table:
        case "agency":
            return dict(plan.agency_by_id)
        case "objective":
            return {str(item.number): item for item in plan.objectives}
        case "action":
            return {item.ref: item for item in plan.actions}
        case "kpi":
            return {item.ref: item for item in plan.kpis}
        case "period":
            return dict(plan.period_by_id)
        case "version":
            return _with_unique_names((item.number, item) for item in plan.versions)
        case _:
            return _with_unique_names((" ".join(filter(None, (w.rule, w.agency, w.key, w.period))), w) for w in plan.waivers)


def _with_unique_names(named: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Entries by name, where names may repeat: the second `1` becomes `1 (2)`."""
    entries: dict[str, Any] = {}
    for name, entry in named:
        times = sum(other == name or other.startswith(f"{name} (") for other in entries)
        entries[f"{name} ({times + 1})" if times else name] = entry
    return entries


def _entry_changes(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    title_key = _TITLE_KEYS[table]
    removed = [ref for ref in old if ref not in new]
    added = [ref for ref in new if ref not in old]
    moved = _moved_refs(table, [old[ref] for ref in removed], [new[ref] for ref in added])
    for ref, entry in old.items():
        title = str(getattr(entry, title_key))
        if ref in moved:
            yield Change("moved", table, ref, title, "ref", ref, moved[ref])
            yield from _field_changes(table, moved[ref], title, entry, new[moved[ref]])
        elif ref in new:
            yield from _field_changes(table, ref, title, entry, new[ref])
        else:
            yield Change("ended", table, ref, title)
    yield from (Change("added", table, ref, str(getattr(new[ref], title_key))) for ref in added if ref not in moved.values())


def _moved_refs(table: str, removed: Sequence[Any], added: Sequence[Any]) -> dict[str, str]:
    """From the old to the new ref of actions and KPIs that moved: one removed and one added entry have the same title."""
    if table not in ("action", "kpi"):
        return {}
    old, new = (_refs_by_title(entries) for entries in (removed, added))
    return {old[title][0]: new[title][0] for title in old if len(old[title]) == 1 and len(new.get(title, ())) == 1}


def _refs_by_title(entries: Iterable[Action | Kpi]) -> dict[str, list[str]]:
    refs: dict[str, list[str]] = {}
    for entry in entries:
        title = entry.title if isinstance(entry, Action) else entry.measure
        refs.setdefault(" ".join(title.split()).casefold(), []).append(entry.ref)
    return refs


def _field_changes(table: str, ref: str, title: str, old: Any, new: Any) -> Iterator[Change]:
    """What differs between the old and the new version of an entry, key by key."""
    for key, name in fields_by_key(type(old)).items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after or key in ("ref", "unlock"):
            continue
        if key == "brag":
            yield from _field_changes(table, ref, title, before, after)
        else:
            yield Change(_kind_of_change(table, key), table, ref, title, key, before, after)


def _kind_of_change(table: str, key: str) -> ChangeKind:
    if key == _TITLE_KEYS.get(table, "title"):
        return "changed" if table in ("version", "waiver") else "renamed"
    if key in _DATE_KEYS:
        return "redated"
    return "moved" if key in _AGENCY_KEYS else "changed"


_KEY_NAMES = {
    "agencies": "agencies", "contributors": "contributors", "date_commenced": "date commenced", "target_date": "target date",
    "business_plan": "business plan", "continues": "never ends", "over_time": "over time", "combine": "across agencies",
    "part_of": "part of", "next_steps": "next steps", "text_limit": "longest text", "date_to_group": "date to the group",
    "email": "e-mail", "who": "agreed by", "year": "plan year",
}  # fmt: skip


def _key_name(key: str | None) -> str:
    return _KEY_NAMES.get(key or "", key or "")


def _agency_changes(old: Any, new: Any) -> str:
    """`now also rscp; no longer barnardos`."""
    if "all" in (old, new):
        return f"{_shown(old)} is now {_shown(new)}"
    added, removed = [agency for agency in new if agency not in old], [agency for agency in old if agency not in new]
    return "; ".join(f"{words} {', '.join(ids)}" for words, ids in (("now also", added), ("no longer", removed)) if ids)


def _shown(value: Any) -> str:
    if value is None or value == "" or value == ():
        return "blank"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, tuple):
        return f'"{"; ".join(value)}"'
    return f'"{value}"' if isinstance(value, str) else str(value)


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value or None if isinstance(value, str) else value
