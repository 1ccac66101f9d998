"""The versions of the plan in a master's store, so that it can be read and rebuilt without the files of the round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from cedg_excel.master.store import STORE, Store, object_frame, row_tuples
from cedg_excel.plan.model import Plan
from cedg_excel.plan.versions import PlanVersions
from cedg_excel.planfiles.toml_file import plan_from_toml, plan_toml

PART_LENGTH = 30_000
"""In characters; a cell of Excel holds 32,767."""


def with_plans(store: Store, versions: PlanVersions, plan: Plan) -> Store:
    """The store with these versions, and the present plan, added to those that it has."""
    found = versions.merged_with(stored_versions(store).by_name).with_plan(plan)
    rows = [(name, number, part) for name, plan in found.by_name.items() for number, part in enumerate(_parts(plan), 1)]
    return replace(store, plans=object_frame(STORE["plans"], rows))


def stored_versions(store: Store) -> PlanVersions:
    """The versions of the plan that a store has."""
    parts: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, number, text in row_tuples(store.plans):
        parts[str(name)].append((int(number), text))
    return PlanVersions({name: _plan("".join(text for _, text in sorted(texts)), name) for name, texts in parts.items()})


def _parts(plan: Plan) -> Iterator[str]:
    text = plan_toml(plan)
    return (text[first : first + PART_LENGTH] for first in range(0, len(text), PART_LENGTH))


@lru_cache(maxsize=64)
def _plan(text: str, name: str) -> Plan:
    return plan_from_toml(text, f"version {name} in the master")
