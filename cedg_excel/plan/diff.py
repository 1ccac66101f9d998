"""What has changed from one version of a plan to another: added, ended, renamed, moved, re-dated. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cedg_excel.plan.model import Action, Kpi, Plan

ChangeKind = Literal["added", "ended", "renamed", "moved", "redated", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One difference. `table` is as in TOML; `ref` names the entry, empty for the plan itself.

    `moved` is between agencies, or to another objective under another ref (`new` is then the new ref). `key`, `old` and
    `new` are as the plan has them; nothing for a whole entry.
    """

    kind: ChangeKind
    table: str
    ref: str
    title: str
    key: str | None = None
    old: Any = None
    new: Any = None

    def as_dict(self) -> dict[str, Any]:
        """The change as other programs get it; days as ISO 8601, blanks None."""
        return {
            "kind": self.kind, "table": self.table, "ref": self.ref or None, "title": self.title, "key": self.key,
            "old": _plain(self.old), "new": _plain(self.new),
        }  # fmt: skip

    def as_line(self) -> str:
        """`Action 2.3 was renamed: "Review training" is now "Review all training".`"""
        name = f"{_NAMES[self.table]} {self.ref}".strip()
        if self.kind == "added":
            return f'{name} is new: "{self.title}".'
        if self.kind == "ended":
            return f'{name} has ended: "{self.title}".'
        if self.kind == "moved" and self.key == "ref":
            return f'{name} is now {self.new}: "{self.title}". Returns made before still say {self.ref}.'
        if self.kind == "moved":
            return f"{name}, {_words(self.key)}: {_who(self.old, self.new)}."
        verb = " was renamed" if self.kind == "renamed" else f", {_words(self.key)}"
        return f"{name}{verb}: {_shown(self.old)} is now {_shown(self.new)}."


_NAMES = {
    "plan": "The plan", "agency": "Agency", "objective": "Objective", "action": "Action", "kpi": "KPI", "period": "Period",
    "version": "Version", "waiver": "Waiver",
}  # fmt: skip
_TITLES = {
    "agency": "name", "objective": "title", "action": "title", "kpi": "measure", "period": "label", "version": "change",
    "waiver": "reason",
}  # fmt: skip
_DATES = ("date_commenced", "target_date", "start", "end", "due", "date_to_group", "until", "date")
_PEOPLE = ("agencies", "contributors")


def plan_diff(old: Plan, new: Plan) -> list[Change]:
    """Every difference, in the order of the plan: the plan itself, agencies, objectives, actions, KPIs, periods, and the rest."""
    changes = list(_fields("plan", "", old.about.title, old.about, new.about))
    for table in ("agency", "objective", "action", "kpi", "period", "version", "waiver"):
        changes += _entries(table, _by_name(table, old), _by_name(table, new))
    return changes


def _by_name(table: str, plan: Plan) -> dict[str, Any]:
    """The entries of a table by what names them."""
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
            return _numbered((item.number, item) for item in plan.versions)
        case _:
            return _numbered((" ".join(filter(None, (w.rule, w.agency, w.key, w.period))), w) for w in plan.waivers)


def _numbered(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Entries whose names may repeat: the second is `1 (2)`."""
    found: dict[str, Any] = {}
    for name, item in items:
        times = sum(known == name or known.startswith(f"{name} (") for known in found)
        found[f"{name} ({times + 1})" if times else name] = item
    return found


def _entries(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    title = _TITLES[table]
    gone = [ref for ref in old if ref not in new]
    come = [ref for ref in new if ref not in old]
    moved = _moved(table, [old[ref] for ref in gone], [new[ref] for ref in come])
    for ref, item in old.items():
        words = str(getattr(item, title))
        if ref in moved:
            yield Change("moved", table, ref, words, "ref", ref, moved[ref])
            yield from _fields(table, moved[ref], words, item, new[moved[ref]])
        elif ref in new:
            yield from _fields(table, ref, words, item, new[ref])
        else:
            yield Change("ended", table, ref, words)
    yield from (Change("added", table, ref, str(getattr(new[ref], title))) for ref in come if ref not in moved.values())


def _moved(table: str, gone: Sequence[Any], come: Sequence[Any]) -> dict[str, str]:
    """Actions and KPIs under another ref: those whose title is the same, and no other's among the gone or the new."""
    if table not in ("action", "kpi"):
        return {}
    old, new = (_by_title(items) for items in (gone, come))
    return {old[title][0]: new[title][0] for title in old if len(old[title]) == 1 and len(new.get(title, ())) == 1}


def _by_title(items: Iterable[Action | Kpi]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in items:
        title = item.title if isinstance(item, Action) else item.measure
        found.setdefault(" ".join(title.split()).casefold(), []).append(item.ref)
    return found


def _fields(table: str, ref: str, title: str, old: Any, new: Any) -> Iterator[Change]:
    """What differs between an entry then and now, key by key."""
    for key in type(old).model_fields:
        before, after = getattr(old, key), getattr(new, key)
        if before == after or key in ("ref", "unlock"):
            continue
        if key == "brag":
            yield from _fields(table, ref, title, before, after)
            continue
        kind: ChangeKind = "changed"
        if key == _TITLES.get(table, "title"):
            kind = "renamed" if table in ("plan", "agency", "objective", "action", "kpi", "period") else "changed"
        elif key in _DATES:
            kind = "redated"
        elif key in _PEOPLE:
            kind = "moved"
        yield Change(kind, table, ref, title, key, before, after)


_WORDS = {
    "agencies": "agencies", "contributors": "contributors", "date_commenced": "date commenced", "target_date": "target date",
    "business_plan": "business plan", "continues": "never ends", "over_time": "over time", "combine": "across agencies",
    "part_of": "part of", "next_steps": "next steps", "text_limit": "longest text", "date_to_group": "date to the group",
    "email": "e-mail", "who": "agreed by", "year": "plan year",
}  # fmt: skip


def _words(key: str | None) -> str:
    return _WORDS.get(key or "", key or "")


def _who(old: Any, new: Any) -> str:
    """`now also rscp; no longer barnardos`."""
    if "all" in (old, new):
        return f"{_shown(old)} is now {_shown(new)}"
    added, gone = [name for name in new if name not in old], [name for name in old if name not in new]
    return "; ".join(f"{words} {', '.join(names)}" for words, names in (("now also", added), ("no longer", gone)) if names)


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


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value or None if isinstance(value, str) else value
