"""Whose an action or KPI is: what stands where its row meets the columns of agencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Place
from cedg_excel.plan.model import nearest
from cedg_excel.planfiles.cell_mistakes import PlanCells
from cedg_excel.planfiles.cell_values import folded
from cedg_excel.planfiles.sheets import CHECK_HEADING, CONTRIBUTES, MARKS, PlanSheet
from cedg_excel.text import shown


def marked_columns(sheet: PlanSheet, grid: Grid, head: int, columns: Mapping[str, int]) -> dict[int, str]:
    """The columns beside the sheet's own in which nothing but marks stand, with their headings."""
    words = {word.casefold() for word in MARKS[sheet.marks]}
    found: dict[int, bool] = {}
    checks = {column for (row, column), value in grid.cells.items() if row == head and folded(value) == CHECK_HEADING.casefold()}
    for (row, column), value in grid.cells.items():
        if row > head and column not in columns.values() and column not in checks:
            found[column] = found.get(column, True) and folded(value) in words
    return {column: shown(grid.cells.get((head, column))) or "" for column, marks in sorted(found.items()) if marks}


def read_marks(sheet: PlanSheet, grid: Grid, reading: PlanCells) -> None:
    """Whose each row is, from what stands under the agencies' ids."""
    if sheet.table not in reading.heads:
        return
    entries, (head, columns) = reading.data[sheet.table], reading.heads[sheet.table]
    agencies = dict(_agency_heads(sheet, grid, head, columns, reading))
    at = {reading.places[sheet.table, number].row: number for number in range(len(entries))}
    words = {word.casefold(): word for word in MARKS[sheet.marks]}
    for (row, column), raw in sorted(grid.cells.items()):
        if column not in agencies or row not in at:
            continue
        if mark := words.get(folded(raw)):
            _put(sheet, entries[at[row]], mark, agencies[column])
        else:
            said = f"'{shown(raw)}' is no mark. Choose {' or '.join(MARKS[sheet.marks])}, or leave it blank."
            reading.say(Place(grid.title, row, column), said)
    for (row, column), error in sorted(reading.marks[grid.title].errors.items()):
        if column in agencies and row > head:
            reading.say(Place(grid.title, row, column), f"there is {error} instead of a mark. Type the mark itself, or leave it blank.")
    for number, entry in enumerate(entries):
        _contribute(number, entry, reading, sheet)


def _put(sheet: PlanSheet, entry: dict[str, Any], mark: str, agency: str) -> None:
    key = "contributors" if sheet.table == "action" and mark == CONTRIBUTES else "agencies"
    entry.setdefault(key, []).append(agency)


def _contribute(number: int, entry: dict[str, Any], reading: PlanCells, sheet: PlanSheet) -> None:
    """`all` for the agencies that contribute, where the row says so."""
    everyone = entry.pop("all_contribute", None)
    if everyone is None:
        return
    loc = (sheet.table, number, "all_contribute")
    yes = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}.get(str(everyone).casefold())
    if yes is None:
        reading.say(reading.places[loc], f"{sheet.item('all_contribute').heading} '{shown(everyone)}' must be Yes or blank.")
    elif yes and "contributors" in entry:
        reading.say(reading.places[loc], f"All others contribute already: take away Yes, or the {CONTRIBUTES}s of this row.")
    elif yes:
        entry["contributors"] = "all"


def _agency_heads(sheet: PlanSheet, grid: Grid, head: int, columns: Mapping[str, int], reading: PlanCells) -> Iterator[tuple[int, str]]:
    """The columns headed with an agency's id or name. Marks under any other heading are said, and other columns remarked."""
    agencies = [entry for entry in reading.data.get("agency", []) if isinstance(entry.get("id"), str)]
    ids = {entry["id"].casefold(): entry["id"] for entry in agencies}
    known = {**{folded(entry.get("name")): entry["id"] for entry in agencies}, **ids}
    marked = marked_columns(sheet, grid, head, columns)
    seen: set[str] = set()
    for column in sorted({column for _, column in grid.cells} - set(columns.values())):
        heading = shown(grid.cells.get((head, column))) or ""
        place, agency = Place(grid.title, head, column), known.get(folded(heading)) if heading else None
        if agency and agency in seen:
            reading.say(place, f"'{agency}' heads two columns. Keep one.")
        elif agency:
            seen.add(agency)
            yield column, agency
        elif column in marked and not heading:
            reading.say(place, "marks stand under a blank heading. Choose the agency's id.")
        elif column in marked and agencies:
            reading.say(place, f"unknown agency '{heading}'.{nearest(heading, ids.values())}")
        elif heading and column not in marked and folded(heading) != CHECK_HEADING.casefold():
            reading.leave(grid, place, heading)
