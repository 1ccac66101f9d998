"""Where the values of a plan's workbook stand, and what is wrong with them, in the words of those who write cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.findings import Place
from cedg_excel.plan.mistakes import Mistake
from cedg_excel.plan.model import A_DATE, AS_WRITTEN
from cedg_excel.planfiles.cell_values import as_value
from cedg_excel.planfiles.sheets import BY_TABLE, PLAN, PLAN_ITEMS, SHEETS, Item
from cedg_excel.text import shown

Loc = tuple[int | str, ...]
"""Leads to a value in the nested tables: `("action", 3, "unit")`, lists counted from 0."""


@dataclass(slots=True)
class PlanCells:
    """What has been read so far: the plan as nested tables, where each value stands, and what was met on the way."""

    marks: Mapping[str, SheetDetails]
    epoch_1904: bool
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Loc, Place] = field(default_factory=dict)
    own: list[tuple[Place, str]] = field(default_factory=list)
    said: set[Loc] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    heads: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)

    def say(self, place: Place, words: str, loc: Loc = ()) -> None:
        """A mistake met in reading; what else is wrong at `loc` only follows from it."""
        self.own.append((place, words))
        if loc:
            self.said.add(loc)

    def leave(self, grid: Grid, place: Place, heading: str) -> None:
        """A column that is none of the plan's: remarked, where there is anything in it."""
        if any(row > place.row and column == place.column for row, column in grid.cells):
            self.remarks.append(f"{where(place)}the column '{heading}' is not part of the plan, and was not read.")

    def value(self, grid: Grid, place: Place, item: Item, loc: Loc) -> Any:
        """What a cell holds, as the plan takes it; None where it is blank or cannot be used, which is then said."""
        self.places[loc] = place
        address = (place.row, place.column)
        error = self.marks[grid.title].errors.get(address)
        if error is not None:
            self.say(place, f"{item.heading} shows {error} instead of a value. Type the value itself.", loc)
            return None
        raw = grid.cells.get(address)
        if raw is None:
            return None
        return as_value(raw, item, self.epoch_1904)

    def lines(self, mistakes: list[Mistake]) -> list[str]:
        """Every mistake as a line, sheet by sheet and down each of them."""
        told = [*self.own, *((self._place(m), self._words(m)) for m in mistakes if not self._known(m))]
        order = {title: number for number, title in enumerate([PLAN, *(sheet.title for sheet in SHEETS)])}
        made_of = {grid: title for title, grid in self.titles.items()}
        told.sort(key=lambda item: (order.get(made_of.get(item[0].sheet, item[0].sheet), 99), item[0].row, item[0].column))
        return [f"{where(place)}{words}" for place, words in told]

    def _known(self, mistake: Mistake) -> bool:
        """Whether it follows from what has been said: of that very cell, or of the whole sheet."""
        table = str(mistake.loc[0])
        return mistake.loc in self.said or self._title(table) in self.missing

    @staticmethod
    def _title(table: str) -> str:
        return PLAN if table == "plan" else BY_TABLE[table].title

    def _place(self, mistake: Mistake) -> Place:
        """The cell of a mistake; of a whole entry, the cell that would be changed, or the first of its row."""
        loc = mistake.loc
        key = _OF_ENTRY.get(mistake.says, (mistake.key, ""))[0]
        entry = loc[:1] if loc[0] == "plan" else loc[:2]
        for there in ((*entry, *key.split(".")), loc, entry):
            if there in self.places:
                return self.places[there]
        return Place(self.titles.get(self._title(str(loc[0])), self._title(str(loc[0]))))

    def _words(self, mistake: Mistake) -> str:
        if mistake.kind == "table":
            return "there is nothing here yet. Fill in a row."
        if mistake.says in _OF_ENTRY:
            return _OF_ENTRY[mistake.says][1]
        heading = self._heading(mistake)
        if mistake.kind == "missing":
            place = self._place(mistake)
            marks = self.marks.get(place.sheet)
            if marks and (place.row, place.column) in marks.formulas:
                return f"{heading} is missing: its formula has no result. Type the value itself."
            return f"{heading} is missing."
        says = mistake.says
        for toml, excel in _IN_EXCEL.items():
            says = says.replace(toml, excel)
        if mistake.kind == "wrong":
            value = "" if mistake.value is None else f" '{shown(mistake.value)}'"
            return f"{heading}{value} {says}"
        return f"{heading} {says}" if mistake.says.startswith("'") and mistake.kind == "loose" else says

    def _heading(self, mistake: Mistake) -> str:
        items = PLAN_ITEMS if mistake.loc[0] == "plan" else BY_TABLE[str(mistake.loc[0])].items
        return next((item.heading for item in items if item.key == mistake.key), mistake.key)


_OF_ENTRY = {
    "end is before start.": ("end", "End is before start."),
    'unit = "percent" and combine = "ratio" go together.': ("combine", "Unit percent and Across agencies ratio go together."),
}
"""What is wrong with an entry as a whole: the cell to point at, and the words."""

_IN_EXCEL = {
    A_DATE: "must be a date, such as 01/10/2019",
    AS_WRITTEN: "is a number, and a number loses the nought in 2.10. Format the cell as Text and type it again",
    "must be text in quotes": "must be text. Format the cell as Text and type it again",
    "must be true or false": "must be Yes or blank",
}
"""What is said otherwise to those who write cells than to those who write TOML."""


def where(place: Place) -> str:
    """`Actions!D14: `, or the sheet alone."""
    return "".join(f"{part}: " for part in ["!".join(filter(None, (place.sheet, place.cell)))] if part)
