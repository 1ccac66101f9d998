"""Which return of each agency and period is sent back: the latest, or both halves of one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cedg_excel.checking.check import Checked
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.returns_in_use import InUse
from cedg_excel.plan.model import Plan


def latest_of_each(checked: Sequence[Checked], plan: Plan) -> Mapping[tuple[str, str], Checked]:
    """
    The most recently saved return of each agency and period: feedback on an earlier one would be of no use.

    Where two are halves of one return, both together, as `merge` combines them.
    """
    by_place: dict[tuple[str, str], list[Checked]] = defaultdict(list)
    for item in sorted(checked, key=lambda item: (item.returned.modified or datetime.min.replace(tzinfo=UTC), item.returned.sha256)):
        if item.returned.stamp:
            by_place[item.returned.stamp.agency, item.returned.stamp.period].append(item)
    merged = _merged(checked, plan)
    in_use = merged.in_use if merged else {}
    return {place: _joined(items, in_use.get(place)) for place, items in by_place.items()}


def together(checked: Sequence[Checked], plan: Plan) -> list[Checked]:
    """The returns without the findings on one half that its other half resolves."""
    merged = _merged(checked, plan)
    return [replace(item, findings=merged.remaining(item)) for item in checked] if merged else list(checked)


def _merged(checked: Sequence[Checked], plan: Plan) -> Merged | None:
    """Those of the returns merged that are not the only one of their agency and period; None where each is."""
    places = Counter((item.returned.stamp.agency, item.returned.stamp.period) for item in checked if item.returned.stamp)
    several = {place for place, number in places.items() if number > 1}
    if not several:
        return None
    return merge([c for c in checked if c.returned.stamp and (c.returned.stamp.agency, c.returned.stamp.period) in several], plan)


def _joined(items: Sequence[Checked], in_use: InUse | None) -> Checked:
    """The last of these returns, with the answers of its other halves."""
    by_sha = {item.returned.sha256: item for item in items}
    if in_use is None or len(in_use.members) == 1 or not set(in_use.members) <= set(by_sha):
        return items[-1]
    halves = [by_sha[sha] for sha in in_use.members]
    entries = {key: entry for key, sha in in_use.sources.items() if (entry := (by_sha[sha].returned.entries or {}).get(key))}
    files = " + ".join(item.returned.file for item in halves)
    findings = tuple(finding for item in halves for finding in item.findings)
    return Checked(replace(halves[-1].returned, file=files, entries=entries), findings)
