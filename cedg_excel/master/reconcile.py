"""Does the master equal its returns? They are read again, the master made anew, and the two compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import python_calamine

from cedg_excel.checking.check import Checked
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
    """A cell in which the master is not what the returns make it. None is blank."""

    place: Place
    master: str | None
    returns: str | None

    def as_line(self) -> str:
        """`Data kpis!E12: the master has 8, the returns give 7.`"""
        has, give = (f'"{text}"' if text else "nothing" for text in (self.master, self.returns))
        return f"{self.place.sheet}!{self.place.cell}: the master has {has}, the returns give {give}."


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`missing` names the returns that stand in the master and were not among the files given."""

    cells: int
    returns: int
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]


def reconcile(path: Path, checked: Sequence[Checked], plan: Plan) -> Reconciled:
    """
    Compare a master with the returns it was made from. Nothing is written. Raises CountsDisagree.

    What other files it remembers (superseded or withdrawn ones that are no longer there) is taken as it stands.
    """
    held = read_master(path, plan.about.id)
    known = set(held.files["sha256"])
    again = [item for item in checked if item.returned.sha256 in known]
    read = {item.returned.sha256 for item in again}
    statuses = derive(plan, held).statuses
    names = zip(held.files["sha256"], held.files["file"], strict=True)
    missing = sorted(name for sha, name in names if statuses[sha] in CURRENT and sha not in read)
    strict = set(held.decisions.loc[held.decisions["decision"] == "strict", "sha256"])
    # Whether a return was held back whole was decided when it was merged, and is not decided anew by reading it again.
    again = [item for item in again if item.returned.sha256 not in strict]
    shown_then = shown_period(path) if len(held.files) else None
    # A period that has left the plan is shown no more.
    merged = merge(again, plan, held, show=shown_then if shown_then in plan.period_by_id else None)
    count_cells(again, merged)
    made, formulas = bytes_and_formulas(merged)
    cells, differences = _compare(_cells(path.read_bytes(), formulas), _cells(made, formulas))
    standing = sum(statuses[sha] in CURRENT for sha in read)
    return Reconciled(cells, standing, tuple(differences), tuple(missing))


Cells = dict[Place, Any]


def _cells(data: bytes, formulas: frozenset[Place]) -> Cells:
    """Every cell of a workbook that is not blank, but for formulas."""
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    return {place: value for name in book.sheet_names for place, value in _sheet(book, name) if place not in formulas}


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> Iterator[tuple[Place, Any]]:
    sheet = book.get_sheet_by_name(name)
    down, right = sheet.start or (0, 0)
    for row, values in enumerate(sheet.to_python(), down + 1):
        for column, value in enumerate(values, right + 1):
            if value != "":
                yield Place(name, row, column), value


def _compare(master: Cells, again: Cells) -> tuple[int, list[Difference]]:
    places = sorted({*master, *again}, key=lambda p: (p.sheet, p.row, p.column))
    found = [
        Difference(place, shown(master.get(place)), shown(again.get(place))) for place in places if master.get(place) != again.get(place)
    ]
    return len(places), found
