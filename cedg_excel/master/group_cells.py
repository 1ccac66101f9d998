"""The group's own cells in an objective's page: where they are, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cedg_excel.excel_facts import Address
from cedg_excel.form.fields import NARRATIVE_FIELDS
from cedg_excel.master.objective_columns import AGREED, GROUP_RATING, NOTE, PAGE_COLUMNS, TEXTS
from cedg_excel.plan.model import ACTION_REF
from cedg_excel.tab_names import objective_number

_HEADING = {number: column.heading for number, column in enumerate(PAGE_COLUMNS, 1)}
_NARRATIVE_NAME = {item.heading: item.name for item in NARRATIVE_FIELDS}
_LABEL = {"rating": _HEADING[GROUP_RATING], "note": _HEADING[NOTE]} | {item.name: item.heading for item in NARRATIVE_FIELDS}


@dataclass(frozen=True, slots=True)
class GroupKey:
    """The key of one of the group's cells, `group/2.3/note` or `agreed/2/impact`, in its parts: `ref` is the action's or objective's."""

    table: str
    ref: str
    name: str

    @property
    def label(self) -> str:
        """What the cell is called on the page: `Coordinator's note`."""
        return _LABEL.get(self.name, self.name)

    @property
    def words(self) -> str:
        """`2.3, Coordinator's note`, `Objective 2, Impact (agreed)`."""
        return f"{self.ref}, {self.label}" if self.table == "group" else f"Objective {self.ref}, {self.label} (agreed)"


def group_key(key: str) -> GroupKey:
    """A key in its parts."""
    table, _, rest = key.partition("/")
    ref, _, name = rest.rpartition("/")
    return GroupKey(table, ref, name)


def group_cells_of_page(cells: Mapping[Address, Any]) -> dict[str, Address]:
    """
    Where the unlocked cells of an objective's page are, by key: rows by their refs, columns by their headings.

    `cells` are the page's values by row and column, both 1-based. Somebody who has taken the protection off may have inserted rows
    or columns.
    """
    found: dict[str, Address] = {}
    column_of = _columns(cells)
    first, number = column_of[1], None
    for (row, column), value in sorted(cells.items()):
        if column != first or not isinstance(value, str):
            continue
        number = number or objective_number(value.partition(":")[0])
        if ACTION_REF.fullmatch(value):
            found[f"group/{value}/rating"] = (row, column_of[GROUP_RATING])
            found[f"group/{value}/note"] = (row, column_of[NOTE])
        elif value == AGREED and (name := _NARRATIVE_NAME.get(cells.get((row, column_of[2]), ""))):
            found[f"agreed/{number}/{name}"] = (row, column_of[TEXTS])
    return found


def own_addresses(title: str, cells: Mapping[Address, Any]) -> frozenset[Address]:
    """The addresses of the group's own cells on any tab of a master: only objective pages have some."""
    return frozenset(group_cells_of_page(cells).values()) if objective_number(title) is not None else frozenset()


def _columns(cells: Mapping[Address, Any]) -> dict[int, int]:
    """The column that each of the page's columns has now. Where a heading is gone, its column counts as still in its place."""
    row = min((row for (row, _), value in cells.items() if value == _HEADING[GROUP_RATING]), default=0)
    by_heading = {value: column for (cell_row, column), value in sorted(cells.items(), reverse=True) if cell_row == row}
    return {number: by_heading.get(heading, number) for number, heading in _HEADING.items()}
