"""Checks that the master matches its returns: the master is rebuilt from them, and the two are compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cedg_excel.checking.check import Checked
from cedg_excel.excel.own_workbook import OwnWorkbook
from cedg_excel.findings import Place
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.merge import derive, merge
from cedg_excel.master.read_workbook import read_master, shown_period
from cedg_excel.master.return_status import CURRENT
from cedg_excel.master.workbook import bytes_and_formulas
from cedg_excel.plan.model import Plan
from cedg_excel.text import shown


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of the master that differs from what the returns give. None is blank."""

    place: Place
    master: str | None
    returns: str | None

    def as_line(self) -> str:
        """`Data kpis!E12: the master has 8, the returns give 7.`"""
        master_text, returns_text = (f'"{text}"' if text else "nothing" for text in (self.master, self.returns))
        return f"{self.place.sheet}!{self.place.cell}: the master has {master_text}, the returns give {returns_text}."


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The result. `missing` names returns that the master uses but that were not among the files given."""

    cells: int
    returns: int
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]


def reconcile(path: Path, checked: Sequence[Checked], plan: Plan) -> Reconciled:
    """
    Compare a master with the returns it was made from. Nothing is written. Raises CountsDisagree.

    For files that the master stores but that are not given (superseded or withdrawn ones), its stored values are used unchecked.
    """
    held = read_master(path, plan.about.id)
    stored_shas = set(held.files["sha256"])
    stored_returns = [item for item in checked if item.returned.sha256 in stored_shas]
    shas_read = {item.returned.sha256 for item in stored_returns}
    statuses = derive(plan, held).statuses
    names = zip(held.files["sha256"], held.files["file"], strict=True)
    missing = sorted(name for sha, name in names if statuses[sha] in CURRENT and sha not in shas_read)
    strict = set(held.decisions.loc[held.decisions["decision"] == "strict", "sha256"])
    # Whether a whole return is held back was decided when it was merged. Merging it again here would drop that decision.
    to_merge = [item for item in stored_returns if item.returned.sha256 not in strict]
    period_shown = shown_period(path) if len(held.files) else None
    # A period that has left the plan cannot be shown any more.
    merged = merge(to_merge, plan, held, show=period_shown if period_shown in plan.period_by_id else None)
    count_cells(to_merge, merged)
    rebuilt, formulas = bytes_and_formulas(merged)
    cells, differences = _compare(_cells(path.read_bytes(), path.name, formulas), _cells(rebuilt, path.name, formulas))
    current_count = sum(statuses[sha] in CURRENT for sha in shas_read)
    return Reconciled(cells, current_count, tuple(differences), tuple(missing))


CellsByPlace = dict[Place, Any]


def _cells(data: bytes, name: str, formulas: frozenset[Place]) -> CellsByPlace:
    """Every cell of a workbook that is not blank, except cells with formulas."""
    book = OwnWorkbook(data, name)
    return {place: value for name in book.sheet_names for place, value in _sheet(book, name) if place not in formulas}


def _sheet(book: OwnWorkbook, name: str) -> Iterator[tuple[Place, Any]]:
    sheet = book.get_sheet_by_name(name)
    first_row, first_column = sheet.start or (0, 0)
    for row, values in enumerate(sheet.to_python(), first_row + 1):
        for column, value in enumerate(values, first_column + 1):
            if value != "":
                yield Place(name, row, column), value


def _compare(master: CellsByPlace, rebuilt: CellsByPlace) -> tuple[int, list[Difference]]:
    places = sorted({*master, *rebuilt}, key=lambda p: (p.sheet, p.row, p.column))
    differences = [
        Difference(place, shown(master.get(place)), shown(rebuilt.get(place)))
        for place in places
        if master.get(place) != rebuilt.get(place)
    ]
    return len(places), differences
