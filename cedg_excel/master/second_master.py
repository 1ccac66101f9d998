"""Takes the group's entries out of a second master, which somebody else edited, into the one that counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cedg_excel.errors import CannotRead, NotAMaster
from cedg_excel.excel_facts import a1
from cedg_excel.findings import shortened
from cedg_excel.master.group_cells import group_key
from cedg_excel.master.read_workbook import HeldMaster, read_held
from cedg_excel.master.store import STORE, Store, object_frame, row_tuples
from cedg_excel.personal_data import masked


@dataclass(frozen=True, slots=True)
class GroupConflict:
    """
    Both masters have an entry in one of the group's cells, and the two differ. The one `held` stays.

    `sheet` and `cell` are where the other one is in its file, empty where its pages do not show the period.
    """

    period: str
    key: str
    held: str
    other: str
    sheet: str = ""
    cell: str = ""

    def as_line(self) -> str:
        """`2019-20-Q4, 2.3, Coordinator's note: "Agreed" stays; the other master has "Ask again" (Objective 2!N8).`"""
        held, other = (shortened(masked(text)) for text in (self.held, self.other))
        place = f" ({self.sheet}!{self.cell})" if self.cell else ""
        return f'{self.period}, {group_key(self.key).words}: "{held}" stays; the other master has "{other}"{place}.'

    def as_dict(self) -> dict[str, str | None]:
        """The conflict for other programs; blanks are None."""
        key = group_key(self.key)
        return {
            "period": self.period, "ref": key.ref, "entry": key.label, "key": self.key, "held": masked(self.held),
            "other": masked(self.other), "sheet": self.sheet or None, "cell": self.cell or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TakenEntries:
    """The store with the entries that only the other master `file` had: how many were `taken`, and what is left to decide."""

    store: Store
    file: str
    taken: int
    conflicts: tuple[GroupConflict, ...]


def read_second_master(path: Path, plan_id: str) -> HeldMaster:
    """A master to take the group's entries from. Raises CannotRead when there is no such file, NotAMaster when it is not of this plan."""
    if not path.is_file():
        raise CannotRead(f"There is no file {path}. Check the name given with --group-from.")
    try:
        return read_held(path, plan_id)
    except NotAMaster as error:
        raise NotAMaster(f"{path} is not a master of this plan. Name one with --group-from; nothing was changed.") from error


def take_group_entries(store: Store, other: HeldMaster, file: str) -> TakenEntries:
    """Add the group's entries that only the other master has. Where both have one, the store's stays and is listed if they differ."""
    mine, theirs = _entries(store), _entries(other.store)
    conflicts = tuple(
        GroupConflict(*where, mine[where], text, *_place(other, *where))
        for where, text in sorted(theirs.items())
        if where in mine and mine[where] != text
    )
    rows = sorted((*where, text) for where, text in {**theirs, **mine}.items())
    taken = len(theirs.keys() - mine.keys())
    return TakenEntries(replace(store, group=object_frame(STORE["group"], rows)), file, taken, conflicts)


def _entries(store: Store) -> Mapping[tuple[str, str], str]:
    return {(period, key): text for period, key, text in row_tuples(store.group)}


def _place(other: HeldMaster, period: str, key: str) -> tuple[str, str]:
    sheet, address = other.places.get(key, ("", (0, 0)))
    return (sheet, a1(*address)) if sheet and period == other.period else ("", "")
