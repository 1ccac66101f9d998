"""The values of a plan's workbook with their cells, and what is wrong with them, for people who write cells rather than TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.findings import Place
from cedg_excel.plan.mistakes import Mistake
from cedg_excel.planfiles.cell_values import as_value
from cedg_excel.planfiles.sheets import BY_TABLE, PLAN, PLAN_ITEMS, SHEETS, Item
from cedg_excel.text import shown

Loc = tuple[int | str, ...]
"""Leads to a value in the nested tables: `("action", 3, "unit")`, lists counted from 0."""


@dataclass(slots=True)
class PlanCells:
    """
    What has been read so far from a plan's workbook.

    `data` is the plan as nested tables, `places` the cell of each value, `tab_titles` the tab of each sheet as it is called in this
    workbook, `headings` the heading row and the columns by key of each table. `cell_mistakes` are mistakes of single cells, and
    `reported` the values they are about; `remarks` are sentences about what was not read.
    """

    details: Mapping[str, SheetDetails]
    epoch_1904: bool
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Loc, Place] = field(default_factory=dict)
    cell_mistakes: list[tuple[Place, str]] = field(default_factory=list)
    reported: set[Loc] = field(default_factory=set)
    missing_tabs: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    tab_titles: dict[str, str] = field(default_factory=dict)
    headings: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)

    def report(self, place: Place, message: str, loc: Loc = ()) -> None:
        """Add a mistake found while reading. Further mistakes at `loc` only follow from it and are not reported."""
        self.cell_mistakes.append((place, message))
        if loc:
            self.reported.add(loc)

    def remark_on_column(self, grid: Grid, place: Place, heading: str) -> None:
        """Add a remark about a column that is not part of the plan, where there is anything in it."""
        if any(row > place.row and column == place.column for row, column in grid.cells):
            self.remarks.append(f"{where(place)}the column '{heading}' is not part of the plan, and was not read.")

    def read_value(self, grid: Grid, place: Place, item: Item, loc: Loc) -> Any:
        """A cell's value, as the plan takes it; None where it is blank or where it shows an error, which is then reported."""
        self.places[loc] = place
        address = (place.row, place.column)
        error = self.details[grid.title].errors.get(address)
        if error is not None:
            self.report(place, f"{item.heading} shows {error} instead of a value. Type the value itself.", loc)
            return None
        if address in self.details[grid.title].unreadable:
            self.report(place, f"{item.heading} cannot be read for certain. Type it again in Excel, and save.", loc)
            return None
        raw = grid.cells.get(address)
        if raw is None:
            return None
        return as_value(raw, item, self.epoch_1904)

    def mistake_lines(self, mistakes: list[Mistake]) -> list[str]:
        """Every mistake as a line, in the order of the sheets and of their rows."""
        of_plan = [(self._place(mistake), self._message(mistake)) for mistake in mistakes if not self._is_reported(mistake)]
        order = {title: number for number, title in enumerate([PLAN, *(sheet.title for sheet in SHEETS)])}
        sheet_of_tab = {tab: title for title, tab in self.tab_titles.items()}

        def position(placed: tuple[Place, str]) -> tuple[int, int, int]:
            place = placed[0]
            return order.get(sheet_of_tab.get(place.sheet, place.sheet), len(order)), place.row, place.column

        return [f"{where(place)}{message}" for place, message in sorted([*self.cell_mistakes, *of_plan], key=position)]

    def _is_reported(self, mistake: Mistake) -> bool:
        """Whether the mistake follows from one that is reported already, about that cell or about the whole sheet."""
        return mistake.loc in self.reported or _sheet_title(mistake.table) in self.missing_tabs

    def _place(self, mistake: Mistake) -> Place:
        """The cell of a mistake; for a whole entry the cell to change, or else the first one of its row."""
        loc = mistake.loc
        key = _ENTRY_PROBLEMS.get(mistake.problem, (mistake.key, ""))[0]
        entry = loc[:1] if loc[0] == "plan" else loc[:2]
        for candidate in ((*entry, *key.split(".")), loc, entry):
            if candidate in self.places:
                return self.places[candidate]
        title = _sheet_title(mistake.table)
        return Place(self.tab_titles.get(title, title))

    def _message(self, mistake: Mistake) -> str:
        heading = _heading(mistake)
        match mistake.kind:
            case "missing_table" | "not_a_table":
                return "there is nothing here yet. Fill in a row."
            case "wrong_entry" if mistake.problem in _ENTRY_PROBLEMS:
                return _ENTRY_PROBLEMS[mistake.problem][1]
            case "missing_key":
                has_formula = self._has_formula(self._place(mistake))
                return f"{heading} is missing{': its formula has no result. Type the value itself' if has_formula else ''}."
            case "wrong_value":
                value = "" if mistake.value is None else f" '{shown(mistake.value)}'"
                return f"{heading}{value} {_VALUE_PROBLEMS.get(mistake.problem, mistake.message)}"
            case "repeated_id" | "listed_twice":
                return f"{heading} {mistake.message}"
        return mistake.message

    def _has_formula(self, place: Place) -> bool:
        details = self.details.get(place.sheet)
        return details is not None and (place.row, place.column) in details.formulas


def _sheet_title(table: str) -> str:
    return PLAN if table == "plan" else BY_TABLE[table].title


def _heading(mistake: Mistake) -> str:
    items = PLAN_ITEMS if mistake.table == "plan" else BY_TABLE[mistake.table].items
    return next((item.heading for item in items if item.key == mistake.key), mistake.key)


_ENTRY_PROBLEMS = {
    "end_before_start": ("end", "End is before start."),
    "percent_without_ratio": ("combine", "Unit percent and Across agencies ratio go together."),
}
"""What can be wrong with an entry as a whole: the key of the cell to point at, and the message."""

_VALUE_PROBLEMS = {
    "not_a_date": "must be a date, such as 01/10/2019.",
    "not_in_quotes": "is a number, and a number drops the zero in 2.10. Format the cell as Text and type it again.",
    "string_type": "must be text. Format the cell as Text and type it again.",
    "bool_type": "must be Yes or blank.",
    "bool_parsing": "must be Yes or blank.",
}
"""Messages that differ from those for people who write TOML."""


def where(place: Place) -> str:
    """`Actions!D14: `, or `Actions: ` for a whole sheet; "" for the whole file."""
    return "".join(f"{part}: " for part in ["!".join(filter(None, (place.sheet, place.cell)))] if part)
