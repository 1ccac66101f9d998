"""What this program wrote into a master that another program has saved since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cedg_excel.excel.origin import is_as_written
from cedg_excel.master.contents import Contents, own_contents
from cedg_excel.master.history import generation_name, generations_named
from cedg_excel.master.merge import derive
from cedg_excel.master.merged import Merged
from cedg_excel.master.read_workbook import HeldMaster
from cedg_excel.master.store import Store
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan

MOST_COMPARED = 4
"""How many masters of the history an edited one is compared with at most. The first is nearly always the one it was."""


def name_of_generation(path: Path, period: str | None, store: Store) -> str:
    """The name under which a master with this content is kept."""
    times = [text for text in store.files["modified"] if text]
    returns = int(store.files["cells"].notna().sum())
    return generation_name(path, period, returns, max(times, default=None))


def as_written(path: Path, held: HeldMaster, plan: Plan) -> Iterator[Contents]:
    """
    What this program may have written: the masters in the history that held the same, the latest first; without any, the master
    rebuilt from its own store, with the plan as it stands.

    The history is exact also after a change of the plan, or of this program.
    """
    name = name_of_generation(path, held.period, held.stored)
    found = (generation.read_bytes() for generation in generations_named(path, name)[:MOST_COMPARED])
    own = [data for data in found if is_as_written(data)]  # somebody may have saved a file of the history
    yield from map(own_contents, own or [master_bytes(stored_master(held, plan))])


def stored_master(held: HeldMaster, plan: Plan) -> Merged:
    """A master's content from what is stored in it alone: the group's entries are those of the last merge."""
    # A period that has left the plan cannot be shown any more.
    return derive(plan, held.stored, held.period if held.period in plan.period_by_id else None)
