"""Which agencies an action or KPI belongs to: the marks (A, C or x) in the columns of agencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Place
from cedg_excel.planfiles.cell_mistakes import PlanCells
from cedg_excel.planfiles.cell_values import folded
from cedg_excel.planfiles.sheets import CHECK_HEADING, CONTRIBUTES, MARKS, PlanSheet
from cedg_excel.text import nearest, shown


def marked_columns(sheet: PlanSheet, grid: Grid, heading_row: int, columns: Mapping[str, int]) -> dict[int, str]:
    """The columns that are not the sheet's own and hold only marks, with their headings."""
    marks = {mark.casefold() for mark in MARKS[sheet.marks]}
    only_marks: dict[int, bool] = {}
    checks = {column for (row, column), value in grid.cells.items() if row == heading_row and folded(value) == CHECK_HEADING.casefold()}
    for (row, column), value in grid.cells.items():
        if row > heading_row and column not in columns.values() and column not in checks:
            only_marks[column] = only_marks.get(column, True) and folded(value) in marks
    return {column: shown(grid.cells.get((heading_row, column))) or "" for column, only in sorted(only_marks.items()) if only}


def read_marks(sheet: PlanSheet, grid: Grid, cells: PlanCells) -> None:
    """Add the agencies of each row to its entry, from the marks under the agencies' ids."""
    if sheet.table not in cells.headings:
        return
    entries, (heading_row, columns) = cells.data[sheet.table], cells.headings[sheet.table]
    agencies = dict(_agency_columns(sheet, grid, heading_row, columns, cells))
    entry_by_row = {cells.places[sheet.table, index].row: entry for index, entry in enumerate(entries)}
    marks = {mark.casefold(): mark for mark in MARKS[sheet.marks]}
    for (row, column), raw in sorted(grid.cells.items()):
        if column not in agencies or row not in entry_by_row:
            continue
        if mark := marks.get(folded(raw)):
            _add_agency(sheet, entry_by_row[row], mark, agencies[column])
        else:
            message = f"'{shown(raw)}' is not a valid mark. Choose {' or '.join(MARKS[sheet.marks])}, or leave it blank."
            cells.report(Place(grid.title, row, column), message)
    for (row, column), error in sorted(cells.details[grid.title].errors.items()):
        if column in agencies and row > heading_row:
            cells.report(Place(grid.title, row, column), f"this shows {error} instead of a mark. Type the mark itself, or leave it blank.")
    for index, entry in enumerate(entries):
        _replace_all_contribute(index, entry, cells, sheet)


def _add_agency(sheet: PlanSheet, entry: dict[str, Any], mark: str, agency: str) -> None:
    key = "contributors" if sheet.table == "action" and mark == CONTRIBUTES else "agencies"
    entry.setdefault(key, []).append(agency)


def _replace_all_contribute(index: int, entry: dict[str, Any], cells: PlanCells, sheet: PlanSheet) -> None:
    """Set the contributors to `all` where the row says Yes under All others contribute."""
    answer = entry.pop("all_contribute", None)
    if answer is None:
        return
    loc = (sheet.table, index, "all_contribute")
    yes = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}.get(str(answer).casefold())
    if yes is None:
        cells.report(cells.places[loc], f"{sheet.item('all_contribute').heading} '{shown(answer)}' must be Yes or blank.")
    elif yes and "contributors" in entry:
        cells.report(cells.places[loc], f"All others contribute already: delete Yes, or the {CONTRIBUTES}s in this row.")
    elif yes:
        entry["contributors"] = "all"


def _agency_columns(
    sheet: PlanSheet, grid: Grid, heading_row: int, columns: Mapping[str, int], cells: PlanCells
) -> Iterator[tuple[int, str]]:
    """The columns headed with an agency's id or name. Marks under other headings are mistakes; other columns get a remark."""
    agencies = [entry for entry in cells.data.get("agency", []) if isinstance(entry.get("id"), str)]
    ids = {entry["id"].casefold(): entry["id"] for entry in agencies}
    known = {**{folded(entry.get("name")): entry["id"] for entry in agencies}, **ids}
    marked = marked_columns(sheet, grid, heading_row, columns)
    seen: set[str] = set()
    for column in sorted({column for _, column in grid.cells} - set(columns.values())):
        heading = shown(grid.cells.get((heading_row, column))) or ""
        place, agency = Place(grid.title, heading_row, column), known.get(folded(heading)) if heading else None
        if agency and agency in seen:
            cells.report(place, f"'{agency}' is the heading of two columns. Keep one.")
        elif agency:
            seen.add(agency)
            yield column, agency
        elif column in marked and not heading:
            cells.report(place, "there are marks under a blank heading. Choose the agency's id.")
        elif column in marked and agencies:
            cells.report(place, f"unknown agency '{heading}'.{nearest(heading, ids.values())}")
        elif heading and column not in marked and folded(heading) != CHECK_HEADING.casefold():
            cells.remark_on_column(grid, place, heading)
